"""Adds one version to an OCFL object: all of it or nothing, whenever the process dies.

1. `staging/<id>/vN/begun` says what is intended (`ocfl.begun`).
2. The new bytes are put where they belong, several at once: a store shows each file whole or not at all, and its
   content path contains its digest, so that a half-made version never mixes with another (`ocfl.content`).
3. `vN/inventory.json` is created exclusively, when all that it names is durable: the commit point (`ocfl.committed`).
4. One listing shows whether all of it is still there (`ocfl.checked`).
5. Sidecars, the root's copy and the declaration follow, then staging is emptied (`ocfl.cleaned`).

Before 3 recovery removes what is there, after it recovery finishes it. The words in brackets are the places where
crash tests kill the process. A commit that fails removes nothing: it cannot know whose the bytes are, and whoever holds
the lease next recovers first. Should two write one version in spite of the lease, the first to create the inventory
wins; the other finishes for him, takes away what the inventory does not name, and is told. What another's recovery took
away while the version was not yet committed, the writer puts again in 4.
"""

import hashlib
import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO, Protocol

from storage.content import Content
from storage.errors import (
    AlreadyStoredError,
    ChecksumMismatchError,
    LayoutError,
    NotStoredError,
    VersionTakenError,
)
from storage.faults import fault_point
from storage.fixity import DigestReader, digest_of
from storage.interface import ObjectStore, StoredObject
from storage.inventory import Inventory, Version
from storage.keys import check_key
from storage.object_files import finish, finish_new, read_head, read_version
from storage.object_paths import ObjectPaths, content_path
from storage.parallel import in_parallel
from storage.recovery import recover

__all__ = ["COMMIT_FAULTS", "Note", "commit"]

#: every place at which crash tests kill a commit, in order but for the last but one, which come as they like
COMMIT_FAULTS = (
    "ocfl.begun",
    "ocfl.content",
    "ocfl.committed",
    "ocfl.checked",
    "ocfl.version-sidecar",
    "ocfl.root-inventory",
    "ocfl.root-sidecar",
    "ocfl.declared",
    "ocfl.cleaned",
)

Changes = Mapping[str, Content | None]


class _PutOrReplace(Protocol):
    def __call__(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject: ...


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
    state = _changed(before.state_sha256(before.head) if before else {}, changes)
    files = _new_files(before, version, changes)
    store.replace(paths.begun(version), io.BytesIO(), sha256=hashlib.sha256().hexdigest())
    fault_point("ocfl.begun")
    digests = _put_all(store, paths, files)
    inventory = _inventory(before, object_id, note, state, files, digests)
    data = inventory.to_json()
    try:
        store.put(paths.version_inventory(version), io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
    except AlreadyStoredError:
        return _committed_already(store, paths, version, changes)
    fault_point("ocfl.committed")
    _see_that_all_is_there(store, paths, inventory, changes)
    finish_new(store, paths, version, data)
    _clean(store, paths, version)
    return inventory


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


# --- what the version will be ---


def _changed(state: dict[str, str], changes: Changes) -> dict[str, str]:
    """Logical path -> SHA-256 after the changes. Raises InvalidKeyError, NotStoredError, LayoutError."""
    state = dict(state)
    for path, content in changes.items():
        if content is not None:
            state[check_key(path)] = content.sha256
        elif state.pop(path, None) is None:
            raise NotStoredError(path, "cannot be taken out of the next version: the one before has no such file")
    for path in state:
        folders = path.split("/")[:-1]
        if any("/".join(folders[: depth + 1]) in state for depth in range(len(folders))):
            raise LayoutError(f"{path} lies under a path that is a file itself")
    return state


def _new_files(before: Inventory | None, version: int, changes: Changes) -> dict[str, Content]:
    """Content path -> bytes that no version of the object has yet, each once. Raises InvalidKeyError."""
    known = set(before.sha256.values()) if before else set()
    files = {}
    for path, content in sorted(changes.items()):
        if content is not None and content.sha256 not in known:
            known.add(content.sha256)
            files[content_path(version, path, content.sha256)] = content
    return files


def _inventory(
    before: Inventory | None,
    object_id: str,
    note: Note,
    state: Mapping[str, str],
    files: Mapping[str, Content],
    digests: Mapping[str, str],
) -> Inventory:
    """What will be committed; `digests` are the SHA-512 of the new files by content path."""
    manifest = dict(before.manifest) if before else {}
    sha256 = dict(before.sha256) if before else {}
    for path, content in files.items():
        manifest[digests[path]] = path
        sha256[digests[path]] = content.sha256
    sha512 = {of_content: digest for digest, of_content in sha256.items()}
    logical = {path: sha512[of_content] for path, of_content in state.items()}
    version = Version(_number(before) + 1, note.created, note.message, note.user, note.address, logical)
    return Inventory(object_id, (*(before.versions if before else ()), version), manifest, sha256)


# --- putting the bytes ---


def _put_all(store: ObjectStore, paths: ObjectPaths, files: Mapping[str, Content]) -> dict[str, str]:
    """Bring the new files to their content paths; the SHA-512 of each."""

    def put(path: str) -> str:
        return _put(store, paths.root + path, files[path])

    digests = {}
    for path, sha512 in zip(files, in_parallel(put, list(files)), strict=True):
        digests[path] = sha512
        fault_point("ocfl.content")
    return digests


def _put(store: ObjectStore, key: str, content: Content) -> str:
    """Put a file where it belongs, unless it is there already; its SHA-512. Raises what ObjectStore.put raises."""
    try:
        return _send(store.put, store, key, content)
    except AlreadyStoredError:  # of a try that died, or of another writer: believed only after reading it
        return _sha512_there(store, key, content) or _send(store.replace, store, key, content)


def _send(put: _PutOrReplace, store: ObjectStore, key: str, content: Content) -> str:
    with content.open(store) as source, DigestReader(source) as reader:
        put(key, reader, sha256=content.sha256)
        if reader.size != content.size:
            raise ChecksumMismatchError(key, f"{content.size} bytes were announced, {reader.size} came")
        return reader.sha512


def _sha512_there(store: ObjectStore, key: str, content: Content) -> str | None:
    """The SHA-512 of what lies under the key, if it is this content."""
    try:
        with store.open(key) as stream:
            digest = digest_of(stream)
    except (NotStoredError, OSError):  # taken away meanwhile, or a sector that cannot be read
        return None
    return digest.sha512 if digest.sha256 == content.sha256 else None


# --- when it is committed ---


def _committed_already(store: ObjectStore, paths: ObjectPaths, version: int, changes: Changes) -> Inventory:
    """The same version once more: finished, and the head's inventory returned.

    Raises VersionTakenError when the committed content is another.
    """
    _, stored = read_version(store, paths, version)
    wanted = _changed(stored.state_sha256(version - 1) if version > 1 else {}, changes)
    same = wanted == stored.state_sha256(version)
    head = max(_number(_head_or_none(store, paths)), version)
    _see_that_all_is_there(store, paths, stored, changes if same else {})
    committed = finish(store, paths, head)
    _clean(store, paths, version)
    if not same:
        raise VersionTakenError(f"v{version} of {paths.object_id} is committed with other content")
    return committed


def _clean(store: ObjectStore, paths: ObjectPaths, version: int) -> None:
    store.delete(paths.begun(version))
    fault_point("ocfl.cleaned")


def _see_that_all_is_there(store: ObjectStore, paths: ObjectPaths, version: Inventory, changes: Changes) -> None:
    """Put again what the version names and has lost, as far as we have it; remove what it does not name."""
    folder = f"{paths.version_folder(version.head)}content/"
    found = {stored.key: stored.size for stored in store.list(folder)}
    ours = {content.sha256: content for content in changes.values() if content}
    named = {paths.root + path: ours.get(version.sha256[sha512]) for sha512, path in version.manifest.items()}
    for key in found.keys() - named.keys():
        store.delete(key)
    for key, content in named.items():
        if key.startswith(folder) and content is not None and found.get(key) != content.size:
            _put(store, key, content)
    fault_point("ocfl.checked")
