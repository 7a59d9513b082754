"""Cases in the database: opened, decided, returned, withdrawn, passed on; and who decides in whose place.

Whatever decides goes through `archive.platform.approval.decisions`, which acts on the outcome in the same transaction.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.facts import PersonFacts, facts_of
from archive.platform.accounts.models import Person, PostHolding, Role, RoleHolding
from archive.platform.actor import Actor
from archive.platform.approval.inbox import mandates_of
from archive.platform.approval.models import (
    ActKind,
    ApprovalAct,
    ApprovalCase,
    ApprovalStep,
    CaseState,
    Delegation,
    StepState,
)
from archive.platform.approval.workflow import (
    FINAL,
    Case,
    Step,
    StepSpec,
    Verdict,
    check_comment,
    open_case,
    principal,
    when_decided,
    when_escalated,
    when_reassigned,
    when_resubmitted,
    when_settled,
    when_withdrawn,
)
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.service import mark_done, notify

__all__ = ["ApprovalService", "holders", "pure", "spec_of", "staffed"]

#: stand in where a step has nobody but the applicant, or nobody at all, or its time is over; the first with somebody
_STAND_INS = (StepSpec(Role.OFFICE_DIRECTOR), StepSpec(Role.LEADER))

_ACTS = {
    Verdict.APPROVE: (ActKind.APPROVED, AuditAction.STEP_APPROVED),
    Verdict.REFUSE: (ActKind.REFUSED, AuditAction.STEP_REFUSED),
    Verdict.RETURN: (ActKind.RETURNED, AuditAction.STEP_RETURNED),
}
_OUTCOMES = {CaseState.APPROVED: _("已批准"), CaseState.REFUSED: _("未获批准")}
#: a reminder comes so long before the time is over, or when half of it is
_REMIND_BEFORE = timedelta(days=1)


class ApprovalService:
    """Keeps what the state machine decides. Two deciders at once queue at the row of the case."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def open(
        self, subject_kind: str, subject_id: str, applicant: Person, specs: Sequence[StepSpec], *, label: str = ""
    ) -> ApprovalCase:
        """A new case; with no steps it is approved at once. `label` is its number as people know it.

        Raises ConflictError if a step has nobody to decide it.
        """
        decided_by = staffed(self._session, specs, applicant.id)
        now = self._clock()
        state = open_case(applicant.id, decided_by)
        case = ApprovalCase(
            subject_kind=subject_kind,
            subject_id=subject_id,
            label=label,
            applicant=applicant,
            applicant_id=applicant.id,
            state=state.state,
            created_at=now,
        )
        case.decided_at = now if state.state is not CaseState.OPEN else None
        case.steps = [_row_of(position, spec) for position, spec in enumerate(decided_by)]
        self._session.add(case)
        self._session.flush()
        self._keep(case, state)
        self._record(AuditAction.CASE_OPENED, case, subject=subject_id, steps=[_said(spec) for spec in decided_by])
        return case

    def decide(self, step_id: str, person: Person, verdict: Verdict, comment: str = "") -> ApprovalCase:
        """Decide the due step; the case tells the outcome.

        Raises NotFoundError, ForbiddenError, ConflictError, InvalidError (no reason for a refusal or a return).
        """
        check_comment(verdict, comment)
        case, step = self._locked_step(step_id)
        before = pure(case)
        behalf = self._behalf(person, case)
        who = principal(before, step.position, facts_of(person), behalf)
        deciders = frozenset(holders(self._session, spec_of(step)))
        after = when_decided(before, step.position, facts_of(person), verdict, behalf=behalf, deciders=deciders)
        kind, action = _ACTS[verdict]
        behalf_id = who.id if who and who.id != person.id else None
        self._act(case, kind, step, person_id=person.id, behalf_id=behalf_id, comment=comment.strip())
        if after.steps[step.position].state in {StepState.APPROVED, StepState.REFUSED}:
            step.decided_by, step.decided_at, step.comment = person.id, self._clock(), comment.strip()
        self._keep(case, after)
        self._record(action, case, step=step.position, subject=case.subject_id, behalf=behalf_id)
        return case

    def resubmit(self, case_id: str, person: Person, remark: str) -> ApprovalCase:
        """The applicant answers what he was asked. Raises NotFoundError, ForbiddenError, ConflictError, InvalidError.

        The step that returned the case is due again.
        """
        if not remark.strip():
            raise InvalidError(_("请写明补充的内容。"), field="remark")
        check_comment(Verdict.APPROVE, remark)
        case = self._locked(case_id)
        after = when_resubmitted(pure(case), person.id)
        self._act(case, ActKind.RESUBMITTED, None, person_id=person.id, comment=remark.strip())
        self._keep(case, after)
        self._record(AuditAction.CASE_RESUBMITTED, case, subject=case.subject_id)
        return case

    def withdraw(self, case_id: str, person: Person) -> ApprovalCase:
        """Take a case back. Raises NotFoundError, ForbiddenError (another's), ConflictError (closed already)."""
        case = self._locked(case_id)
        after = when_withdrawn(pure(case), person.id)
        self._act(case, ActKind.WITHDRAWN, None, person_id=person.id)
        self._keep(case, after)
        self._record(AuditAction.CASE_WITHDRAWN, case, subject=case.subject_id)
        return case

    def remind(self, case_id: str) -> bool:
        """Tell those who are to decide that the time is nearly over; once, False if it was done or is not needed."""
        case = self._locked(case_id)
        step = _due_row(case)
        if step is None or step.reminded_at is not None or not _passed(step.remind_at, self._clock):
            return False
        step.reminded_at = self._clock()
        self._act(case, ActKind.REMINDED, step)
        self._tell(case, step, NoticeKind.STEP_REMINDED)
        return True

    def escalate(self, case_id: str) -> bool:
        """Pass the due step to a stand-in if its time is over or nobody is left to decide it; False if it stays."""
        case = self._locked(case_id)
        step = _due_row(case)
        if step is None or step.escalated_at is not None:
            return False
        spec = spec_of(step)
        late = _passed(step.due_at, self._clock)
        if not late and _has_decider(self._session, spec, case.applicant_id):
            return False
        stand_in = _stand_in(self._session, case.applicant_id, beside=spec)
        if stand_in is None:
            # Once is enough: what nobody can take over stays where it is, marked as late.
            step.escalated_at = self._clock() if late else None
            return False
        self._pass_on(case, step, stand_in)
        return True

    def settle(self, case_id: str) -> ApprovalCase | None:
        """Go on with a step that all decide, when whoever did not approve yet has left; None if nothing changes."""
        case = self._locked(case_id)
        step = _due_row(case)
        if step is None:
            return None
        before = pure(case)
        after = when_settled(before, frozenset(holders(self._session, spec_of(step))))
        if after == before:
            return None
        step.decided_at = self._clock()
        self._keep(case, after)
        self._record(AuditAction.STEP_SETTLED, case, step=step.position, subject=case.subject_id)
        return case

    def reassign(self, from_id: str, to_id: str) -> int:
        """Give every step that names one person to another, or to a stand-in where he is the applicant; how many."""
        open_steps = select(ApprovalStep.id).join(ApprovalStep.case).where(ApprovalStep.person_id == from_id)
        ids = self._session.scalars(open_steps.where(ApprovalCase.state.not_in(FINAL)).order_by(ApprovalStep.id))
        return sum(self._reassign(step_id, to_id) for step_id in ids.all())

    def _reassign(self, step_id: str, to_id: str) -> bool:
        case, step = self._locked_step(step_id)
        spec = replace(spec_of(step), person_id=to_id)
        if not _has_decider(self._session, spec, case.applicant_id):
            spec = _stand_in(self._session, case.applicant_id) or spec
        try:
            after = when_reassigned(pure(case), step.position, spec)
        except ConflictError:
            return False
        self._set_deciders(step, spec)
        self._act(case, ActKind.REASSIGNED, step, person_id=self._actor.person_id, to_id=spec.person_id)
        self._keep(case, after)
        if step.state is StepState.DUE:
            self._tell(case, step, NoticeKind.STEP_DUE)
        self._record(AuditAction.STEP_REASSIGNED, case, step=step.position, to=_said(spec))
        return True

    def _pass_on(self, case: ApprovalCase, step: ApprovalStep, stand_in: StepSpec) -> None:
        after = when_escalated(pure(case), stand_in)
        self._set_deciders(step, stand_in)
        step.escalated_at = self._clock()
        step.due_at = step.remind_at = None
        self._act(case, ActKind.ESCALATED, step)
        self._keep(case, after)
        self._tell(case, step, NoticeKind.STEP_DUE)
        self._record(AuditAction.STEP_ESCALATED, case, step=step.position, to=_said(stand_in))

    def _keep(self, case: ApprovalCase, after: Case) -> None:
        """Write the state; whoever is asked next, or has asked, is told."""
        if after.state in FINAL and case.decided_at is None:
            case.decided_at = self._clock()
        was, case.state = case.state, after.state
        for row, step in zip(case.steps, after.steps, strict=True):
            begins = step.state is StepState.DUE and row.state is not StepState.DUE
            if row.state is StepState.DUE and step.state is not StepState.DUE:
                mark_done(self._session, self._clock, _link(case), NoticeKind.STEP_DUE, NoticeKind.STEP_REMINDED)
            row.state = step.state
            if begins:
                self._begin(case, row)
        if was is CaseState.RETURNED and after.state is not was:
            mark_done(self._session, self._clock, _link(case), NoticeKind.CASE_RETURNED)
        if after.state is not was:
            self._tell_applicant(case)

    def _begin(self, case: ApprovalCase, step: ApprovalStep) -> None:
        """A step becomes due: its time runs from now."""
        step.reminded_at = None
        if step.days is not None and step.escalated_at is None:
            allowed = timedelta(days=step.days)
            step.due_at = self._clock() + allowed
            step.remind_at = step.due_at - min(_REMIND_BEFORE, allowed / 2)
        self._tell(case, step, NoticeKind.STEP_DUE)

    def _tell(self, case: ApprovalCase, step: ApprovalStep, kind: NoticeKind) -> None:
        asked = [one for one in holders(self._session, spec_of(step)) if one != case.applicant_id]
        running = select(Delegation).where(Delegation.from_id.in_(asked), Delegation.running_at(self._clock()))
        takers = [
            one.to_id
            for one in self._session.scalars(running)
            if one.to_id != case.applicant_id and (not one.kinds or case.subject_kind in one.kinds)
        ]
        facts = {"number": case.label, "applicant": case.applicant.name}
        notify(self._session, self._clock, (*asked, *takers), kind, _link(case), **facts)

    def _tell_applicant(self, case: ApprovalCase) -> None:
        told = {"number": case.label}
        if case.state is CaseState.RETURNED:
            notify(self._session, self._clock, [case.applicant_id], NoticeKind.CASE_RETURNED, _link(case), **told)
        elif case.state in _OUTCOMES:
            told["outcome"] = _OUTCOMES[case.state]
            notify(self._session, self._clock, [case.applicant_id], NoticeKind.CASE_CLOSED, _link(case), **told)

    def _act(
        self,
        case: ApprovalCase,
        kind: ActKind,
        step: ApprovalStep | None,
        *,
        person_id: str | None = None,
        behalf_id: str | None = None,
        to_id: str | None = None,
        comment: str = "",
    ) -> None:
        act = ApprovalAct(
            number=len(case.acts) + 1,
            step_id=step.id if step else None,
            kind=kind,
            person_id=person_id,
            behalf_id=behalf_id,
            to_id=to_id,
            at=self._clock(),
            comment=comment,
        )
        case.acts.append(act)
        self._session.flush()

    def _behalf(self, person: Person, case: ApprovalCase) -> list[PersonFacts]:
        mandates = mandates_of(self._session, person, self._clock)
        return [giver for giver, kinds in mandates if not kinds or case.subject_kind in kinds]

    def _set_deciders(self, step: ApprovalStep, spec: StepSpec) -> None:
        step.role, step.unit_id, step.post_id, step.person_id = spec.role, spec.unit_id, spec.post_id, spec.person_id
        step.all_of = spec.all_of
        self._session.flush()
        self._session.expire(step, ["unit", "post", "person"])

    def _locked_step(self, step_id: str) -> tuple[ApprovalCase, ApprovalStep]:
        case_id = self._session.scalar(select(ApprovalStep.case_id).where(ApprovalStep.id == step_id))
        case = self._locked(case_id or "")
        return case, next(step for step in case.steps if step.id == step_id)

    def _locked(self, case_id: str) -> ApprovalCase:
        # Read again under the lock: whoever comes second must see what the first one did.
        case = self._session.get(ApprovalCase, case_id, with_for_update=True, populate_existing=True)
        if case is None:
            raise NotFoundError(_("没有这项审批。"))
        for step in case.steps:
            self._session.refresh(step)
        self._session.refresh(case, ["acts"])
        return case

    def _record(self, action: AuditAction, case: ApprovalCase, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "case", case.id, **details)


def staffed(session: Session, specs: Iterable[StepSpec], applicant_id: str) -> list[StepSpec]:
    """The steps, each with somebody to decide it; a stand-in decides once, even for several empty steps.

    Raises ConflictError, in words for the applicant, where nobody at all could decide.
    """
    steps: list[StepSpec] = []
    for spec in specs:
        taken = spec if _has_decider(session, spec, applicant_id) else _stand_in(session, applicant_id)
        if taken is None:
            raise ConflictError(_("没有可以审批此申请的人员，请联系档案室。"))
        if taken not in steps:
            steps.append(taken)
    return steps


def _stand_in(session: Session, applicant_id: str, beside: StepSpec | None = None) -> StepSpec | None:
    """Who stands in, other than those the step is with already."""
    present = replace(beside, unit_id=None, all_of=False, days=None) if beside else None
    others = (spec for spec in _STAND_INS if spec != present)
    return next((spec for spec in others if _has_decider(session, spec, applicant_id)), None)


def _has_decider(session: Session, spec: StepSpec, applicant_id: str) -> bool:
    return any(one != applicant_id for one in holders(session, spec))


def holders(session: Session, spec: StepSpec) -> Sequence[str]:
    """The ids of all who fit a step now: `workflow.fits` for whole queries."""
    active = select(Person.id).where(Person.active)
    if spec.role is not None:
        active = active.join(Person.holdings).where(RoleHolding.role == spec.role)
        if spec.unit_id is not None:
            active = active.where(Person.unit_id == spec.unit_id)
    elif spec.post_id is not None:
        held = PostHolding.post_id == spec.post_id, PostHolding.ended_at.is_(None)
        active = active.join(Person.post_holdings).where(*held)
    else:
        active = active.where(Person.id == spec.person_id)
    return session.scalars(active.order_by(Person.id)).all()


def _row_of(position: int, spec: StepSpec) -> ApprovalStep:
    return ApprovalStep(
        position=position,
        role=spec.role,
        unit_id=spec.unit_id,
        post_id=spec.post_id,
        person_id=spec.person_id,
        all_of=spec.all_of,
        days=spec.days,
        state=StepState.WAITING,
    )


def spec_of(row: ApprovalStep) -> StepSpec:
    """Who is to decide a stored step."""
    return StepSpec(row.role, row.post_id, row.person_id, row.unit_id, row.all_of, row.days)


def pure(case: ApprovalCase) -> Case:
    """The case as the state machine sees it."""
    steps = tuple(
        Step(spec_of(row), row.state, _approved_by(case, row), row.escalated_at is not None) for row in case.steps
    )
    return Case(case.applicant_id, steps, case.state)


def _approved_by(case: ApprovalCase, row: ApprovalStep) -> frozenset[str]:
    """Who approved the step since it came to those who decide it now."""
    said: set[str] = set()
    for act in case.acts:
        if act.step_id != row.id:
            continue
        if act.kind in {ActKind.ESCALATED, ActKind.REASSIGNED}:
            said.clear()
        elif act.kind is ActKind.APPROVED:
            said.add(act.behalf_id or act.person_id or "")
    return frozenset(said)


def _due_row(case: ApprovalCase) -> ApprovalStep | None:
    return next((step for step in case.steps if step.state is StepState.DUE), None)


def _passed(moment: datetime | None, clock: Clock) -> bool:
    return moment is not None and clock() >= moment


def _link(case: ApprovalCase) -> str:
    return f"/inbox/cases/{case.id}"


def _said(spec: StepSpec) -> str:
    """Who is to decide, for the trail: a role by its name, post and person by their ids."""
    return spec.role or spec.post_id or spec.person_id or ""
