"""Trying out what a store really does; a name or a status code proves nothing."""

import io
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import BinaryIO, Protocol
from uuid import uuid4

from storage.errors import AlreadyStoredError, ObjectLockedError
from storage.interface import ObjectStore, StoredObject

__all__ = ["one_writer_wins", "probe_key", "sweep_probes"]

_WRITERS = 4
_STALE = timedelta(days=1)


class _Put(Protocol):
    def __call__(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject: ...


def probe_key() -> str:
    """A new key under `probe/`."""
    return f"probe/{uuid4().hex}"


def sweep_probes(store: ObjectStore) -> None:
    """Remove what processes left under `probe/` that died while they probed, a day ago or longer."""
    before = datetime.now(UTC) - _STALE
    for stored in store.list("probe/"):
        if stored.modified < before:
            with suppress(ObjectLockedError):
                store.delete(stored.key, unlock=True)


def one_writer_wins(store: ObjectStore, put: _Put) -> bool:
    """Whether of several writers of one new key exactly one wins with `put`, and his bytes stay.

    Raises StoreUnavailableError.
    """
    key = probe_key()
    try:
        with ThreadPoolExecutor(_WRITERS) as writers:
            outcomes = list(writers.map(lambda number: _wins(put, key, number), range(_WRITERS)))
        return outcomes.count(True) == 1 and store.read(key) == _bytes(outcomes.index(True))
    finally:
        store.delete(key)


def _bytes(number: int) -> bytes:
    return f"writer {number}\n".encode()


def _wins(put: _Put, key: str, number: int) -> bool:
    data = _bytes(number)
    try:
        put(key, io.BytesIO(data), sha256=sha256(data).hexdigest())
    except AlreadyStoredError:
        return False
    return True
