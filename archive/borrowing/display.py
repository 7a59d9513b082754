"""How a line of a request is shown: its state in words, and its way 申请 → 部门 → 档案室 → 阅览."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from archive.borrowing.models import LineState, RequestLine
from archive.platform.accounts.models import Role
from archive.platform.approval.models import ApprovalStep, StepState
from archive.platform.grants import Grant, GrantState
from archive.platform.i18n import _

__all__ = ["PathStep", "Shown", "status_of", "way_of"]

Translate = Callable[[str], str]

_DESKS = {Role.DEPARTMENT_HEAD: _("部门"), Role.OFFICE_DIRECTOR: _("办公室"), Role.ARCHIVIST: _("档案室")}

_STEP_STATES = {
    StepState.WAITING: "waiting",
    StepState.DUE: "current",
    StepState.APPROVED: "done",
    StepState.REFUSED: "refused",
    StepState.SKIPPED: "waiting",
}

_READING_STATES = {
    GrantState.COMING: "waiting",
    GrantState.RUNNING: "current",
    GrantState.ENDED: "done",
    GrantState.REVOKED: "refused",
}

_LINE_WORDS = {
    LineState.OPEN: (_("审批中"), "blue"),
    LineState.REFUSED: (_("未获批准"), "red"),
    LineState.WITHDRAWN: (_("已撤回"), "neutral"),
}

_GRANT_WORDS = {
    GrantState.COMING: (_("已批准，尚未开始"), "blue"),
    GrantState.RUNNING: (_("在阅"), "green"),
    GrantState.ENDED: (_("已到期"), "neutral"),
    GrantState.REVOKED: (_("已撤销"), "red"),
}


@dataclass(frozen=True, slots=True)
class PathStep:
    """One station of the way, as the page's path component takes it; `state` is its style."""

    label: str
    state: str
    who: str = ""
    when: datetime | None = None


@dataclass(frozen=True, slots=True)
class Shown:
    """A state in words (a message id), with its tone."""

    text: str
    tone: str


def status_of(line: RequestLine, now: datetime) -> Shown:
    """The state of a line now."""
    if line.grant is not None:
        return Shown(*_GRANT_WORDS[line.grant.state_at(now)])
    return Shown(*_LINE_WORDS[line.state])


def way_of(line: RequestLine, now: datetime, translate: Translate) -> list[PathStep]:
    """The way of a line: asked, each step of its case, reading."""
    request = line.request
    steps = [_step(step, translate) for step in line.case.steps] if line.case else []
    asked = PathStep(translate(_("申请")), "done", request.reader.name, request.created_at)
    return [asked, *steps, _reading(line.grant, now, translate)]


def _step(step: ApprovalStep, translate: Translate) -> PathStep:
    who = step.decider.name if step.decider else ""
    return PathStep(translate(_DESKS.get(step.role, _("审批"))), _STEP_STATES[step.state], who, step.decided_at)


def _reading(grant: Grant | None, now: datetime, translate: Translate) -> PathStep:
    label = translate(_("阅览"))
    if grant is None:
        return PathStep(label, "waiting")
    return PathStep(label, _READING_STATES[grant.state_at(now)], "", grant.revoked_at or grant.ends_at)
