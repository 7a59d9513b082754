"""Verifies the audit trail: recomputes the chain and compares it with the segments in the store.

What it finds: a changed entry, a deleted one, a broken link, a missing or altered segment, and a tail that was cut off
the database, as far as segments were written (`reach`). Entries younger than the last segment are vouched for by the
chain in the database alone.
"""

import enum
import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.platform.audit.chain import GENESIS, entry_facts, link_digest
from archive.platform.audit.models import AuditEntry, AuditLink, AuditSegment
from archive.platform.audit.sealer import SEGMENTS
from archive.platform.parts import Parts
from storage.interface import StoredObject

__all__ = ["Finding", "Flaw", "Report", "verify"]


class Flaw(enum.StrEnum):
    """What can be wrong."""

    CHANGED_ENTRY = "changed_entry"  #: the entry does not say what it said when it was sealed
    DELETED_ENTRY = "deleted_entry"  #: the link is there, its entry is not
    BROKEN_LINK = "broken_link"  #: the link does not continue the one before, or a sequence is missing
    DIFFERS_FROM_STORE = "differs_from_store"  #: the chain was computed anew: the segment says otherwise
    CUT_TAIL = "cut_tail"  #: the store holds sealed entries that the database no longer has
    BAD_SEGMENT = "bad_segment"  #: a segment is missing, altered, or does not continue the one before


@dataclass(frozen=True, slots=True)
class Finding:
    """One flaw, at a place in the chain; `subject` is the entry's id or the segment's key."""

    flaw: Flaw
    sequence: int
    subject: str


@dataclass(slots=True)
class Report:
    """What was verified. `sealed`: links in the chain; `reach`: the last one a segment in the store vouches for."""

    sealed: int = 0
    unsealed: int = 0
    segments: int = 0
    reach: int = 0
    reach_at: datetime | None = None
    findings: list[Finding] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.findings

    def add(self, flaw: Flaw, sequence: int, subject: str) -> None:
        """Note a flaw."""
        self.findings.append(Finding(flaw, sequence, subject))


def verify(parts: Parts) -> Report:
    """Verify everything; reads only. Raises StoreUnavailableError."""
    report = Report()
    # The store first: whatever it holds was in the database before, so that a running sealer is no false alarm.
    objects = list(parts.store.list(SEGMENTS))
    with parts.database.reading() as session:
        noted = {row.key: row for row in session.scalars(select(AuditSegment))}
        _check_chain(session, _stored_links(parts, objects, noted, report), report)
        linked = select(AuditLink.sequence).where(AuditLink.entry_id == AuditEntry.id).exists()
        report.unsealed = session.scalar(select(func.count()).select_from(AuditEntry).where(~linked)) or 0
    for key in noted.keys() - {stored.key for stored in objects}:
        if not parts.store.exists(key):
            report.add(Flaw.BAD_SEGMENT, noted[key].first, key)
    report.findings.sort(key=lambda finding: finding.sequence)
    return report


def _stored_links(
    parts: Parts, objects: Sequence[StoredObject], noted: Mapping[str, AuditSegment], report: Report
) -> Iterator[tuple[int, str]]:
    """Sequence and digest of every link the store holds; notes segments that are not what they were."""
    sequence, digest = 0, GENESIS
    for stored in objects:
        data = parts.store.read(stored.key)
        good = stored.key not in noted or hashlib.sha256(data).hexdigest() == noted[stored.key].sha256
        first = sequence + 1
        for line in _lines(data):
            continues = (line["sequence"], line["previous"]) == (sequence + 1, digest)
            good = good and continues and link_digest(digest, line["entry"]) == line["digest"]
            sequence, digest = line["sequence"], line["digest"]
            yield sequence, digest
        if not good or sequence < first:
            report.add(Flaw.BAD_SEGMENT, first, stored.key)
        report.segments += 1
        report.reach, report.reach_at = sequence, stored.modified


def _lines(data: bytes) -> Iterator[dict[str, Any]]:
    """The lines of a segment, as far as they can be read as such."""
    for text in data.splitlines():
        try:
            line = json.loads(text)
        except ValueError:
            return
        if not (isinstance(line, dict) and {"sequence", "previous", "digest", "entry"} <= line.keys()):
            return
        yield line


def _check_chain(session: Session, stored: Iterator[tuple[int, str]], report: Report) -> None:
    """Walk the chain beside what the store holds of it; both come in ascending sequence."""
    sequence, digest = 0, GENESIS
    expected = next(stored, None)
    for link, entry in _links(session):
        if (link.sequence, link.previous) != (sequence + 1, digest):
            report.add(Flaw.BROKEN_LINK, link.sequence, link.entry_id)
        _check_entry(link, entry, report)
        while expected is not None and expected[0] < link.sequence:
            expected = next(stored, None)
        if expected is not None and expected[0] == link.sequence and expected[1] != link.digest:
            report.add(Flaw.DIFFERS_FROM_STORE, link.sequence, link.entry_id)
        sequence, digest = link.sequence, link.digest
        report.sealed += 1
    tail = [expected, *stored]  # also reads the other segments to their end
    if any(place is not None and place[0] > sequence for place in tail):
        report.add(Flaw.CUT_TAIL, sequence + 1, "")


def _links(session: Session) -> Iterator[tuple[AuditLink, AuditEntry | None]]:
    rows = session.execute(
        select(AuditLink, AuditEntry)
        .outerjoin(AuditEntry, AuditEntry.id == AuditLink.entry_id)
        .order_by(AuditLink.sequence)
        .execution_options(yield_per=1000)
    )
    yield from rows


def _check_entry(link: AuditLink, entry: AuditEntry | None, report: Report) -> None:
    if entry is None:
        report.add(Flaw.DELETED_ENTRY, link.sequence, link.entry_id)
    elif link_digest(link.previous, entry_facts(entry)) != link.digest:
        report.add(Flaw.CHANGED_ENTRY, link.sequence, link.entry_id)
