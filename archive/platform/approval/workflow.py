"""The state machine of approval, pure: a case and an event in, the next case out, or a refusal.

            decide(approve), more steps           decide(approve), last step
    OPEN ──────────────────────────────► OPEN ──────────────────────────────► APPROVED
      │ decide(refuse)                     ├─────────────────────────────────► REFUSED
      └────────────── withdraw ────────────┴─────────────────────────────────► WITHDRAWN

Approved, refused and withdrawn are final. Exactly one step of an open case is due. Nobody decides his own case.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.approval.models import CaseState, StepState
from archive.platform.errors import ConflictError, ForbiddenError
from archive.platform.i18n import _

__all__ = [
    "Case",
    "Step",
    "StepSpec",
    "due_position",
    "fits",
    "may_decide",
    "open_case",
    "when_decided",
    "when_withdrawn",
]


@dataclass(frozen=True, slots=True)
class StepSpec:
    """Who is to decide: whoever holds `role`, in unit `unit_id` where that is set."""

    role: Role
    unit_id: str | None = None


@dataclass(frozen=True, slots=True)
class Step:
    """A step and where it stands."""

    spec: StepSpec
    state: StepState = StepState.WAITING


@dataclass(frozen=True, slots=True)
class Case:
    """A case and where it stands."""

    applicant_id: str
    steps: tuple[Step, ...]
    state: CaseState = CaseState.OPEN


def open_case(applicant_id: str, specs: Sequence[StepSpec]) -> Case:
    """A new case: its first step is due; without steps there is nothing to wait for and it is approved."""
    if not specs:
        return Case(applicant_id, (), CaseState.APPROVED)
    first, *others = (Step(spec) for spec in specs)
    return Case(applicant_id, (replace(first, state=StepState.DUE), *others))


def due_position(case: Case) -> int | None:
    """Which step is due, counted from 0; None when the case is closed."""
    return next((position for position, step in enumerate(case.steps) if step.state is StepState.DUE), None)


def may_decide(case: Case, person: PersonFacts) -> bool:
    """Whether the due step waits for this person."""
    position = due_position(case)
    return position is not None and person.id != case.applicant_id and fits(case.steps[position].spec, person)


def fits(spec: StepSpec, person: PersonFacts) -> bool:
    """Whether the person holds the role of a step, in its unit."""
    return person.active and spec.role in person.roles and spec.unit_id in {None, person.unit_id}


def when_decided(case: Case, position: int, person: PersonFacts, *, approve: bool) -> Case:
    """The case after a decision. Raises ForbiddenError (not his to decide), ConflictError (not due any more)."""
    if person.id == case.applicant_id:
        raise ForbiddenError(_("本人不得审批自己的申请。"))
    if not 0 <= position < len(case.steps) or not fits(case.steps[position].spec, person):
        raise ForbiddenError(_("此环节不由您审批。"))
    if case.state is not CaseState.OPEN or position != due_position(case):
        raise ConflictError(_("此环节已经办理，或申请已经撤回，不能再次审批。"))
    return _approved(case, position) if approve else _closed(case, CaseState.REFUSED, position)


def when_withdrawn(case: Case, person_id: str) -> Case:
    """The case taken back by its applicant. Raises ForbiddenError (another person), ConflictError (closed already)."""
    if person_id != case.applicant_id:
        raise ForbiddenError(_("只有申请人本人可以撤回申请。"))
    if case.state is not CaseState.OPEN:
        raise ConflictError(_("申请已经办结，不能撤回。"))
    return _closed(case, CaseState.WITHDRAWN)


def _approved(case: Case, position: int) -> Case:
    steps = list(case.steps)
    steps[position] = replace(steps[position], state=StepState.APPROVED)
    if position + 1 == len(steps):
        return replace(case, steps=tuple(steps), state=CaseState.APPROVED)
    steps[position + 1] = replace(steps[position + 1], state=StepState.DUE)
    return replace(case, steps=tuple(steps))


def _closed(case: Case, state: CaseState, refused_at: int | None = None) -> Case:
    """The case ended early: what was not decided is skipped."""
    steps = [
        replace(step, state=StepState.SKIPPED) if step.state in {StepState.DUE, StepState.WAITING} else step
        for step in case.steps
    ]
    if refused_at is not None:
        steps[refused_at] = replace(steps[refused_at], state=StepState.REFUSED)
    return replace(case, steps=tuple(steps), state=state)
