"""Originals of 1 MiB become items, beside plain copying of the same files with a SHA-256 on the way.

The repository leaves everything durable; so does one of the two peers, file by file. The other leaves it to the system
to write later, which no archive may.
"""

import hashlib
import os
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, medians
from bench.storage.items import commit_item
from storage import open_store
from storage.fixity import copy_digested
from storage.folders import sync_folder
from storage.layout import Content, Repository

__all__ = ["figures"]

_MEBIBYTE = 1024 * 1024
_FILES = 100
_ROUNDS = 5
_GOAL = "≥ 0.7"

#: files of an item: path, SHA-256
Item = Sequence[tuple[Path, str]]


def figures(folder: Path) -> Iterator[Figure]:
    """MB/s of each way, for large items and for small ones."""
    originals = _originals(folder / "originals")
    for size in (20, 1):
        items = [originals[start : start + size] for start in range(0, len(originals), size)]
        with TemporaryDirectory(dir=folder) as place:
            fresh = (Path(place) / str(number) for number in count())
            ways = {"ours": _commit, "durable": _copy_durably, "plain": _copy}
            seconds = medians({name: partial(_write, way, items, fresh) for name, way in ways.items()}, _ROUNDS)
        rates = {name: _FILES * _MEBIBYTE / taken / 1e6 for name, taken in seconds.items()}
        for peer, words in (("durable", "copy + SHA-256 + fsync"), ("plain", "copy + SHA-256, not yet on disk")):
            ratio = rates["ours"] / rates[peer]
            ours, theirs = f"{rates['ours']:.0f} MB/s", f"{words}: {rates[peer]:.0f} MB/s"
            yield Figure(f"write, {size} × 1 MiB an item", ours, theirs, ratio, _GOAL)


def _originals(folder: Path) -> list[tuple[Path, str]]:
    folder.mkdir()
    made = []
    for number in range(_FILES):
        data = os.urandom(_MEBIBYTE)
        path = folder / f"{number:04}.tif"
        path.write_bytes(data)
        made.append((path, hashlib.sha256(data).hexdigest()))
    return made


def _write(way: Callable[[Path, Sequence[Item]], None], items: Sequence[Item], fresh: Iterator[Path]) -> None:
    way(next(fresh), items)


def _commit(folder: Path, items: Sequence[Item]) -> None:
    repository = Repository(open_store(folder.as_uri()))
    repository.initialise()
    for number, item in enumerate(items):
        changes = {f"content/{path.name}": Content(path, sha256, _MEBIBYTE) for path, sha256 in item}
        commit_item(repository, f"item-{number:04}", changes)


def _copy_durably(folder: Path, items: Sequence[Item]) -> None:
    _copy(folder, items, durably=True)


def _copy(folder: Path, items: Sequence[Item], *, durably: bool = False) -> None:
    for number, item in enumerate(items):
        place = folder / f"item-{number:04}"
        place.mkdir(parents=True)
        for path, _ in item:
            with path.open("rb") as source, (place / path.name).open("wb") as target:
                copy_digested(source, target)
                if durably:
                    target.flush()
                    os.fsync(target.fileno())
        if durably:
            sync_folder(place)
