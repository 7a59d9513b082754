"""Visitors without account: registered at the desk, in an employee's company, read only, approved like anybody."""

from dataclasses import dataclass
from datetime import date, time, tzinfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.borrowing.paper.log import paper_item
from archive.borrowing.paper.models import DocumentKind, Visit, VisitAsked, VisitItem, VisitItemState
from archive.borrowing.paper.room import closing_of, typed_day
from archive.catalogue.models import Item, Secrecy
from archive.catalogue.service import CatalogueService, facts
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
from archive.platform.grants import Act, Grant, GrantKind, Place
from archive.platform.guard import Guard
from archive.platform.i18n import _

__all__ = ["SUBJECT", "Told", "VisitService", "follow_visit"]

#: the kind of subject that is approved here
SUBJECT = "visit_item"
_ASKED = {VisitAsked.VIEW: Asked.VIEW, VisitAsked.PAPER: Asked.PAPER}
_STATES = {
    CaseState.OPEN: VisitItemState.OPEN,
    CaseState.RETURNED: VisitItemState.OPEN,
    CaseState.APPROVED: VisitItemState.APPROVED,
    CaseState.REFUSED: VisitItemState.REFUSED,
    CaseState.WITHDRAWN: VisitItemState.WITHDRAWN,
}
_LENGTHS = {"name": 100, "organisation": 200, "letter": 200, "purpose": 500}
_TAIL = 4
_MOST_DAYS = 31


@dataclass(frozen=True, slots=True)
class Told:
    """What is written down of a visitor. `document_tail`: the last four signs of his document; `until`: a day."""

    name: str
    organisation: str
    letter: str
    document_kind: DocumentKind
    document_tail: str
    purpose: str
    until: str


class VisitService:
    """Visits and what is read in them, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo, closing: time) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone
        self._closing = closing
        self._approval = ApprovalService(session, clock, actor)

    def register(self, told: Told, companion: Person | None, person: Person) -> Visit:
        """Write a visitor down. Raises ForbiddenError, InvalidError (field)."""
        _desk_only(person)
        until = self._checked(told)
        if companion is None or not companion.active:
            raise InvalidError(_("请填写陪同人员的登录名。"), field="companion")
        now = self._clock()
        catalogue = CatalogueService(self._session, self._clock, self._actor)
        visit = Visit(
            id=new_id(),
            number=catalogue.next_of_year("visit", self._zone, "L"),
            name=told.name.strip(),
            organisation=told.organisation.strip(),
            letter=told.letter.strip(),
            document_kind=told.document_kind,
            document_tail=told.document_tail.strip(),
            companion=companion,
            purpose=told.purpose.strip(),
            ends_at=closing_of(self._session, until, self._closing, self._zone),
            registered_by=person.id,
            registered_at=now,
        )
        self._session.add(visit)
        self._session.flush()
        self._record(AuditAction.VISIT_REGISTERED, visit, person=companion.id)
        return visit

    def ask(self, visit_id: str, item: Item, asked: VisitAsked, person: Person) -> VisitItem:
        """One item he wants to read; his companion is the applicant.

        State secrets are not shown to visitors, and what his companion may not know of does not exist for him.
        Raises ForbiddenError, NotFoundError, ConflictError.
        """
        _desk_only(person)
        visit = self._locked(visit_id)
        if visit.over_at(self._clock()):
            raise ConflictError(_("这次来访已经结束，请重新登记。"))
        if not Guard(self._session, self._clock).decide(visit.companion, facts(item), Act.KNOW).allowed:
            raise NotFoundError(_("没有找到陪同人员可以查阅的这份文件。"))
        if item.secrecy is not Secrecy.NONE:
            raise ForbiddenError(_("涉密档案不接待来访阅览。"))
        if asked is VisitAsked.PAPER:
            paper_item(item)
        last = select(func.count()).select_from(VisitItem).where(VisitItem.visit_id == visit.id)
        position = (self._session.scalar(last) or 0) + 1
        line = VisitItem(id=new_id(), visit=visit, position=position, item=item, asked=asked, state=VisitItemState.OPEN)
        self._session.add(line)
        self._session.flush()
        specs = chain_for(self._session, facts(item), visit.companion, visit.purpose, _ASKED[asked])
        case = self._approval.open(SUBJECT, line.id, visit.companion, specs, label=line.number)
        line.case = case
        follow_visit(self._session, self._clock, self._actor, case)
        self._record(AuditAction.VISIT_ASKED, visit, item=item.id)
        return line

    def leave(self, visit_id: str, person: Person) -> Visit:
        """He has left: his grants end now. Raises ForbiddenError, NotFoundError, ConflictError."""
        _desk_only(person)
        visit = self._locked(visit_id)
        if visit.left_at is not None:
            raise ConflictError(_("已经登记离开。"))
        visit.left_at = self._clock()
        for line in visit.items:
            if line.grant is not None and line.grant.revoked_at is None:
                line.grant.revoked_at = visit.left_at
        self._record(AuditAction.VISIT_ENDED, visit)
        return visit

    def _checked(self, told: Told) -> date:
        needed = {
            "name": (told.name, _("请填写来访人姓名。")),
            "organisation": (told.organisation, _("请填写来访人单位。")),
            "letter": (told.letter, _("请填写介绍信的编号和日期。")),
            "purpose": (told.purpose, _("请写明阅览目的。")),
        }
        for field, (text, missing) in needed.items():
            if not text.strip():
                raise InvalidError(missing, field=field)
            if len(text) > _LENGTHS[field]:
                raise InvalidError(_("请不超过 {most} 字。"), field=field, most=_LENGTHS[field])
        if len(told.document_tail.strip()) != _TAIL or not told.document_tail.strip().isalnum():
            raise InvalidError(_("只登记证件号码的最后四位。"), field="document_tail")
        until, today = typed_day("until", told.until), self._clock().astimezone(self._zone).date()
        if not 0 <= (until - today).days <= _MOST_DAYS:
            raise InvalidError(_("来访最后一天应在今天起 {days} 天内。"), field="until", days=_MOST_DAYS)
        return until

    def _locked(self, visit_id: str) -> Visit:
        visit = self._session.get(Visit, visit_id, with_for_update=True, populate_existing=True)
        if visit is None:
            raise NotFoundError(_("没有这次来访。"))
        return visit

    def _record(self, action: AuditAction, visit: Visit, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "visit", visit.id, number=visit.number, **details)


def follow_visit(session: Session, clock: Clock, actor: Actor, case: ApprovalCase) -> None:
    """Do what the outcome of a case says: what is approved for the screen gets its grant, until closing time."""
    line = session.scalars(select(VisitItem).where(VisitItem.id == case.subject_id)).one()
    line.state = _STATES[case.state]
    visit, now = line.visit, clock()
    if line.state is not VisitItemState.APPROVED or line.asked is not VisitAsked.VIEW or visit.over_at(now):
        return
    grant = Grant(
        id=new_id(),
        number=line.number,
        kind=GrantKind.VISITOR,
        person_id=visit.companion_id,
        visitor=f"{visit.name}（{visit.organisation}）",
        item_id=line.item_id,
        place=Place.ROOM,
        act=Act.READ,
        purpose=visit.purpose,
        starts_at=now,
        ends_at=visit.ends_at,
        created_at=now,
    )
    session.add(grant)
    session.flush()
    line.grant = grant
    told = {"item": grant.item_id, "number": grant.number, "case": case.id}
    record(session, clock, actor, AuditAction.GRANT_GIVEN, "grant", grant.id, **told)


def _desk_only(person: Person) -> None:
    if Permission.DESK not in permissions_of(person.roles):
        raise ForbiddenError(_("来访由档案员在服务台登记。"))
