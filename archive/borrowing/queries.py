"""What the pages of borrowing show: requests, and grants that run. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, exists, func, or_, select, true
from sqlalchemy.orm import Session, contains_eager, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from archive.borrowing.copies.models import CopyState, IssuedCopy
from archive.borrowing.display import Carried
from archive.borrowing.models import (
    LeaderOrder,
    LineState,
    ReadingRequest,
    RequestLine,
    SignedForm,
    SignedStep,
    StandingAuthorisation,
)
from archive.borrowing.paper.models import PaperReading, VisitItem
from archive.catalogue.models import Item
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person, Role
from archive.platform.approval.chains import Asked
from archive.platform.approval.inbox import Inbox
from archive.platform.approval.models import ApprovalCase, ApprovalStep, CaseState
from archive.platform.db import Clock
from archive.platform.errors import NotFoundError
from archive.platform.grants import Grant, GrantKind, running_at
from archive.platform.guard import Act, Guard
from archive.platform.i18n import _

__all__ = ["BorrowingQueries", "RunningGrant", "approved_lines", "readings_without_approval"]

_PAGE = 20


@dataclass(frozen=True, slots=True)
class RunningGrant:
    """A grant with its person and item."""

    grant: Grant
    person: Person
    item: Item


class BorrowingQueries:
    """Reads for one person; what he may not see is not there."""

    def __init__(self, session: Session, clock: Clock, inbox: Inbox) -> None:
        self._session = session
        self._clock = clock
        self._inbox = inbox
        self._guard = Guard(session, clock)

    def mine(self, person: Person, page: int) -> tuple[int, Sequence[ReadingRequest]]:
        """How many requests he made, and one page of them (from 1), the newest first."""
        total = select(func.count()).select_from(ReadingRequest).where(ReadingRequest.reader_id == person.id)
        wanted = select(ReadingRequest).where(ReadingRequest.reader_id == person.id).options(*_with_lines())
        wanted = wanted.order_by(ReadingRequest.created_at.desc(), ReadingRequest.id.desc())
        rows = self._session.scalars(wanted.offset((page - 1) * _PAGE).limit(_PAGE)).all()
        return self._session.scalar(total) or 0, rows

    def request(self, request_id: str, person: Person) -> ReadingRequest:
        """One request, for its reader, an archivist, or whoever decides it. Raises NotFoundError."""
        request = self._session.get(ReadingRequest, request_id, options=_with_lines())
        if request is None or not (request.reader_id == person.id or self._concerns(request, person)):
            raise NotFoundError(_("没有这份申请。"))
        return request

    def carried_out(self, request: ReadingRequest) -> dict[str, Carried]:
        """The last reading of the original, or copy, for each line that has come so far, by the id of the line."""
        at_the_desk = (Asked.PAPER, Asked.COPY, Asked.CERTIFICATE)
        ids = [line.id for line in request.lines if line.asked in at_the_desk and line.state is LineState.APPROVED]
        if not ids:
            return {}
        papers = select(PaperReading).where(PaperReading.line_id.in_(ids)).order_by(PaperReading.fetched_at)
        copies = select(IssuedCopy).where(IssuedCopy.line_id.in_(ids), IssuedCopy.state != CopyState.DISCARDED)
        found = [*self._session.scalars(papers), *self._session.scalars(copies.order_by(IssuedCopy.written_at))]
        return {one.line_id or "": one for one in found}

    def standing(self, person: Person, page: int) -> tuple[int, Sequence[StandingAuthorisation]]:
        """How many standing authorisations concern this person, and one page of them, the newest first."""
        wanted = select(StandingAuthorisation).where(_concerning(person))
        total = self._session.scalar(wanted.with_only_columns(func.count()))
        rows = wanted.order_by(StandingAuthorisation.created_at.desc(), StandingAuthorisation.id.desc())
        return total or 0, self._session.scalars(rows.offset((page - 1) * _PAGE).limit(_PAGE)).all()

    def one_standing(self, standing_id: str, person: Person) -> StandingAuthorisation:
        """One standing authorisation that concerns this person, or that he decides. Raises NotFoundError."""
        standing = self._session.get(StandingAuthorisation, standing_id)
        if standing is None:
            raise NotFoundError(_("没有这项长期授权。"))
        mine = select(StandingAuthorisation.id).where(StandingAuthorisation.id == standing.id, _concerning(person))
        if self._session.scalar(mine) is None and not self._decides(standing.case, person):
            raise NotFoundError(_("没有这项长期授权。"))
        return standing

    def used_under(self, standing: StandingAuthorisation) -> Sequence[RunningGrant]:
        """The last grants that were made under it, the newest first."""
        wanted = select(Grant, Person, Item).join(Person, Person.id == Grant.person_id)
        wanted = wanted.join(Item, Item.id == Grant.item_id).where(Grant.standing_id == standing.id)
        rows = self._session.execute(wanted.order_by(Grant.created_at.desc(), Grant.id.desc()).limit(_PAGE))
        return [RunningGrant(*row) for row in rows]

    def _decides(self, case: ApprovalCase | None, person: Person) -> bool:
        if case is None:
            return False
        decided = any(step.decided_by == person.id for step in case.steps)
        return decided or self._inbox.waits(person, [case.id])

    def running(self, person: Person) -> list[RunningGrant]:
        """Grants that run now, on records this person may know of, those that end first on top."""
        wanted = (
            select(Grant, Person, Item)
            .join(Person, Person.id == Grant.person_id)
            .join(Item, Item.id == Grant.item_id)
            .where(running_at(self._clock()))
            .order_by(Grant.ends_at)
        )
        rows = (RunningGrant(*row) for row in self._session.execute(wanted))
        return [row for row in rows if self.knows(person, row.item)]

    def knows(self, person: Person, item: Item) -> bool:
        """Whether this person may see the item's catalogue line now."""
        return self._guard.decide(person, facts(item), Act.KNOW).allowed

    def knows_by_duty(self, person: Person, item: Item) -> bool:
        """Whoever decides about an item sees its catalogue line, as long as anybody may know of it."""
        return self._guard.known_by_duty(person, facts(item))

    def _concerns(self, request: ReadingRequest, person: Person) -> bool:
        if Role.ARCHIVIST in person.roles:
            return True
        cases = [line.case_id for line in request.lines if line.case_id]
        steps = [step for line in request.lines if line.case for step in line.case.steps]
        return any(step.decided_by == person.id for step in steps) or self._inbox.waits(person, cases)


def approved_lines(session: Session, asked: Asked) -> Sequence[RequestLine]:
    """Approved lines that ask for this, the oldest first, with request, reader and item: for whoever carries them out.

    Lines whose time is over are among them: whether something is still to be done is known there.
    """
    wanted = select(RequestLine).where(RequestLine.asked == asked, RequestLine.state == LineState.APPROVED)
    wanted = wanted.join(RequestLine.request).order_by(ReadingRequest.created_at, RequestLine.position, RequestLine.id)
    reader = contains_eager(RequestLine.request).joinedload(ReadingRequest.reader)
    return session.scalars(wanted.options(reader, joinedload(RequestLine.item))).all()


def readings_without_approval(session: Session) -> int:
    """How many grants and approved lines rest on no approval: 0, whatever was done. An archivist's task needs none.

    Each is held against what it rests on: a case that was approved, a signed form, an order of a leader, or a standing
    authorisation that was approved and held when it was used.
    """
    line = RequestLine.__table__.alias("line")
    his_case = ApprovalCase.state == CaseState.APPROVED
    rests = or_(
        exists().where(ApprovalCase.id == line.c.case_id, his_case),
        exists().where(SignedStep.form_id == line.c.form_id),
        exists().where(LeaderOrder.id == line.c.order_id, LeaderOrder.leader_id == ReadingRequest.reader_id),
        exists().where(
            StandingAuthorisation.id == line.c.standing_id,
            StandingAuthorisation.state == LineState.APPROVED,
            StandingAuthorisation.starts_at <= ReadingRequest.created_at,
            ReadingRequest.created_at < StandingAuthorisation.ends_at,
            # Opened in the very moment of its end: it was closed with it.
            ReadingRequest.created_at <= func.coalesce(StandingAuthorisation.ended_at, StandingAuthorisation.ends_at),
        ),
    )
    of_request = line.c.request_id == ReadingRequest.id
    lines = select(func.count()).select_from(line.join(ReadingRequest.__table__, of_request))
    unproven = lines.where(line.c.state == LineState.APPROVED, ~rests)
    by_line = (
        select(line.c.grant_id)
        .join(ReadingRequest, of_request)
        .where(line.c.grant_id == Grant.id, ReadingRequest.reader_id == Grant.person_id, rests)
    )
    by_visit = exists().where(VisitItem.grant_id == Grant.id, ApprovalCase.id == VisitItem.case_id, his_case)
    loose = select(func.count()).select_from(Grant).where(Grant.kind != GrantKind.TASK)
    loose = loose.where(~by_line.exists(), ~by_visit)
    return (session.scalar(unproven) or 0) + (session.scalar(loose) or 0)


def _concerning(person: Person) -> ColumnElement[bool]:
    """The condition, in SQL, that a standing authorisation is this person's to see."""
    if Role.ARCHIVIST in person.roles:
        return true()
    his = [
        StandingAuthorisation.applicant_id == person.id,
        StandingAuthorisation.person_id == person.id,
        StandingAuthorisation.post_id.in_([post.id for post in person.posts]),
    ]
    if Role.DEPARTMENT_HEAD in person.roles:
        his.append(StandingAuthorisation.unit_id == person.unit_id)
    return or_(*his)


def _with_lines() -> list[ORMOption]:
    lines = selectinload(ReadingRequest.lines)
    steps = lines.joinedload(RequestLine.case).selectinload(ApprovalCase.steps)
    return [
        joinedload(ReadingRequest.reader).joinedload(Person.unit),
        joinedload(ReadingRequest.enterer),
        lines.joinedload(RequestLine.item),
        lines.joinedload(RequestLine.grant),
        lines.joinedload(RequestLine.standing),
        lines.joinedload(RequestLine.form).joinedload(SignedForm.enterer),
        lines.joinedload(RequestLine.order).joinedload(LeaderOrder.maker),
        steps.joinedload(ApprovalStep.decider),
        lines.joinedload(RequestLine.case).selectinload(ApprovalCase.acts),
    ]
