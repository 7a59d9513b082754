"""The sealer: links committed entries into the chain, and writes runs of linked ones to the store as segments.

One sealer at a time (the keeper's lock and one of its own). The chain has no gaps: sequences 1, 2, 3 …
"""

import hashlib
import io
import json
from datetime import UTC, datetime, timedelta

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.platform.audit.chain import GENESIS, entry_facts, link_digest, segment_line
from archive.platform.audit.models import AuditEntry, AuditLink, AuditSegment
from archive.platform.locks import exclusive
from archive.platform.parts import Parts
from storage.errors import AlreadyStoredError, StorageError

__all__ = ["SEGMENTS", "OtherTrailError", "seal", "seal_all"]

#: Segments lie in the store under this prefix, named by their first sequence.
SEGMENTS = "audit/"

_BATCH = 1000
#: No transaction takes this long: an older entry that is not linked can only be one that no sealer was there for.
_LATELY = timedelta(hours=1)
#: An entry waits at most so long for its segment; the tail of the chain that is only in the database is this short.
_SEGMENT_AGE = timedelta(minutes=1)


class OtherTrailError(StorageError):
    """The store holds sealed entries that this database does not know."""

    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key

    def __str__(self) -> str:
        return (
            f"{self.key} holds entries of another trail: a second archive writes to this store, or the database is an "
            "older copy; end the other one, or run `danggui rebuild --from-storage`; until then nothing more is sealed"
        )


def seal(parts: Parts) -> int:
    """Link what was committed lately; write a segment when one is full or its first entry has waited long enough.

    Raises OtherTrailError, StorageError.
    """
    return _seal(parts, parts.clock() - _LATELY, _SEGMENT_AGE)


def seal_all(parts: Parts) -> int:
    """Look through the whole trail, link what is not, and write all of it to the store now."""
    return _seal(parts, datetime.min.replace(tzinfo=UTC), timedelta(0))


def _seal(parts: Parts, since: datetime, age: timedelta) -> int:
    with exclusive(parts.database, parts.settings.folder, "sealer", wait=10):
        linked = 0
        while number := _link_some(parts, since):
            linked += number
        while _write_segment(parts, age):
            pass
    return linked


def _link_some(parts: Parts, since: datetime) -> int:
    with parts.database.reading() as session:
        if not session.scalar(_unlinked(since).limit(1)):
            return 0
    with parts.database.writing() as session:
        return _link_entries(session, since, parts.clock())


def _link_entries(session: Session, since: datetime, now: datetime) -> int:
    last = session.scalar(select(AuditLink).order_by(AuditLink.sequence.desc()).limit(1))
    sequence, digest = (last.sequence, last.digest) if last else (0, GENESIS)
    entries = session.scalars(_unlinked(since).limit(_BATCH)).all()
    for entry in entries:
        sequence, previous = sequence + 1, digest
        digest = link_digest(previous, entry_facts(entry))
        session.add(AuditLink(sequence=sequence, entry_id=entry.id, previous=previous, digest=digest, sealed_at=now))
    return len(entries)


def _unlinked(since: datetime) -> Select[AuditEntry]:
    missing = ~select(AuditLink.sequence).where(AuditLink.entry_id == AuditEntry.id).exists()
    return select(AuditEntry).where(AuditEntry.at >= since, missing).order_by(AuditEntry.id)


def _write_segment(parts: Parts, age: timedelta) -> bool:
    """Write the next segment if it is due. Killed between the two steps, the next call finds the object and goes on."""
    with parts.database.reading() as session:
        first = (session.scalar(select(func.max(AuditSegment.last))) or 0) + 1
        links = session.execute(_links_from(first).limit(_BATCH)).all()
    if not links or (len(links) < _BATCH and links[0][0].sealed_at > parts.clock() - age):
        return False
    key = f"{SEGMENTS}{first:012}.jsonl"
    lines = b"".join(segment_line(link.sequence, link.previous, link.digest, entry_facts(e)) for link, e in links)
    data = _store_once(parts, key, lines)
    end = json.loads(data.splitlines()[-1])
    with parts.database.writing() as session:
        session.add(
            AuditSegment(
                first=first,
                last=end["sequence"],
                digest=end["digest"],
                key=key,
                sha256=hashlib.sha256(data).hexdigest(),
                written_at=parts.clock(),
            )
        )
    return True


def _links_from(first: int) -> Select[AuditLink, AuditEntry]:
    joined = select(AuditLink, AuditEntry).join(AuditEntry, AuditEntry.id == AuditLink.entry_id)
    return joined.where(AuditLink.sequence >= first).order_by(AuditLink.sequence)


def _store_once(parts: Parts, key: str, data: bytes) -> bytes:
    """What is stored under the key: our bytes, or a shorter run of them that was stored before we could note it.

    Raises OtherTrailError for any other bytes: sealing on would mix two histories.
    """
    try:
        parts.store.put(key, io.BytesIO(data), sha256=hashlib.sha256(data).hexdigest())
    except AlreadyStoredError:
        stored = parts.store.read(key)
        if not stored or not data.startswith(stored):
            raise OtherTrailError(key) from None
        return stored
    return data
