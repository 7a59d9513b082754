"""Reads an OCFL object again, every byte of it, and says of each file whether it is what was stored."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from storage.errors import LayoutError, NotStoredError
from storage.fixity import digest_of
from storage.interface import ObjectStore
from storage.inventory import Inventory, sidecar_of
from storage.object_paths import DECLARATION, INVENTORY, SIDECAR, ObjectPaths, version_of

__all__ = ["FileCheck", "Outcome", "verify"]

_DECLARED = b"ocfl_object_1.1\n"


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


def verify(store: ObjectStore, paths: ObjectPaths) -> Iterator[FileCheck]:
    """Check every file of the object, and look for files that do not belong to it.

    Raises NotStoredError, StoreUnavailableError.
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
        yield _check_content(store, paths, path, sha512, trusted.sha256[sha512])
    known = {DECLARATION, *inventories.names, *trusted.manifest.values()}
    for path in sorted(found - known):
        yield FileCheck(path, 0, Outcome.DAMAGED, "the inventory does not know this file")


def _check_content(store: ObjectStore, paths: ObjectPaths, path: str, sha512: str, sha256: str) -> FileCheck:
    try:
        with store.open(paths.root + path) as stream:
            digest = digest_of(stream)
    except NotStoredError:
        return FileCheck(path, 0, Outcome.MISSING, "not there")
    except OSError as error:  # a sector that cannot be read
        return FileCheck(path, 0, Outcome.DAMAGED, f"cannot be read: {error.strerror}")
    if (digest.sha512, digest.sha256) != (sha512, sha256):
        return FileCheck(path, digest.size, Outcome.DAMAGED, "its digest is another")
    return FileCheck(path, digest.size, Outcome.OK)


def _check_declaration(store: ObjectStore, paths: ObjectPaths) -> FileCheck:
    data = _read(store, paths.declaration)
    if data is None:
        return FileCheck(DECLARATION, 0, Outcome.MISSING, "not there")
    if data != _DECLARED:
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
    try:
        return store.read(key)
    except NotStoredError:
        return None
