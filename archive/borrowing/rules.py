"""What a wish to read must say, and who may end a grant: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["LONGEST", "Wish", "check_task", "check_wish", "may_revoke"]

#: the longest time one request may ask for
LONGEST = timedelta(days=31)
_PURPOSE_LENGTH = 500
_TASK_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader wants: for which purpose, from when until before when (aware times)."""

    purpose: str
    starts_at: datetime
    ends_at: datetime


def check_wish(wish: Wish, now: datetime) -> None:
    """Raise InvalidError, naming the field, for a wish that nobody could decide."""
    if not wish.purpose.strip():
        raise InvalidError(_("请写明阅览目的。"), field="purpose")
    if len(wish.purpose) > _PURPOSE_LENGTH:
        raise InvalidError(_("阅览目的请不超过 {most} 字。"), field="purpose", most=_PURPOSE_LENGTH)
    if wish.ends_at <= now:
        raise InvalidError(_("结束时间应在现在以后。"), field="ends_at")
    if wish.ends_at <= wish.starts_at:
        raise InvalidError(_("结束时间应在开始时间以后。"), field="ends_at")
    if wish.ends_at - max(wish.starts_at, now) > LONGEST:
        raise InvalidError(_("一次申请的阅览时间不超过 {days} 天。"), field="ends_at", days=LONGEST.days)


def check_task(task: str) -> None:
    """Raise InvalidError unless a task is named."""
    if not task.strip():
        raise InvalidError(_("请写明查看内容的业务工作，例如“著录核对”。"), field="task")
    if len(task) > _TASK_LENGTH:
        raise InvalidError(_("业务工作请不超过 {most} 字。"), field="task", most=_TASK_LENGTH)


def may_revoke(person: PersonFacts, owning_unit_id: str) -> bool:
    """Whether this person may end grants on records of that unit."""
    head = Role.DEPARTMENT_HEAD in person.roles and person.unit_id == owning_unit_id
    return person.active and (head or Role.ARCHIVIST in person.roles)
