"""How a case is shown: its state in words, its way with who and when under each step, and everything done to it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from archive.platform.accounts.models import Role
from archive.platform.approval.models import ActKind, ApprovalAct, ApprovalCase, ApprovalStep, CaseState, StepState
from archive.platform.audit.wording import ROLES
from archive.platform.i18n import _

__all__ = ["ACTS", "STATES", "PathStep", "Translate", "Word", "step_label", "way_of_case"]

Translate = Callable[..., str]

#: the offices that decide most; shorter than the names of the roles
_DESKS = {
    Role.DEPARTMENT_HEAD: _("部门"),
    Role.OFFICE_DIRECTOR: _("办公室"),
    Role.LEADER: _("分管领导"),
    Role.ARCHIVIST: _("档案室"),
}

_STEP_STATES = {
    StepState.WAITING: "waiting",
    StepState.DUE: "current",
    StepState.RETURNED: "returned",
    StepState.APPROVED: "done",
    StepState.REFUSED: "refused",
    StepState.SKIPPED: "waiting",
}


_DECISIONS = frozenset({ActKind.APPROVED, ActKind.REFUSED, ActKind.RETURNED})


@dataclass(frozen=True, slots=True)
class Word:
    """A state in words (a message id), with its tone."""

    text: str
    tone: str


STATES: Mapping[CaseState, Word] = {
    CaseState.OPEN: Word(_("审批中"), "blue"),
    CaseState.RETURNED: Word(_("退回补充"), "amber"),
    CaseState.APPROVED: Word(_("已批准"), "green"),
    CaseState.REFUSED: Word(_("未获批准"), "red"),
    CaseState.WITHDRAWN: Word(_("已撤回"), "neutral"),
}

ACTS: Mapping[ActKind, Word] = {
    ActKind.APPROVED: Word(_("同意"), "green"),
    ActKind.REFUSED: Word(_("不同意"), "red"),
    ActKind.RETURNED: Word(_("退回补充"), "amber"),
    ActKind.RESUBMITTED: Word(_("补充说明"), "blue"),
    ActKind.WITHDRAWN: Word(_("撤回"), "neutral"),
    ActKind.REMINDED: Word(_("提醒办理"), "amber"),
    ActKind.ESCALATED: Word(_("转交代理"), "amber"),
    ActKind.REASSIGNED: Word(_("改由他人办理"), "amber"),
}


@dataclass(frozen=True, slots=True)
class PathStep:
    """One station of the way, as the page's path component takes it; `state` is its style."""

    label: str
    state: str
    who: str = ""
    when: datetime | None = None


def way_of_case(case: ApprovalCase, translate: Translate) -> list[PathStep]:
    """The way of a case: asked, then each step with who decided, in whose place, and when."""
    asked = PathStep(translate(_("申请")), "done", case.applicant.name, case.created_at)
    return [asked, *(_station(step, case.acts, translate) for step in case.steps)]


def step_label(step: ApprovalStep, translate: Translate) -> str:
    """Who decides a step: an office, a role, a post, or a name."""
    if step.role is not None:
        return translate(_DESKS.get(step.role, ROLES[step.role]))
    if step.post is not None:
        return step.post.name
    return step.person.name if step.person else translate(_("审批"))


def _station(step: ApprovalStep, acts: Sequence[ApprovalAct], translate: Translate) -> PathStep:
    """The step with its last decision; where all have to approve, with everybody who has."""
    label, state = step_label(step, translate), _STEP_STATES[step.state]
    if step.state is StepState.DUE and not step.all_of:
        return PathStep(label, state)
    decided = [act for act in acts if act.step_id == step.id and act.kind in _DECISIONS]
    if not decided:
        return PathStep(label, state, when=step.decided_at)
    who = translate(_("、")).join(_name(act, translate) for act in (decided if step.all_of else decided[-1:]))
    return PathStep(label, state, who, decided[-1].at)


def _name(act: ApprovalAct, translate: Translate) -> str:
    name = act.person.name if act.person else ""
    return translate(_("{name}（代{giver}）"), name=name, giver=act.behalf.name) if act.behalf else name
