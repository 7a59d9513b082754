"""Adds one version to an OCFL object: all of it or nothing, whenever the process dies.

1. The new bytes are staged outside the object and checked (`ocfl.begun`, `ocfl.staged`).
2. They are moved to their content paths, which contain their digest (`ocfl.moved`).
3. `vN/inventory.json` is created exclusively: the commit point (`ocfl.committed`).
4. Sidecars, the root's copy and the declaration follow, then staging is emptied (`ocfl.cleaned`).

Before 3 recovery removes what is there, after it recovery finishes it. The words in brackets are the places where
crash tests kill the process. Should two write one version in spite of the lease, neither removes anything that the
other may still commit: before 3 each takes back only what he staged, after 3 the inventory says what is needed.
"""

import hashlib
import io
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from storage.content import Content
from storage.errors import (
    AlreadyStoredError,
    ChecksumMismatchError,
    LayoutError,
    NotStoredError,
    StoreFullError,
    VersionTakenError,
)
from storage.faults import fault_point
from storage.fixity import DigestReader
from storage.interface import ObjectStore
from storage.inventory import Inventory, Version
from storage.keys import check_key
from storage.object_files import delete_all, finish, read_head, read_version, remove_late
from storage.object_paths import ObjectPaths
from storage.recovery import recover

__all__ = ["COMMIT_FAULTS", "Note", "commit"]

#: every place at which crash tests kill a commit, in order
COMMIT_FAULTS = (
    "ocfl.begun",
    "ocfl.staged",
    "ocfl.moved",
    "ocfl.committed",
    "ocfl.version-sidecar",
    "ocfl.root-inventory",
    "ocfl.root-sidecar",
    "ocfl.declared",
    "ocfl.cleaned",
)
_DIGEST_IN_NAME = 16

Changes = Mapping[str, Content | None]


@dataclass(frozen=True, slots=True)
class Note:
    """Why, by whom and when (aware) a version is made."""

    message: str
    user: str
    address: str
    created: datetime


def commit(store: ObjectStore, object_id: str, version: int, changes: Changes, note: Note) -> Inventory:
    """See Repository.commit."""
    if note.created.tzinfo is None:
        raise ValueError("a version is dated with a time zone")
    paths = ObjectPaths.of(object_id)
    before = _before(store, paths, version)
    if before is not None and before.head >= version:
        return _committed_already(store, paths, version, changes)
    draft = _Draft(before, object_id, paths.attempt(version, secrets.token_hex(8)))
    try:
        inventory = _stage(store, paths, draft, changes, note)
        _move_into_place(store, paths, inventory, draft.attempt)
    except NotStoredError:
        if store.exists(paths.version_inventory(version)):  # another writer was first, and swept
            return _committed_already(store, paths, version, changes)
        raise
    return _publish(store, paths, inventory, changes)


def _before(store: ObjectStore, paths: ObjectPaths, version: int) -> Inventory | None:
    """The head to build on; recovers first when the root's copy seems to be behind. Raises LayoutError for a gap."""
    before = _head_or_none(store, paths)
    if version > _number(before) + 1:
        recover(store, paths)
        before = _head_or_none(store, paths)
    if not 1 <= version <= _number(before) + 1:
        raise LayoutError(f"v{version} of {paths.object_id} cannot follow v{_number(before)}")
    return before


def _head_or_none(store: ObjectStore, paths: ObjectPaths) -> Inventory | None:
    try:
        return read_head(store, paths)
    except NotStoredError:
        return None


def _number(inventory: Inventory | None) -> int:
    return inventory.head if inventory else 0


def _committed_already(store: ObjectStore, paths: ObjectPaths, version: int, changes: Changes) -> Inventory:
    """The same version once more: finished, and the head's inventory returned.

    Raises VersionTakenError when the committed content is another; what came too late for it is swept.
    """
    _, stored = read_version(store, paths, version)
    wanted = stored.state_sha256(version - 1) if version > 1 else {}
    _apply(wanted, _digests(changes))
    if wanted != stored.state_sha256(version):
        _sweep(store, paths, stored)
        raise VersionTakenError(f"v{version} of {paths.object_id} is committed with other content")
    head = _number(_head_or_none(store, paths))
    committed = finish(store, paths, max(head, version))
    _sweep(store, paths, stored)
    return committed


def _sweep(store: ObjectStore, paths: ObjectPaths, committed: Inventory) -> None:
    """Remove what nobody needs any more now that this version is committed: files of other tries, and staging."""
    remove_late(store, paths, committed)
    delete_all(store, paths.staging_of(committed.head))


def _digests(changes: Changes) -> dict[str, str | None]:
    return {path: content.sha256 if content else None for path, content in changes.items()}


def _apply(state: dict[str, str], changes: Mapping[str, str | None]) -> None:
    """Put and take away logical paths; digests of either kind. Raises NotStoredError, LayoutError."""
    for path, digest in changes.items():
        if digest is not None:
            state[check_key(path)] = digest
        elif state.pop(path, None) is None:
            raise NotStoredError(path, "cannot be taken out of the next version: the one before has no such file")
    for path in state:
        folders = path.split("/")[:-1]
        if any("/".join(folders[: depth + 1]) in state for depth in range(len(folders))):
            raise LayoutError(f"{path} lies under a path that is a file itself")


class _Draft:
    """The next inventory in the making: what is stored already, what is new, and where the new waits."""

    def __init__(self, before: Inventory | None, object_id: str, attempt: str) -> None:
        self.object_id = object_id
        self.attempt = attempt
        self.number = _number(before) + 1
        self.versions = before.versions if before else ()
        self.state = dict(before.state) if before else {}
        self.manifest = dict(before.manifest) if before else {}
        self.sha256 = dict(before.sha256) if before else {}
        self._known = {sha256: sha512 for sha512, sha256 in self.sha256.items()}

    def sha512_of(self, sha256: str) -> str | None:
        """The digest under which these bytes are stored in any version, or None."""
        return self._known.get(sha256)

    def add(self, content_path: str, sha256: str, sha512: str) -> None:
        """Note a new content file."""
        self.manifest[sha512] = content_path
        self.sha256[sha512] = sha256
        self._known[sha256] = sha512

    def inventory(self, note: Note) -> Inventory:
        """What will be committed."""
        state = dict(self.state)
        version = Version(self.number, note.created, note.message, note.user, note.address, state)
        return Inventory(self.object_id, (*self.versions, version), self.manifest, self.sha256)


def _stage(store: ObjectStore, paths: ObjectPaths, draft: _Draft, changes: Changes, note: Note) -> Inventory:
    """Bring all new bytes into the store, outside the object; what cannot come whole does not come at all."""
    _apply(dict(draft.state), _digests(changes))
    targets = {path: _content_path(draft.number, path, content.sha256) for path, content in changes.items() if content}
    digests: dict[str, str | None] = {}
    try:
        store.replace(paths.begun(draft.number), io.BytesIO(), sha256=hashlib.sha256().hexdigest())
        fault_point("ocfl.begun")
        for path, content in sorted(changes.items()):
            digests[path] = _staged(store, draft, targets[path], content) if content else None
    except (ChecksumMismatchError, NotStoredError, StoreFullError, OSError):
        _withdraw(store, paths, draft)
        raise
    _apply(draft.state, digests)
    return draft.inventory(note)


def _withdraw(store: ObjectStore, paths: ObjectPaths, draft: _Draft) -> None:
    """Take away what we staged, at once: the caller may not try again, and the room may be needed."""
    delete_all(store, draft.attempt)
    if next(store.list(paths.version_folder(draft.number)), None) is None:  # else an earlier try waits for recovery
        store.delete(paths.begun(draft.number))


def _staged(store: ObjectStore, draft: _Draft, target: str, content: Content) -> str:
    """SHA-512 of the content, which is staged for `target` unless the object has these bytes already."""
    known = draft.sha512_of(content.sha256)
    if known is not None:
        return known
    key = draft.attempt + content.sha256
    with content.open(store) as source, DigestReader(source) as reader:
        store.replace(key, reader, sha256=content.sha256)
        digest = reader.digest
    if digest.size != content.size:
        raise ChecksumMismatchError(target, f"{content.size} bytes were announced, {digest.size} came")
    fault_point("ocfl.staged")
    draft.add(target, content.sha256, digest.sha512)
    return digest.sha512


def _content_path(version: int, path: str, sha256: str) -> str:
    """The logical path with a piece of the digest before the name: a half-made version never mixes with another."""
    folder, slash, name = path.rpartition("/")
    return check_key(f"v{version}/content/{folder}{slash}{sha256[:_DIGEST_IN_NAME]}-{name}")


def _move_into_place(store: ObjectStore, paths: ObjectPaths, inventory: Inventory, attempt: str) -> None:
    for sha512, content_path in sorted(inventory.manifest.items(), key=lambda entry: entry[1]):
        if content_path.startswith(f"v{inventory.head}/"):
            _move(store, attempt + inventory.sha256[sha512], paths.root + content_path)
            fault_point("ocfl.moved")


def _move(store: ObjectStore, staged: str, content_key: str) -> None:
    """Move checked bytes to the path that their digest names; when they are there already, so much the better."""
    try:
        store.move(staged, content_key)
    except AlreadyStoredError:
        store.delete(staged)
    except NotStoredError:
        if not store.exists(content_key):
            raise


def _publish(store: ObjectStore, paths: ObjectPaths, inventory: Inventory, changes: Changes) -> Inventory:
    """The commit point and what follows from it. Raises VersionTakenError when another writer was first."""
    data, version = inventory.to_json(), inventory.head
    try:
        store.put(paths.version_inventory(version), io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
    except AlreadyStoredError:
        return _committed_already(store, paths, version, changes)
    fault_point("ocfl.committed")
    committed = finish(store, paths, version)
    _sweep(store, paths, committed)
    fault_point("ocfl.cleaned")
    return committed
