"""An ObjectStore that writes in plain, and refuses to where another process encrypts."""

from collections.abc import Iterator
from typing import BinaryIO

from storage.encryption.paths import ARCHIVE_KEY
from storage.errors import KeyMissingError
from storage.interface import Capability, ObjectStore, StoredObject
from storage.locks import ObjectLocks

__all__ = ["PlainStore"]


class PlainStore(ObjectStore):
    """A store for a process without master keys: everything passes as it is.

    Before the first byte is written the store is asked whether it is encrypted; one that was away when the process
    started may be. Writing raises KeyMissingError then.
    """

    def __init__(self, store: ObjectStore, refusal: str) -> None:
        """`store` is the place itself; `refusal` says what to do where it is encrypted."""
        self.url = store.url
        self._store = store
        self._refusal = refusal
        self._is_plain = False

    def check(self) -> None:
        """Make sure, once, that this store is not encrypted. Raises KeyMissingError, StoreUnavailableError."""
        if not self._is_plain and self._store.exists(ARCHIVE_KEY):
            raise KeyMissingError(self._refusal)
        self._is_plain = True

    def put(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.put."""
        self.check()
        return self._store.put(key, source, sha256=sha256)

    def replace(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.replace."""
        self.check()
        return self._store.replace(key, source, sha256=sha256)

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """See ObjectStore.open."""
        return self._store.open(key, start=start)

    def stat(self, key: str) -> StoredObject:
        """See ObjectStore.stat."""
        return self._store.stat(key)

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See ObjectStore.list."""
        return self._store.list(prefix)

    def delete(self, key: str, *, unlock: bool = False) -> None:
        """See ObjectStore.delete."""
        self._store.delete(key, unlock=unlock)

    def delete_all(self, prefix: str, *, unlock: bool = False) -> None:
        """See ObjectStore.delete_all."""
        self._store.delete_all(prefix, unlock=unlock)

    def exists(self, key: str) -> bool:
        """See ObjectStore.exists."""
        return self._store.exists(key)

    def read(self, key: str) -> bytes:
        """See ObjectStore.read."""
        return self._store.read(key)

    def probe(self) -> frozenset[Capability]:
        """See ObjectStore.probe."""
        return self._store.probe()

    def locks(self) -> ObjectLocks | None:
        """See ObjectStore.locks."""
        return self._store.locks()
