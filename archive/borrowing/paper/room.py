"""The reading room: when it is open, and who sits where for half a day."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from archive.borrowing.paper.models import Half, RoomDay, RoomWeekday, SeatBooking
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.seats.models import Seat

__all__ = [
    "AHEAD",
    "NOON",
    "OPENS",
    "Hours",
    "RoomService",
    "closing_of",
    "half_of",
    "hours_on",
    "typed_day",
    "usual_hours",
]

#: how many days ahead a seat may be booked
AHEAD = 14
NOON = time(12)
#: when the room opens on a working day, unless the calendar says otherwise; it closes at the setting `closing`
OPENS = time(9)
_WORKING_DAYS = 5
_REASON_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Hours:
    """From when until before when the room is open, in the organisation's zone."""

    opens: time
    closes: time

    def hold(self, moment: time) -> bool:
        """Whether it is open then."""
        return self.opens <= moment < self.closes


def hours_on(session: Session, day: date, closing: time) -> Hours | None:
    """When the room is open on a day; None: it is closed. An exception comes before the rule of the weekday."""
    exception = session.scalar(select(RoomDay).where(RoomDay.day == day.isoformat()))
    return _hours(exception) if exception else usual_hours(session, day.weekday(), closing)


def usual_hours(session: Session, weekday: int, closing: time) -> Hours | None:
    """When the room is open on a day of the week (0: Monday)."""
    rule = session.scalar(select(RoomWeekday).where(RoomWeekday.weekday == weekday))
    if rule is None:
        return Hours(OPENS, closing) if weekday < _WORKING_DAYS else None
    return _hours(rule)


def closing_of(session: Session, day: date, closing: time, zone: tzinfo) -> datetime:
    """When everything has to be back on that day; on a closed one, at the usual time."""
    hours = hours_on(session, day, closing)
    return datetime.combine(day, hours.closes if hours else closing, tzinfo=zone)


def half_of(moment: time) -> Half:
    """The half of the day a time is in."""
    return Half.MORNING if moment < NOON else Half.AFTERNOON


class RoomService:
    """Opening hours and bookings, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo, closing: time) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone
        self._closing = closing

    def set_weekday(self, weekday: int, opens: str, closes: str) -> None:
        """When the room is open on a day of the week (0: Monday); both empty: closed. Raises InvalidError (field)."""
        hours = _checked(opens, closes, f"opens-{weekday}")
        row = self._session.scalar(select(RoomWeekday).where(RoomWeekday.weekday == weekday))
        if row is None:
            row = RoomWeekday(id=new_id(), weekday=weekday)
            self._session.add(row)
        if (row.opens, row.closes) == hours:
            return
        row.opens, row.closes = hours
        self._session.flush()
        self._record(AuditAction.ROOM_HOURS_SET, "room", row.id, weekday=weekday, opens=opens, closes=closes)

    def set_day(self, day: str, opens: str, closes: str, reason: str) -> None:
        """One day that is not like others of its weekday; both times empty: closed. Raises InvalidError (field)."""
        on = typed_day("day", day)
        hours = _checked(opens, closes, "opens")
        if not reason.strip() or len(reason) > _REASON_LENGTH:
            raise InvalidError(_("请写明原因，不超过 {most} 字。"), field="reason", most=_REASON_LENGTH)
        row = self._session.scalar(select(RoomDay).where(RoomDay.day == on.isoformat()))
        if row is None:
            row = RoomDay(id=new_id(), day=on.isoformat())
            self._session.add(row)
        row.opens, row.closes, row.reason = *hours, reason.strip()
        self._session.flush()
        self._record(AuditAction.ROOM_HOURS_SET, "room", row.id, day=row.day, opens=opens, closes=closes)

    def book(self, person: Person, seat_id: str, day: str, half: Half) -> SeatBooking:
        """A seat for half a day. Raises InvalidError, NotFoundError, ConflictError (closed then, or taken)."""
        on, now = typed_day("day", day), self._clock().astimezone(self._zone)
        seat = self._session.get(Seat, seat_id)
        if seat is None or seat.closed_at is not None:
            raise NotFoundError(_("没有这个座位。"))
        if not now.date() <= on <= now.date() + timedelta(days=AHEAD):
            raise InvalidError(_("只能预约今天起 {days} 天内的座位。"), field="day", days=AHEAD)
        hours = hours_on(self._session, on, self._closing)
        if hours is None or not _open_in(hours, half):
            raise ConflictError(_("阅览室那时不开放，请另选时间。"))
        ends = min(hours.closes, NOON) if half is Half.MORNING else hours.closes
        if now >= datetime.combine(on, ends, tzinfo=self._zone):
            raise ConflictError(_("这个时间已经过去，请另选时间。"))
        booking = SeatBooking(
            id=new_id(), seat_id=seat.id, day=on.isoformat(), half=half, person_id=person.id, created_at=self._clock()
        )
        try:
            # The index decides who was first, not what was read before.
            with self._session.begin_nested():
                self._session.add(booking)
        except IntegrityError as error:
            raise ConflictError(_("这个座位刚被预约，或者您那时已有座位，请另选。")) from error
        self._record(AuditAction.SEAT_BOOKED, "booking", booking.id, seat=seat.id, day=booking.day, half=half)
        return booking

    def cancel(self, booking_id: str, person: Person) -> SeatBooking:
        """Give a seat back, by who booked it or the desk. Raises NotFoundError, ForbiddenError, ConflictError."""
        booking = self._session.get(SeatBooking, booking_id, with_for_update=True, populate_existing=True)
        if booking is None:
            raise NotFoundError(_("没有这个预约。"))
        if booking.person_id != person.id and Permission.DESK not in permissions_of(person.roles):
            raise ForbiddenError(_("只有预约人和档案员可以取消预约。"))
        if booking.cancelled_at is not None:
            raise ConflictError(_("这个预约已经取消。"))
        booking.cancelled_at = self._clock()
        self._record(AuditAction.BOOKING_CANCELLED, "booking", booking.id, seat=booking.seat_id, day=booking.day)
        return booking

    def _record(self, action: AuditAction, kind: str, subject: str, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, kind, subject, **details)


def typed_day(field: str, text: str) -> date:
    """The day of a `date` field. Raises InvalidError, naming the field."""
    try:
        return date.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidError(_("请填写日期，例如 2021-03-05。"), field=field) from error


def _hours(row: RoomDay | RoomWeekday) -> Hours | None:
    return Hours(time.fromisoformat(row.opens), time.fromisoformat(row.closes)) if row.opens else None


def _checked(opens: str, closes: str, field: str) -> tuple[str, str]:
    if not opens.strip() and not closes.strip():
        return "", ""
    try:
        first, last = (time.fromisoformat(text.strip()).replace(tzinfo=None) for text in (opens, closes))
    except ValueError as error:
        raise InvalidError(_("请填写开放和闭馆时间，例如 09:00 和 16:30；都不填表示不开放。"), field=field) from error
    if first >= last:
        raise InvalidError(_("闭馆时间应在开放时间以后。"), field=field)
    return f"{first:%H:%M}", f"{last:%H:%M}"


def _open_in(hours: Hours, half: Half) -> bool:
    return hours.opens < NOON if half is Half.MORNING else hours.closes > NOON
