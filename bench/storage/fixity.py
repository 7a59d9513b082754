"""Every stored byte is read again on all cores, beside other programs on all cores over the same files."""

import os
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path

from bench.figures import Figure, medians
from bench.storage.items import commit_item
from storage import open_store
from storage.layout import Content, Outcome, Repository

__all__ = ["figures"]

_MEBIBYTE = 1024 * 1024
_ITEMS = 16
_FILES = 20
_ROUNDS = 7
_CORES = os.cpu_count() or 1

#: the second uses the processor's own instructions for it, as we do; the first may not
_PEERS = ("sha256sum", "openssl dgst -sha256")


def figures(folder: Path) -> Iterator[Figure]:
    """MB/s of each; the files are in memory by then, so it is the processor that is compared."""
    repository = _filled(folder)
    ways = {"ours": partial(_verify, repository), **{peer: partial(_run, peer, folder) for peer in _PEERS}}
    seconds = medians(ways, _ROUNDS)
    size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
    rates = {name: size / taken / 1e6 for name, taken in seconds.items()}
    for peer in _PEERS:
        theirs = f"{peer}, {_CORES} processes: {rates[peer]:.0f} MB/s"
        ratio = rates["ours"] / rates[peer]
        yield Figure(f"fixity, {_CORES} threads", f"{rates['ours']:.0f} MB/s", theirs, ratio, "≥ 0.8")


def _filled(folder: Path) -> Repository:
    repository = Repository(open_store(folder.as_uri()))
    repository.initialise()
    for number in range(_ITEMS):
        changes = {f"content/{file:04}.tif": Content.of_bytes(os.urandom(_MEBIBYTE)) for file in range(_FILES)}
        commit_item(repository, f"item-{number:04}", changes)
    return repository


def _verify(repository: Repository) -> None:
    def check(object_id: str) -> None:
        if any(found.outcome is not Outcome.OK for found in repository.verify(object_id)):
            raise AssertionError(object_id)

    with ThreadPoolExecutor(_CORES) as threads:
        list(threads.map(check, repository.object_ids()))


def _run(program: str, folder: Path) -> None:
    command = f"find . -type f -print0 | xargs -0 -n {_FILES} -P {_CORES} {program}"
    subprocess.run(command, shell=True, cwd=folder, stdout=subprocess.DEVNULL, check=True)
