"""Data keys, each wrapped by a master key and kept in the store beside what it seals: one an item, one for the rest.

A wrapped key is an object of its own that is never locked: once it is removed with its item, no copy and no old backup
of the sealed bytes can be read any more.
"""

import base64
import hashlib
import io
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from storage.encryption.headers import sealing_key
from storage.encryption.paths import ARCHIVE_KEY, KEYS, item_key, object_of
from storage.encryption.sealing import DataKey
from storage.errors import AlreadyStoredError, KeyMissingError, NotStoredError, SealBrokenError
from storage.faults import fault_point
from storage.interface import ObjectStore
from storage.verification import Outcome

__all__ = ["DataKeys", "KeyWrapper", "check_key", "copy_key", "masters_in_use", "rewrap_all", "same_key"]

_FORMAT = "danggui-key/1"
_KEPT = 1024


class KeyWrapper(Protocol):
    """Whoever keeps the master keys and never gives them away: a key file here, a key management service elsewhere."""

    @property
    def current(self) -> str:
        """Name of the master key that wraps from now on."""
        ...

    def wrap(self, data_key: bytes, context: str, master: str) -> bytes:
        """Wrap a data key with a master key, bound to `context`: the place of the wrapped key in the store.

        Raises KeyMissingError.
        """
        ...

    def unwrap(self, wrapped: bytes, context: str, master: str) -> bytes:
        """The data key. Raises KeyMissingError (no such master key here), SealBrokenError (not what was wrapped)."""
        ...


@dataclass(frozen=True, slots=True)
class _Wrapped:
    """A wrapped data key as it lies in the store; whether it is sound, and which it is, shows without unwrapping."""

    id: str
    master: str
    wrapped: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.id} {self.master} {self.wrapped.hex()}".encode()).hexdigest()

    def to_json(self) -> bytes:
        wrapped = base64.b64encode(self.wrapped).decode()
        document = {"format": _FORMAT, "id": self.id, "master": self.master, "wrapped": wrapped, "sha256": self.sha256}
        return (json.dumps(document, indent=1) + "\n").encode()

    def write(self, store: ObjectStore, path: str) -> None:
        data = self.to_json()
        store.replace(path, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())

    @classmethod
    def read(cls, store: ObjectStore, path: str) -> "_Wrapped":
        """Raises NotStoredError, SealBrokenError."""
        data = store.read(path)
        try:
            document = json.loads(data)
            found = cls(document["id"], document["master"], base64.b64decode(document["wrapped"]))
            sound = found.to_json() == data
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise _damaged(path) from error
        if not sound:
            raise _damaged(path)
        return found

    @classmethod
    def of_key(cls, wrapper: KeyWrapper, path: str, key: DataKey) -> "_Wrapped":
        master = wrapper.current
        return cls(key.id.hex(), master, wrapper.wrap(key.secret, path, master))

    def unwrapped(self, wrapper: KeyWrapper, path: str) -> DataKey:
        return DataKey(wrapper.unwrap(self.wrapped, path, self.master))


def _damaged(path: str) -> SealBrokenError:
    return SealBrokenError(f"{path} is no wrapped key: restore it from the second store or a backup")


class DataKeys:
    """The data keys of one store, by the path of the wrapped key. Safe to use from several threads."""

    def __init__(self, store: ObjectStore, wrapper: KeyWrapper) -> None:
        self._store = store
        self._wrapper = wrapper
        self._cached = lru_cache(maxsize=_KEPT)(self._read)

    def check(self) -> None:
        """Make sure that the master keys at hand are those of this store. Raises KeyMissingError, SealBrokenError."""
        with suppress(NotStoredError):  # nothing is encrypted yet
            self._cached(ARCHIVE_KEY)

    def for_reading(self, path: str, key_id: bytes) -> DataKey:
        """The key that sealed something. Raises KeyMissingError, SealBrokenError, StoreUnavailableError."""
        try:
            key = self._cached(path)
            if key.id != key_id:  # removed and made anew by another process since we looked
                self._cached.cache_clear()
                key = self._cached(path)
        except NotStoredError as error:
            raise KeyMissingError(f"the key {path} is gone: what it sealed cannot be read any more") from error
        if key.id != key_id:
            raise SealBrokenError(f"these bytes were not sealed with {path}, or their header is altered")
        return key

    def for_writing(self, path: str) -> DataKey:
        """The key to seal with, made if there is none yet: of several that make it at once all get the same.

        Always asked of the store, unless it is the archive's own, which nobody removes: bytes sealed with a key that
        another process has just removed would be lost. Raises KeyMissingError, SealBrokenError, StoreUnavailableError.
        """
        archive = self._made(ARCHIVE_KEY, self._cached)  # the first of all: it says that this store is encrypted
        return archive if path == ARCHIVE_KEY else self._made(path, self._read)

    def _made(self, path: str, read: Callable[[str], DataKey]) -> DataKey:
        try:
            return read(path)
        except NotStoredError:
            self._expect_new(path)
            data = _Wrapped.of_key(self._wrapper, path, DataKey.make()).to_json()
            with suppress(AlreadyStoredError):  # another process was as quick: his is the key
                self._store.put(path, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
            return read(path)  # what lies there, not what we believe to have put

    def _read(self, path: str) -> DataKey:
        return _Wrapped.read(self._store, path).unwrapped(self._wrapper, path)

    def _expect_new(self, path: str) -> None:
        """Where something was sealed before, the key was lost: a new one would hide that, and stand in its way.

        The archive's key is the first of all, and an item's is older than what its object holds.
        """
        object_id = object_of(path)
        if object_id is None:
            lost = next(self._store.list(KEYS), None) is not None
        else:
            lost = sealing_key(self._store, object_id) is not None
        if lost and not self._store.exists(path):
            raise KeyMissingError(f"the key {path} is gone: restore it from the second store or a backup")


def masters_in_use(store: ObjectStore) -> Iterator[tuple[str, str]]:
    """Path of every wrapped key in a store with the name of the master key that wraps it. Needs no key."""
    for stored in store.list(KEYS):
        try:
            yield stored.key, _Wrapped.read(store, stored.key).master
        except NotStoredError:
            continue  # removed while we looked


def rewrap_all(store: ObjectStore, wrapper: KeyWrapper) -> Iterator[tuple[str, bool]]:
    """Wrap every data key with the current master key; path by path, and whether it had another one before.

    Nothing that was sealed is touched. Stopped anywhere and begun again it goes on. Should a key be removed at this
    very moment, it may be there again afterwards: the caller removes once more what must be gone.
    Raises KeyMissingError, SealBrokenError, StoreUnavailableError.
    """
    for path, master in masters_in_use(store):
        other = master != wrapper.current
        if other:
            _rewrap(store, wrapper, path)
            fault_point("keys.rewrapped")
        yield path, other


def _rewrap(store: ObjectStore, wrapper: KeyWrapper, path: str) -> None:
    try:
        key = _Wrapped.read(store, path).unwrapped(wrapper, path)
    except NotStoredError:
        return
    _Wrapped.of_key(wrapper, path, key).write(store, path)


def copy_key(source: ObjectStore, target: ObjectStore, path: str) -> bool:
    """Give the target the wrapped key of the source; a damaged one is never copied, but mended from the target's.

    True if anything was written. Needs no master key. Raises NotStoredError (the source has none), SealBrokenError
    (damaged in both, or another key in the target: neither is overwritten), StoreUnavailableError.
    """
    there = _sound_or_none(target, path)
    try:
        here = _Wrapped.read(source, path)
    except SealBrokenError:
        if there is None:
            raise
        there.write(source, path)
        return True
    if here == there:
        return False
    if there is not None and there.id != here.id:
        raise SealBrokenError(f"{path} is another key in {target.url} than in {source.url}: compare them")
    here.write(target, path)
    return True


def check_key(store: ObjectStore, object_id: str) -> Outcome:
    """Whether the wrapped key of an OCFL object is there, sound, and the one that sealed what came last into it.

    Fine, too, for what is plain and needs none. Needs no master key. Raises StoreUnavailableError.
    """
    sealed_with = sealing_key(store, object_id)
    try:
        found = _Wrapped.read(store, item_key(object_id))
    except NotStoredError:
        return Outcome.OK if sealed_with is None else Outcome.MISSING
    except (SealBrokenError, OSError):
        return Outcome.DAMAGED
    return Outcome.OK if sealed_with is None or sealed_with.hex() == found.id else Outcome.DAMAGED


def same_key(one: ObjectStore, other: ObjectStore, path: str) -> bool:
    """Whether two stores hold the same key, whatever wraps it, or neither holds a sound one."""
    ids = {found and found.id for found in (_sound_or_none(store, path) for store in (one, other))}
    return len(ids) == 1


def _sound_or_none(store: ObjectStore, path: str) -> _Wrapped | None:
    try:
        return _Wrapped.read(store, path)
    except (NotStoredError, SealBrokenError):
        return None
