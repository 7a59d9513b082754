"""Asking to use records, deciding, and the grants that follow. No reading request can take paper out of the room."""

from collections.abc import Sequence
from datetime import timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.book import RequestBook, known_item
from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.borrowing.rules import MOST_LINES, Wanted, Wish, check_task, check_wish, may_revoke
from archive.borrowing.standing import covering
from archive.borrowing.words import PURPOSES
from archive.catalogue.models import Item
from archive.catalogue.service import facts
from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.approval.chains import Asked, chain_for
from archive.platform.approval.models import ApprovalCase, CaseState
from archive.platform.approval.service import ApprovalService
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.grants import Grant, GrantKind, GrantState, Place
from archive.platform.guard import Act, Guard, Reason
from archive.platform.i18n import _

__all__ = ["SUBJECT", "TASK_TIME", "BorrowingService"]

#: the kind of subject that is approved here
SUBJECT = "request_line"

#: how long a named task keeps an item open to an archivist
TASK_TIME = timedelta(hours=2)

_LINE_STATES = {
    CaseState.OPEN: LineState.OPEN,
    CaseState.RETURNED: LineState.OPEN,
    CaseState.APPROVED: LineState.APPROVED,
    CaseState.REFUSED: LineState.REFUSED,
    CaseState.WITHDRAWN: LineState.WITHDRAWN,
}


class BorrowingService:
    """Requests, their lines and grants, in the caller's transaction. `zone` fixes the year in request numbers."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._book = RequestBook(session, clock, actor, zone)
        self._guard = Guard(session, clock)
        self._approval = ApprovalService(session, clock, actor)

    def request_reading(self, reader: Person, wanted: Sequence[Wanted], wish: Wish) -> ReadingRequest:
        """Ask for items. Each line is decided by itself, at once where no approval is needed or one stands already.

        Raises InvalidError (field), NotFoundError (an item he may not know of), ConflictError (asked for already, or
        he may read it as it is; nobody could decide).
        """
        check_wish(wish, self._clock())
        wanted = list(dict.fromkeys(wanted))
        if not wanted:
            raise InvalidError(_("请先选择要利用的文件和内容。"), field="items")
        if len(wanted) > MOST_LINES:
            raise InvalidError(_("一份申请最多 {most} 项，请分几次申请。"), field="items", most=MOST_LINES)
        self._book.reader(reader)
        items = {one.item_id: self.known_item(reader, one.item_id) for one in wanted}
        request = self._book.open(reader, wish)
        for one in wanted:
            self._open_line(request, items[one.item_id], one)
        lines = [line.id for line in request.lines]
        self._record(AuditAction.READING_REQUESTED, "request", request.id, number=request.number, lines=lines)
        return request

    def known_item(self, person: Person, item_id: str) -> Item:
        """The item, if this person may know of it. Raises NotFoundError otherwise: the two look alike."""
        return known_item(self._session, self._clock, person, item_id)

    def follow(self, case: ApprovalCase) -> None:
        """Do what the outcome of a decided case says: an approved line gets its grant."""
        line = self._session.scalars(select(RequestLine).where(RequestLine.case_id == case.id)).one()
        self._follow(line, case)

    def withdraw(self, request_id: str, person: Person) -> ReadingRequest:
        """Take back what is not decided yet. Raises NotFoundError, ConflictError (nothing is open any more)."""
        request = self._session.get(ReadingRequest, request_id)
        if request is None or request.reader_id != person.id:
            raise NotFoundError(_("没有这份申请。"))
        still_open = [line for line in request.lines if line.state is LineState.OPEN and line.case_id]
        if not still_open:
            raise ConflictError(_("申请已经办结，不能撤回。"))
        for line in still_open:
            self._follow(line, self._approval.withdraw(line.case_id or "", person))
        self._record(AuditAction.REQUEST_WITHDRAWN, "request", request.id, lines=[line.id for line in still_open])
        return request

    def revoke(self, grant_id: str, person: Person) -> Grant:
        """End a grant now; the next page asked for is refused. Raises NotFoundError, ForbiddenError, ConflictError."""
        grant = self._session.get(Grant, grant_id, with_for_update=True, populate_existing=True)
        item = self._session.get(Item, grant.item_id) if grant else None
        if grant is None or item is None:
            raise NotFoundError(_("没有这项阅览许可。"))
        if not may_revoke(facts_of(person), item.unit_id):
            raise ForbiddenError(_("只有档案员和文件所属部门的负责人可以撤销阅览许可。"))
        if grant.state_at(self._clock()) in {GrantState.REVOKED, GrantState.ENDED}:
            raise ConflictError(_("这项阅览许可已经结束。"))
        grant.revoked_at = self._clock()
        self._record(AuditAction.GRANT_REVOKED, "grant", grant.id, item=grant.item_id, number=grant.number)
        return grant

    def open_for_task(self, person: Person, item_id: str, task: str) -> Grant:
        """Open an item to an archivist for a named task, for two hours; registered as 业务查看.

        Raises ForbiddenError, NotFoundError (he may not know of it), InvalidError (no task named).
        """
        if Permission.TASK_ACCESS not in permissions_of(person.roles):
            raise ForbiddenError(_("只有档案员可以为业务工作查看内容。"))
        check_task(task)
        item, now = self.known_item(person, item_id), self._clock()
        number = self._book.next_number("task", "T")
        grant = Grant(
            id=new_id(),
            number=number,
            kind=GrantKind.TASK,
            person_id=person.id,
            item_id=item.id,
            place=Place.ANYWHERE,  # he works where the archive is
            purpose=task.strip(),
            starts_at=now,
            ends_at=now + TASK_TIME,
            created_at=now,
        )
        self._session.add(grant)
        self._session.flush()
        self._record(AuditAction.TASK_OPENED, "item", item.id, grant=grant.id, number=number)
        return grant

    def _open_line(self, request: ReadingRequest, item: Item, wanted: Wanted) -> None:
        self._book.refuse_twice(request.reader, item, wanted.asked)
        line = self._book.add(request, item, wanted)
        if wanted.asked is Asked.VIEW:
            self._refuse_readable(line)
        specs = chain_for(self._session, facts(item), request.reader, PURPOSES[request.purpose_kind], wanted.asked)
        viewed = wanted.asked is Asked.VIEW and specs
        line.standing = covering(self._session, self._clock(), request.reader, item) if viewed else None
        if line.standing is not None:
            self._book.approve(line)
            return
        line.case = self._approval.open(SUBJECT, line.id, request.reader, specs, label=line.number)
        self._follow(line, line.case)

    def _follow(self, line: RequestLine, case: ApprovalCase) -> None:
        """Do what the outcome of the case says: an approved line gets its grant."""
        line.state = _LINE_STATES[case.state]
        if line.state is LineState.APPROVED:
            self._book.approve(line)

    def _refuse_readable(self, line: RequestLine) -> None:
        """Say that nothing needs to be asked for: he may read it anyway, or by a grant for the whole time and more."""
        request, item = line.request, line.item
        if self.reads_freely(request.reader, item):
            raise ConflictError(_("您现在就可以查阅《{title}》，不需要申请。"), title=item.title)
        covering_grants = select(Grant.number).where(
            Grant.person_id == request.reader.id,
            Grant.item_id == item.id,
            Grant.kind != GrantKind.TASK,
            Grant.pages.in_(["", line.pages]),
            Grant.place.in_([request.place, Place.ANYWHERE]),
            Grant.revoked_at.is_(None),
            Grant.starts_at <= request.starts_at,
            Grant.ends_at >= request.ends_at,
        )
        number = self._session.scalar(covering_grants.limit(1))
        if number is not None:
            raise ConflictError(
                _("您已获准在这段时间阅览《{title}》：{number}，不需要再申请。"), number=number, title=item.title
            )

    def reads_freely(self, person: Person, item: Item) -> bool:
        """Whether this person reads an item without anybody's leave."""
        decision = self._guard.decide(person, facts(item), Act.READ)
        return decision.allowed and decision.reason in {Reason.PUBLIC, Reason.OWN_UNIT}

    def _record(self, action: AuditAction, kind: str, subject: str, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, kind, subject, **details)
