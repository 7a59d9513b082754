"""What encryption costs: originals of 1 MiB become items and are read again, with keys and without."""

import hashlib
import os
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory

from bench.figures import Figure, medians
from bench.storage.items import commit_item
from storage import open_store
from storage.encryption.cipher import Cipher
from storage.encryption.key_file import KeyFile
from storage.layout import Content, Repository

__all__ = ["figures"]

_MEBIBYTE = 1024 * 1024
_ITEMS = 5
_FILES = 20
_LARGE = 200
_ROUNDS = 5
#: bytes of one page in the middle of a large file
_PAGE = 300_000

Item = dict[str, Content | None]
OpenRepository = Callable[[Path], Repository]


def figures(folder: Path) -> Iterator[Figure]:
    """MB/s of writing and reading, and the time to one page of a large file."""
    keys = KeyFile.create(folder / "danggui.keys")
    ways: dict[str, OpenRepository] = {"encrypted": partial(_encrypted, keys), "plain": _plain}
    yield _writing(folder, ways)
    item: Item = {"large": _content(os.urandom(_LARGE * _MEBIBYTE))}
    filled = {name: opened(folder / name) for name, opened in ways.items()}
    for repository in filled.values():
        repository.initialise()
        commit_item(repository, "item", item)
    yield _reading("read, 200 MiB a file", filled, _read_all, _LARGE * _MEBIBYTE)
    yield _reading("one page of 300 kB within 200 MiB", filled, _read_page, _PAGE)


def _writing(folder: Path, ways: dict[str, OpenRepository]) -> Figure:
    items: list[Item] = [
        {f"content/{number:04}.tif": _content(os.urandom(_MEBIBYTE)) for number in range(_FILES)} for _ in range(_ITEMS)
    ]
    with TemporaryDirectory(dir=folder) as place:
        fresh = (Path(place) / str(number) for number in count())
        contenders = {name: partial(_write, opened, items, fresh) for name, opened in ways.items()}
        seconds = medians(contenders, _ROUNDS)
    return _figure("write, 20 × 1 MiB an item", seconds, _ITEMS * _FILES * _MEBIBYTE)


def _reading(what: str, filled: dict[str, Repository], read: Callable[[Repository], None], size: int) -> Figure:
    return _figure(what, medians({name: partial(read, one) for name, one in filled.items()}, _ROUNDS), size)


def _figure(what: str, seconds: dict[str, float], size: int) -> Figure:
    rates = {name: f"{name}: {size / taken / 1e6:.0f} MB/s" for name, taken in seconds.items()}
    return Figure(what, rates["encrypted"], rates["plain"], seconds["plain"] / seconds["encrypted"], "")


def _encrypted(keys: KeyFile, folder: Path) -> Repository:
    store = open_store(folder.as_uri())
    return Repository(store, Cipher(store, keys))


def _plain(folder: Path) -> Repository:
    return Repository(open_store(folder.as_uri()))


def _content(data: bytes) -> Content:
    return Content(data, hashlib.sha256(data).hexdigest(), len(data))


def _write(opened: OpenRepository, items: list[Item], fresh: Iterator[Path]) -> None:
    repository = opened(next(fresh))
    repository.initialise()
    for number, item in enumerate(items):
        commit_item(repository, f"item-{number}", item)


def _read_all(repository: Repository) -> None:
    with repository.open("item", "large") as stream:
        while stream.read(_MEBIBYTE):
            pass


def _read_page(repository: Repository) -> None:
    with repository.open("item", "large") as stream:
        stream.seek(_LARGE * _MEBIBYTE // 2)
        stream.read(_PAGE)
