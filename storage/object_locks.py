"""Locks and legal holds on whole OCFL objects: on every file that is never written again."""

from datetime import datetime

from storage.errors import StorageError
from storage.interface import ObjectStore
from storage.locks import LockMode, ObjectLocks
from storage.object_files import read_head
from storage.object_paths import ObjectPaths
from storage.parallel import in_parallel

__all__ = ["hold_object", "lock_object"]


def lock_object(store: ObjectStore, paths: ObjectPaths, until: datetime, mode: LockMode) -> None:
    """See Repository.lock."""
    locks = _locks(store)
    for _ in in_parallel(lambda key: locks.lock(key, until, mode), _unchanging(store, paths)):
        pass


def hold_object(store: ObjectStore, paths: ObjectPaths, *, held: bool) -> None:
    """See Repository.hold."""
    locks = _locks(store)
    for _ in in_parallel(lambda key: locks.hold(key, held=held), _unchanging(store, paths)):
        pass


def _locks(store: ObjectStore) -> ObjectLocks:
    locks = store.locks()
    if locks is None:
        raise StorageError(f"{store.url} was not seen to lock objects")
    return locks


def _unchanging(store: ObjectStore, paths: ObjectPaths) -> list[str]:
    """Content of all versions, and each version's inventory and sidecar; not the root's files, which are replaced."""
    head = read_head(store, paths)
    own = (paths.version_inventory, paths.version_sidecar)
    numbers = range(1, head.head + 1)
    return [
        *(paths.root + path for path in head.manifest.values()),
        *(key(number) for number in numbers for key in own),
    ]
