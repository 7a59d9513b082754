"""A million stored objects are listed and compared with a list of what must be there, beside `find`, `sort`, `comm`.

The program that does it is a process of its own, so that its peak of memory is its own too. It runs as
`python -m bench.storage.listing URL LIST` and prints what differs.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bench.figures import Figure, medians
from storage import open_store
from storage.object_paths import OCFL, ObjectPaths

__all__ = ["figures"]

_OBJECTS = 1_000_000
_FILES_OF_AN_ITEM = 20
_LINKS = 30_000
_ROUNDS = 3


def figures(folder: Path) -> Iterator[Figure]:
    """Objects a second, and the most memory that it took."""
    store, expected = folder / "store", folder / "expected"
    _fill(store, expected)
    reports: list[dict[str, int]] = []
    seconds = medians(
        {"ours": lambda: reports.append(_compared(store, expected)), "theirs": lambda: _comm(store, expected)}, _ROUNDS
    )
    for report in reports:
        assert (report["missing"], report["foreign"]) == (2, 2), report
    rates = {name: _OBJECTS / taken for name, taken in seconds.items()}
    peak = max(report["peak_kib"] for report in reports) / 1024
    yield Figure(
        f"list and compare {_OBJECTS:,} objects",
        f"{rates['ours']:,.0f}/s, {peak:.0f} MiB",
        f"find | sort | comm: {rates['theirs']:,.0f}/s",
        rates["ours"] / rates["theirs"],
        "bounded",
    )


# --- the store ---


def _fill(store: Path, expected: Path) -> None:
    """Many names of few files; then one is taken away, one added, and one cut, against the list."""
    keys = sorted(_keys())
    blocks = store.parent / "blocks"
    blocks.mkdir()
    made = ""
    for number, key in enumerate(keys):
        if number % _LINKS == 0:
            block = blocks / str(number)
            block.write_bytes(b"stored")
        folder, _, name = key.rpartition("/")
        if folder != made:
            (store / folder).mkdir(parents=True, exist_ok=True)
            made = folder
        os.link(block, store / folder / name)
    expected.write_text("".join(f"{key} 6\n" for key in keys))
    (store / keys[7]).unlink()
    (store / keys[8]).with_name("foreign").write_bytes(b"stored")
    cut = store / keys[-7]
    cut.unlink()
    cut.write_bytes(b"sto")


def _keys() -> Iterator[str]:
    """Where the files of items lie."""
    for item in range(_OBJECTS // _FILES_OF_AN_ITEM):
        root = ObjectPaths.of(f"0190b1f2-7c3a-7def-8abc-{item:012}").root
        yield from (f"{root}v1/content/content/{file:016x}-{file:04}.tif" for file in range(_FILES_OF_AN_ITEM))


# --- the two ways ---


def _compared(store: Path, expected: Path) -> dict[str, int]:
    command = [sys.executable, "-m", "bench.storage.listing", store.as_uri(), str(expected)]
    done = subprocess.run(command, stdout=subprocess.PIPE, check=True)
    report: dict[str, int] = json.loads(done.stdout)
    return report


def _comm(store: Path, expected: Path) -> None:
    command = f"find ocfl -type f -printf '%p %s\\n' | LC_ALL=C sort | LC_ALL=C comm -3 - {expected}"
    subprocess.run(command, shell=True, cwd=store, stdout=subprocess.DEVNULL, check=True)


def main(url: str, expected: str) -> None:
    """Compare a store with a list of `key size`, both in order of key, holding one of each at a time."""
    missing = foreign = 0
    found = (f"{stored.key} {stored.size}" for stored in open_store(url).list(OCFL))
    there = next(found, None)
    with Path(expected).open() as lines:
        for line in lines:
            wanted = line.rstrip("\n")
            while there is not None and there < wanted:
                foreign, there = foreign + 1, next(found, None)
            if there == wanted:
                there = next(found, None)
            else:
                missing += 1
    foreign += (there is not None) + sum(1 for _ in found)
    print(json.dumps({"missing": missing, "foreign": foreign, "peak_kib": _peak_kib()}))


def _peak_kib() -> int:
    """The most memory this program ever held; what `resource` tells counts the process that started it, too."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:"))


if __name__ == "__main__":
    main(*sys.argv[1:])
