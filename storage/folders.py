"""Folders of a file system as a store needs them: made, walked in order of key, forgotten when empty."""

import os
from collections.abc import Iterator
from pathlib import Path

from storage.keys import is_segment

__all__ = ["files_under", "forget_empty", "make_folder", "sync_folder"]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder survive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folder(folder: Path) -> list[Path]:
    """Make a folder and those above it; returns the folders that got an entry by it and are not yet synced."""
    if folder.is_dir():
        return []
    changed = make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    return [*changed, folder.parent]


def forget_empty(folder: Path, root: Path) -> None:
    """Remove a folder and those above it while they are empty, but never the root."""
    while folder != root:
        try:
            folder.rmdir()
        except OSError:  # not empty, or another process was quicker: both end the walk
            return
        folder = folder.parent


def files_under(root: Path, prefix: str) -> Iterator[tuple[str, os.stat_result]]:
    """Key and status of every file whose key starts with `prefix`, in ascending order of key.

    One folder's names are held for each level. What vanishes meanwhile, or bears a name no key can have, is left out.
    """
    base = f"{root}/"
    folder, slash, start = prefix.rpartition("/")
    levels = [_keys(base, folder + slash, start)]
    while levels:
        key = next(levels[-1], None)
        if key is None:
            levels.pop()
        elif key.endswith("/"):
            levels.append(_keys(base, key))
        else:
            try:
                status = os.stat(base + key)  # noqa: PTH116 - a Path for each of a million takes longer than all else
            except FileNotFoundError:
                continue
            yield key, status


def _keys(base: str, folder: str, start: str = "") -> Iterator[str]:
    """What lies in a folder, in order of the keys it leads to: a folder `a` is `a/`, so it comes after `a-b`."""
    try:
        with os.scandir(base + folder) as entries:
            names = [_as_key(entry) for entry in entries if entry.name.startswith(start) and is_segment(entry.name)]
    except (FileNotFoundError, NotADirectoryError):
        names = []
    names.sort()
    return (folder + name for name in names)


def _as_key(entry: "os.DirEntry[str]") -> str:
    return f"{entry.name}/" if entry.is_dir() else entry.name
