"""One interface to a place that keeps bytes under keys: a folder or a bucket.

A key is `/`-separated, of ASCII letters, digits and `-_.=`, with no empty, `.` or `..` segment, segments up to
255 bytes, and never both `a` and `a/b`. `put` never overwrites: what is stored stays. The few objects that may change
(OCFL root inventories, intake) go through `replace`.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import BinaryIO

from storage.errors import NotStoredError
from storage.locks import ObjectLocks

__all__ = ["Capability", "ObjectStore", "StoredObject"]


class Capability(StrEnum):
    """What a store was *seen* to do when it was probed; never assumed from its name."""

    EXCLUSIVE_PUT = "exclusive-put"  #: of two writers of one new key, one is refused
    OBJECT_LOCK = "object-lock"  #: a locked version cannot be deleted before its date
    VERSIONING = "versioning"  #: what is replaced or deleted stays as an older version until it is removed by name


@dataclass(frozen=True, slots=True)
class StoredObject:
    """One stored object: key, size in bytes, and when it was last written (aware UTC, to a second or two)."""

    key: str
    size: int
    modified: datetime


class ObjectStore(ABC):
    """A place that keeps bytes under keys. Safe to use from several threads and processes at once."""

    #: the URL this store was opened from, without secrets
    url: str

    @abstractmethod
    def put(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """Store `source` (read from its position to its end) under a new key, durably, all or nothing.

        `sha256` is the lower-case hex digest that the caller computed before.
        Raises AlreadyStoredError, ChecksumMismatchError, StoreFullError, StoreUnavailableError.
        """

    @abstractmethod
    def replace(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """Like `put`, but an object already there is replaced in one step; readers see the old or the new one."""

    @abstractmethod
    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """Open for reading from byte `start`; seekable, by offsets from the object's own start; the caller closes it.

        From a `start` behind the end nothing is read. Raises NotStoredError, StoreUnavailableError.
        """

    @abstractmethod
    def stat(self, key: str) -> StoredObject:
        """Facts of one object. Raises NotStoredError, StoreUnavailableError."""

    @abstractmethod
    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """Every object whose key starts with `prefix`, in ascending order of key, with bounded memory."""

    @abstractmethod
    def delete(self, key: str, *, unlock: bool = False) -> None:
        """Remove one object for good, with every older version of it; a key that is not there is no error.

        `unlock` lifts a governance lock first; a compliance lock or a legal hold is never lifted.
        Raises ObjectLockedError, StoreUnavailableError.
        """

    def delete_all(self, prefix: str, *, unlock: bool = False) -> None:
        """Remove every object whose key starts with `prefix` for good, also older versions of what is seen no more.

        Broken off and done again it removes the rest. Raises ObjectLockedError, StoreUnavailableError.
        """
        for stored in self.list(prefix):
            self.delete(stored.key, unlock=unlock)

    @abstractmethod
    def probe(self) -> frozenset[Capability]:
        """Try, with small objects under `probe/`, what this store really does. Raises StoreUnavailableError."""

    def locks(self) -> ObjectLocks | None:
        """What locks objects here; None where `probe` did not see it work, or was not asked yet."""
        return None

    def exists(self, key: str) -> bool:
        """Whether the key holds an object."""
        try:
            self.stat(key)
        except NotStoredError:
            return False
        return True

    def read(self, key: str) -> bytes:
        """All bytes of a small object."""
        with self.open(key) as stream:
            return stream.read()
