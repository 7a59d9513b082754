"""Reads the journal back from the store alone: the last state of every row, collapsed into a file on this machine."""

import hashlib
import io
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any

from archive.platform.journal.segments import (
    DamagedJournalError,
    Header,
    Line,
    LineReader,
    open_snapshot,
    row_of,
    segment_key,
    snapshot_key,
    stored_journal,
)
from storage.errors import KeyMissingError, StorageError, StoreUnavailableError
from storage.interface import ObjectStore
from storage.parallel import in_parallel

__all__ = ["JournalState", "read_state"]

#: Segments held in memory at a time, and lines put into the file at a time.
_AHEAD = 8
_CHUNK = 5000

#: That nothing can be read now is no damage.
_AWAY = (StoreUnavailableError, KeyMissingError)


@dataclass
class JournalState:
    """The rows as the journal knows them.

    `complete_until`: every change committed before that time is in them, or, for items, in the stored objects; None if
    the journal is empty or its beginning is lost. `segments`: the number of the newest segment, `digest` its SHA-256
    (empty if it cannot be read). `findings`: what is damaged or missing, a sentence each.
    """

    _file: sqlite3.Connection
    complete_until: datetime | None = None
    segments: int = 0
    digest: str = ""
    findings: list[str] = field(default_factory=list)

    def rows(self, table_name: str) -> Iterator[dict[str, Any]]:
        """The documents of one table's rows, in order of their keys."""
        for (line,) in self._file.execute("SELECT line FROM state WHERE name = ? ORDER BY key", (table_name,)):
            yield row_of(line)

    def count(self, table_name: str) -> int:
        """How many rows one table has."""
        (number,) = self._file.execute("SELECT count(*) FROM state WHERE name = ?", (table_name,)).fetchone()
        return int(number)


@contextmanager
def read_state(store: ObjectStore, scratch: Path) -> Iterator[JournalState]:
    """Read the whole journal; what is gathered lies in the folder `scratch` and can be asked until the block ends.

    Damage is a finding, never an error. Raises StoreUnavailableError, KeyMissingError, OSError.
    """
    path = scratch / "journal.db"
    try:
        with closing(sqlite3.connect(path, isolation_level=None)) as file:
            state = JournalState(file)
            _Reading(store, state, file).run()
            yield state
    finally:
        path.unlink(missing_ok=True)


class _Reading:
    """One pass over the journal: the newest snapshot that can be read, then every segment after it."""

    def __init__(self, store: ObjectStore, state: JournalState, file: sqlite3.Connection) -> None:
        self._store = store
        self._state = state
        self._file = file
        self._unbroken = True
        # The file is ours alone and is made anew if we die.
        for pragma in ("page_size = 16384", "journal_mode = OFF", "synchronous = OFF", "cache_size = -65536"):
            file.execute(f"PRAGMA {pragma}")
        file.execute(
            "CREATE TABLE state (name TEXT, key TEXT, line BLOB NOT NULL, PRIMARY KEY (name, key)) WITHOUT ROWID"
        )

    def run(self) -> None:
        stored = stored_journal(self._store)
        base = self._snapshot(stored.snapshots)
        if base is not None:
            self._state.segments, self._state.digest = base.number, base.previous
            self._state.complete_until = base.complete_until
        for number, data in self._segments([number for number in stored.segments if number > self._state.segments]):
            self._segment(number, data)
        newest = max(stored.snapshots, default=0)
        if newest > self._state.segments:  # it could not be read, and what it was made of is gone
            self._lose(f"{segment_key(self._state.segments + 1)} to {segment_key(newest)} are missing")
            self._state.segments, self._state.digest = newest, ""

    # --- snapshots ---

    def _snapshot(self, numbers: Sequence[int]) -> Header | None:
        for number in reversed(numbers):
            try:
                with open_snapshot(self._store, number) as reader:
                    self._apply(reader)
                    return reader.header
            except _AWAY:
                raise
            except StorageError as error:
                self._file.execute("DELETE FROM state")
                self._find(f"{snapshot_key(number)} cannot be read ({error}): what lies before it was taken instead")
        return None

    # --- segments ---

    def _segments(self, numbers: Iterable[int]) -> Iterator[tuple[int, bytes | StorageError]]:
        rest = iter(numbers)
        while some := list(islice(rest, _AHEAD)):
            yield from zip(some, in_parallel(self._fetch, some), strict=True)

    def _fetch(self, number: int) -> bytes | StorageError:
        try:
            return self._store.read(segment_key(number))
        except _AWAY:
            raise
        except StorageError as error:
            return error

    def _segment(self, number: int, data: bytes | StorageError) -> None:
        state = self._state
        if number > state.segments + 1:
            self._lose(f"{segment_key(state.segments + 1)} to {segment_key(number - 1)} are missing")
            state.digest = ""
        try:
            header, lines, digest = _checked(number, data)
        except StorageError as error:
            self._lose(f"{segment_key(number)} cannot be read ({error})")
            state.segments, state.digest = number, ""
            return
        if header.previous != state.digest and state.digest:
            self._lose(f"{segment_key(number)} does not go on from {segment_key(number - 1)}: one of them was replaced")
        self._apply(lines)
        if self._unbroken:
            state.complete_until = header.complete_until
        state.segments, state.digest = number, digest

    def _lose(self, what: str) -> None:
        since = (
            f"after {self._state.complete_until.isoformat()}" if self._state.complete_until else "from the beginning"
        )
        self._find(f"{what}: changes {since} may be lost, where the same rows did not change again later")
        self._unbroken = False

    def _find(self, what: str) -> None:
        self._state.findings.append(what)

    # --- rows ---

    def _apply(self, lines: Iterable[Line]) -> None:
        """Put the states of rows in; each row is there at most once, so their order means nothing."""
        rest = iter(lines)
        self._file.execute("BEGIN")
        while some := list(islice(rest, _CHUNK)):
            self._file.executemany("REPLACE INTO state VALUES (?, ?, ?)", [line for line in some if line.text])
            gone = [(line.table, line.key) for line in some if line.text is None]
            self._file.executemany("DELETE FROM state WHERE name = ? AND key = ?", gone)
        self._file.execute("COMMIT")


def _checked(number: int, data: bytes | StorageError) -> tuple[Header, list[Line], str]:
    """A segment that is whole, and its digest. Raises DamagedJournalError, or the error it came with."""
    if isinstance(data, StorageError):
        raise data
    reader = LineReader(io.BytesIO(data))
    lines = list(reader)
    if (reader.header.number, reader.header.snapshot) != (number, False):
        raise DamagedJournalError("it is another one")
    return reader.header, lines, hashlib.sha256(data).hexdigest()
