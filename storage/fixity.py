"""Digests computed while bytes pass by, so that nothing is read twice only to be counted or checked."""

import hashlib
import io
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, BinaryIO

__all__ = ["CHUNK", "Digest", "DigestReader", "Spool", "copy_digested", "digest_of", "sha256_of"]

#: bytes handled at a time; what one copying thread needs in memory
CHUNK = 1024 * 1024
_SPOOL_IN_MEMORY = 4 * CHUNK


@dataclass(frozen=True, slots=True)
class Digest:
    """What some bytes are known by: lower-case hex digests and the size in bytes."""

    sha256: str
    sha512: str
    size: int


def sha256_of(stream: BinaryIO) -> str:
    """Lower-case hex SHA-256 of a stream, from its position to its end."""
    sha256 = hashlib.sha256()
    while chunk := stream.read(CHUNK):
        sha256.update(chunk)
    return sha256.hexdigest()


def digest_of(stream: BinaryIO) -> Digest:
    """Both digests and the size of a stream, from its position to its end, in one pass."""
    sha256, sha512, size = hashlib.sha256(), hashlib.sha512(), 0
    while chunk := stream.read(CHUNK):
        sha256.update(chunk)
        sha512.update(chunk)
        size += len(chunk)
    return Digest(sha256.hexdigest(), sha512.hexdigest(), size)


def copy_digested(source: BinaryIO, target: IO[bytes]) -> tuple[str, int]:
    """Copy `source` to its end and return the SHA-256 and the size of what went through."""
    sha256, size = hashlib.sha256(), 0
    while chunk := source.read(CHUNK):
        target.write(chunk)
        sha256.update(chunk)
        size += len(chunk)
    return sha256.hexdigest(), size


class Spool:
    """A private, seekable copy of a stream, or of its beginning, so that it can be sent again; a context manager.

    `stream` stands at its start; `sha256` is the running digest of the `size` bytes in it; `whole` says whether the
    source ended within them.
    """

    def __init__(self, source: BinaryIO, limit: int) -> None:
        """Copy at most `limit` bytes: into memory at first, into a temporary file from 4 MiB on."""
        self.stream: IO[bytes] = SpooledTemporaryFile(max_size=_SPOOL_IN_MEMORY)  # noqa: SIM115 - closed by __exit__
        self.sha256 = hashlib.sha256()
        self.size = 0
        try:
            while self.size < limit and (chunk := source.read(min(CHUNK, limit - self.size))):
                self.stream.write(chunk)
                self.sha256.update(chunk)
                self.size += len(chunk)
        except BaseException:
            self.stream.close()
            raise
        self.whole = self.size < limit
        self.stream.seek(0)

    def __enter__(self) -> "Spool":
        return self

    def __exit__(self, *error: object) -> None:
        self.stream.close()


class DigestReader(io.BufferedIOBase, BinaryIO):
    """Reads `source` for a store, which checks the SHA-256 itself, and knows the SHA-512 of what has passed.

    Closing it leaves `source` open.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._sha512 = hashlib.sha512()
        self.size = 0  #: bytes that were read from the source up to now

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int | None = -1, /) -> bytes:
        """At most `size` bytes, all the rest where it is negative."""
        chunk = self._source.read(-1 if size is None else size)
        self._sha512.update(chunk)
        self.size += len(chunk)
        return chunk

    @property
    def sha512(self) -> str:
        """Lower-case hex digest of all that was read from the source up to now."""
        return self._sha512.hexdigest()
