"""What the keeper watches: closing time, paper that is not back, and emergencies that nobody approved."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.paper.incidents import IncidentService
from archive.borrowing.paper.models import IncidentKind, OutAct, OutItem, OutState, PaperReading, ReadingState
from archive.borrowing.paper.out_acts import path_of, unapproved
from archive.borrowing.paper.people import in_charge
from archive.borrowing.paper.queries import lost
from archive.borrowing.paper.room import closing_of
from archive.platform.actor import SYSTEM
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import notify
from archive.platform.parts import Parts

__all__ = ["watch_paper"]

_OVERNIGHT = _("闭馆后仍未归还，已过夜。")
_NOT_BACK = _("出库单 {number} 应于 {day} 归还。")


def watch_paper(parts: Parts) -> int:
    """Give the alarms that are due; returns how many. Each is given once, what stays overdue becomes an incident."""
    with parts.database.writing() as session:
        return _at_closing(parts, session) + _overnight(parts, session) + _out(parts, session)


def _at_closing(parts: Parts, session: Session) -> int:
    """Archivists and office director are told what is still 在阅 when the room closes."""
    still = [
        one for one in _reading(session) if one.alarmed_at is None and parts.clock() >= _closing(parts, session, one)
    ]
    if not still:
        return 0
    for one in still:
        one.alarmed_at = parts.clock()
    numbers = "、".join(one.number for one in still)
    told = {"n": str(len(still)), "numbers": numbers}
    notify(session, parts.clock, in_charge(session), NoticeKind.PAPER_AT_CLOSING, "/desk", **told)
    return len(still)


def _overnight(parts: Parts, session: Session) -> int:
    """What was not back the whole night is an incident, to be concluded by two people."""
    zone, now = parts.settings.zone, parts.clock()
    today, incidents = now.astimezone(zone).date(), IncidentService(session, parts.clock, SYSTEM, zone)
    found = 0
    for one in _reading(session):
        handed = one.handed_at
        late = handed is not None and handed.astimezone(zone).date() < today
        known = incidents.reported_for(reading_id=one.id) or incidents.open_number(one.item_id, IncidentKind.OVERDUE)
        if late and not known:
            incidents.report(one.item, IncidentKind.OVERDUE, None, _OVERNIGHT, reading=one)
            found += 1
    return found


def _out(parts: Parts, session: Session) -> int:
    """Paper outside that is not back on its day, or left in an emergency that was not approved in time."""
    zone, now, found = parts.settings.zone, parts.clock(), 0
    today = now.astimezone(zone).date().isoformat()
    incidents = IncidentService(session, parts.clock, SYSTEM, zone)
    waiting = select(OutAct).where(OutAct.state.in_([OutState.SIGNED, OutState.OUT]))
    for act in session.scalars(waiting.order_by(OutAct.number).with_for_update()):
        if unapproved(act, now) and act.alarmed_at is None:
            act.alarmed_at, found = now, found + 1
            people = in_charge(session)
            notify(session, parts.clock, people, NoticeKind.OUT_NOT_APPROVED, path_of(act), number=act.number)
        late = act.state is OutState.OUT and act.due_back is not None and act.due_back < today
        lines = [line for line in act.items if late and line.back_at is None and not _known(incidents, line)]
        if lines:
            found += 1
            told = {"number": act.number, "day": act.due_back or ""}
            notify(session, parts.clock, in_charge(session), NoticeKind.OUT_OVERDUE, path_of(act), **told)
            for line in lines:
                incidents.report(line.item, IncidentKind.OVERDUE, None, _NOT_BACK.format(**told), out=line)
    return found


def _known(incidents: IncidentService, line: OutItem) -> bool:
    """Whether it was reported overdue already, of this act, or of another that nobody concluded."""
    return incidents.reported_for(out_id=line.id) or bool(incidents.open_number(line.item_id, IncidentKind.OVERDUE))


def _reading(session: Session) -> list[PaperReading]:
    wanted = select(PaperReading).where(PaperReading.state == ReadingState.READING, ~lost())
    return list(session.scalars(wanted.order_by(PaperReading.handed_at, PaperReading.id).with_for_update()))


def _closing(parts: Parts, session: Session, reading: PaperReading) -> datetime:
    """When it had to be back: closing time of the day it was handed over; what is given after it, at midnight."""
    zone, handed = parts.settings.zone, reading.handed_at or parts.clock()
    day = handed.astimezone(zone)
    closes = closing_of(session, day.date(), parts.settings.closing_time, zone)
    return closes if handed < closes else day.replace(hour=23, minute=59, second=59)
