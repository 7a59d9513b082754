"""Asking to read, deciding, and the grants that follow. No reading request can take paper out of the room."""

from collections.abc import Sequence
from datetime import timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.borrowing.rules import Wish, check_task, check_wish, may_revoke
from archive.catalogue.models import Item
from archive.catalogue.service import CatalogueService, facts
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
from archive.platform.guard import Act, Guard
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
        self._zone = zone
        self._guard = Guard(session, clock)
        self._approval = ApprovalService(session, clock, actor)

    def request_reading(self, reader: Person, item_ids: Sequence[str], wish: Wish) -> ReadingRequest:
        """Ask to read items. Each line is decided by itself, at once where no approval is needed.

        Raises InvalidError (field), NotFoundError (an item he may not know of), ConflictError (asked for already).
        """
        check_wish(wish, self._clock())
        items = [self.known_item(reader, item_id) for item_id in dict.fromkeys(item_ids)]
        if not items:
            raise InvalidError(_("请先选择要阅览的文件。"), field="items")
        request = self._open_request(reader, wish)
        for position, item in enumerate(items, start=1):
            self._refuse_twice(reader, item)
            self._open_line(request, position, item)
        lines = [line.id for line in request.lines]
        self._record(AuditAction.READING_REQUESTED, "request", request.id, number=request.number, lines=lines)
        return request

    def known_item(self, person: Person, item_id: str) -> Item:
        """The item, if this person may know of it. Raises NotFoundError otherwise: the two look alike."""
        item = self._session.get(Item, item_id)
        if item is None or not self._guard.decide(person, facts(item), Act.KNOW).allowed:
            raise NotFoundError(_("没有找到这份文件。"))
        return item

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
        year = now.astimezone(self._zone).year
        number = f"T{year}-{self._next_number(f'task/{year}'):04}"
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

    def _open_request(self, reader: Person, wish: Wish) -> ReadingRequest:
        now = self._clock()
        year = now.astimezone(self._zone).year
        number = f"{year}-{self._next_number(f'request/{year}'):04}"
        request = ReadingRequest(
            id=new_id(),
            number=number,
            reader=reader,
            purpose=wish.purpose.strip(),
            starts_at=max(wish.starts_at, now),
            ends_at=wish.ends_at,
            created_at=now,
        )
        self._session.add(request)
        return request

    def _open_line(self, request: ReadingRequest, position: int, item: Item) -> None:
        line = RequestLine(id=new_id(), position=position, item=item, state=LineState.OPEN)
        request.lines.append(line)
        specs = chain_for(self._session, facts(item), request.reader, request.purpose, Asked.VIEW)
        label = f"{request.number}-{position:02}"
        case = self._approval.open(SUBJECT, line.id, request.reader, specs, label=label)
        line.case = case
        self._follow(line, case)

    def _follow(self, line: RequestLine, case: ApprovalCase) -> None:
        """Do what the outcome of the case says: an approved line gets its grant."""
        line.state = _LINE_STATES[case.state]
        if line.state is not LineState.APPROVED:
            return
        request = line.request
        number = f"{request.number}-{line.position:02}"
        grant = Grant(
            id=new_id(),
            number=number,
            kind=GrantKind.APPROVED,
            person_id=request.reader.id,
            item_id=line.item.id,
            purpose=request.purpose,
            starts_at=request.starts_at,
            ends_at=request.ends_at,
            created_at=self._clock(),
        )
        self._session.add(grant)
        self._session.flush()
        line.grant = grant
        self._record(AuditAction.GRANT_GIVEN, "grant", grant.id, item=grant.item_id, number=number, case=case.id)

    def _refuse_twice(self, reader: Person, item: Item) -> None:
        asked = select(ReadingRequest.number).join(ReadingRequest.lines).where(ReadingRequest.reader_id == reader.id)
        asked = asked.where(RequestLine.item_id == item.id, RequestLine.state == LineState.OPEN)
        number = self._session.scalar(asked.limit(1))
        if number is not None:
            raise ConflictError(_("您已申请阅览这份文件，正在审批：{number}。"), number=number)

    def _next_number(self, series: str) -> int:
        return CatalogueService(self._session, self._clock, self._actor).next_number(series)

    def _record(self, action: AuditAction, kind: str, subject: str, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, kind, subject, **details)
