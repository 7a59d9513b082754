"""Sealed bytes: encrypted and authenticated in chunks, so that any part can be read without the rest.

A sealed file is a header of 64 bytes and then chunks of AES-256-GCM, each 16 bytes longer than what it holds (the
STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár):

    8 bytes   magic
    4 bytes   version, 1
    4 bytes   bytes of plain text in every chunk but the last, which may hold fewer
    16 bytes  which data key this was sealed with
    32 bytes  salt

Every file has a key of its own, derived (HKDF-SHA-256) from the data key, the salt and the rest of the header: an
altered header gives another key. A chunk's nonce is its number and whether it is the last, so chunks that were left
out, repeated, put in another order, taken from another file or cut off do not open. There is always a last chunk, which
is empty only in a file of no bytes.

A key and a nonce must never seal two different plain texts. They do not: a salt is either random or the HMAC of the
plain text's SHA-256, so two files have the same key only if they are the same file, and then they are sealed to the
same bytes. What that betrays, that two files of one item are equal, the inventory says anyway.
"""

import hashlib
import hmac
import io
import secrets
import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from storage.errors import SealBrokenError
from storage.positioned import PositionedRaw

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

__all__ = ["CHUNK", "HEADER_SIZE", "DataKey", "Header", "SealedReader", "SealingReader", "looks_sealed"]

#: plain bytes in a chunk; of all sizes tried the fastest, and small enough to fetch for one page of a large PDF
CHUNK = 64 * 1024
_TAG = 16
#: what a foreign header may ask us to hold in memory
_LARGEST_CHUNK = 16 * 1024 * 1024
_MAGIC = b"\x93DGseal\n"
_VERSION = 1
_FIELDS = struct.Struct(">8sII16s32s")
HEADER_SIZE = _FIELDS.size
_SALT_SIZE = 32


def looks_sealed(beginning: bytes) -> bool:
    """Whether bytes that begin like this are sealed, be they damaged, rather than plain.

    Most of the magic is enough: one byte altered there must not make plain text of the rest.
    """
    magic = beginning[: len(_MAGIC)]
    if len(magic) < len(_MAGIC):  # cut off
        return len(magic) >= len(_MAGIC) // 2 and _MAGIC.startswith(magic)
    return sum(found == wanted for found, wanted in zip(magic, _MAGIC, strict=True)) > len(_MAGIC) // 2


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key of 32 bytes that seals the files of one item."""

    secret: bytes = field(repr=False)

    @classmethod
    def make(cls) -> "DataKey":
        """A new one."""
        return cls(secrets.token_bytes(32))

    @property
    def id(self) -> bytes:
        """16 bytes that tell keys apart and betray nothing of them."""
        return self._digest(b"danggui data key", b"")[:16]

    def salt_of(self, sha256: str) -> bytes:
        """The salt for a plain text of this SHA-256 (hex): always the same; to others it looks random."""
        return self._digest(b"danggui salt", bytes.fromhex(sha256))

    def of_file(self, header: "Header") -> AESGCM:
        """What opens and seals the chunks of one file."""
        packed = header.pack()
        return AESGCM(HKDF(SHA256(), 32, salt=header.salt, info=packed[: -len(header.salt)]).derive(self.secret))

    def _digest(self, purpose: bytes, data: bytes) -> bytes:
        return hmac.digest(self.secret, purpose + b"\0" + data, "sha256")


@dataclass(frozen=True, slots=True)
class Header:
    """What a sealed file begins with."""

    key_id: bytes
    salt: bytes
    chunk: int = CHUNK

    def pack(self) -> bytes:
        """The 64 bytes."""
        return _FIELDS.pack(_MAGIC, _VERSION, self.chunk, self.key_id, self.salt)

    @classmethod
    def unpack(cls, data: bytes) -> "Header":
        """Read the first 64 bytes of a sealed file. Raises SealBrokenError."""
        if len(data) < HEADER_SIZE:
            raise SealBrokenError("sealed bytes are cut off within their header")
        magic, version, chunk, key_id, salt = _FIELDS.unpack_from(data)
        if magic != _MAGIC or version != _VERSION or not 0 < chunk <= _LARGEST_CHUNK:
            raise SealBrokenError("the header of sealed bytes is altered, or of a later version")
        return cls(key_id, salt, chunk)

    def sealed_size(self, plain: int) -> int:
        """Bytes that `plain` bytes have when sealed."""
        return HEADER_SIZE + plain + _TAG * max(-(-plain // self.chunk), 1)

    def plain_size(self, stored: int) -> int:
        """Bytes of plain text in a sealed file of `stored` bytes. Raises SealBrokenError for a size that none has."""
        whole, rest = divmod(stored - HEADER_SIZE, self.chunk + _TAG)
        if whole < 0 or 0 < rest < _TAG or (whole and rest == _TAG) or (not whole and not rest):
            raise SealBrokenError("sealed bytes are cut off")
        return whole * self.chunk + max(rest - _TAG, 0)

    def chunk_at(self, number: int) -> tuple[int, int]:
        """Where a chunk begins in the sealed file, and the most bytes it has there."""
        return HEADER_SIZE + number * (self.chunk + _TAG), self.chunk + _TAG


class SealingReader(io.RawIOBase):
    """Seals `source`, from its position to its end, while it is read. Closing it leaves `source` open.

    `sha256` and `size` are those of the plain text that has passed, `sealed_size` that of all it has become.
    """

    def __init__(self, source: BinaryIO, key: DataKey, salt: bytes | None = None) -> None:
        """`salt`: random, unless it is `key.salt_of` the very bytes in `source`, which the caller makes sure of."""
        header = Header(key.id, secrets.token_bytes(_SALT_SIZE) if salt is None else salt)
        self.source = source
        self.size = 0
        self._header = header
        self._cipher = key.of_file(header)
        self._pending = memoryview(header.pack())
        self._digest = hashlib.sha256()
        self._number = 0
        self._ended = False
        self._next = _read_whole(source, CHUNK)

    @property
    def sha256(self) -> str:
        """Lower-case hex digest of the plain text that has passed."""
        return self._digest.hexdigest()

    @property
    def sealed_size(self) -> int:
        """See above; known when all has passed."""
        return self._header.sealed_size(self.size)

    def readable(self) -> bool:
        """Always."""
        return True

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer; less only at the end."""
        room = memoryview(buffer).cast("B")
        done = 0
        while done < len(room):
            if not self._pending and not self._seal_next():
                break
            part = self._pending[: len(room) - done]
            room[done : done + len(part)] = part
            self._pending = self._pending[len(part) :]
            done += len(part)
        return done

    def _seal_next(self) -> bool:
        if self._ended:
            return False
        plain, self._next = self._next, _read_whole(self.source, CHUNK)
        self._ended = not self._next
        self._pending = memoryview(self._cipher.encrypt(_nonce(self._number, self._ended), plain, None))
        self._number += 1
        self._digest.update(plain)
        self.size += len(plain)
        return True


class SealedReader(PositionedRaw):
    """The plain text of a sealed file, seekable; holds one chunk in memory. Closing it closes `source`.

    Reading raises SealBrokenError for the first chunk that is not what was sealed; nothing of it is given out.
    """

    def __init__(self, source: BinaryIO, stored: int, header: Header, key: DataKey) -> None:
        """`source` is the whole sealed file, seekable, of `stored` bytes. Raises SealBrokenError."""
        self._source = source
        self._header = header
        self._cipher = key.of_file(header)
        self._size = header.plain_size(stored)
        self._last = max(self._size - 1, 0) // header.chunk
        self._position = 0
        self._held = -1
        self._plain = memoryview(b"")
        if not self._size:
            self._hold(0)  # nothing will ever be read, so look now whether it was really empty

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        """Fill the buffer; less only at the end."""
        room = memoryview(buffer).cast("B")
        done = 0
        while done < len(room) and self._position < self._size:
            number, skip = divmod(self._position, self._header.chunk)
            self._hold(number)
            part = self._plain[skip : skip + len(room) - done]
            room[done : done + len(part)] = part
            done += len(part)
            self._position += len(part)
        return done

    def close(self) -> None:
        """Close the source too."""
        if not self.closed:
            self._source.close()
        super().close()

    def _hold(self, number: int) -> None:
        """Open one chunk."""
        if number == self._held:
            return
        start, length = self._header.chunk_at(number)
        self._source.seek(start)
        sealed = _read_whole(self._source, length)
        try:
            self._plain = memoryview(self._cipher.decrypt(_nonce(number, number == self._last), sealed, None))
        except InvalidTag as error:
            raise SealBrokenError(f"sealed bytes are altered or cut off at byte {start}") from error
        self._held = number


def _nonce(number: int, last: bool) -> bytes:
    return number.to_bytes(11, "big") + (b"\1" if last else b"\0")


def _read_whole(source: BinaryIO, size: int) -> bytes:
    """`size` bytes, fewer only at the end, from a stream that may give fewer at a time."""
    data = source.read(size)
    if len(data) in {0, size}:
        return data
    parts = [data]
    while (missing := size - sum(map(len, parts))) and (data := source.read(missing)):
        parts.append(data)
    return b"".join(parts)
