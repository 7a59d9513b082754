"""Compacts the journal: all rows as they are now in one object, and the segments it makes needless go.

The two newest snapshots stay, with every segment after the older one: if the newer cannot be read, nothing is lost.
"""

import gzip
import logging
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.platform.db import change
from archive.platform.journal.models import JournalSegment
from archive.platform.journal.moment import one_moment
from archive.platform.journal.segments import (
    DamagedJournalError,
    Header,
    LineWriter,
    open_snapshot,
    row_line,
    segment_key,
    snapshot_key,
    snapshot_numbers,
    stored_journal,
)
from archive.platform.journal.writer import complete_until, last_segment
from archive.platform.locks import exclusive
from archive.platform.parts import Parts
from archive.platform.rows import document_of, key_column
from archive.platform.scratch import scratch_folder
from archive.platform.tables import Fate, tables_of
from storage.errors import AlreadyStoredError, ObjectLockedError, SealBrokenError
from storage.faults import fault_point
from storage.fixity import sha256_of

__all__ = ["take_snapshot", "write_snapshot"]

log = logging.getLogger(__name__)

#: A snapshot is due when so many segments came after the last one, or so many bytes.
_DUE_SEGMENTS = 1000
_DUE_BYTES = 64_000_000
#: Rows read from the database at a time.
_CHUNK = 1000
_GZIP_LEVEL = 4


def write_snapshot(parts: Parts) -> int:
    """Take a snapshot if one is due; returns how many rows it holds. For the keeper. Raises as `take_snapshot`."""
    stored = stored_journal(parts.store)
    newest = max(stored.snapshots, default=0)
    since = [size for number, size in stored.segments.items() if number > newest]
    if len(since) < _DUE_SEGMENTS and sum(since) < _DUE_BYTES:
        return 0
    return take_snapshot(parts)


def take_snapshot(parts: Parts) -> int:
    """Take a snapshot now, unless nothing was journalled yet; returns how many rows it holds.

    The journal is written on meanwhile: what changes comes again in later segments. Raises LockHeldError, StorageError;
    DamagedJournalError when what was stored cannot be read back. Nothing has been deleted then.
    """
    with exclusive(parts.database, parts.settings.folder, "journal snapshot", wait=10):
        number = _store_rows(parts)
        if not number:
            return 0
        fault_point("snapshot.stored")
        with open_snapshot(parts.store, number) as reader:
            rows = sum(1 for _ in reader)
        _delete_needless(parts)
    return rows


def _store_rows(parts: Parts) -> int:
    """Returns the number of the snapshot, 0 if there is nothing to take one of."""
    with scratch_folder(parts.settings) as folder:
        path = folder / "snapshot.jsonl.gz"
        number = _write_rows(parts, path)
        if number:
            with path.open("rb") as source:
                digest = sha256_of(source)
                source.seek(0)
                try:
                    parts.store.put(snapshot_key(number), source, sha256=digest)
                except AlreadyStoredError:  # with the same segments behind it; killed before, or damaged since
                    if not _is_whole(parts, number):
                        source.seek(0)
                        parts.store.replace(snapshot_key(number), source, sha256=digest)
    return number


def _is_whole(parts: Parts, number: int) -> bool:
    try:
        with open_snapshot(parts.store, number) as reader:
            for _ in reader:
                pass
    except (DamagedJournalError, SealBrokenError):
        return False
    return True


def _write_rows(parts: Parts, path: Path) -> int:
    with one_moment(parts.database) as moment:
        last = last_segment(moment.session)
        if last is None:
            return 0
        header = Header(last.number, last.sha256, moment.at, complete_until(moment), snapshot=True)
        with gzip.open(path, "wb", _GZIP_LEVEL) as target:
            writer = LineWriter(target, header)
            for line in _lines(moment.session):
                writer.add(line)
            writer.end()
    return last.number


def _lines(session: Session) -> Iterator[bytes]:
    for table in tables_of(Fate.JOURNAL):
        key = key_column(table)
        rows = session.execute(select(table).order_by(key).execution_options(yield_per=_CHUNK))
        for row in rows.mappings():
            yield row_line(table.name, str(row[key.name]), document_of(table, row))


# --- what is not needed any more ---


def _delete_needless(parts: Parts) -> None:
    *older, second, _newest = [0, 0, *snapshot_numbers(parts.store)]
    needless = [snapshot_key(number) for number in older if number]
    needless += [segment_key(number) for number in stored_journal(parts.store).segments if number <= second]
    for key in needless:
        try:
            parts.store.delete(key)
        except ObjectLockedError:
            log.info("%s is locked and stays for now", key)
        fault_point("snapshot.deleted")
    with parts.database.writing() as session:
        change(session, delete(JournalSegment).where(JournalSegment.number <= second))
