"""Password spraying: one address that tries many accounts is closed for a while, whatever it tries next.

Kept in the database, so that a restart forgets nothing. One account that is tried again and again rests by itself
(passwords.py).
"""

import hashlib
from collections.abc import Sequence
from datetime import datetime, timedelta
from ipaddress import IPv6Address, ip_network

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from archive.platform.accounts.alarms import tell_security_administrators
from archive.platform.accounts.sign_in_models import ClosedAddress, RefusedSignIn
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change, insert_once
from archive.platform.errors import NotFoundError
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.seats.addresses import parsed

__all__ = ["SprayingGuard", "login_digest"]

_WINDOW = timedelta(minutes=10)
_FREE_LOGINS = 8
_FREE_TRIES = 40
_CLOSED = timedelta(minutes=15)
_SUBNET = 64


class SprayingGuard:
    """Counts refused tries by where they come from, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def closed_until(self, address: str | None) -> datetime | None:
        """Until when nobody signs in from there; None: it is open."""
        row = self._session.get(ClosedAddress, _origin(address))
        return row.until if row is not None and self._clock() < row.until else None

    def count(self, address: str | None, login: str) -> None:
        """One more try from there was refused; too many close it."""
        origin, now = _origin(address), self._clock()
        if not origin:
            return
        self._session.execute(delete(RefusedSignIn).where(RefusedSignIn.at <= now - _WINDOW))
        self._session.add(RefusedSignIn(origin=origin, login_sha256=login_digest(login), at=now))
        self._session.flush()
        counted = select(func.count(), func.count(RefusedSignIn.login_sha256.distinct()))
        tries, logins = self._session.execute(counted.where(RefusedSignIn.origin == origin)).one()
        if logins > _FREE_LOGINS or tries > _FREE_TRIES:
            self._close(origin, logins)

    def closed(self) -> Sequence[ClosedAddress]:
        """What is closed now, the last first."""
        now = select(ClosedAddress).where(ClosedAddress.until > self._clock())
        return self._session.scalars(now.order_by(ClosedAddress.closed_at.desc())).all()

    def open(self, origin: str, actor: Actor) -> None:
        """People may sign in from there again, and nothing is counted any more. Raises NotFoundError."""
        row = self._session.get(ClosedAddress, origin)
        if row is None:
            raise NotFoundError(_("这个地址没有暂停登录。"))
        self._session.delete(row)
        self._session.execute(delete(RefusedSignIn).where(RefusedSignIn.origin == origin))
        record(self._session, self._clock, actor, AuditAction.ADDRESS_OPENED, "address", origin)

    def _close(self, origin: str, logins: int) -> None:
        now = self._clock()
        values = {"closed_at": now, "until": now + _CLOSED, "logins": logins}
        if not insert_once(self._session, ClosedAddress, "origin", origin=origin, **values):
            over = update(ClosedAddress).where(ClosedAddress.origin == origin, ClosedAddress.until <= now)
            if change(self._session, over.values(**values)) == 0:
                return
        nobody = Actor(None, "", address=origin)
        record(self._session, self._clock, nobody, AuditAction.ADDRESS_CLOSED, "address", origin, logins=logins)
        facts = {"address": origin, "logins": str(logins)}
        tell_security_administrators(
            self._session, self._clock, NoticeKind.ADDRESS_CLOSED, "/rights/addresses", **facts
        )


def login_digest(login: str) -> str:
    """What is kept of a login that may be a password in the wrong box."""
    return hashlib.sha256(login.strip().casefold().encode()).hexdigest()


def _origin(address: str | None) -> str:
    """What is counted and closed together; whoever has one IPv6 address has the 2^64 beside it. "" for no address."""
    asking = parsed(address or "")
    if isinstance(asking, IPv6Address):
        return str(ip_network((asking, _SUBNET), strict=False))
    return str(asking) if asking else ""
