"""What the journal looks like in the store: numbered segments, and snapshots that hold all before a segment's end.

Both are lines of JSON: a header, rows as `archive.platform.rows` writes them, and an end with a digest of all before.
A snapshot is compressed. Whatever is cut off or changed shows.
"""

import gzip
import hashlib
import io
import json
import re
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, BinaryIO, NamedTuple

from storage.errors import StorageError
from storage.interface import ObjectStore

__all__ = [
    "DamagedJournalError",
    "Header",
    "Line",
    "LineReader",
    "LineWriter",
    "StoredJournal",
    "open_snapshot",
    "row_line",
    "row_of",
    "segment_key",
    "snapshot_key",
    "snapshot_numbers",
    "stored_journal",
]

_PREFIX = "journal/"
_SNAPSHOTS = f"{_PREFIX}snapshot-"
_NUMBER = re.compile(rf"{_PREFIX}(snapshot-)?(\d{{12}})\.jsonl(\.gz)?")
_FORMAT = "danggui-journal/1"
_PLAIN = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
_ASCII = json.JSONEncoder(separators=(",", ":"))


class DamagedJournalError(StorageError):
    """An object of the journal is not what was written."""


# --- where it lies ---


@dataclass(frozen=True, slots=True)
class StoredJournal:
    """What lies in the store: segments with their sizes in bytes, and snapshots; both by number, ascending."""

    segments: dict[int, int]
    snapshots: list[int]


def stored_journal(store: ObjectStore) -> StoredJournal:
    """List the journal."""
    found = StoredJournal({}, [])
    for stored in store.list(_PREFIX):
        match = _NUMBER.fullmatch(stored.key)
        if match and match[1]:
            found.snapshots.append(int(match[2]))
        elif match:
            found.segments[int(match[2])] = stored.size
    return found


def snapshot_numbers(store: ObjectStore) -> list[int]:
    """The snapshots in the store, ascending; there are few."""
    return [int(match[2]) for stored in store.list(_SNAPSHOTS) if (match := _NUMBER.fullmatch(stored.key))]


def segment_key(number: int) -> str:
    """Where segment `number`, 1-based, lies."""
    return f"{_PREFIX}{number:012}.jsonl"


def snapshot_key(number: int) -> str:
    """Where the snapshot lies that holds everything up to the end of segment `number`."""
    return f"{_SNAPSHOTS}{number:012}.jsonl.gz"


# --- what it says ---


@dataclass(frozen=True, slots=True)
class Header:
    """The first line. `previous` is the digest of the segment before; in a snapshot, of the last one that it holds.

    `complete_until`: every change committed before that time, by the database's clock, is in the store then.
    """

    number: int
    previous: str
    written_at: datetime
    complete_until: datetime
    snapshot: bool = False

    def to_json(self) -> dict[str, Any]:
        """As it is written."""
        return {
            "format": _FORMAT,
            "snapshot" if self.snapshot else "segment": self.number,
            "previous": self.previous,
            "written_at": self.written_at.isoformat(),
            "complete_until": self.complete_until.isoformat(),
        }

    @classmethod
    def of_json(cls, document: dict[str, Any]) -> "Header":
        """Raises DamagedJournalError when it is no header that this version understands."""
        if document.get("format") != _FORMAT:
            raise DamagedJournalError(f"its format is {document.get('format')!r}, which this version does not read")
        snapshot = "snapshot" in document
        try:
            return cls(
                document["snapshot" if snapshot else "segment"],
                document["previous"],
                datetime.fromisoformat(document["written_at"]),
                datetime.fromisoformat(document["complete_until"]),
                snapshot,
            )
        except (KeyError, TypeError, ValueError) as error:
            raise DamagedJournalError("its first line is not what was written") from error


class Line(NamedTuple):
    """The state of one row: the line itself, or None if the row was deleted."""

    table: str
    key: str
    text: bytes | None


class LineWriter:
    """Writes one object of the journal; without `end` it is not whole."""

    def __init__(self, target: IO[bytes] | gzip.GzipFile, header: Header) -> None:
        self.rows = 0
        self._target = target
        self._digest = hashlib.sha256()
        self._write(_encoded(header.to_json()))

    def add(self, line: bytes) -> None:
        """Add the state of a row, as `row_line` writes it."""
        self._write(line)
        self.rows += 1

    def end(self) -> None:
        """Say that nothing follows."""
        self._write(_encoded({"rows": self.rows, "sha256": self._digest.hexdigest()}))

    def _write(self, line: bytes) -> None:
        self._target.write(line)
        self._digest.update(line)


class LineReader:
    """Reads one object of the journal. What it gives is to be trusted only when it has come to its end.

    Raises DamagedJournalError, at once or while it is iterated, and what reading the stream raises.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        first = self._line()
        self._digest = hashlib.sha256(first)
        self.header = Header.of_json(_parsed(first))

    def __iter__(self) -> Iterator[Line]:
        rows = 0
        while text := self._line():
            document = _parsed(text)
            if "table" not in document:
                self._check_end(document, rows)
                return
            rows += 1
            self._digest.update(text)
            try:
                yield Line(document["table"], document["key"], None if document["row"] is None else text)
            except KeyError as error:
                raise DamagedJournalError(f"its row {rows} is not what was written") from error
        raise DamagedJournalError("its end is missing")

    def _line(self) -> bytes:
        try:
            return self._stream.readline()
        except (EOFError, zlib.error, gzip.BadGzipFile) as error:
            raise DamagedJournalError("it is cut off or changed") from error

    def _check_end(self, document: dict[str, Any], rows: int) -> None:
        if document != {"rows": rows, "sha256": self._digest.hexdigest()} or self._line():
            raise DamagedJournalError("its digest is not that of what it says")


def row_line(table: str, key: str, document: dict[str, Any] | None) -> bytes:
    """The line that gives the state of a row; None: it is deleted."""
    return _encoded({"table": table, "key": key, "row": document})


def row_of(line: bytes) -> dict[str, Any]:
    """The document in such a line."""
    document: dict[str, Any] = json.loads(line)["row"]
    return document


@contextmanager
def open_snapshot(store: ObjectStore, number: int) -> Iterator[LineReader]:
    """Read a snapshot. Raises DamagedJournalError and what the store raises."""
    with store.open(snapshot_key(number)) as stream, gzip.GzipFile(fileobj=stream) as lines:
        yield LineReader(io.BufferedReader(lines, 1 << 20))


def _encoded(document: dict[str, Any]) -> bytes:
    try:
        return f"{_PLAIN.encode(document)}\n".encode()
    except UnicodeEncodeError:  # half a surrogate pair, which UTF-8 does not know
        return f"{_ASCII.encode(document)}\n".encode()


def _parsed(text: bytes) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise DamagedJournalError("a line of it is not what was written") from error
    if not isinstance(document, dict):
        raise DamagedJournalError("a line of it is not what was written")
    return document
