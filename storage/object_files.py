"""Reading and finishing the few small files that make a folder an OCFL object."""

import hashlib
import io

from storage.errors import AlreadyStoredError, LayoutError, NotStoredError
from storage.faults import fault_point
from storage.interface import ObjectStore
from storage.inventory import Inventory, sidecar_of
from storage.object_paths import ObjectPaths

__all__ = ["delete_all", "finish", "put_same", "read_head", "read_version", "remove_late"]

_OBJECT_DECLARATION = b"ocfl_object_1.1\n"


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
    put_same(store, paths.version_sidecar(version), sidecar)
    fault_point("ocfl.version-sidecar")
    _replace_other(store, paths.inventory, data)
    fault_point("ocfl.root-inventory")
    _replace_other(store, paths.sidecar, sidecar)
    fault_point("ocfl.root-sidecar")
    put_same(store, paths.declaration, _OBJECT_DECLARATION)
    fault_point("ocfl.declared")
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


def remove_late(store: ObjectStore, paths: ObjectPaths, committed: Inventory) -> None:
    """Remove content files of a committed version that its inventory does not name: of a try that came to nothing."""
    keep = {paths.root + path for path in committed.manifest.values()}
    for stored in store.list(f"{paths.version_folder(committed.head)}content/"):
        if stored.key not in keep:
            store.delete(stored.key)


def delete_all(store: ObjectStore, prefix: str) -> None:
    """Delete every object whose key starts with `prefix`."""
    for stored in store.list(prefix):
        store.delete(stored.key)


def _replace_other(store: ObjectStore, key: str, data: bytes) -> None:
    try:
        if store.read(key) == data:
            return
    except NotStoredError:
        pass  # the first version: nothing there to compare
    store.replace(key, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())


def _checked(paths: ObjectPaths, inventory: Inventory) -> Inventory:
    if inventory.object_id != paths.object_id:
        raise LayoutError(f"{paths.root} holds the inventory of {inventory.object_id}")
    return inventory
