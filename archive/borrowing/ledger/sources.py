"""Acts of use, gathered from what is recorded anyway: the register of reading, custody of paper, numbered copies."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from archive.borrowing.copies.models import CopyKind, IssuedCopy
from archive.borrowing.ledger.uses import Use, UseWay
from archive.borrowing.models import PurposeKind, ReadingRequest, RequestLine
from archive.borrowing.paper.models import PaperReading, Visit, VisitItem
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.grants import Grant, GrantKind

__all__ = ["Span", "uses_in"]

_BY_GRANT = {
    GrantKind.APPROVED: UseWay.SCREEN,
    GrantKind.STANDING: UseWay.STANDING,
    GrantKind.LEADER: UseWay.LEADER,
    GrantKind.VISITOR: UseWay.VISITOR,
    GrantKind.TASK: UseWay.TASK,
}
_BY_COPY = {
    CopyKind.COPY: UseWay.COPY,
    CopyKind.EXTRACT: UseWay.EXTRACT,
    CopyKind.CERTIFICATE: UseWay.CERTIFICATE,
}
_Row = TypeVar("_Row", Grant, Person)
#: ids in one question to the database
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Span:
    """Days from the first until the last, both included, in a zone."""

    first: date
    last: date
    zone: tzinfo

    @property
    def begins(self) -> datetime:
        """The moment the first day begins."""
        return datetime.combine(self.first, time(), tzinfo=self.zone)

    @property
    def ends(self) -> datetime:
        """The moment the last day is over."""
        return datetime.combine(self.last + timedelta(days=1), time(), tzinfo=self.zone)


def uses_in(session: Session, span: Span) -> list[Use]:
    """Every act of use in a span, by day and number. A span of whole months has whole rows."""
    rows = [*_on_screen(session, span), *_on_paper(session, span), *_copied(session, span)]
    return sorted(rows, key=lambda use: (use.day, use.recorded_at, use.number, use.act))


@dataclass(slots=True)
class _Reading:
    """What one act read within one month."""

    first: datetime
    last: datetime
    actor: str
    item_id: str
    pages: set[int] = field(default_factory=set)


def _on_screen(session: Session, span: Span) -> Iterator[Use]:
    readings = _readings(session, span)
    grant_ids = {grant_id for _act, grant_id, _month in readings if grant_id}
    grants = _by_id(session, Grant, grant_ids)
    purposes, visits = _purposes(session, grant_ids), _visits(session, grant_ids)
    earlier = _read_before(session, [grant for grant in grants.values() if grant.starts_at < span.begins], span.begins)
    people = _by_id(session, Person, {reading.actor for reading in readings.values()})
    sizes = _page_counts(session, {reading.item_id for reading in readings.values()})
    begun: set[str] = set()
    for (act, grant_id, _month), reading in sorted(readings.items(), key=lambda one: one[1].first):
        person, grant = people.get(reading.actor), grants.get(grant_id)
        visit = visits.get(grant_id)
        yield Use(
            act=act,
            way=_BY_GRANT[grant.kind] if grant else UseWay.OPEN,
            number=grant.number if grant else "",
            day=reading.first.astimezone(span.zone).date(),
            person=f"visit:{visit.id}" if visit else reading.actor,
            name=visit.name if visit else (person.name if person else ""),
            unit=visit.organisation if visit else (person.unit.name if person else ""),
            item_id=reading.item_id,
            purpose=purposes.get(grant_id, PurposeKind.OTHER if visit else PurposeKind.WORK),
            pages=sizes.get(reading.item_id, 0) if 0 in reading.pages else len(reading.pages),
            copied=0,
            begins=act not in begun and grant_id not in earlier,
            recorded_at=reading.last,
        )
        begun.add(act)


def _readings(session: Session, span: Span) -> dict[tuple[str, str, str], _Reading]:
    """By act, grant ("" without) and month."""
    entries = select(
        AuditEntry.at,
        AuditEntry.actor_id,
        AuditEntry.subject_id,
        AuditEntry.details["grant"].as_string(),
        AuditEntry.details["page"].as_integer(),
    ).where(AuditEntry.action == AuditAction.PAGE_READ.value, AuditEntry.at >= span.begins, AuditEntry.at < span.ends)
    found: dict[tuple[str, str, str], _Reading] = {}
    for at, actor, item_id, grant_id, page in session.execute(entries.order_by(AuditEntry.at, AuditEntry.id)):
        if actor is None:
            continue
        day = at.astimezone(span.zone).date()
        act = f"grant:{grant_id}" if grant_id else f"open:{actor}:{item_id}:{day}"
        reading = found.setdefault((act, grant_id or "", f"{day:%Y-%m}"), _Reading(at, at, actor, item_id))
        reading.last = at
        reading.pages.add(page)
    return found


def _read_before(session: Session, grants: Iterable[Grant], moment: datetime) -> set[str]:
    """Those of the grants that were read under before a moment: their acts began then."""
    before: set[str] = set()
    for grant in grants:
        entry = select(AuditEntry.id).where(
            AuditEntry.subject_id == grant.item_id,
            AuditEntry.action == AuditAction.PAGE_READ.value,
            AuditEntry.at < moment,
            AuditEntry.details["grant"].as_string() == grant.id,
        )
        if session.scalar(entry.limit(1)) is not None:
            before.add(grant.id)
    return before


def _on_paper(session: Session, span: Span) -> Iterator[Use]:
    line, visit_item = joinedload(PaperReading.line), joinedload(PaperReading.visit_item)
    readings = (
        select(PaperReading)
        .where(PaperReading.handed_at >= span.begins, PaperReading.handed_at < span.ends)
        .options(
            line.joinedload(RequestLine.request).joinedload(ReadingRequest.reader).joinedload(Person.unit),
            visit_item.joinedload(VisitItem.visit),
        )
    )
    for reading in session.scalars(readings):
        if reading.handed_at is None:
            continue
        visit = reading.visit_item.visit if reading.visit_item else None
        yield Use(
            act=f"paper:{reading.id}",
            way=UseWay.VISITOR if visit else UseWay.PAPER,
            number=reading.number,
            day=reading.handed_at.astimezone(span.zone).date(),
            person=f"visit:{visit.id}" if visit else reading.person.id,
            name=reading.reader,
            unit=visit.organisation if visit else reading.person.unit.name,
            item_id=reading.item_id,
            purpose=reading.line.request.purpose_kind if reading.line else PurposeKind.OTHER,
            pages=reading.pages or 0,
            copied=0,
            begins=True,
            recorded_at=reading.handed_at,
        )


def _copied(session: Session, span: Span) -> Iterator[Use]:
    copies = (
        select(IssuedCopy)
        .where(IssuedCopy.issued_at >= span.begins, IssuedCopy.issued_at < span.ends)
        .options(
            selectinload(IssuedCopy.parts),
            joinedload(IssuedCopy.applicant).joinedload(Person.unit),
            joinedload(IssuedCopy.line).joinedload(RequestLine.request),
        )
    )
    for copy in session.scalars(copies):
        if copy.issued_at is None:
            continue
        pages: dict[str, set[int]] = defaultdict(set)
        for part in copy.parts:
            pages[part.item_id].add(part.page)
        for item_id, numbers in pages.items():
            yield Use(
                act=f"copy:{copy.id}:{item_id}",
                way=_BY_COPY[copy.kind],
                number=copy.number or "",
                day=copy.issued_at.astimezone(span.zone).date(),
                person=copy.applicant_id,
                name=copy.applicant.name,
                unit=copy.applicant.unit.name,
                item_id=item_id,
                purpose=copy.line.request.purpose_kind if copy.line else PurposeKind.OTHER,
                pages=0,
                copied=len(numbers),
                begins=True,
                recorded_at=copy.issued_at,
            )


def _purposes(session: Session, grant_ids: Iterable[str]) -> dict[str, PurposeKind]:
    found: dict[str, PurposeKind] = {}
    for some in _portions(grant_ids):
        asked = select(RequestLine.grant_id, ReadingRequest.purpose_kind).join(RequestLine.request)
        rows = session.execute(asked.where(RequestLine.grant_id.in_(some)))
        found |= {str(grant_id): purpose for grant_id, purpose in rows}
    return found


def _visits(session: Session, grant_ids: Iterable[str]) -> dict[str, Visit]:
    found: dict[str, Visit] = {}
    for some in _portions(grant_ids):
        paid = select(VisitItem).where(VisitItem.grant_id.in_(some)).options(joinedload(VisitItem.visit))
        found |= {str(one.grant_id): one.visit for one in session.scalars(paid)}
    return found


def _page_counts(session: Session, item_ids: Iterable[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for some in _portions(item_ids):
        found |= dict(session.execute(select(Item.id, Item.page_count).where(Item.id.in_(some))).all())
    return found


def _by_id(session: Session, table: type[_Row], ids: Iterable[str]) -> dict[str, _Row]:
    found: dict[str, _Row] = {}
    for some in _portions(ids):
        found |= {row.id: row for row in session.scalars(select(table).where(table.id.in_(some)))}
    return found


def _portions(ids: Iterable[str]) -> Iterator[list[str]]:
    rest = sorted(ids)
    for start in range(0, len(rest), _AT_ONCE):
        yield rest[start : start + _AT_ONCE]
