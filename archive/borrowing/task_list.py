"""The monthly list 业务查看: what archivists opened for named tasks, put before the office director."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from archive.borrowing.models import TaskList
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.db import Clock, insert_once, new_id
from archive.platform.errors import ConflictError, NotFoundError
from archive.platform.grants import Grant, GrantKind
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import notify
from archive.platform.page_ranges import written
from archive.platform.parts import Parts

__all__ = ["TaskLists", "TaskReading", "month_bounds", "month_of", "tell_of_tasks"]


@dataclass(frozen=True, slots=True)
class TaskReading:
    """One task: who opened what, when, what for, and which pages he then looked at ("" for none)."""

    grant: Grant
    person: Person
    item: Item
    pages: str


class TaskLists:
    """Reads the lists, and marks them seen. `zone` says where a month begins."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone

    def readings(self, month: str) -> list[TaskReading]:
        """The tasks of a month such as 2021-03, by archivist and time. Raises NotFoundError for what is no month."""
        begins, ends = month_bounds(month, self._zone)
        in_month = Grant.kind == GrantKind.TASK, Grant.created_at >= begins, Grant.created_at < ends
        wanted = (
            select(Grant, Person, Item)
            .join(Person, Person.id == Grant.person_id)
            .join(Item, Item.id == Grant.item_id)
            .where(*in_month)
            .order_by(Person.name, Person.id, Grant.created_at, Grant.id)
        )
        pages = self._pages(begins)
        return [
            TaskReading(grant, person, item, pages.get(grant.id, ""))
            for grant, person, item in self._session.execute(wanted)
        ]

    def lists(self) -> Sequence[TaskList]:
        """The lists that were put before the director, the newest first."""
        wanted = select(TaskList).options(joinedload(TaskList.viewer)).order_by(TaskList.month.desc())
        return self._session.scalars(wanted).all()

    def told(self, month: str) -> TaskList | None:
        """The list of a month, if it was put before him."""
        return self._session.scalar(select(TaskList).where(TaskList.month == month))

    def mark_seen(self, month: str, director: Person) -> TaskList:
        """Note that the director saw it. Raises NotFoundError, ConflictError (seen already)."""
        wanted = select(TaskList).where(TaskList.month == month).with_for_update()
        found = self._session.scalar(wanted.execution_options(populate_existing=True))
        if found is None:
            raise NotFoundError(_("没有这个月的清单。"))
        if found.seen_at is not None:
            raise ConflictError(_("这份清单已经审阅。"))
        found.viewer, found.seen_at = director, self._clock()
        record(self._session, self._clock, self._actor, AuditAction.TASK_LIST_SEEN, "task_list", found.id, month=month)
        return found

    def _pages(self, since: datetime) -> dict[str, str]:
        """Pages looked at under each task, by the id of its grant; an item taken as a whole is page 0 there."""
        grant, page = AuditEntry.details["grant"].as_string(), AuditEntry.details["page"].as_integer()
        task = AuditEntry.details["reason"].as_string() == "task"
        read = select(grant, page).where(AuditEntry.action == AuditAction.PAGE_READ.value, AuditEntry.at >= since, task)
        seen: dict[str, set[int]] = defaultdict(set)
        for grant_id, number in self._session.execute(read):
            seen[grant_id].add(number)
        return {grant_id: written(numbers - {0}) for grant_id, numbers in seen.items()}


def month_of(moment: datetime, zone: tzinfo) -> str:
    """The month of a moment, e.g. 2021-03."""
    return f"{moment.astimezone(zone):%Y-%m}"


def month_bounds(month: str, zone: tzinfo) -> tuple[datetime, datetime]:
    """When a month begins and when the next one does, in UTC. Raises NotFoundError for what is no month."""
    try:
        first = datetime.strptime(month, "%Y-%m").replace(tzinfo=zone)
        later = first.replace(year=first.year + first.month // 12, month=first.month % 12 + 1)
        return first.astimezone(UTC), later.astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise NotFoundError(_("没有这个月的清单。")) from error


def tell_of_tasks(parts: Parts) -> int:
    """Put the list of each month that is over and had tasks before the director, once; returns how many.

    For the keeper.
    """
    zone = parts.settings.zone
    this_month, _later = month_bounds(month_of(parts.clock(), zone), zone)
    with parts.database.reading() as session:
        tasks = select(Grant.created_at).where(Grant.kind == GrantKind.TASK, Grant.created_at < this_month)
        last = session.scalar(select(TaskList.month).order_by(TaskList.month.desc()).limit(1))
        if last is not None:
            tasks = tasks.where(Grant.created_at >= month_bounds(last, zone)[1])
        months = sorted({month_of(at, zone) for at in session.scalars(tasks)})
    return sum(_tell(parts, month) for month in months)


def _tell(parts: Parts, month: str) -> bool:
    with parts.database.writing() as session:
        told = {"id": new_id(), "month": month, "told_at": parts.clock(), "seen_by": None, "seen_at": None}
        if not insert_once(session, TaskList, "month", **told):
            return False
        directors = select(Person.id).join(RoleHolding).where(Person.active)
        people = session.scalars(directors.where(RoleHolding.role == Role.OFFICE_DIRECTOR)).all()
        notify(session, parts.clock, people, NoticeKind.TASK_LIST, f"/tasks/{month}", month=month)
        record(session, parts.clock, SYSTEM, AuditAction.TASK_LIST_TOLD, "task_list", str(told["id"]), month=month)
    return True
