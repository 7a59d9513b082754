"""The state machine of approval, pure: a case and an event in, the next case out, or a refusal.

`python -m archive.platform.approval.diagram` prints its states. Approved, refused and withdrawn are final. Exactly one
step of an open case is due; a returned case waits for its applicant alone. Nobody decides his own case, not in
another's place either, nor lets his delegate do it.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from archive.platform.accounts.facts import PersonFacts
from archive.platform.accounts.models import Role
from archive.platform.approval.models import CaseState, StepState
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError
from archive.platform.i18n import _

__all__ = [
    "FINAL",
    "LONGEST_COMMENT",
    "Case",
    "Step",
    "StepSpec",
    "Verdict",
    "check_comment",
    "due_position",
    "fits",
    "may_decide",
    "open_case",
    "principal",
    "when_decided",
    "when_escalated",
    "when_reassigned",
    "when_resubmitted",
    "when_settled",
    "when_withdrawn",
]

FINAL = frozenset({CaseState.APPROVED, CaseState.REFUSED, CaseState.WITHDRAWN})
LONGEST_COMMENT = 500
_UNDECIDED = frozenset({StepState.WAITING, StepState.DUE, StepState.RETURNED})


class Verdict(enum.StrEnum):
    """What somebody decides."""

    APPROVE = "approve"
    REFUSE = "refuse"
    RETURN = "return"  #: ask the applicant for more information


@dataclass(frozen=True, slots=True)
class StepSpec:
    """Who is to decide: whoever holds `role` (in unit `unit_id` where that is set), or the post, or the person.

    Exactly one of role, post and person is set. `all_of`: everybody who fits has to approve, not any one of them.
    `days`: how long it may take before it goes to the stand-in.
    """

    role: Role | None = None
    post_id: str | None = None
    person_id: str | None = None
    unit_id: str | None = None
    all_of: bool = False
    days: int | None = None

    def __post_init__(self) -> None:
        """Raise ValueError unless it says one way who decides."""
        if [self.role, self.post_id, self.person_id].count(None) != 2:
            raise ValueError("a step is decided by a role, or a post, or a person")


@dataclass(frozen=True, slots=True)
class Step:
    """A step, where it stands, and who approved it already where all have to."""

    spec: StepSpec
    state: StepState = StepState.WAITING
    approved_by: frozenset[str] = frozenset()
    escalated: bool = False


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
    """Which step is due, counted from 0; None when none is."""
    return next((position for position, step in enumerate(case.steps) if step.state is StepState.DUE), None)


def may_decide(case: Case, person: PersonFacts, behalf: Sequence[PersonFacts] = ()) -> bool:
    """Whether the due step waits for this person, for himself or in the place of one of `behalf`."""
    position = due_position(case)
    return position is not None and principal(case, position, person, behalf) is not None


def fits(spec: StepSpec, person: PersonFacts) -> bool:
    """Whether the step is his: he holds its role, in its unit, or its post, or it names him."""
    if not person.active:
        return False
    if spec.role is not None:
        return spec.role in person.roles and spec.unit_id in {None, person.unit_id}
    return spec.post_id in person.posts if spec.post_id else spec.person_id == person.id


def principal(case: Case, position: int, person: PersonFacts, behalf: Sequence[PersonFacts] = ()) -> PersonFacts | None:
    """In whose name this person may decide a step: his own before that of those who delegated to him; None: nobody's.

    Who has approved already, where all have to, is not asked again.
    """
    approved_by = case.steps[position].approved_by
    return next((one for one in _fitting(case, position, person, behalf) if one.id not in approved_by), None)


def when_decided(
    case: Case,
    position: int,
    person: PersonFacts,
    verdict: Verdict,
    *,
    behalf: Sequence[PersonFacts] = (),
    deciders: frozenset[str] = frozenset(),
) -> Case:
    """The case after a decision. `deciders` are the ids of all who fit the step now, for steps that all decide.

    Raises ForbiddenError (not his to decide), ConflictError (not due any more, returned, or approved by him already).
    """
    who = _decider(case, position, person, behalf)
    if verdict is Verdict.REFUSE:
        return _closed(case, CaseState.REFUSED, position)
    if verdict is Verdict.RETURN:
        return _with_step(replace(case, state=CaseState.RETURNED), position, state=StepState.RETURNED)
    approved_by = case.steps[position].approved_by | {who.id}
    marked = _with_step(case, position, approved_by=approved_by)
    return when_settled(marked, deciders)


def when_settled(case: Case, deciders: frozenset[str]) -> Case:
    """The due step is approved once everybody it needs has approved; of whom nobody is left, nobody is waited for."""
    position = due_position(case)
    if position is None:
        return case
    step = case.steps[position]
    lacking = deciders - step.approved_by - {case.applicant_id} if step.spec.all_of else frozenset()
    if lacking or not step.approved_by:
        return case
    return _approved(case, position)


def when_resubmitted(case: Case, person_id: str) -> Case:
    """The applicant has answered: the step is due again. Raises ForbiddenError, ConflictError (not returned)."""
    if person_id != case.applicant_id:
        raise ForbiddenError(_("只有申请人本人可以补充说明。"))
    if case.state is not CaseState.RETURNED:
        raise ConflictError(_("申请没有退回，不需要补充说明。"))
    position = next(n for n, step in enumerate(case.steps) if step.state is StepState.RETURNED)
    return _with_step(replace(case, state=CaseState.OPEN), position, state=StepState.DUE)


def when_withdrawn(case: Case, person_id: str) -> Case:
    """The case taken back by its applicant. Raises ForbiddenError (another person), ConflictError (closed already)."""
    if person_id != case.applicant_id:
        raise ForbiddenError(_("只有申请人本人可以撤回申请。"))
    if case.state in FINAL:
        raise ConflictError(_("申请已经办结，不能撤回。"))
    return _closed(case, CaseState.WITHDRAWN)


def when_escalated(case: Case, stand_in: StepSpec) -> Case:
    """The due step goes to the stand-in, once. Raises ConflictError (nothing is due, or it went there already)."""
    position = due_position(case)
    if position is None:
        raise ConflictError(_("没有等待审批的环节。"))
    if case.steps[position].escalated:
        raise ConflictError(_("此环节已经转交。"))
    return _with_step(case, position, spec=stand_in, escalated=True, approved_by=frozenset())


def when_reassigned(case: Case, position: int, spec: StepSpec) -> Case:
    """A step that is not decided yet gets other deciders. Raises ConflictError (decided already)."""
    if not 0 <= position < len(case.steps) or case.steps[position].state not in _UNDECIDED:
        raise ConflictError(_("此环节已经办理，或申请已经撤回，不能再次审批。"))
    return _with_step(case, position, spec=spec, approved_by=frozenset())


def check_comment(verdict: Verdict, comment: str) -> None:
    """Raise InvalidError for a refusal or a return without a reason, and for one that is too long."""
    if verdict is Verdict.REFUSE and not comment.strip():
        raise InvalidError(_("不同意时请写明理由。"), field="comment")
    if verdict is Verdict.RETURN and not comment.strip():
        raise InvalidError(_("退回时请写明需要补充什么。"), field="comment")
    if len(comment) > LONGEST_COMMENT:
        raise InvalidError(_("审批意见请不超过 {most} 字。"), field="comment", most=LONGEST_COMMENT)


def _fitting(case: Case, position: int, person: PersonFacts, behalf: Sequence[PersonFacts]) -> list[PersonFacts]:
    """Those in whose name the person acts on a step, himself first; the applicant is none of them."""
    if person.id == case.applicant_id or not person.active or not 0 <= position < len(case.steps):
        return []
    spec = case.steps[position].spec
    return [one for one in (person, *behalf) if one.id != case.applicant_id and fits(spec, one)]


def _decider(case: Case, position: int, person: PersonFacts, behalf: Sequence[PersonFacts]) -> PersonFacts:
    if person.id == case.applicant_id:
        raise ForbiddenError(_("本人不得审批自己的申请。"))
    if not _fitting(case, position, person, behalf):
        raise ForbiddenError(_("此环节不由您审批。"))
    if case.state is CaseState.RETURNED:
        raise ConflictError(_("申请已退回申请人补充说明，补充后才能继续审批。"))
    if position != due_position(case):
        raise ConflictError(_("此环节已经办理，或申请已经撤回，不能再次审批。"))
    who = principal(case, position, person, behalf)
    if who is None:
        raise ConflictError(_("您已经同意过此环节，正等其他人审批。"))
    return who


def _approved(case: Case, position: int) -> Case:
    done = _with_step(case, position, state=StepState.APPROVED)
    if position + 1 == len(case.steps):
        return replace(done, state=CaseState.APPROVED)
    return _with_step(done, position + 1, state=StepState.DUE)


def _closed(case: Case, state: CaseState, refused_at: int | None = None) -> Case:
    """The case ended early: what was not decided is skipped."""
    steps = [replace(step, state=StepState.SKIPPED) if step.state in _UNDECIDED else step for step in case.steps]
    if refused_at is not None:
        steps[refused_at] = replace(steps[refused_at], state=StepState.REFUSED)
    return replace(case, steps=tuple(steps), state=state)


def _with_step(case: Case, position: int, **changes: Any) -> Case:
    changed = replace(case.steps[position], **changes)
    return replace(case, steps=(*case.steps[:position], changed, *case.steps[position + 1 :]))
