"""What the security administrator does with seats: register, close, and allow or end reading outside the room."""

from ipaddress import ip_network

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change, new_id
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.grants import Grant, GrantKind, Place
from archive.platform.i18n import _
from archive.platform.seats.models import PlaceRule, Seat
from archive.platform.seats.queries import anywhere_allowed

__all__ = ["SeatService"]

#: a seat may be a small network, by the length of its prefix: not wider than a room
_NARROWEST = {4: 24, 6: 64}
_NAME_LENGTH = 100
_REASON_LENGTH = 500


class SeatService:
    """Seats and the rule of place, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def register(self, name: str, address: str) -> Seat:
        """Register a seat. `address`: an address, or the network of a room. Raises InvalidError (field)."""
        name, address = name.strip(), _network(address)
        if not name:
            raise InvalidError(_("请填写座位名称，例如“阅览室 1 号机”。"), field="name")
        if len(name) > _NAME_LENGTH:
            raise InvalidError(_("座位名称请不超过 {most} 字。"), field="name", most=_NAME_LENGTH)
        twin = self._session.scalar(select(Seat.name).where(Seat.address == address, Seat.closed_at.is_(None)))
        if twin is not None:
            raise InvalidError(_("这个地址已登记为“{name}”。"), field="address", name=twin)
        seat = Seat(id=new_id(), name=name, address=address, created_at=self._clock())
        self._session.add(seat)
        self._session.flush()
        self._record(AuditAction.SEAT_REGISTERED, "seat", seat.id, name=name, address=address)
        return seat

    def close(self, seat_id: str) -> Seat:
        """Close a seat: what is read there ends with the next request. Raises NotFoundError, ConflictError."""
        seat = self._session.get(Seat, seat_id, with_for_update=True, populate_existing=True)
        if seat is None:
            raise NotFoundError(_("没有这个座位。"))
        if seat.closed_at is not None:
            raise ConflictError(_("这个座位已经停用。"))
        seat.closed_at = self._clock()
        self._record(AuditAction.SEAT_CLOSED, "seat", seat.id, name=seat.name, address=seat.address)
        return seat

    def allow_anywhere(self, person: Person, *, anywhere: bool, reason: str) -> None:
        """Allow that requests ask for reading outside the room, or end it.

        Ending it binds what was approved so and still runs to the room, from the next request on; what the desk gave a
        leader, and an archivist's task, are not given by request and stay. Raises InvalidError (field), ConflictError.
        """
        if not reason.strip():
            raise InvalidError(_("请写明依据或理由。"), field="reason")
        if len(reason) > _REASON_LENGTH:
            raise InvalidError(_("理由请不超过 {most} 字。"), field="reason", most=_REASON_LENGTH)
        if anywhere == anywhere_allowed(self._session):
            raise ConflictError(_("这条规则已经是这样。"))
        rule = PlaceRule(
            id=new_id(), anywhere=anywhere, reason=reason.strip(), decided_by=person.id, decided_at=self._clock()
        )
        self._session.add(rule)
        bound = 0 if anywhere else self._bind()
        self._record(AuditAction.PLACE_RULE_CHANGED, "place_rule", rule.id, anywhere=anywhere, bound=bound)

    def _bind(self) -> int:
        """Bind to the room what requests opened elsewhere; returns how many grants."""
        now = self._clock()
        asked = Grant.kind.in_([GrantKind.APPROVED, GrantKind.STANDING])
        still = (Grant.revoked_at.is_(None), Grant.ends_at > now)
        elsewhere = update(Grant).where(asked, *still, Grant.place == Place.ANYWHERE)
        return change(self._session, elsewhere.values(place=Place.ROOM))

    def _record(self, action: AuditAction, kind: str, subject: str, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, kind, subject, **details)


def _network(text: str) -> str:
    """The address as it is kept. Raises InvalidError."""
    try:
        network = ip_network(text.strip())
    except ValueError as error:
        raise InvalidError(
            _("请填写地址，例如 10.1.2.11，或网段，例如 10.1.2.0/28（主机位须为零）。"), field="address"
        ) from error
    if network.prefixlen < _NARROWEST[network.version]:
        raise InvalidError(_("网段太大：最大为 /24（IPv6 为 /64），请只登记阅览室内的地址。"), field="address")
    return str(network.network_address) if network.num_addresses == 1 else str(network)
