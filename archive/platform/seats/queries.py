"""Which seat an address is, who reads at the seats, and whether grants may be given for elsewhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import bindparam, func, or_, select
from sqlalchemy.orm import Session

from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.db import Clock
from archive.platform.grants import Grant, GrantKind, Place, running_at
from archive.platform.seats.addresses import networks, parsed
from archive.platform.seats.models import PlaceRule, Seat

__all__ = ["PRESENT", "Sitting", "anywhere_allowed", "readers_at", "running_elsewhere", "seat_at", "seats"]

#: how long after his last page somebody is taken to sit there still
PRESENT = timedelta(minutes=30)

_SEAT = Seat.__table__.c
#: the open seat of one address, and those of networks; put together once: every piece of a page asks it
_SEATS = select(_SEAT.address, _SEAT.id).where(
    _SEAT.closed_at.is_(None), or_(_SEAT.address == bindparam("address"), _SEAT.address.like("%/%"))
)


@dataclass(frozen=True, slots=True)
class Sitting:
    """Somebody who reads at a seat, and when he was last given a page."""

    name: str
    seen_at: datetime


def seat_at(session: Session, address: str | None) -> str | None:
    """The id of the open seat at this address, the narrowest first; None: it is no seat."""
    asking = parsed(address or "")
    if asking is None:
        return None
    rows = session.execute(_SEATS, {"address": str(asking)}).all()
    ranges = [(networks(row.address)[0], row.id) for row in rows]
    found = [(network.prefixlen, seat_id) for network, seat_id in ranges if asking in network]
    return max(found)[1] if found else None


def seats(session: Session) -> Sequence[Seat]:
    """All seats, those in use first, by name."""
    return session.scalars(select(Seat).order_by(Seat.closed_at.is_not(None), Seat.name, Seat.id)).all()


def readers_at(session: Session, clock: Clock) -> dict[str, list[Sitting]]:
    """Who was given a page within PRESENT, by the id of the open seat, the last one first."""
    last = func.max(AuditEntry.at)
    read = (
        select(AuditEntry.address, AuditEntry.actor_name, last)
        .where(AuditEntry.action == AuditAction.PAGE_READ.value, AuditEntry.at > clock() - PRESENT)
        .where(AuditEntry.address.is_not(None))
        .group_by(AuditEntry.address, AuditEntry.actor_id, AuditEntry.actor_name)
        .order_by(last.desc())
    )
    found: dict[str, list[Sitting]] = {}
    for address, name, seen_at in session.execute(read):
        seat_id = seat_at(session, address)
        if seat_id is not None:
            found.setdefault(seat_id, []).append(Sitting(name, seen_at))
    return found


def anywhere_allowed(session: Session) -> bool:
    """Whether a request may ask for reading outside the reading room; not as shipped."""
    newest = select(PlaceRule.anywhere).order_by(PlaceRule.decided_at.desc(), PlaceRule.id.desc()).limit(1)
    return bool(session.scalar(newest))


def running_elsewhere(session: Session, clock: Clock) -> int:
    """How many approved grants that run now may be read outside the reading room."""
    asked = Grant.kind.in_([GrantKind.APPROVED, GrantKind.STANDING])
    wanted = select(func.count()).select_from(Grant).where(asked, Grant.place == Place.ANYWHERE, running_at(clock()))
    return session.scalar(wanted) or 0
