"""What a wish must say, what a standing authorisation may cover, and who may end things: pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from archive.borrowing.models import PurposeKind
from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.approval.chains import Asked
from archive.platform.errors import InvalidError
from archive.platform.grants import Place
from archive.platform.i18n import _
from archive.platform.reading_rule import RecordFacts

__all__ = [
    "LONGEST",
    "LONGEST_STANDING",
    "MOST_LINES",
    "PERSONNEL",
    "Wanted",
    "Wish",
    "check_purpose",
    "check_task",
    "check_wish",
    "may_revoke",
    "may_stand",
]

#: the longest time one request may ask for
LONGEST = timedelta(days=31)
#: a leap year, to the day
LONGEST_STANDING = timedelta(days=366)
#: lines of one request
MOST_LINES = 200
#: categories of personnel records, which are never read under a standing authorisation
PERSONNEL = frozenset({"RS"})
_PURPOSE_LENGTH = 500
_TASK_LENGTH = 200


@dataclass(frozen=True, slots=True)
class Wish:
    """What the reader wants it for, from when until before when (aware times), and where he wants to read."""

    purpose: str
    starts_at: datetime
    ends_at: datetime
    kind: PurposeKind = PurposeKind.WORK
    place: Place = Place.ROOM


@dataclass(frozen=True, slots=True)
class Wanted:
    """One thing asked for one item; `pages` as people write them, e.g. `1-3,7`, empty for all."""

    item_id: str
    asked: Asked = Asked.VIEW
    pages: str = ""


def check_wish(wish: Wish, now: datetime) -> None:
    """Raise InvalidError, naming the field, for a wish that nobody could decide."""
    check_purpose(wish.purpose)
    if wish.ends_at <= now:
        raise InvalidError(_("结束时间应在现在以后。"), field="ends_at")
    if wish.ends_at <= wish.starts_at:
        raise InvalidError(_("结束时间应在开始时间以后。"), field="ends_at")
    if wish.ends_at - max(wish.starts_at, now) > LONGEST:
        raise InvalidError(_("一次申请的阅览时间不超过 {days} 天。"), field="ends_at", days=LONGEST.days)


def check_purpose(purpose: str) -> None:
    """Raise InvalidError unless the purpose is said, and short enough to be read."""
    if not purpose.strip():
        raise InvalidError(_("请写明利用目的。"), field="purpose")
    if len(purpose) > _PURPOSE_LENGTH:
        raise InvalidError(_("利用目的请不超过 {most} 字。"), field="purpose", most=_PURPOSE_LENGTH)


def check_task(task: str) -> None:
    """Raise InvalidError unless a task is named."""
    if not task.strip():
        raise InvalidError(_("请写明查看内容的业务工作，例如“著录核对”。"), field="task")
    if len(task) > _TASK_LENGTH:
        raise InvalidError(_("业务工作请不超过 {most} 字。"), field="task", most=_TASK_LENGTH)


def may_revoke(person: PersonFacts, owning_unit_id: str) -> bool:
    """Whether this person may end grants and standing authorisations on records of that unit."""
    head = Role.DEPARTMENT_HEAD in person.roles and person.unit_id == owning_unit_id
    return person.active and (head or Role.ARCHIVIST in person.roles)


def may_stand(record: RecordFacts, category: str) -> bool:
    """Whether a record may be read under a standing authorisation: never a secret of any kind, nor personnel records.

    `category` is the code of its category.
    """
    open_record = record.control in {"public", "internal"} and not record.destroyed
    return open_record and record.secrecy == record.trade_secrecy == "none" and category.upper() not in PERSONNEL
