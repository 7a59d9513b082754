"""Which roles go together: the three administrators 三员 are held alone, and one of each kind remains."""

from collections.abc import Iterable

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.i18n import _

__all__ = ["are_compatible", "check_compatible", "check_one_remains"]


def are_compatible(roles: frozenset[Role]) -> bool:
    """Whether one person may hold these together: an administrator holds his role alone."""
    return not roles & Role.administrators() or len(roles) == 1


def check_compatible(roles: Iterable[Role]) -> frozenset[Role]:
    """The roles, if one person may hold them together. Raises InvalidError."""
    held = frozenset(roles)
    if not are_compatible(held):
        raise InvalidError(
            _("系统管理员、安全保密管理员、安全审计员相互独立，不得由一人兼任，也不得兼任其他角色。"), field="roles"
        )
    return held


def check_one_remains(session: Session, person: Person, without: frozenset[Role]) -> None:
    """When the person loses these roles, somebody else still is administrator of that kind. Raises ConflictError."""
    for role in person.roles & without & Role.administrators():
        others = select(Person.id).join(Person.holdings).where(RoleHolding.role == role, Person.active)
        # Locked: two who leave at the same time do not both count on the other.
        locked = session.scalars(others.order_by(Person.id).with_for_update(of=Person)).all()
        if set(locked) <= {person.id}:
            raise ConflictError(_("三员各须至少保留一人，请先任命接替的管理员。"))
