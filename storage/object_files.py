"""Reading and finishing the few small files that make a folder an OCFL object."""

import hashlib
import io
from collections.abc import Callable

from storage.errors import AlreadyStoredError, LayoutError, NotStoredError
from storage.faults import fault_point
from storage.interface import ObjectStore
from storage.inventory import Inventory, sidecar_of
from storage.object_paths import ObjectPaths
from storage.parallel import in_parallel

__all__ = ["OBJECT_DECLARATION", "delete_all", "finish", "finish_new", "put_same", "read_head", "read_version"]

_Write = Callable[[ObjectStore, str, bytes], None]

#: what `0=ocfl_object_1.1` says
OBJECT_DECLARATION = b"ocfl_object_1.1\n"


def read_head(store: ObjectStore, paths: ObjectPaths) -> Inventory:
    """The inventory at the object's root. Raises NotStoredError, LayoutError."""
    return _checked(paths, Inventory.of_json(store.read(paths.inventory)))


def read_version(store: ObjectStore, paths: ObjectPaths, version: int) -> tuple[bytes, Inventory]:
    """The committed inventory of one version, as bytes and understood. Raises NotStoredError, LayoutError."""
    data = store.read(paths.version_inventory(version))
    inventory = _checked(paths, Inventory.of_json(data))
    if inventory.head != version:
        raise LayoutError(f"{paths.version_inventory(version)} speaks of v{inventory.head}")
    return data, inventory


def finish(store: ObjectStore, paths: ObjectPaths, version: int) -> Inventory:
    """Bring everything that follows from a committed version into its place; done again, it changes nothing.

    Raises LayoutError when the inventory is not the one its sidecar was written for: damage is not repaired here.
    """
    data, inventory = read_version(store, paths, version)
    if _read_or_none(store, paths.version_sidecar(version)) not in (None, sidecar_of(data)):
        raise LayoutError(f"{paths.version_inventory(version)} is not what its sidecar says")
    _follow(store, paths, version, data, unchanging=put_same, copy=_copy)
    return inventory


def finish_new(store: ObjectStore, paths: ObjectPaths, version: int, data: bytes) -> None:
    """The same for who has just created the inventory and holds its bytes: nothing is read, all is written."""
    _follow(store, paths, version, data, unchanging=_put_or_compare, copy=_replace)


def put_same(store: ObjectStore, key: str, data: bytes) -> None:
    """Store small bytes that never change, unless they are there; raises LayoutError when others are there."""
    if store.exists(key):  # asked first, so that nothing is written on a full disk
        _compare(store, key, data)
    else:
        _put_or_compare(store, key, data)


def delete_all(store: ObjectStore, prefix: str, *, unlock: bool = False) -> None:
    """Delete every object whose key starts with `prefix`. Raises ObjectLockedError, where `unlock` does not help."""
    store.delete_all(prefix, unlock=unlock)


def _follow(
    store: ObjectStore, paths: ObjectPaths, version: int, data: bytes, *, unchanging: _Write, copy: _Write
) -> None:
    """Write what follows from the inventory `data`; in any order, as recovery finishes it from any."""
    sidecar = sidecar_of(data)
    files = [
        (unchanging, paths.version_sidecar(version), sidecar, "ocfl.version-sidecar"),
        (copy, paths.inventory, data, "ocfl.root-inventory"),
        (copy, paths.sidecar, sidecar, "ocfl.root-sidecar"),
        (unchanging, paths.declaration, OBJECT_DECLARATION, "ocfl.declared"),
    ]

    def bring(file: tuple[_Write, str, bytes, str]) -> None:
        write, key, content, place = file
        write(store, key, content)
        fault_point(place)

    for _ in in_parallel(bring, files):
        pass


def _put_or_compare(store: ObjectStore, key: str, data: bytes) -> None:
    try:
        store.put(key, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
    except AlreadyStoredError:  # of another process or an earlier try
        _compare(store, key, data)


def _compare(store: ObjectStore, key: str, data: bytes) -> None:
    if store.read(key) != data:
        raise LayoutError(f"{key} is there already and says something else")


def _copy(store: ObjectStore, key: str, data: bytes) -> None:
    if _read_or_none(store, key) != data:
        _replace(store, key, data)


def _replace(store: ObjectStore, key: str, data: bytes) -> None:
    store.replace(key, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())


def _read_or_none(store: ObjectStore, key: str) -> bytes | None:
    try:
        return store.read(key)
    except NotStoredError:
        return None


def _checked(paths: ObjectPaths, inventory: Inventory) -> Inventory:
    if inventory.object_id != paths.object_id:
        raise LayoutError(f"{paths.root} holds the inventory of {inventory.object_id}")
    return inventory
