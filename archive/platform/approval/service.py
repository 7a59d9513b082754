"""Cases in the database: opened, decided, withdrawn, in the transaction of the feature that acts on the outcome."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.actor import Actor
from archive.platform.approval.models import ApprovalCase, ApprovalStep, CaseState, StepState
from archive.platform.approval.workflow import Case, Step, StepSpec, open_case, when_decided, when_withdrawn
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, NotFoundError
from archive.platform.i18n import _

__all__ = ["ApprovalService"]

#: stands in where a step has nobody but the applicant, or nobody at all
_STAND_IN = Role.OFFICE_DIRECTOR


class ApprovalService:
    """Keeps what the state machine decides. Two deciders at once queue at the row of the case."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def open(self, subject_kind: str, subject_id: str, applicant: Person, specs: Sequence[StepSpec]) -> ApprovalCase:
        """A new case; with no steps it is approved at once. Raises ConflictError if a step has nobody to decide it."""
        staffed = self._staffed(specs, applicant)
        now = self._clock()
        state = open_case(applicant.id, staffed)
        case = ApprovalCase(
            subject_kind=subject_kind,
            subject_id=subject_id,
            applicant_id=applicant.id,
            state=state.state,
            created_at=now,
        )
        case.decided_at = now if state.state is not CaseState.OPEN else None
        case.steps = [
            ApprovalStep(position=n, role=step.spec.role, unit_id=step.spec.unit_id, state=step.state)
            for n, step in enumerate(state.steps)
        ]
        self._session.add(case)
        self._session.flush()
        self._record(AuditAction.CASE_OPENED, case, subject=subject_id, steps=[spec.role for spec in staffed])
        return case

    def decide(self, step_id: str, person: Person, *, approve: bool, comment: str = "") -> ApprovalCase:
        """Decide the due step. Raises NotFoundError, ForbiddenError, ConflictError; the case tells the outcome."""
        case, step = self._locked_step(step_id)
        after = when_decided(_pure(case), step.position, facts_of(person), approve=approve)
        step.decided_by, step.decided_at, step.comment = person.id, self._clock(), comment
        self._keep(case, after)
        action = AuditAction.STEP_APPROVED if approve else AuditAction.STEP_REFUSED
        self._record(action, case, step=step.position, subject=case.subject_id)
        return case

    def withdraw(self, case_id: str, person: Person) -> ApprovalCase:
        """Take a case back. Raises NotFoundError, ForbiddenError (another's), ConflictError (closed already)."""
        case = self._locked(case_id)
        self._keep(case, when_withdrawn(_pure(case), person.id))
        self._record(AuditAction.CASE_WITHDRAWN, case, subject=case.subject_id)
        return case

    def inbox(self, person: Person) -> Sequence[ApprovalStep]:
        """Everything that waits for this person, the oldest first."""
        waiting = select(ApprovalStep).join(ApprovalStep.case).where(_waits_for(person))
        return self._session.scalars(waiting.order_by(ApprovalCase.created_at, ApprovalCase.id)).all()

    def decided(self, person: Person, limit: int = 10) -> Sequence[ApprovalStep]:
        """The last decisions this person took, the newest first."""
        taken = select(ApprovalStep).where(ApprovalStep.decided_by == person.id)
        return self._session.scalars(taken.order_by(ApprovalStep.decided_at.desc()).limit(limit)).all()

    def waiting(self, person: Person) -> int:
        """How many things wait for this person."""
        counted = select(func.count()).select_from(ApprovalStep).join(ApprovalStep.case).where(_waits_for(person))
        return self._session.scalar(counted) or 0

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
        return case

    def _keep(self, case: ApprovalCase, after: Case) -> None:
        case.state = after.state
        if after.state is not CaseState.OPEN:
            case.decided_at = self._clock()
        for row, step in zip(case.steps, after.steps, strict=True):
            row.state = step.state

    def _staffed(self, specs: Sequence[StepSpec], applicant: Person) -> list[StepSpec]:
        """The steps, each with somebody to decide it; the stand-in decides once, even for several empty steps."""
        staffed: list[StepSpec] = []
        for spec in specs:
            taken = spec if self._has_decider(spec, applicant) else StepSpec(_STAND_IN)
            if taken in staffed:
                continue
            if not self._has_decider(taken, applicant):
                raise ConflictError(_("没有可以审批此申请的人员，请联系档案室。"))
            staffed.append(taken)
        return staffed

    def _has_decider(self, spec: StepSpec, applicant: Person) -> bool:
        holders = select(Person.id).join(Person.holdings).where(RoleHolding.role == spec.role, Person.active)
        if spec.unit_id is not None:
            holders = holders.where(Person.unit_id == spec.unit_id)
        return self._session.scalar(holders.where(Person.id != applicant.id).limit(1)) is not None

    def _record(self, action: AuditAction, case: ApprovalCase, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "case", case.id, **details)


def _waits_for(person: Person) -> ColumnElement[bool]:
    """The condition, in SQL, that a step waits for this person: `workflow.may_decide` for whole queries."""
    in_his_unit = or_(ApprovalStep.unit_id.is_(None), ApprovalStep.unit_id == person.unit_id)
    his = and_(ApprovalStep.role.in_(person.roles), in_his_unit, ApprovalCase.applicant_id != person.id)
    return and_(ApprovalStep.state == StepState.DUE, his)


def _pure(case: ApprovalCase) -> Case:
    steps = tuple(Step(StepSpec(row.role, row.unit_id), row.state) for row in case.steps)
    return Case(case.applicant_id, steps, case.state)
