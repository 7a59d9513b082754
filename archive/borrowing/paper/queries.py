"""What the pages of the desk and of the reading room show. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.borrowing.paper.models import (
    CustodyAct,
    Half,
    IncidentOutcome,
    IncidentState,
    OutAct,
    OutState,
    PaperCustody,
    PaperIncident,
    PaperReading,
    ReadingState,
    RoomDay,
    SeatBooking,
    Visit,
    VisitAsked,
    VisitItem,
    VisitItemState,
    Whereabouts,
)
from archive.borrowing.paper.out_acts import unapproved
from archive.borrowing.paper.room import AHEAD, Hours, closing_of, hours_on, usual_hours
from archive.catalogue.models import ArchivalCode, Item
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person
from archive.platform.approval.chains import Asked
from archive.platform.db import Clock
from archive.platform.errors import NotFoundError
from archive.platform.guard import Act, Guard
from archive.platform.i18n import _
from archive.platform.seats.models import Seat

__all__ = ["PAGE", "Day", "PaperAlarms", "PaperQueries", "lost", "paper_wanted"]

_Row = TypeVar("_Row")

#: rows of one page
PAGE = 20


@dataclass(frozen=True, slots=True)
class PaperAlarms:
    """What the page of the day says of paper: how many are 在阅 until when, and what is wrong."""

    reading: int
    closes: datetime
    late: int
    out_overdue: int
    out_unapproved: int
    incidents: int

    @property
    def anything(self) -> bool:
        """Whether there is anything to say."""
        return any((self.reading, self.out_overdue, self.out_unapproved, self.incidents))


@dataclass(frozen=True, slots=True)
class Day:
    """A day of the reading room: its hours (None: closed), why it is unlike others, and its bookings."""

    day: date
    hours: Hours | None
    reason: str
    booked: dict[tuple[str, Half], SeatBooking]


def paper_wanted(session: Session, now: datetime) -> Sequence[RequestLine]:
    """The approved lines that ask for paper now and for which none was fetched yet, the oldest first."""
    fetched = exists().where(PaperReading.line_id == RequestLine.id)
    wanted = _approved_lines(now).where(~fetched).order_by(ReadingRequest.starts_at, RequestLine.id)
    return session.scalars(wanted.options(*_with_item())).all()


def lost() -> ColumnElement[bool]:
    """The condition, in SQL, that the paper of a reading was given up."""
    given_up = PaperIncident.outcome == IncidentOutcome.LOST
    return exists().where(
        PaperIncident.item_id == PaperReading.item_id, PaperIncident.reading_id == PaperReading.id, given_up
    )


class PaperQueries:
    """Reads; titles are shown to whoever may know of an item only, which the pages ask by `knows`."""

    def __init__(self, session: Session, clock: Clock, zone: tzinfo, closing: time) -> None:
        self._session = session
        self._clock = clock
        self._zone = zone
        self._closing = closing
        self._guard = Guard(session, clock)

    def knows(self, person: Person, item: Item) -> bool:
        """Whether this person may see the item's catalogue line now."""
        return self._guard.decide(person, facts(item), Act.KNOW).allowed

    def item(self, item_id: str, person: Person) -> Item:
        """One item. Raises NotFoundError where he may not know of it: the two look alike."""
        item = self._session.get(Item, item_id)
        if item is None or not self.knows(person, item):
            raise NotFoundError(_("没有找到这份文件。"))
        return item

    def coded(self, code: str, person: Person) -> Item:
        """The item with this archival code, present or old, or accession number. Raises NotFoundError."""
        text = code.strip()
        found = self._session.scalar(select(Item).where((Item.code == text) | (Item.accession == text)))
        if found is None:
            known = select(ArchivalCode.item_id).where(ArchivalCode.code == text, ArchivalCode.void_reason.is_(None))
            found = self._session.get(Item, self._session.scalar(known) or "")
        if found is None or not self.knows(person, found):
            raise NotFoundError(_("没有档号为 {code} 的文件。"), code=text)
        return found

    def wanted(self) -> Sequence[RequestLine]:
        """What readers wait for."""
        return paper_wanted(self._session, self._clock())

    def wanted_by_visitors(self) -> Sequence[VisitItem]:
        """What visitors wait for."""
        fetched = exists().where(PaperReading.visit_item_id == VisitItem.id)
        return self._session.scalars(self._visitors_paper().where(~fetched).order_by(VisitItem.id)).all()

    def asking(self, item: Item) -> tuple[Sequence[RequestLine], Sequence[VisitItem]]:
        """For whom the paper of an item may be fetched now: lines, and visitors' items."""
        lines = _approved_lines(self._clock()).where(RequestLine.item_id == item.id).order_by(RequestLine.id)
        visitors = self._visitors_paper().where(VisitItem.item_id == item.id).order_by(VisitItem.id)
        return self._session.scalars(lines).all(), self._session.scalars(visitors).all()

    def readings(self, *states: ReadingState) -> Sequence[PaperReading]:
        """Readings in these states, the longest there first; without what was given up."""
        wanted = select(PaperReading).where(PaperReading.state.in_(states), ~lost())
        wanted = wanted.order_by(PaperReading.handed_at, PaperReading.fetched_at, PaperReading.id)
        return self._session.scalars(wanted.options(*_with_reading())).all()

    def to_shelve(self) -> Sequence[Item]:
        """Items back from outside, on the desk."""
        back = select(PaperCustody.item_id).where(
            PaperCustody.place == Whereabouts.DESK, PaperCustody.reading_id.is_(None)
        )
        return self._session.scalars(select(Item).where(Item.id.in_(back)).order_by(Item.code)).all()

    def custody(self, item: Item) -> PaperCustody | None:
        """Where the paper of an item is; None: it never left its box."""
        return self._session.get(PaperCustody, item.id)

    def reading(self, custody: PaperCustody | None) -> PaperReading | None:
        """The reading that holds it now."""
        return self._session.get(PaperReading, custody.reading_id) if custody and custody.reading_id else None

    def log(self, item: Item) -> Sequence[CustodyAct]:
        """Every act of custody of an item, the newest first."""
        wanted = select(CustodyAct).where(CustodyAct.item_id == item.id).order_by(CustodyAct.number.desc())
        return self._session.scalars(wanted.options(joinedload(CustodyAct.by), joinedload(CustodyAct.second))).all()

    def incidents_of(self, item: Item) -> Sequence[PaperIncident]:
        """What went wrong with the paper of an item, the newest first."""
        wanted = select(PaperIncident).where(PaperIncident.item_id == item.id)
        return self._session.scalars(wanted.order_by(PaperIncident.number.desc())).all()

    def incidents(self, page: int) -> tuple[int, Sequence[PaperIncident]]:
        """How many incidents there are, and one page of them (from 1): the open ones first, then the newest."""
        wanted = select(PaperIncident).options(joinedload(PaperIncident.item))
        closed = PaperIncident.state == IncidentState.CONCLUDED
        return self._paged(wanted, wanted.order_by(closed, PaperIncident.number.desc()), page)

    def incident(self, incident_id: str) -> PaperIncident:
        """One incident. Raises NotFoundError."""
        found = self._session.get(PaperIncident, incident_id)
        if found is None:
            raise NotFoundError(_("没有这份报告。"))
        return found

    def out_acts(self, page: int) -> tuple[int, Sequence[OutAct]]:
        """How many 出库 acts there are, and one page of them (from 1), the newest first."""
        wanted = select(OutAct).options(selectinload(OutAct.items))
        return self._paged(wanted, wanted.order_by(OutAct.created_at.desc(), OutAct.id.desc()), page)

    def to_sign(self, person: Person) -> Sequence[OutAct]:
        """What waits for this person's signature."""
        mine = select(OutAct).where(OutAct.state == OutState.SIGNED, OutAct.taken_by == person.id)
        return self._session.scalars(mine.order_by(OutAct.number)).all()

    def visits(self, page: int) -> tuple[int, Sequence[Visit]]:
        """The register of visitors: how many, and one page (from 1), the newest first."""
        wanted = select(Visit).options(joinedload(Visit.companion), selectinload(Visit.items))
        return self._paged(wanted, wanted.order_by(Visit.registered_at.desc(), Visit.id.desc()), page)

    def visit(self, visit_id: str) -> Visit:
        """One visit. Raises NotFoundError."""
        found = self._session.get(Visit, visit_id)
        if found is None:
            raise NotFoundError(_("没有这次来访。"))
        return found

    def seats(self) -> Sequence[Seat]:
        """The seats in use, by name."""
        return self._session.scalars(select(Seat).where(Seat.closed_at.is_(None)).order_by(Seat.name, Seat.id)).all()

    def days(self) -> list[Day]:
        """Today and the days for which a seat can be booked."""
        first = self._clock().astimezone(self._zone).date()
        days = [first + timedelta(days=n) for n in range(AHEAD + 1)]
        names = [day.isoformat() for day in days]
        reasons = {row.day: row.reason for row in self._session.scalars(select(RoomDay).where(RoomDay.day.in_(names)))}
        booked: dict[str, dict[tuple[str, Half], SeatBooking]] = {name: {} for name in names}
        wanted = select(SeatBooking).where(SeatBooking.day.in_(names), SeatBooking.cancelled_at.is_(None))
        for one in self._session.scalars(wanted.options(joinedload(SeatBooking.person))):
            booked[one.day][one.seat_id, one.half] = one
        return [
            Day(day, hours_on(self._session, day, self._closing), reasons.get(name, ""), booked[name])
            for day, name in zip(days, names, strict=True)
        ]

    def exceptions(self) -> Sequence[RoomDay]:
        """The days to come that are not like others."""
        today = self._clock().astimezone(self._zone).date().isoformat()
        return self._session.scalars(select(RoomDay).where(RoomDay.day >= today).order_by(RoomDay.day)).all()

    def week(self) -> list[Hours | None]:
        """The usual hours of Monday to Sunday, leaving exceptions aside."""
        return [usual_hours(self._session, weekday, self._closing) for weekday in range(7)]

    def closes(self) -> datetime:
        """When everything has to be back today."""
        today = self._clock().astimezone(self._zone).date()
        return closing_of(self._session, today, self._closing, self._zone)

    def alarms(self) -> PaperAlarms:
        """What the page of the day says of paper."""
        now, closes = self._clock(), self.closes()
        there = select(PaperReading.handed_at).where(PaperReading.state == ReadingState.READING, ~lost())
        handed = self._session.scalars(there).all()
        today = now.astimezone(self._zone).date()
        late = sum(now >= closes or (at is not None and at.astimezone(self._zone).date() < today) for at in handed)
        out = self._session.scalars(select(OutAct).where(OutAct.state.in_([OutState.SIGNED, OutState.OUT]))).all()
        still = select(func.count()).select_from(PaperIncident).where(PaperIncident.state != IncidentState.CONCLUDED)
        return PaperAlarms(
            reading=len(handed),
            closes=closes,
            late=late,
            out_overdue=sum(act.due_back is not None and act.due_back < today.isoformat() for act in out),
            out_unapproved=sum(unapproved(act, now) for act in out),
            incidents=self._session.scalar(still) or 0,
        )

    def _visitors_paper(self) -> Select[VisitItem]:
        """Approved items that visitors who are here want on paper."""
        wanted = select(VisitItem).join(VisitItem.visit).where(VisitItem.state == VisitItemState.APPROVED)
        here = (Visit.left_at.is_(None), Visit.ends_at > self._clock())
        return wanted.where(VisitItem.asked == VisitAsked.PAPER, *here)

    def _paged(self, wanted: Select[_Row], ordered: Select[_Row], page: int) -> tuple[int, Sequence[_Row]]:
        total = self._session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
        return total, self._session.scalars(ordered.offset((page - 1) * PAGE).limit(PAGE)).all()


def _approved_lines(now: datetime) -> Select[RequestLine]:
    """Approved lines that ask for paper, while their time runs."""
    wanted = select(RequestLine).join(RequestLine.request)
    wanted = wanted.where(RequestLine.state == LineState.APPROVED, RequestLine.asked == Asked.PAPER)
    return wanted.where(ReadingRequest.starts_at <= now, ReadingRequest.ends_at > now)


def _with_item() -> tuple[ORMOption, ...]:
    return joinedload(RequestLine.item), joinedload(RequestLine.request).joinedload(ReadingRequest.reader)


def _with_reading() -> tuple[ORMOption, ...]:
    line = joinedload(PaperReading.line).joinedload(RequestLine.request).joinedload(ReadingRequest.reader)
    return joinedload(PaperReading.item), line, joinedload(PaperReading.seat)
