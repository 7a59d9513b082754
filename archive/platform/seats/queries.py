"""Which seat an address is, and whether grants may be given for elsewhere."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.seats.addresses import Network, networks, parsed, within
from archive.platform.seats.models import PlaceRule, Seat

__all__ = ["anywhere_allowed", "seat_at"]


def seat_at(session: Session, address: str | None) -> str | None:
    """The id of the open seat at this address, the one named exactly before one of a network; None: it is no seat."""
    asking = parsed(address or "")
    if asking is None:
        return None
    rows = session.execute(select(Seat.id, Seat.address).where(Seat.closed_at.is_(None))).all()
    ranges = [(networks(text)[0], seat_id) for seat_id, text in rows]
    return next((seat_id for range_, seat_id in sorted(ranges, key=_narrowest) if within(asking, [range_])), None)


def anywhere_allowed(session: Session) -> bool:
    """Whether a grant may be given for reading outside the reading room; not as shipped."""
    newest = select(PlaceRule.anywhere).order_by(PlaceRule.decided_at.desc(), PlaceRule.id.desc()).limit(1)
    return bool(session.scalar(newest))


def _narrowest(row: tuple[Network, str]) -> int:
    return -row[0].prefixlen
