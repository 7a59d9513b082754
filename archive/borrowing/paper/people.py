"""Who answers for paper: the archivists and the office director, told of every alarm."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person, Role, RoleHolding

__all__ = ["in_charge"]


def in_charge(session: Session) -> Sequence[str]:
    """The ids of the archivists and the office directors who have an account now."""
    roles = RoleHolding.role.in_([Role.ARCHIVIST, Role.OFFICE_DIRECTOR])
    wanted = select(Person.id).join(Person.holdings).where(Person.active, roles)
    return session.scalars(wanted.distinct().order_by(Person.id)).all()
