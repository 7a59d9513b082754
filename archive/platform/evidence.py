"""Where the store keeps what proves an act and belongs to no item: scans of signed forms, papers handed out."""

import hashlib
import io
from contextlib import suppress

from storage.errors import AlreadyStoredError, ChecksumMismatchError
from storage.interface import ObjectStore

__all__ = ["EVIDENCE", "evidence", "keep_evidence"]

EVIDENCE = "evidence/"


def keep_evidence(store: ObjectStore, content: bytes) -> str:
    """Store a paper durably under its SHA-256, which is returned in hex; with the same bytes again, nothing changes.

    Not inside a transaction. Raises StoreFullError, StoreUnavailableError.
    """
    sha256 = hashlib.sha256(content).hexdigest()
    with suppress(AlreadyStoredError):
        store.put(_key(sha256), io.BytesIO(content), sha256=sha256)
    return sha256


def evidence(store: ObjectStore, sha256: str) -> bytes:
    """The paper of that digest. Raises NotStoredError, ChecksumMismatchError (other bytes), StoreUnavailableError."""
    content = store.read(_key(sha256))
    if hashlib.sha256(content).hexdigest() != sha256:
        raise ChecksumMismatchError(_key(sha256))
    return content


def _key(sha256: str) -> str:
    return f"{EVIDENCE}papers/{sha256}"
