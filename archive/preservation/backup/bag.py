"""BagIt 1.0 (RFC 8493): a folder whose files are vouched for by a manifest. It becomes a bag with its last file."""

import hashlib
import os
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from archive.preservation.backup.errors import BackupError

__all__ = ["BEGUN", "DATA", "Bag", "is_bag", "seal_bag"]

#: the payload lies in this folder
DATA = "data"

_DECLARATION = "bagit.txt"
_INFO = "bag-info.txt"
_MANIFEST = "manifest-sha256.txt"
_TAG_MANIFEST = "tagmanifest-sha256.txt"

#: what a folder may hold of which the bag was begun and not finished
BEGUN = frozenset({DATA, _DECLARATION, _INFO, _MANIFEST})


def is_bag(folder: Path) -> bool:
    """Whether a backup was finished here."""
    return (folder / _TAG_MANIFEST).is_file()


def seal_bag(folder: Path, info: Mapping[str, str], advance: Callable[[int], None]) -> tuple[int, int]:
    """Read every payload file back from the disk and write manifests and tags; returns files and bytes.

    `info` are labels of `bag-info.txt`; `advance` is told of each file.
    """
    octets = files = 0
    with (folder / _MANIFEST).open("w", encoding="utf-8", newline="\n") as manifest:
        for path in _files_in(folder / DATA):
            manifest.write(f"{_sha256_of(path)}  {path.relative_to(folder).as_posix()}\n")
            octets, files = octets + path.stat().st_size, files + 1
            advance(1)
    labels = {**info, "Payload-Oxum": f"{octets}.{files}"}
    _write(folder / _INFO, "".join(f"{label}: {' '.join(value.split())}\n" for label, value in labels.items()))
    _write(folder / _DECLARATION, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n")
    tags = (_INFO, _DECLARATION, _MANIFEST)
    _write(folder / _TAG_MANIFEST, "".join(f"{_sha256_of(folder / name)}  {name}\n" for name in tags))
    return files, octets


class Bag:
    """A finished bag, its manifest checked. Each payload file is checked by whoever reads it."""

    def __init__(self, folder: Path) -> None:
        """Raises BackupError when the folder holds no whole bag."""
        if not is_bag(folder):
            raise BackupError(f"{folder} holds no finished backup, there is no {_TAG_MANIFEST}: name another folder")
        for sha256, name in _lines(folder / _TAG_MANIFEST):
            if not (folder / name).is_file() or _sha256_of(folder / name) != sha256:
                raise BackupError(f"{folder / name} is damaged: restore from another backup")
        self._folder = folder

    def payload(self, below: str = "") -> Iterator[tuple[str, Path, str]]:
        """Name relative to `data/<below>`, place and SHA-256 of every payload file there.

        Raises BackupError for a name that leads out of it.
        """
        prefix = f"{DATA}/{below}"
        for sha256, name in _lines(self._folder / _MANIFEST):
            if not name.startswith(f"{DATA}/") or ".." in name.split("/"):
                raise BackupError(f"the manifest names {name}, which is no payload of this backup")
            if name.startswith(prefix):
                yield name.removeprefix(prefix), self._folder / name, sha256

    def checked(self, below: str = "") -> Iterator[tuple[str, Path]]:
        """The same, of small files: each is read and compared first. Raises BackupError."""
        for name, path, sha256 in self.payload(below):
            if not path.is_file() or _sha256_of(path) != sha256:
                raise BackupError(f"{path} is damaged: restore from another backup")
            yield name, path


def _files_in(folder: Path) -> Iterator[Path]:
    """Every file, folder by folder, in order of name."""
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            yield from _files_in(path)
        else:
            yield path


def _lines(manifest: Path) -> Iterator[tuple[str, str]]:
    with manifest.open(encoding="utf-8") as lines:
        for line in lines:
            sha256, _, name = line.rstrip("\n").partition("  ")
            yield sha256, name


def _write(path: Path, text: str) -> None:
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _sha256_of(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
