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

__all__ = ["OBJECT_DECLARATION", "delete_all", "finish", "put_same", "read_head", "read_version"]

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
    sidecar = sidecar_of(data)
    if _read_or_none(store, paths.version_sidecar(version)) not in (None, sidecar):
        raise LayoutError(f"{paths.version_inventory(version)} is not what its sidecar says")
    writes: list[Callable[[], None]] = [
        lambda: _put_same(store, paths.version_sidecar(version), sidecar, "ocfl.version-sidecar"),
        lambda: _copy(store, paths.inventory, data, "ocfl.root-inventory"),
        lambda: _copy(store, paths.sidecar, sidecar, "ocfl.root-sidecar"),
        lambda: _put_same(store, paths.declaration, OBJECT_DECLARATION, "ocfl.declared"),
    ]
    for _ in in_parallel(lambda write: write(), writes):
        pass
    return inventory


def put_same(store: ObjectStore, key: str, data: bytes) -> None:
    """Store small bytes that never change, unless they are there; raises LayoutError when others are there."""
    if not store.exists(key):  # asked first, so that nothing is written on a full disk
        try:
            store.put(key, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
        except AlreadyStoredError:
            pass  # another process was as quick; what he wrote is compared below
        else:
            return
    if store.read(key) != data:
        raise LayoutError(f"{key} is there already and says something else")


def delete_all(store: ObjectStore, prefix: str, *, unlock: bool = False) -> None:
    """Delete every object whose key starts with `prefix`. Raises ObjectLockedError, where `unlock` does not help."""
    store.delete_all(prefix, unlock=unlock)


def _copy(store: ObjectStore, key: str, data: bytes, place: str) -> None:
    if _read_or_none(store, key) != data:
        store.replace(key, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
    fault_point(place)


def _put_same(store: ObjectStore, key: str, data: bytes, place: str) -> None:
    put_same(store, key, data)
    fault_point(place)


def _read_or_none(store: ObjectStore, key: str) -> bytes | None:
    try:
        return store.read(key)
    except NotStoredError:
        return None


def _checked(paths: ObjectPaths, inventory: Inventory) -> Inventory:
    if inventory.object_id != paths.object_id:
        raise LayoutError(f"{paths.root} holds the inventory of {inventory.object_id}")
    return inventory
