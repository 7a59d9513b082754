"""出库: paper leaves the repository by an order, with approval and two signatures; never for a request to read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo

from sqlalchemy.orm import Session

from archive.borrowing.paper.incidents import IncidentService
from archive.borrowing.paper.log import CustodyLog, paper_item
from archive.borrowing.paper.models import CustodyKind, OutAct, OutItem, OutKind, OutState
from archive.borrowing.paper.people import in_charge
from archive.borrowing.paper.room import typed_day
from archive.borrowing.paper.workflow import Count, when_brought_back, when_handed_out
from archive.catalogue.models import Item
from archive.catalogue.service import CatalogueService
from archive.platform.accounts.models import Person, Role
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.approval.models import ActKind, ApprovalCase, CaseState
from archive.platform.approval.service import ApprovalService
from archive.platform.approval.workflow import StepSpec
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import notify

__all__ = ["AFTERWARDS", "CHAINS", "RETURNING", "SUBJECT", "Order", "OutService", "path_of", "unapproved"]

#: the kind of subject that is approved here
SUBJECT = "out_act"
#: within this time an emergency is approved afterwards
AFTERWARDS = timedelta(days=1)
#: kinds whose paper comes back
RETURNING = frozenset({OutKind.DIGITISATION, OutKind.REPAIR, OutKind.EMERGENCY, OutKind.SEIZURE})
#: who approves, by kind
CHAINS: Mapping[OutKind, tuple[StepSpec, ...]] = {
    OutKind.DIGITISATION: (StepSpec(Role.OFFICE_DIRECTOR),),
    OutKind.REPAIR: (StepSpec(Role.OFFICE_DIRECTOR),),
    OutKind.TRANSFER: (StepSpec(Role.OFFICE_DIRECTOR), StepSpec(Role.LEADER)),
    OutKind.DESTRUCTION: (StepSpec(Role.OFFICE_DIRECTOR), StepSpec(Role.LEADER)),
    OutKind.EMERGENCY: (StepSpec(Role.OFFICE_DIRECTOR),),
    OutKind.SEIZURE: (StepSpec(Role.OFFICE_DIRECTOR), StepSpec(Role.LEADER)),
}
_LENGTHS = {"ground": 500, "ordered_by": 200, "destination": 200, "disposal": 200}
_TAKER_LENGTH = 200
_OUTCOMES = {
    CaseState.APPROVED: OutState.APPROVED,
    CaseState.REFUSED: OutState.REFUSED,
    CaseState.WITHDRAWN: OutState.WITHDRAWN,
}


@dataclass(frozen=True, slots=True)
class Order:
    """What orders paper out: `due_back` is a day in ISO 8601, "" where nothing comes back."""

    kind: OutKind
    ground: str
    ordered_by: str
    destination: str
    disposal: str = ""
    due_back: str = ""


class OutService:
    """出库 acts, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone
        self._approval = ApprovalService(session, clock, actor)
        self._log = CustodyLog(session, clock, actor)
        self._incidents = IncidentService(session, clock, actor, zone)

    def order(self, order: Order, items: Sequence[Item], person: Person) -> OutAct:
        """Ask that paper may leave. Raises ForbiddenError, InvalidError (field), ConflictError (no paper)."""
        _desk_only(person)
        due_back = self._checked(order)
        if not items:
            raise InvalidError(_("请填写要出库的档号，每行一个。"), field="codes")
        boxes = [paper_item(item) for item in items]
        now = self._clock()
        catalogue = CatalogueService(self._session, self._clock, self._actor)
        act = OutAct(
            id=new_id(),
            number=catalogue.next_of_year("out", self._zone, "C"),
            kind=order.kind,
            state=OutState.ASKED,
            ground=order.ground.strip(),
            ordered_by=order.ordered_by.strip(),
            disposal=order.disposal.strip(),
            destination=order.destination.strip(),
            due_back=due_back,
            created_by=person.id,
            created_at=now,
            approve_until=now + AFTERWARDS if order.kind is OutKind.EMERGENCY else None,
        )
        for position, (item, box) in enumerate(zip(items, boxes, strict=True), start=1):
            act.items.append(OutItem(id=new_id(), position=position, item=item, box=box.label, shelf=box.shelf))
        self._session.add(act)
        self._session.flush()
        case = self._approval.open(SUBJECT, act.id, person, CHAINS[order.kind], label=act.number)
        act.case = case
        self.follow(case)
        self._record(AuditAction.OUT_ORDERED, act, kind=order.kind, items=[item.id for item in items])
        return act

    def follow(self, case: ApprovalCase) -> None:
        """Do what the outcome of the case says. An emergency that is out already only gets its date, or an alarm."""
        act = self._session.get(OutAct, case.subject_id, with_for_update=True, populate_existing=True)
        if act is None or case.state not in _OUTCOMES:
            return
        if case.state is CaseState.APPROVED:
            act.approved_at = self._clock()
        if act.state is OutState.ASKED:
            act.state = _OUTCOMES[case.state]
        elif case.state is not CaseState.APPROVED:
            notify(
                self._session,
                self._clock,
                in_charge(self._session),
                NoticeKind.OUT_NOT_APPROVED,
                path_of(act),
                number=act.number,
            )

    def act(self, act_id: str, person: Person) -> OutAct:
        """An act, for whoever answers for paper, and for who is to take it. Raises NotFoundError."""
        act = self._session.get(OutAct, act_id)
        sees = Permission.CUSTODY in permissions_of(person.roles)
        if act is None or not (sees or act.taken_by == person.id):
            raise NotFoundError(_("没有这份出库单。"))
        return act

    def withdraw(self, act_id: str, person: Person) -> OutAct:
        """Take an order back, before anything left. Raises NotFoundError, ForbiddenError, ConflictError."""
        act = self._locked(act_id)
        if act.state is not OutState.ASKED:
            raise ConflictError(_("这份出库单已经办理，不能撤回。"))
        self.follow(self._approval.withdraw(act.case_id or "", person))
        return act

    def give(
        self,
        act_id: str,
        person: Person,
        counts: Mapping[str, Count],
        *,
        taker: Person | None = None,
        outsider: str = "",
    ) -> OutAct:
        """The first signature: who hands over has counted every item (`counts` by id of the line).

        `taker` signs next, with his own account; for an `outsider` (name, unit, document) a second archivist who saw
        him take it does. Raises NotFoundError, ForbiddenError, ConflictError, InvalidError (taker, pages, note).
        """
        _desk_only(person)
        act = self._locked(act_id)
        emergency = act.kind is OutKind.EMERGENCY and act.state is OutState.ASKED
        if not (act.state is OutState.APPROVED or emergency):
            raise ConflictError(_("这份出库单没有批准，或者已经交接。"))
        if (taker is None) == (not outsider.strip()):
            raise InvalidError(_("请填写接收人：本单位人员，或外单位人员的姓名、单位和证件。"), field="taker")
        if len(outsider) > _TAKER_LENGTH:
            raise InvalidError(_("请不超过 {most} 字。"), field="outsider", most=_TAKER_LENGTH)
        if taker is not None and taker.id == person.id:
            raise ForbiddenError(_("移交人和接收人不能是同一个人。"))
        self._refuse_only_approver(act, person)
        for line in act.items:
            if line.id not in counts:
                raise InvalidError(_("请清点每一件的页数。"), field="pages")
            line.pages_out, line.condition_out = counts[line.id].pages, counts[line.id].condition
            # Refused now, not when the second person signs.
            when_handed_out(self._log.paper(self._log.locked(line.item_id)), counts[line.id], person.id, "")
            self._incidents_allow(act, line)
        act.state, act.given_by, act.given_at = OutState.SIGNED, person.id, self._clock()
        act.taken_by, act.taker = taker.id if taker else None, outsider.strip()
        self._record(AuditAction.OUT_GIVEN, act, to=act.taken_by)
        if taker is not None:
            notify(self._session, self._clock, [taker.id], NoticeKind.OUT_TO_SIGN, path_of(act), number=act.number)
        return act

    def take(self, act_id: str, person: Person) -> OutAct:
        """The second signature: the paper leaves now. Raises NotFoundError, ForbiddenError, ConflictError."""
        act = self._locked(act_id)
        if act.state is not OutState.SIGNED:
            raise ConflictError(_("这份出库单还没有移交，或者已经签收。"))
        if act.taken_by is None:
            _desk_only(person)
        elif act.taken_by != person.id:
            raise ForbiddenError(_("这份出库单由指定的接收人本人签收。"))
        if person.id == act.given_by:
            raise ForbiddenError(_("移交人和接收人不能是同一个人。"))
        self._refuse_only_approver(act, person)
        for line in act.items:
            custody = self._log.locked(line.item_id)
            count = Count(line.pages_out or 0, line.condition_out)  # type: ignore[arg-type]
            after = when_handed_out(self._log.paper(custody), count, act.given_by or "", person.id)
            people = (act.given_by or "", person.id)
            self._log.write(custody, CustodyKind.HANDED_OUT, after, people, held_for=line, count=count)
        act.taken_by, act.taken_at = person.id, self._clock()
        act.state = OutState.OUT if act.kind in RETURNING else OutState.GONE
        self._session.flush()
        self._record(AuditAction.OUT_TAKEN, act)
        return act

    def bring_back(self, act_id: str, person: Person, counts: Mapping[str, Count]) -> OutAct:
        """Count what comes back (`counts` by id of the line), to the desk; it need not be all at once.

        A difference needs words and opens an incident.
        Raises NotFoundError, ForbiddenError, ConflictError, InvalidError.
        """
        _desk_only(person)
        act = self._locked(act_id)
        if act.state is not OutState.OUT:
            raise ConflictError(_("这份出库单没有在外的原件。"))
        awaited = [line for line in act.items if line.back_at is None]
        coming = [line for line in awaited if line.id in counts]
        if not coming:
            raise InvalidError(_("请填写归还清点的页数。"), field="pages")
        for line in coming:
            self._bring_back(line, person, counts[line.id])
        if len(coming) == len(awaited):
            act.state, act.back_at = OutState.BACK, self._clock()
        self._record(AuditAction.OUT_BACK, act, items=[line.item_id for line in coming])
        return act

    def _bring_back(self, line: OutItem, person: Person, count: Count) -> None:
        custody = self._log.locked(line.item_id)
        if custody.out_id != line.id:
            raise ConflictError(_("这件原件没有按这份出库单出库。"))
        taker_id = line.act.taken_by
        before = self._log.paper(custody)
        after = when_brought_back(before, count, person.id, taker_id or "")
        line.pages_back, line.condition_back = count.pages, count.condition
        line.back_by, line.back_at = person.id, self._clock()
        self._log.write(custody, CustodyKind.BROUGHT_BACK, after, (person.id, taker_id), held_for=line, count=count)
        self._incidents.report_difference(line.item, before.counted, count, person, out=line)

    def _incidents_allow(self, act: OutAct, line: OutItem) -> None:
        """Damaged paper goes to repair; nothing else with an open incident leaves."""
        if act.kind is not OutKind.REPAIR:
            self._incidents.refuse_while_open(line.item_id)

    def _refuse_only_approver(self, act: OutAct, person: Person) -> None:
        """Whoever alone approved it neither hands nor takes. Raises ForbiddenError."""
        said = act.case.acts if act.case else []
        approvers = {one.person_id for one in said if one.kind is ActKind.APPROVED}
        if approvers == {person.id}:
            raise ForbiddenError(_("唯一的批准人不能参加交接，请由他人办理。"))

    def _checked(self, order: Order) -> str | None:
        """The day it is due back, None where nothing comes back. Raises InvalidError."""
        needed = {
            "ground": (order.ground, _("请写明出库的事由。")),
            "ordered_by": (order.ordered_by, _("请写明谁下令出库和文号。")),
            "destination": (order.destination, _("请写明送往何处、交给谁。")),
        }
        for field, (text, missing) in needed.items():
            if not text.strip():
                raise InvalidError(missing, field=field)
            if len(text) > _LENGTHS[field]:
                raise InvalidError(_("请不超过 {most} 字。"), field=field, most=_LENGTHS[field])
        if len(order.disposal) > _LENGTHS["disposal"]:
            raise InvalidError(_("请不超过 {most} 字。"), field="disposal", most=_LENGTHS["disposal"])
        if order.kind not in RETURNING:
            if not order.disposal.strip():
                raise InvalidError(_("请写明已执行的处置决定（移交清册或销毁清册的编号）。"), field="disposal")
            return None
        due = typed_day("due_back", order.due_back)
        if due < self._clock().astimezone(self._zone).date():
            raise InvalidError(_("应还日期不能早于今天。"), field="due_back")
        return due.isoformat()

    def _locked(self, act_id: str) -> OutAct:
        act = self._session.get(OutAct, act_id, with_for_update=True, populate_existing=True)
        if act is None:
            raise NotFoundError(_("没有这份出库单。"))
        return act

    def _record(self, action: AuditAction, act: OutAct, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "out_act", act.id, number=act.number, **details)


def unapproved(act: OutAct, now: datetime) -> bool:
    """Whether an emergency was not approved in the time there was for it."""
    return act.approved_at is None and act.approve_until is not None and now >= act.approve_until


def path_of(act: OutAct) -> str:
    """Its page."""
    return f"/desk/out/{act.id}"


def _desk_only(person: Person) -> None:
    if Permission.DESK not in permissions_of(person.roles):
        raise ForbiddenError(_("原件的出库和归还由档案员在服务台办理。"))
