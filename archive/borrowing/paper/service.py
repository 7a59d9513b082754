"""The custody of paper: fetched, handed over in the room, taken back and checked, shelved. Every act is in its log."""

from datetime import time, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.models import LineState, RequestLine
from archive.borrowing.paper.incidents import IncidentService
from archive.borrowing.paper.log import CustodyLog, paper_item
from archive.borrowing.paper.models import (
    CustodyKind,
    PaperReading,
    ReadingState,
    SeatBooking,
    VisitAsked,
    VisitItem,
    VisitItemState,
)
from archive.borrowing.paper.room import half_of, hours_on
from archive.borrowing.paper.workflow import (
    Count,
    when_fetched,
    when_handed_over,
    when_shelved,
    when_taken_back,
)
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.seats.models import Seat

__all__ = ["CustodyService"]

_NO_READING = _("这件原件没有在办的阅览。")


class CustodyService:
    """What the desk does with paper, in the caller's transaction. Two people at one item queue at its custody row.

    `zone` and `closing` (time of day): when the reading room is open, unless its calendar says otherwise.
    """

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo, closing: time) -> None:
        self._session = session
        self._clock = clock
        self._zone = zone
        self._closing = closing
        self._log = CustodyLog(session, clock, actor)
        self._incidents = IncidentService(session, clock, actor, zone)

    def fetch(self, line_id: str, person: Person) -> PaperReading:
        """Take the paper of an approved line from its box. Raises NotFoundError, ForbiddenError, ConflictError."""
        _desk_only(person)
        line = self._session.get(RequestLine, line_id, with_for_update=True, populate_existing=True)
        if line is None:
            raise NotFoundError(_("没有这项申请。"))
        if line.state is not LineState.APPROVED:
            raise ConflictError(_("这项申请没有批准，不能调出原件。无批不阅档。"))
        now = self._clock()
        if not line.request.starts_at <= now < line.request.ends_at:
            raise ConflictError(_("不在批准的阅览时间内，不能调出原件。"))
        number = f"{line.request.number}-{line.position:02}"
        return self._fetch(line.item, person, PaperReading(id=new_id(), number=number, line_id=line.id))

    def fetch_for_visitor(self, visit_item_id: str, person: Person) -> PaperReading:
        """The same for a visitor's item. Raises NotFoundError, ForbiddenError, ConflictError."""
        _desk_only(person)
        wanted = self._session.get(VisitItem, visit_item_id, with_for_update=True, populate_existing=True)
        if wanted is None or wanted.asked is not VisitAsked.PAPER:
            raise NotFoundError(_("没有这项来访阅览。"))
        if wanted.state is not VisitItemState.APPROVED:
            raise ConflictError(_("这项申请没有批准，不能调出原件。无批不阅档。"))
        if wanted.visit.over_at(self._clock()):
            raise ConflictError(_("这次来访已经结束，请重新登记。"))
        return self._fetch(
            wanted.item, person, PaperReading(id=new_id(), number=wanted.number, visit_item_id=wanted.id)
        )

    def hand_over(
        self, item_id: str, person: Person, count: Count, *, seat_id: str = "", outside: str = ""
    ) -> PaperReading:
        """Give fetched paper to its reader, in the room. `outside`: why, when the room is not open.

        Raises NotFoundError, ForbiddenError, ConflictError, InvalidError (field: pages, note, seat, outside).
        """
        _desk_only(person)
        custody = self._log.locked(item_id)
        reading = self._reading(custody.reading_id)
        reader = reading.person
        after = when_handed_over(self._log.paper(custody), count, person.id, reader.id)
        self._check_time(reading)
        self._incidents.refuse_while_open(item_id)
        if not self._is_open() and not outside.strip():
            raise InvalidError(_("阅览室现在不开放；确需提供，请写明原因。"), field="outside")
        reading.seat = self._seat(seat_id, reader)
        reading.state, reading.handed_at, reading.alarmed_at = ReadingState.READING, self._clock(), None
        reading.pages, reading.condition = count.pages, count.condition
        note = "；".join(part for part in (count.note.strip(), outside.strip()) if part)
        self._log.write(
            custody,
            CustodyKind.HANDED_OVER,
            after,
            (person.id, reader.id),
            held_for=reading,
            count=count,
            note=note,
        )
        return reading

    def take_back(self, item_id: str, person: Person, count: Count) -> PaperReading:
        """Check paper that is given back. A difference opens an incident: pages missing, or damage.

        Raises NotFoundError, ForbiddenError, ConflictError, InvalidError (pages; note, where a difference is not said).
        """
        _desk_only(person)
        custody = self._log.locked(item_id)
        reading = self._reading(custody.reading_id)
        before = self._log.paper(custody)
        after = when_taken_back(before, count, person.id, reading.person.id)
        reading.state, reading.returned_at = ReadingState.RETURNED, self._clock()
        people = (person.id, reading.person.id)
        self._log.write(custody, CustodyKind.TAKEN_BACK, after, people, held_for=reading, count=count)
        self._incidents.report_difference(reading.item, before.counted, count, person, reading=reading)
        return reading

    def shelve(self, item_id: str, person: Person) -> None:
        """Put paper back in its box, from the desk: read or not, or back from outside. Raises ConflictError."""
        _desk_only(person)
        custody = self._log.locked(item_id)
        after = when_shelved(self._log.paper(custody))
        reading = self._reading(custody.reading_id) if custody.reading_id else None
        if reading is not None:
            reading.state = ReadingState.SHELVED
        self._log.write(custody, CustodyKind.SHELVED, after, (person.id, None), held_for=reading)

    def _fetch(self, item: Item, person: Person, reading: PaperReading) -> PaperReading:
        box = paper_item(item)
        custody = self._log.locked(item.id)
        after = when_fetched(self._log.paper(custody))
        self._incidents.refuse_while_open(item.id)
        reading.item, reading.state, reading.fetched_at = item, ReadingState.FETCHED, self._clock()
        reading.box, reading.shelf = box.label, box.shelf
        self._session.add(reading)
        self._session.flush()
        self._log.write(custody, CustodyKind.FETCHED, after, (person.id, None), held_for=reading)
        return reading

    def _reading(self, reading_id: str | None) -> PaperReading:
        reading = self._session.get(PaperReading, reading_id, populate_existing=True) if reading_id else None
        if reading is None:
            raise ConflictError(_NO_READING)
        return reading

    def _check_time(self, reading: PaperReading) -> None:
        """Nothing is handed over when the leave for it is over."""
        if reading.line is not None and self._clock() >= reading.line.request.ends_at:
            raise ConflictError(_("批准的阅览时间已过，请把原件放回盒中。"))
        if reading.visit_item is not None and reading.visit_item.visit.over_at(self._clock()):
            raise ConflictError(_("这次来访已经结束，请重新登记。"))

    def _is_open(self) -> bool:
        now = self._clock().astimezone(self._zone)
        hours = hours_on(self._session, now.date(), self._closing)
        return hours is not None and hours.hold(now.time())

    def _seat(self, seat_id: str, reader: Person) -> Seat:
        """The seat where it is read. Raises InvalidError."""
        seat = self._session.get(Seat, seat_id) if seat_id else None
        if seat is None or seat.closed_at is not None:
            raise InvalidError(_("请选择阅览座位。"), field="seat")
        now = self._clock().astimezone(self._zone)
        taken = select(Person.name).join(SeatBooking, SeatBooking.person_id == Person.id)
        taken = taken.where(SeatBooking.seat_id == seat.id, SeatBooking.cancelled_at.is_(None))
        taken = taken.where(SeatBooking.day == now.date().isoformat(), SeatBooking.half == half_of(now.time()))
        name = self._session.scalar(taken.where(SeatBooking.person_id != reader.id))
        if name is not None:
            raise InvalidError(_("这个座位现在由 {name} 预约，请另选。"), field="seat", name=name)
        return seat


def _desk_only(person: Person) -> None:
    if Permission.DESK not in permissions_of(person.roles):
        raise ForbiddenError(_("原件的交接由档案员在服务台办理。"))
