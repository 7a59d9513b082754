"""Reads an OCFL object again, every byte of it, and says of each file whether it is what was stored.

Content is compared with the SHA-256 that the inventory gives for it; the inventory is vouched for by the SHA-512 in its
sidecar. A second digest of the same bytes would tell nothing more and take four times as long.
"""

import hashlib
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import BinaryIO

from storage.errors import LayoutError, NotStoredError
from storage.fixity import CHUNK
from storage.interface import ObjectStore
from storage.inventory import Inventory, sidecar_of
from storage.object_files import OBJECT_DECLARATION
from storage.object_paths import DECLARATION, INVENTORY, SIDECAR, ObjectPaths, version_of

__all__ = ["FileCheck", "Outcome", "Pace", "verify"]

#: told of every piece that was read, in bytes, at most a mebibyte; may sleep, or raise to break off
Pace = Callable[[int], None]

_OPEN_AT_MOST = 64 * CHUNK


class Outcome(StrEnum):
    """What became of one file."""

    OK = "ok"
    DAMAGED = "damaged"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class FileCheck:
    """One file, relative to the object's root; bytes read; what is wrong, in English for the log, unless it is ok."""

    path: str
    size: int
    outcome: Outcome
    detail: str = ""


def verify(store: ObjectStore, paths: ObjectPaths, pace: Pace | None = None) -> Iterator[FileCheck]:
    """Check every file of the object, and look for files that do not belong to it.

    With a `pace`, which may take its time, no file is held open for longer than 64 MiB of it take.
    What is found while somebody writes the object is to be asked again when nobody does.
    Raises NotStoredError, StoreUnavailableError, and whatever `pace` raises.
    """
    found = {stored.key.removeprefix(paths.root) for stored in store.list(paths.root)}
    if not found:
        raise NotStoredError(paths.object_id)
    inventories = _Inventories(store, paths, found)
    yield from inventories.checks()
    yield _check_declaration(store, paths)
    trusted = inventories.trusted
    if trusted is None:
        return
    for sha512, path in sorted(trusted.manifest.items(), key=lambda entry: entry[1]):
        yield _check_content(store, paths, path, trusted.sha256[sha512], pace)
    known = {DECLARATION, *inventories.names, *trusted.manifest.values()}
    for path in sorted(found - known):
        yield FileCheck(path, 0, Outcome.DAMAGED, "the inventory does not know this file")


def _check_content(store: ObjectStore, paths: ObjectPaths, path: str, sha256: str, pace: Pace | None) -> FileCheck:
    running, size = hashlib.sha256(), 0
    try:
        for chunk in _chunks(store, paths.root + path, open_for=_OPEN_AT_MOST if pace else sys.maxsize):
            running.update(chunk)
            size += len(chunk)
            if pace is not None:
                pace(len(chunk))
    except NotStoredError:
        return FileCheck(path, size, Outcome.MISSING, "not there")
    except _UnreadableError as error:
        return FileCheck(path, size, Outcome.DAMAGED, f"cannot be read: {error}")
    if running.hexdigest() != sha256:
        return FileCheck(path, size, Outcome.DAMAGED, "its digest is another")
    return FileCheck(path, size, Outcome.OK)


class _UnreadableError(Exception):
    """A sector that cannot be read; its own class, because what `pace` raises is none."""


def _chunks(store: ObjectStore, key: str, *, open_for: int) -> Iterator[bytes]:
    """An object's bytes; it is closed and opened again after so many of them, so that no connection grows old."""
    start = left = 0
    while left == 0:
        left = open_for
        with store.open(key, start=start) as stream:
            while chunk := _chunk(stream, min(left, CHUNK)):
                yield chunk
                start += len(chunk)
                left -= len(chunk)


def _chunk(stream: BinaryIO, size: int) -> bytes:
    try:
        return stream.read(size)
    except OSError as error:
        raise _UnreadableError(error.strerror) from error


def _check_declaration(store: ObjectStore, paths: ObjectPaths) -> FileCheck:
    data = _read(store, paths.declaration)
    if data is None:
        return FileCheck(DECLARATION, 0, Outcome.MISSING, "not there")
    if data != OBJECT_DECLARATION:
        return FileCheck(DECLARATION, len(data), Outcome.DAMAGED, "it says something else")
    return FileCheck(DECLARATION, len(data), Outcome.OK)


class _Inventories:
    """The root's inventory and one of each version, each believed only with its sidecar."""

    def __init__(self, store: ObjectStore, paths: ObjectPaths, found: set[str]) -> None:
        self._paths = paths
        versions = {version_of(name) for name in found} - {0}
        self._newest = max(versions, default=0)
        versions.update(range(1, min(self._newest, len(found))))  # a version that is gone altogether is missed, too
        folders = [f"v{number}/" for number in sorted(versions, reverse=True)]
        self.names = {folder + name for folder in ["", *folders] for name in (INVENTORY, SIDECAR)}
        self._files = {name: _read(store, paths.root + name) for name in self.names}
        self._folders = folders
        self.trusted = self._first_trusted()

    def checks(self) -> Iterator[FileCheck]:
        """One check for each inventory and each sidecar."""
        for folder in ["", *reversed(self._folders)]:
            yield self._check(folder + INVENTORY, self._fault_of(folder))
            yield self._check(folder + SIDECAR, "")

    def _check(self, name: str, fault: str) -> FileCheck:
        data = self._files[name]
        if data is None:
            return FileCheck(name, 0, Outcome.MISSING, "not there")
        return FileCheck(name, len(data), Outcome.DAMAGED if fault else Outcome.OK, fault)

    def _fault_of(self, folder: str) -> str:
        """What is wrong with the inventory in this folder; "" for nothing."""
        inventory = self._believed(folder)
        if inventory is None:
            return "it and its sidecar do not agree, or it is not an inventory of this object"
        number = version_of(folder) or self._newest
        if inventory.head != number:
            return "it speaks of another version"
        if self.trusted is not None and inventory.versions != self.trusted.versions[:number]:
            return "its history is not that of the newest inventory"
        return ""

    def _first_trusted(self) -> Inventory | None:
        """The one that knows most; of equals the version's own, because the root's is a copy."""
        believed = (self._believed(folder) for folder in [*self._folders, ""])
        sound = (inventory for inventory in believed if inventory is not None)
        return max(sound, key=lambda inventory: inventory.head, default=None)

    def _believed(self, folder: str) -> Inventory | None:
        """The inventory in a folder if its sidecar vouches for it."""
        data, sidecar = self._files[folder + INVENTORY], self._files[folder + SIDECAR]
        if data is None or sidecar != sidecar_of(data):
            return None
        try:
            inventory = Inventory.of_json(data)
        except LayoutError:
            return None
        return inventory if inventory.object_id == self._paths.object_id else None


def _read(store: ObjectStore, key: str) -> bytes | None:
    """None for nothing there; no bytes for a sector that cannot be read, so that nothing agrees with them."""
    try:
        return store.read(key)
    except NotStoredError:
        return None
    except OSError:
        return b""
