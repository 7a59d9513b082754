"""An OCFL 1.1 repository under `ocfl/` of a store: versioned objects that can be read and checked without this program.

Nothing here holds locks. Whoever commits to, recovers or removes an object holds the lease on it; creating the
version's inventory exclusively is the second line behind that.
"""

import hashlib
import io
import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO

from storage import recovery, verification
from storage.commit import Note, commit
from storage.content import Content
from storage.errors import ChecksumMismatchError
from storage.interface import ObjectStore
from storage.inventory import Inventory, Version
from storage.locks import LockMode
from storage.object_files import put_same, read_head
from storage.object_locks import hold_object, lock_object
from storage.object_paths import DECLARATION, LAYOUT, OCFL, ObjectPaths
from storage.verification import FileCheck, Outcome, Pace

if TYPE_CHECKING:
    from storage.encryption.cipher import Cipher

__all__ = ["Content", "FileCheck", "Inventory", "Outcome", "Pace", "Repository", "Version"]

_DESCRIPTION = "Folders from the SHA-256 of the identifier, then the identifier itself"


class Repository:
    """Versioned objects, each a set of files under logical paths; an object's identifier is for example an item's UUID.

    Identifiers are of 1 to 100 ASCII letters, digits, `-` and `_`; logical paths are keys as in `storage.interface`.
    """

    def __init__(self, store: ObjectStore, cipher: "Cipher | None" = None) -> None:
        """A repository in `store`, which may hold other things beside `ocfl/` and `staging/`.

        With a `cipher` content is sealed before it is committed and opened when it is read; all else, digests too, is
        of the sealed bytes and needs no key.
        """
        self._store = store
        self._cipher = cipher

    def is_initialised(self) -> bool:
        """Whether the repository was ever declared here: a folder whose disk is not mounted holds none."""
        return self._store.exists(f"{OCFL}0=ocfl_1.1")

    def initialise(self) -> None:
        """Declare the repository; done again, or by two at once, it changes nothing.

        Raises LayoutError when the store holds a repository of another layout.
        """
        name = str(LAYOUT["extensionName"])
        layout = {"extension": name, "description": _DESCRIPTION}
        put_same(self._store, f"{OCFL}extensions/{name}/config.json", _document(LAYOUT))
        put_same(self._store, f"{OCFL}ocfl_layout.json", _document(layout))
        put_same(self._store, f"{OCFL}0=ocfl_1.1", b"ocfl_1.1\n")

    def commit(
        self,
        object_id: str,
        version: int,
        changes: Mapping[str, Content | None],
        *,
        message: str,
        user: str,
        address: str,
        created: datetime,
    ) -> Inventory:
        """Add version `version`: the state of the one before with `changes`, where None takes a logical path away.

        Version 1 makes the object. The same version with the same content may be committed again, also after a crash
        at any moment, and gives the head's inventory. `address` is a URI (`mailto:…`), `created` is aware.
        Raises VersionTakenError (committed with other content), LayoutError (not the next version),
        ChecksumMismatchError, NotStoredError, StoreFullError, StoreUnavailableError.
        """
        if self._cipher:
            changes = self._cipher.sealed(object_id, changes)
        return commit(self._store, object_id, version, changes, Note(message, user, address, created))

    def inventory(self, object_id: str) -> Inventory:
        """The inventory of the newest version. Raises NotStoredError, LayoutError."""
        return read_head(self._store, ObjectPaths.of(object_id))

    def open(self, object_id: str, path: str) -> BinaryIO:
        """A file of the newest version, by its logical path, as a seekable stream. Raises NotStoredError."""
        content_path = self.inventory(object_id).content_path(path)
        stream = self._store.open(ObjectPaths.of(object_id).root + content_path)
        return self._cipher.opened(stream, object_id) if self._cipher else stream

    def read(self, object_id: str, path: str) -> bytes:
        """All bytes of a small file of the newest version. Raises NotStoredError."""
        with self.open(object_id, path) as stream:
            return stream.read()

    def read_checked(self, inventory: Inventory, path: str) -> bytes:
        """All bytes of a small file that this inventory names, compared with its digest.

        Raises NotStoredError, ChecksumMismatchError.
        """
        data = self._store.read(ObjectPaths.of(inventory.object_id).root + inventory.content_path(path))
        if hashlib.sha512(data).hexdigest() != inventory.state[path]:
            raise ChecksumMismatchError(f"{inventory.object_id}/{path}", "what is stored is not what was committed")
        if self._cipher is None:
            return data
        with self._cipher.opened(io.BytesIO(data), inventory.object_id) as stream:
            return stream.read()

    def exists(self, object_id: str) -> bool:
        """Whether the object has a committed version."""
        return self._store.exists(ObjectPaths.of(object_id).inventory)

    def object_ids(self) -> Iterator[str]:
        """Every object's identifier, in the order of the folders; from the names alone, no file is read."""
        for stored in self._store.list(OCFL):
            parts = stored.key.split("/")
            if parts[-1] == DECLARATION:
                yield parts[-2]

    def recover(self, object_id: str) -> None:
        """Finish or remove what a dead writer began; idempotent. Only for the holder of the object's lease.

        Raises LayoutError, and changes nothing, when committed inventories are gone or damaged.
        """
        recovery.recover(self._store, ObjectPaths.of(object_id))

    def begun(self, *, idle: timedelta | None = None) -> list[str]:
        """Objects at which somebody writes or died writing; given a time, only those that nobody touched for so long.

        Whoever recovers them takes the lease of each first. It looks at `staging/` only.
        """
        before = None if idle is None else datetime.now(UTC) - idle
        return list(recovery.begun_objects(self._store, before=before))

    def recover_all(self) -> int:
        """Recover every object at which a writer died, and say how many. Only where nobody else writes."""
        begun = self.begun()
        for object_id in begun:
            self.recover(object_id)
        return len(begun)

    def verify(self, object_id: str, pace: Pace | None = None) -> Iterator[FileCheck]:
        """Read every stored file of the object again, of all versions; `pace` hears of each piece and may sleep.

        Raises NotStoredError, StoreUnavailableError, and whatever `pace` raises.
        """
        return verification.verify(self._store, ObjectPaths.of(object_id), pace)

    def lock(self, object_id: str, until: datetime, mode: LockMode = LockMode.GOVERNANCE) -> None:
        """Lock every committed file that is never written again until a date (aware); again, it changes nothing.

        Not the root's copies of the newest inventory, which the next version replaces. Locks are never shortened.
        Raises NotStoredError, LayoutError, and StorageError where the store was not seen to lock.
        """
        lock_object(self._store, ObjectPaths.of(object_id), until, mode)

    def hold(self, object_id: str, *, held: bool) -> None:
        """Lay a legal hold on the same files, or lift it. Raises as `lock` does."""
        hold_object(self._store, ObjectPaths.of(object_id), held=held)

    def remove(self, object_id: str, *, unlock: bool = False) -> None:
        """Remove the whole object with all versions, and its key; done again, it changes nothing.

        Only for an executed disposal, which lifts governance locks (`unlock`), and for objects that never got a row in
        the database. Raises ObjectLockedError; then the object stays.
        """
        recovery.remove(self._store, ObjectPaths.of(object_id), unlock=unlock)


def _document(content: Mapping[str, str | int]) -> bytes:
    return (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()
