"""An ObjectStore that seals what it is given and keeps it in another."""

import dataclasses
import io
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import islice
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from storage.encryption.cipher import Cipher, header_of
from storage.encryption.paths import KEYS
from storage.errors import ChecksumMismatchError, InvalidKeyError, NotStoredError, SealBrokenError
from storage.fixity import CHUNK, copy_digested
from storage.interface import Capability, ObjectStore, StoredObject
from storage.keys import check_key
from storage.locks import ObjectLocks
from storage.object_paths import OCFL, STAGING

__all__ = ["EncryptedStore"]

_IN_MEMORY = 4 * 1024 * 1024
#: what the repository keeps and seals itself
_AS_IT_IS = (OCFL, STAGING)
_AT_ONCE = 256
_READERS = 8
_NOT_OURS = "wrapped keys are kept by the encryption itself"


class EncryptedStore(ObjectStore):
    """Everything but `ocfl/` and `staging/`, which pass as they are; `keys/` is not seen from here.

    Sizes are those of the plain text. What was stored before there were keys is read as it is. An object may be given
    another key or another's place by whoever can write to the store: who must know keeps digests, as the audit does.
    """

    def __init__(self, store: ObjectStore, cipher: Cipher) -> None:
        """`store` is the place itself, `cipher` the one on this store."""
        self.url = store.url
        self._store = store
        self._cipher = cipher

    def put(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.put."""
        return self._send(key, source, sha256, exclusive=True)

    def replace(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.replace."""
        return self._send(key, source, sha256, exclusive=False)

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """See ObjectStore.open."""
        if _passes(key):
            return self._store.open(key, start=start)
        stream = self._cipher.opened(self._store.open(key))
        stream.seek(start)
        return stream

    def stat(self, key: str) -> StoredObject:
        """See ObjectStore.stat."""
        _passes(key)
        return self._plain(self._store.stat(key))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See ObjectStore.list; the beginning of every object is read, to know its size."""
        return self._list(self._store.list(prefix))

    def delete(self, key: str, *, unlock: bool = False) -> None:
        """See ObjectStore.delete."""
        _passes(key)
        self._store.delete(key, unlock=unlock)

    def delete_all(self, prefix: str, *, unlock: bool = False) -> None:
        """See ObjectStore.delete_all."""
        if KEYS.startswith(prefix) or prefix.startswith(KEYS):
            raise InvalidKeyError(prefix, _NOT_OURS)
        self._store.delete_all(prefix, unlock=unlock)

    def exists(self, key: str) -> bool:
        """See ObjectStore.exists."""
        return self._store.exists(key)

    def probe(self) -> frozenset[Capability]:
        """See ObjectStore.probe."""
        return self._store.probe()

    def locks(self) -> ObjectLocks | None:
        """See ObjectStore.locks."""
        return self._store.locks()

    def _send(self, key: str, source: BinaryIO, sha256: str, *, exclusive: bool) -> StoredObject:
        send = self._store.put if exclusive else self._store.replace
        if _passes(key):
            return send(key, source, sha256=sha256)
        # The place wants to know the digest before it takes the first byte; until it is known, sealed bytes wait here.
        with self._cipher.sealing(source) as reader, SpooledTemporaryFile(max_size=_IN_MEMORY) as waiting:
            sealed, _ = copy_digested(io.BufferedReader(reader, CHUNK), waiting)
            if reader.sha256 != sha256:
                raise ChecksumMismatchError(key)
            waiting.seek(0)
            return dataclasses.replace(send(key, cast("BinaryIO", waiting), sha256=sealed), size=reader.size)

    def _list(self, stored: Iterator[StoredObject]) -> Iterator[StoredObject]:
        with ThreadPoolExecutor(_READERS) as readers:
            while batch := list(islice(stored, _AT_ONCE)):
                yield from filter(None, readers.map(self._plain_or_none, batch))

    def _plain_or_none(self, stored: StoredObject) -> StoredObject | None:
        if stored.key.startswith(KEYS):
            return None
        try:
            return self._plain(stored)
        except NotStoredError:  # removed since it was listed
            return None

    def _plain(self, stored: StoredObject) -> StoredObject:
        """With the size of the plain text; a damaged object, which is found when it is read, with its own."""
        if _passes(stored.key):
            return stored
        with self._store.open(stored.key) as stream, suppress(SealBrokenError):
            header = header_of(stream)
            if header is not None:
                return dataclasses.replace(stored, size=header.plain_size(stored.size))
        return stored


def _passes(key: str) -> bool:
    """Whether an object is kept as it is. Raises InvalidKeyError."""
    if check_key(key).startswith(KEYS):
        raise InvalidKeyError(key, _NOT_OURS)
    return key.startswith(_AS_IT_IS)
