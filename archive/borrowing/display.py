"""How a line of a request is shown: its state in words, and its way 申请 → 部门 → 档案室 → what was asked for."""

from datetime import datetime

from archive.borrowing.copies.models import CopyState, IssuedCopy
from archive.borrowing.copies.words import STATES as COPY_STATES
from archive.borrowing.models import LineState, RequestLine, StandingAuthorisation
from archive.borrowing.paper.models import PaperReading, ReadingState
from archive.platform.approval.display import STATES, PathStep, Translate, Word, way_of_case
from archive.platform.approval.models import CaseState
from archive.platform.approval.words import ASKED
from archive.platform.grants import Grant, GrantState
from archive.platform.i18n import _

__all__ = ["Carried", "standing_status", "status_of", "way_of"]

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
    GrantState.COMING: Word(_("已批准，尚未开始"), "blue"),
    GrantState.RUNNING: Word(_("在阅"), "green"),
    GrantState.ENDED: Word(_("已到期"), "neutral"),
    GrantState.REVOKED: Word(_("已撤销"), "red"),
}

#: how an approved line is carried out at the desk
Carried = PaperReading | IssuedCopy

_COPY_STATIONS = {CopyState.ISSUED: "done", CopyState.VOID: "refused"}

_PAPER_WORDS = {
    ReadingState.FETCHED: Word(_("已调出"), "blue"),
    ReadingState.READING: Word(_("在阅"), "green"),
    ReadingState.RETURNED: Word(_("已还"), "neutral"),
    ReadingState.SHELVED: Word(_("已还"), "neutral"),
}


def status_of(line: RequestLine, now: datetime, carried: Carried | None = None) -> Word:
    """The state of a line now; `carried` is the reading of its original, or its copy, if it has come so far."""
    if line.grant is not None:
        return _GRANT_WORDS[line.grant.state_at(now)]
    if carried is not None:
        return _word_of(carried)
    return STATES[line.case.state if line.case else _LINE_STATES[line.state]]


def standing_status(standing: StandingAuthorisation, now: datetime) -> Word:
    """The state of a standing authorisation now."""
    if standing.state is not LineState.APPROVED:
        return STATES[standing.case.state if standing.case else _LINE_STATES[standing.state]]
    if standing.ended_at is not None:
        return Word(_("已终止"), "red")
    if standing.ends_at <= now:
        return Word(_("已到期"), "neutral")
    return Word(_("生效中"), "green") if standing.starts_at <= now else Word(_("尚未开始"), "blue")


def way_of(line: RequestLine, now: datetime, translate: Translate, carried: Carried | None = None) -> list[PathStep]:
    """The way of a line: asked, what approved it, and how it is carried out."""
    last = _at_the_desk(carried, translate) if carried else _station(line, now, translate)
    return [*(way_of_case(line.case, translate) if line.case else _without_case(line, translate)), last]


def _without_case(line: RequestLine, translate: Translate) -> list[PathStep]:
    """What stands in the place of a case: a standing authorisation, a signed form, a leader's order."""
    request = line.request
    asked = PathStep(translate(_("申请")), "done", request.reader.name, request.created_at)
    if line.standing is not None:
        return [asked, PathStep(translate(_("长期授权")), "done", line.standing.number, request.created_at)]
    if line.form is not None:
        signed = [PathStep(translate(_("签字")), "done", step.signer.name, step.signed_at) for step in line.form.steps]
        entered = PathStep(translate(_("录入")), "done", line.form.enterer.name, line.form.entered_at)
        return [asked, *signed, entered]
    if line.order is not None:
        return [asked, PathStep(translate(_("服务台办理")), "done", line.order.maker.name, line.order.made_at)]
    return [asked]


def _station(line: RequestLine, now: datetime, translate: Translate) -> PathStep:
    label = translate(ASKED[line.asked])
    if line.grant is not None:
        return _granted(line.grant, now, label)
    return PathStep(label, "current" if line.state is LineState.APPROVED else "waiting")


def _granted(grant: Grant, now: datetime, label: str) -> PathStep:
    return PathStep(label, _READING_STATES[grant.state_at(now)], "", grant.revoked_at or grant.ends_at)


def _word_of(carried: Carried) -> Word:
    return _PAPER_WORDS[carried.state] if isinstance(carried, PaperReading) else Word(*COPY_STATES[carried.state])


def _at_the_desk(carried: Carried, translate: Translate) -> PathStep:
    label = translate(_word_of(carried).text)
    if isinstance(carried, PaperReading):
        back = carried.state in {ReadingState.RETURNED, ReadingState.SHELVED}
        when = carried.returned_at or carried.handed_at or carried.fetched_at
        return PathStep(label, "done" if back else "current", "", when)
    state = _COPY_STATIONS.get(carried.state, "current")
    return PathStep(label, state, carried.number or "", carried.issued_at or carried.checked_at or carried.written_at)
