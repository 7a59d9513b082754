"""Brings changed rows to the store, as numbered segments, each of which names the digest of the one before.

Rows of the outbox are read first, the state of what they name after: a segment is at least as new as what it answers.
It is put before it is noted; killed between, the next run finds it there, notes it, and writes the same rows again.
"""

import hashlib
import io
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Table, delete, func, select
from sqlalchemy.orm import Session

from archive.platform.db import change
from archive.platform.journal.models import JournalOutbox, JournalSegment
from archive.platform.journal.moment import Moment, database_now, one_moment
from archive.platform.journal.reader import JournalState
from archive.platform.journal.segments import (
    Header,
    LineReader,
    LineWriter,
    row_line,
    segment_key,
    snapshot_numbers,
)
from archive.platform.locks import exclusive
from archive.platform.outbox import StoreOutbox, oldest
from archive.platform.parts import Parts
from archive.platform.rows import document_of, key_column
from archive.platform.tables import Fate, tables_of
from storage.errors import AlreadyStoredError, StorageError
from storage.faults import fault_point
from storage.interface import ObjectStore

__all__ = [
    "OlderCopyError",
    "check_age",
    "complete_until",
    "continue_journal",
    "last_segment",
    "write_journal",
    "write_journal_now",
]

#: A segment is due when so many rows wait, or one so long: this much may be lost with the database.
_DUE_ROWS = 1000
_DUE_AGE = timedelta(seconds=5)
#: A segment holds at most so many rows, and little more than so many bytes.
_MOST_ROWS = 10_000
_MOST_BYTES = 8_000_000
#: Rows read from the database at a time.
_CHUNK = 500


class OlderCopyError(StorageError):
    """The store has a journal that this database does not know: writing it on would mix two histories."""

    mend = "restore the newest backup, or run `danggui rebuild --from-storage`"

    def __init__(self, known: int) -> None:
        super().__init__(known)
        self.known = known

    def __str__(self) -> str:
        return (
            f"the store has more of the journal than this database, which knows it up to segment {self.known}: "
            f"the database is new, or an older copy; {self.mend}, until then nothing more is journalled"
        )


@dataclass(frozen=True, slots=True)
class _Batch:
    """A segment, and the rows of the outbox that it answers."""

    data: bytes
    header: Header
    answered: Sequence[int]


def write_journal(parts: Parts) -> int:
    """Write what is due; returns how many changes are in the store now. For the keeper.

    Raises OlderCopyError, StorageError, LockHeldError.
    """
    return _write(parts, _DUE_AGE)


def write_journal_now(parts: Parts) -> int:
    """Write all that waits, at once; returns how many changes. Raises as `write_journal`."""
    return _write(parts, timedelta(0))


def last_segment(session: Session) -> JournalSegment | None:
    """The newest segment that the database knows."""
    return session.scalar(select(JournalSegment).order_by(JournalSegment.number.desc()).limit(1))


def complete_until(moment: Moment, *, answered: int | None = None) -> datetime:
    """What was committed before this is in the store, once the outbox is answered up to the row `answered` (None: all).

    What still waits was committed after it was written into its outbox. What is committed after the moment may have
    been written before it; it was not committed before.
    """
    waiting = [oldest(moment.session, StoreOutbox)]
    if answered is not None:
        rest = select(func.min(JournalOutbox.created_at)).where(JournalOutbox.id > answered)
        waiting.append(moment.session.scalar(rest))
    return min((moment.at, *(since for since in waiting if since is not None)))


def check_age(store: ObjectStore, known: int) -> None:
    """Whether the store has no more than the segment after the last known one. Raises OlderCopyError."""
    one_more = store.exists(segment_key(known + 1)) and store.exists(segment_key(known + 2))
    if one_more or any(number > known for number in snapshot_numbers(store)):
        raise OlderCopyError(known)


def continue_journal(session: Session, state: JournalState, now: datetime) -> None:
    """Note, in a database rebuilt from this state, the segment that the next one follows."""
    if state.segments:
        until = state.complete_until or datetime(1970, 1, 1, tzinfo=UTC)
        session.add(_noted(state.segments, state.digest, until, now))


def _write(parts: Parts, age: timedelta) -> int:
    if not _is_due(parts, age):
        return 0
    done = 0
    with exclusive(parts.database, parts.settings.folder, "journal", wait=10):
        while _is_due(parts, age):
            done += _write_segment(parts)
    return done


def _is_due(parts: Parts, age: timedelta) -> bool:
    with parts.database.reading() as session:
        since = session.scalar(select(JournalOutbox.created_at).order_by(JournalOutbox.id).limit(1))
        if since is None:
            return _has_more_to_say(session)
        # Either way: a clock that was set back does not hold up the journal.
        if abs(database_now(session) - since) >= age:
            return True
        some = select(JournalOutbox.id).limit(_DUE_ROWS).subquery()
        return session.scalar(select(func.count()).select_from(some)) == _DUE_ROWS


def _has_more_to_say(session: Session) -> bool:
    """Whether something waited when the last segment was written, and nothing does now: one without rows says so."""
    last = last_segment(session)
    return last is not None and last.complete_until < last.written_at and oldest(session, StoreOutbox) is None


# --- one segment ---


def _write_segment(parts: Parts) -> int:
    batch = _read_batch(parts)
    number, data = batch.header.number, batch.data
    if any(snapshot >= number for snapshot in snapshot_numbers(parts.store)):
        raise OlderCopyError(number - 1)
    try:
        parts.store.put(segment_key(number), io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
    except AlreadyStoredError:
        batch = _found(parts, batch)
    fault_point("journal.stored")
    with parts.database.writing() as session:
        header = batch.header
        digest = hashlib.sha256(batch.data).hexdigest()
        session.add(_noted(header.number, digest, header.complete_until, header.written_at))
        for some in _chunks(batch.answered):
            change(session, delete(JournalOutbox).where(JournalOutbox.id.in_(some)))
    fault_point("journal.noted")
    return len(batch.answered)


def _noted(number: int, digest: str, complete_until: datetime, written_at: datetime) -> JournalSegment:
    key = segment_key(number)
    return JournalSegment(number=number, key=key, sha256=digest, complete_until=complete_until, written_at=written_at)


def _found(parts: Parts, batch: _Batch) -> _Batch:
    """The segment that was stored and not noted. What it answers still waits, all of it, and is written again."""
    number = batch.header.number
    data = parts.store.read(segment_key(number))
    if data == batch.data:
        return batch
    reader = LineReader(io.BytesIO(data))
    written = {(line.table, line.key) for line in reader}
    with parts.database.reading() as session:
        check_age(parts.store, number - 1)
        if reader.header.previous != batch.header.previous or not _all_wait(session, written):
            raise OlderCopyError(number - 1)
    return _Batch(data, reader.header, ())


def _all_wait(session: Session, written: set[tuple[str, str]]) -> bool:
    rows = select(JournalOutbox.table_name, JournalOutbox.row_key).order_by(JournalOutbox.id)
    with session.execute(rows.execution_options(yield_per=_CHUNK)) as waiting:
        for table, key in waiting:
            written.discard((table, key))
            if not written:
                break
    return not written


def _read_batch(parts: Parts) -> _Batch:
    """What waits, oldest first, and how the rows are now."""
    with one_moment(parts.database) as moment:
        lines, answered = _waiting_lines(moment.session)
        last = last_segment(moment.session)
        number, previous = (last.number + 1, last.sha256) if last else (1, "")
        header = Header(number, previous, moment.at, complete_until(moment, answered=max(answered, default=0)))
    target = io.BytesIO()
    writer = LineWriter(target, header)
    for line in lines:
        writer.add(line)
    writer.end()
    return _Batch(target.getvalue(), header, answered)


def _waiting_lines(session: Session) -> tuple[list[bytes], list[int]]:
    """The state of each row that changed, once, and the rows of the outbox that name it."""
    lines: dict[tuple[str, str], bytes] = {}
    answered: list[int] = []
    while len(answered) < _MOST_ROWS and sum(map(len, lines.values())) < _MOST_BYTES:
        waiting = select(JournalOutbox.id, JournalOutbox.table_name, JournalOutbox.row_key)
        after = waiting.where(JournalOutbox.id > max(answered, default=0)).order_by(JournalOutbox.id)
        rows = session.execute(after.limit(_CHUNK)).all()
        if not rows:
            break
        answered += [row for row, _, _ in rows]
        lines |= _states(session, {(table, key) for _, table, key in rows} - lines.keys())
    return list(lines.values()), answered


def _states(session: Session, changed: Set[tuple[str, str]]) -> dict[tuple[str, str], bytes]:
    keys: dict[str, list[str]] = {}
    for name, key in changed:
        keys.setdefault(name, []).append(key)
    states: dict[tuple[str, str], bytes] = {}
    for table in tables_of(Fate.JOURNAL):
        if table.name in keys:
            present = _documents(session, table, keys[table.name])
            states |= {(table.name, key): row_line(table.name, key, present.get(key)) for key in keys[table.name]}
    return states


def _documents(session: Session, table: Table, keys: Sequence[str]) -> dict[str, dict[str, Any]]:
    column = key_column(table)
    wanted = [column.type.python_type(key) for key in keys]
    rows = session.execute(select(table).where(column.in_(wanted))).mappings()
    return {str(row[column.name]): document_of(table, row) for row in rows}


def _chunks(rows: Sequence[int]) -> Iterator[Sequence[int]]:
    for start in range(0, len(rows), _CHUNK):
        yield rows[start : start + _CHUNK]
