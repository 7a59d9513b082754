"""Brings an OCFL object back to its newest committed version after a process died while writing."""

import io
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from storage.encryption.paths import item_key
from storage.errors import LayoutError, NotStoredError, ObjectLockedError
from storage.interface import ObjectStore
from storage.object_files import delete_all, finish, read_head
from storage.object_paths import INVENTORY, STAGING, ObjectPaths, is_content, version_of

__all__ = ["begun_objects", "recover", "remove"]

_UNLOCKING = b"unlock\n"


def begun_objects(store: ObjectStore, *, before: datetime | None) -> Iterator[str]:
    """Every object of which staging holds something; given a moment, only if nothing there was written after it."""
    for object_id, files in groupby(store.list(STAGING), key=lambda stored: stored.key.split("/")[1]):
        if before is None or all(stored.modified <= before for stored in files):
            yield object_id


def recover(store: ObjectStore, paths: ObjectPaths) -> None:
    """Finish the newest committed version, remove what was begun after it, empty staging; idempotent.

    Raises LayoutError, and changes nothing, when files are gone that a dying writer cannot have left out.
    """
    if store.exists(paths.removal):
        remove(store, paths, unlock=store.read(paths.removal) == _UNLOCKING)
        return
    files = [stored.key.removeprefix(paths.root) for stored in store.list(paths.root)]
    head = _newest(store, paths, files)
    _expect_begun(store, paths, head, {version_of(relative) for relative in files if version_of(relative) > head})
    named = set(finish(store, paths, head).manifest.values()) if head else set()
    for relative in files:
        came_to_nothing = is_content(relative) and relative not in named
        if came_to_nothing or version_of(relative) > head:
            store.delete(paths.root + relative)
    delete_all(store, paths.staging)


def remove(store: ObjectStore, paths: ObjectPaths, *, unlock: bool) -> None:
    """Remove a whole object; once begun, recovery goes on with it. Raises ObjectLockedError: then it stays."""
    marker = _UNLOCKING if unlock else b""
    store.replace(paths.removal, io.BytesIO(marker), sha256=sha256(marker).hexdigest())
    try:
        delete_all(store, paths.root, unlock=unlock)
    except ObjectLockedError:
        store.delete(paths.removal)
        recover(store, paths)
        raise
    # The key after the bytes: while a lock or a hold may still refuse, the object must stay readable. And before the
    # marker, so that recovery goes on with it; what old copies and backups still hold cannot be read from then on.
    store.delete(item_key(paths.object_id))
    delete_all(store, paths.staging)


def _newest(store: ObjectStore, paths: ObjectPaths, files: list[str]) -> int:
    """Number of the newest committed version, 0 for none. Raises LayoutError when one before it is gone."""
    committed = {version_of(name) for name in files if name == f"v{version_of(name)}/{INVENTORY}"}
    newest = max(committed, default=0)
    if len(committed) != newest or _known_at_root(store, paths) > newest:
        raise LayoutError(f"{paths.root}: a committed inventory is gone; restore it from a copy")
    return newest


def _expect_begun(store: ObjectStore, paths: ObjectPaths, head: int, later: set[int]) -> None:
    """Files after the head are removed only when they cannot be a version of which all inventories were lost.

    They cannot if somebody began that version, or if the root's copy knows of none after the head. Raises LayoutError.
    """
    begun = all(store.exists(paths.begun(number)) for number in later)
    if not begun and _known_at_root(store, paths) != head:
        raise LayoutError(f"{paths.root}: the inventory of v{max(later)} is gone; restore it from a copy")


def _known_at_root(store: ObjectStore, paths: ObjectPaths) -> int:
    """The version that the root's copy speaks of; -1 when there is none or it cannot be read, as it is only a copy."""
    try:
        return read_head(store, paths).head
    except (NotStoredError, LayoutError):
        return -1
