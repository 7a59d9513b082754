"""One process at a time: a lock by name, freed when its holder ends in whatever way.

Beside SQLite it is a lock on a file; on PostgreSQL an advisory lock of a connection of its own.
"""

import fcntl
import hashlib
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from archive.platform.db import Database, connect_arguments

__all__ = ["HeldLock", "LockHeldError", "LockLostError", "exclusive", "is_held"]

_POLL_SECONDS = 0.1


class LockHeldError(Exception):
    """Another process holds this lock."""


class LockLostError(Exception):
    """The database forgot the lock (the connection broke): another process may hold it by now."""


class HeldLock:
    """A lock that is ours. Long work asks `check` now and then."""

    def __init__(self, name: str, connection: Connection | None) -> None:
        self.name = name
        self._connection = connection

    def check(self) -> None:
        """Return if the lock is still ours. Raises LockLostError."""
        if self._connection is None:
            return
        try:
            self._connection.execute(text("SELECT 1"))
        except DBAPIError as error:
            raise LockLostError(self.name) from error


@contextmanager
def exclusive(database: Database, folder: Path, name: str, *, wait: float | None = 0) -> Iterator[HeldLock]:
    """Hold the lock `name` of this archive. `folder` is `settings.folder`, used beside SQLite only.

    `wait`: seconds to wait for another holder, None for ever. Raises LockHeldError.
    """
    kind = _file_lock(folder, name, wait) if database.is_sqlite else _advisory_lock(database, name, wait)
    with kind as lock:
        yield lock


def is_held(database: Database, folder: Path, name: str) -> bool:
    """Whether some process holds the lock now."""
    try:
        with exclusive(database, folder, name):
            return False
    except LockHeldError:
        return True


@contextmanager
def _file_lock(folder: Path, name: str, wait: float | None) -> Iterator[HeldLock]:
    locks = folder / "locks"
    locks.mkdir(parents=True, exist_ok=True)
    # The file stays: removing it would let two processes lock two different files of one name.
    with (locks / f"{name}.lock").open("ab") as file:
        _try_until(lambda: _lock_file(file), name, wait)
        yield HeldLock(name, None)


def _lock_file(file: IO[bytes]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _advisory_lock(database: Database, name: str, wait: float | None) -> Iterator[HeldLock]:
    key = int.from_bytes(hashlib.sha256(f"danggui.{name}".encode()).digest()[:8], signed=True)
    # A connection of its own, never pooled: closing it is what frees the lock.
    arguments = connect_arguments(database.url)
    engine = create_engine(database.url, connect_args=arguments, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        _try_until(lambda: bool(connection.scalar(text("SELECT pg_try_advisory_lock(:key)"), {"key": key})), name, wait)
        yield HeldLock(name, connection)


def _try_until(take: Callable[[], bool], name: str, wait: float | None) -> None:
    end = None if wait is None else time.monotonic() + wait
    while not take():
        if end is not None and time.monotonic() >= end:
            raise LockHeldError(name)
        time.sleep(_POLL_SECONDS)
