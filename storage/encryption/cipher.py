"""Seals what goes into a store and opens what comes out of it."""

import io
from collections.abc import Mapping
from dataclasses import dataclass
from typing import BinaryIO

from storage.content import Content
from storage.encryption.data_keys import DataKeys, KeyWrapper
from storage.encryption.paths import ARCHIVE_KEY, item_key
from storage.encryption.sealing import HEADER_SIZE, DataKey, Header, SealedReader, SealingReader, looks_sealed
from storage.errors import ChecksumMismatchError
from storage.fixity import CHUNK, sha256_of
from storage.interface import ObjectStore
from storage.parallel import in_parallel

__all__ = ["Cipher", "header_of"]


def header_of(stream: BinaryIO) -> Header | None:
    """The header of a sealed file from its first bytes; None for a plain one. Raises SealBrokenError."""
    beginning = stream.read(HEADER_SIZE)
    return Header.unpack(beginning) if looks_sealed(beginning) else None


class Cipher:
    """The encryption of one store. Safe to use from several threads."""

    def __init__(self, store: ObjectStore, wrapper: KeyWrapper) -> None:
        """`store` is the place itself, where sealed bytes and wrapped keys lie."""
        self._store = store
        self._keys = DataKeys(store, wrapper)

    def check(self) -> None:
        """Make sure that the master keys at hand are those of this store.

        Raises KeyMissingError, SealBrokenError, StoreUnavailableError.
        """
        self._keys.check()

    def sealing(self, source: BinaryIO) -> SealingReader:
        """Seals the bytes of an object that belongs to no OCFL object, while they are read."""
        return SealingReader(source, self._keys.for_writing(ARCHIVE_KEY))

    def opened(self, stream: BinaryIO, object_id: str | None = None) -> BinaryIO:
        """The plain text of a stored file, given its stream from the start; of an OCFL object, or of none.

        What was stored before there were keys is given as it is. Whoever closes what is returned closes `stream`; it
        is closed, too, when this raises KeyMissingError, SealBrokenError or StoreUnavailableError.
        """
        try:
            size = stream.seek(0, io.SEEK_END)  # first of all: it would throw away what has been read ahead
            stream.seek(0)
            header = header_of(stream)
            if header is None:
                stream.seek(0)
                return stream
            key = self._keys.for_reading(item_key(object_id) if object_id else ARCHIVE_KEY, header.key_id)
            return io.BufferedReader(SealedReader(stream, size, header, key), header.chunk)
        except BaseException:
            stream.close()
            raise

    def sealed(self, object_id: str, changes: Mapping[str, Content | None]) -> dict[str, Content | None]:
        """The same files of an OCFL object, sealed: the same bytes each time, so that a commit may be repeated.

        Raises ChecksumMismatchError, NotStoredError, KeyMissingError, SealBrokenError, StoreUnavailableError, OSError.
        """
        if not any(changes.values()):
            return dict(changes)
        key = self._keys.for_writing(item_key(object_id))

        def seal(path: str) -> Content | None:
            content = changes[path]
            return self._seal(path, content, key) if content else None

        return dict(zip(changes, in_parallel(seal, list(changes)), strict=True))

    def plain(self, content: Content) -> BinaryIO:
        """The bytes of a content before it is sealed; where they lie in the store they are sealed already."""
        stream = content.open(self._store)
        return self.opened(stream) if isinstance(content.source, str) else stream

    def _seal(self, path: str, content: Content, key: DataKey) -> Content:
        """Sealed now to learn the digest, and once more while it is sent: quicker than writing it down in between."""
        salt = key.salt_of(content.sha256)
        with self.plain(content) as source, SealingReader(source, key, salt) as reader:
            sha256 = sha256_of(_whole(reader))
            # Before a sealed byte leaves: the salt was made from this digest and must never seal other bytes.
            if (reader.sha256, reader.size) != (content.sha256, content.size):
                raise ChecksumMismatchError(path, f"{content.size} bytes were announced, {reader.size} others came")
        return _SealedContent(content.source, sha256, reader.sealed_size, self, content, key, salt)


@dataclass(frozen=True, slots=True)
class _SealedContent(Content):
    """A content that is sealed while it is read; digest and size are those of the sealed bytes."""

    cipher: Cipher
    content: Content
    key: DataKey
    salt: bytes

    def open(self, store: ObjectStore) -> BinaryIO:  # noqa: ARG002 - the cipher knows it
        """See Content.open."""
        return _whole(_OwnSealingReader(self.cipher.plain(self.content), self.key, self.salt))


class _OwnSealingReader(SealingReader):
    """Closes its source with itself."""

    def close(self) -> None:
        self.source.close()
        super().close()


def _whole(reader: SealingReader) -> BinaryIO:
    return io.BufferedReader(reader, CHUNK)
