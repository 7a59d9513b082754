"""How a line of a request is shown: its state in words, and its way 申请 → 部门 → 档案室 → 阅览."""

from datetime import datetime

from archive.borrowing.models import LineState, RequestLine
from archive.platform.approval.display import STATES, PathStep, Translate, Word, way_of_case
from archive.platform.approval.models import CaseState
from archive.platform.grants import Grant, GrantState
from archive.platform.i18n import _

__all__ = ["status_of", "way_of"]

_READING_STATES = {
    GrantState.COMING: "waiting",
    GrantState.RUNNING: "current",
    GrantState.ENDED: "done",
    GrantState.REVOKED: "refused",
}

_LINE_STATES = {
    LineState.OPEN: CaseState.OPEN,
    LineState.APPROVED: CaseState.APPROVED,
    LineState.REFUSED: CaseState.REFUSED,
    LineState.WITHDRAWN: CaseState.WITHDRAWN,
}

_GRANT_WORDS = {
    GrantState.COMING: (_("已批准，尚未开始"), "blue"),
    GrantState.RUNNING: (_("在阅"), "green"),
    GrantState.ENDED: (_("已到期"), "neutral"),
    GrantState.REVOKED: (_("已撤销"), "red"),
}


def status_of(line: RequestLine, now: datetime) -> Word:
    """The state of a line now."""
    if line.grant is not None:
        return Word(*_GRANT_WORDS[line.grant.state_at(now)])
    return STATES[line.case.state if line.case else _LINE_STATES[line.state]]


def way_of(line: RequestLine, now: datetime, translate: Translate) -> list[PathStep]:
    """The way of a line: asked, each step of its case, reading."""
    request = line.request
    asked = PathStep(translate(_("申请")), "done", request.reader.name, request.created_at)
    way = way_of_case(line.case, translate) if line.case else [asked]
    return [*way, _reading(line.grant, now, translate)]


def _reading(grant: Grant | None, now: datetime, translate: Translate) -> PathStep:
    label = translate(_("阅览"))
    if grant is None:
        return PathStep(label, "waiting")
    return PathStep(label, _READING_STATES[grant.state_at(now)], "", grant.revoked_at or grant.ends_at)
