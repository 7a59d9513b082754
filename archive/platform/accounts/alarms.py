"""What the security administrators are told at once."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.db import Clock
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import notify

__all__ = ["tell_security_administrators"]


def tell_security_administrators(session: Session, clock: Clock, kind: NoticeKind, link: str, **facts: str) -> None:
    """A notice to each of them."""
    in_office = select(Person.id).join(Person.holdings).where(Person.active)
    people = session.scalars(in_office.where(RoleHolding.role == Role.SECURITY_ADMINISTRATOR)).all()
    notify(session, clock, people, kind, link, **facts)
