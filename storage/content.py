"""Bytes on their way into an OCFL object: in memory, in a local file, or already in the store."""

import hashlib
import io
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.interface import ObjectStore

__all__ = ["Content"]


@dataclass(frozen=True, slots=True)
class Content:
    """One file's bytes with the SHA-256 (lower-case hex) and the size in bytes they must have.

    `source` is the bytes themselves, the path of a local file, or the key of an object in the same store, for example
    under `intake/`. Whatever it is, it is copied; the original stays until the caller removes it.
    """

    source: bytes | Path | str
    sha256: str
    size: int

    @classmethod
    def of_bytes(cls, data: bytes) -> "Content":
        """Small content that is made in memory, such as metadata."""
        return cls(data, hashlib.sha256(data).hexdigest(), len(data))

    def open(self, store: ObjectStore) -> BinaryIO:
        """The bytes as a stream. Raises NotStoredError, StoreUnavailableError for a key, OSError for a path."""
        if isinstance(self.source, bytes):
            return io.BytesIO(self.source)
        if isinstance(self.source, Path):
            return self.source.open("rb")
        return store.open(self.source)
