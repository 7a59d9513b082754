"""Brings an OCFL object back to its newest committed version after a process died while writing."""

import io
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256
from itertools import groupby

from storage.errors import LayoutError, NotStoredError
from storage.interface import ObjectStore
from storage.object_files import delete_all, finish, read_head, read_version
from storage.object_paths import INVENTORY, STAGING, ObjectPaths, version_of

__all__ = ["begun_objects", "recover", "remove"]


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
        remove(store, paths)
        return
    files = [stored.key.removeprefix(paths.root) for stored in store.list(paths.root)]
    head = _newest(store, paths, files)
    keep = _content_of(store, paths, head)
    for relative in files:
        if _is_left_over(relative, head, keep):
            store.delete(paths.root + relative)
    if head:
        finish(store, paths, head)
    delete_all(store, paths.staging)


def remove(store: ObjectStore, paths: ObjectPaths) -> None:
    """Remove a whole object; once begun, recovery goes on with it."""
    store.replace(paths.removal, io.BytesIO(), sha256=sha256().hexdigest())
    delete_all(store, paths.root)
    delete_all(store, paths.staging)


def _newest(store: ObjectStore, paths: ObjectPaths, files: list[str]) -> int:
    """Number of the newest committed version, 0 for none. Raises LayoutError when one before it is gone."""
    committed = {version_of(name) for name in files if name == f"v{version_of(name)}/{INVENTORY}"}
    newest = max(committed, default=0)
    if len(committed) != newest or _known_at_root(store, paths) > newest:
        raise LayoutError(f"{paths.root}: a committed inventory is gone; restore it from a copy")
    return newest


def _known_at_root(store: ObjectStore, paths: ObjectPaths) -> int:
    """The version that the root's copy speaks of; 0 when there is none or it cannot be read, as it is only a copy."""
    try:
        return read_head(store, paths).head
    except (NotStoredError, LayoutError):
        return 0


def _content_of(store: ObjectStore, paths: ObjectPaths, version: int) -> frozenset[str]:
    if version == 0:
        return frozenset()
    _, inventory = read_version(store, paths, version)
    return frozenset(inventory.manifest.values())


def _is_left_over(relative: str, head: int, keep: frozenset[str]) -> bool:
    """Whether a file belongs to a version that never was, or to a writer who came too late for the newest."""
    version = version_of(relative)
    late = version == head and relative.startswith(f"v{head}/content/") and relative not in keep
    return version > head or late
