"""A session is bound to the browser it was opened in: a cookie that turns up in another one was taken."""

from sqlalchemy.orm import Session

from archive.platform.accounts.alarms import tell_security_administrators
from archive.platform.accounts.models import Person, WebSession
from archive.platform.accounts.sessions import DEVICE_LENGTH, WebSessions
from archive.platform.accounts.words import device_name
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.notifications.kinds import NoticeKind

__all__ = ["end_taken", "is_bound"]


def is_bound(opened: WebSession, device: str, address: str | None, *, by_address: bool) -> bool:
    """Whether this browser is the one the session was opened in.

    Versions do not count, for browsers renew themselves; the address counts `by_address`, for laptops travel.
    """
    if by_address and opened.address != address:
        return False
    return device_name(opened.device) == device_name(device[:DEVICE_LENGTH])


def end_taken(session: Session, clock: Clock, token: str, address: str | None) -> None:
    """End the session of a token that was taken, and say so, once."""
    person_id = WebSessions(session, clock).close(token)
    if person_id is None:
        return
    nobody = Actor(None, "", address=address)
    record(session, clock, nobody, AuditAction.SESSION_TAKEN, "person", person_id)
    facts = {"person": session.get_one(Person, person_id).name, "address": address or ""}
    tell_security_administrators(session, clock, NoticeKind.SESSION_TAKEN, f"/rights/{person_id}", **facts)
