"""The inbox: what waits for a person's decision, what he asked for, what he decided; and the page of one case."""

from dataclasses import dataclass
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.models import Person, Role
from archive.platform.accounts.permissions import Permission
from archive.platform.approval.decisions import Decisions
from archive.platform.approval.display import ACTS, STATES, PathStep, step_label, way_of_case
from archive.platform.approval.inbox import PAGE, Inbox, Narrowed
from archive.platform.approval.models import ApprovalAct, ApprovalCase, ApprovalStep, CaseState, StepState
from archive.platform.approval.service import ApprovalService, pure
from archive.platform.approval.subjects import Shown, Subjects
from archive.platform.approval.workflow import FINAL, LONGEST_COMMENT, Verdict, principal
from archive.platform.errors import DangguiError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.paging import page_number
from archive.platform.sent import sent_text

__all__: list[str] = []

_TEMPLATES = "archive:platform/approval/templates"
_INBOX = f"{_TEMPLATES}/inbox.jinja2"


@dataclass(frozen=True, slots=True)
class Entry:
    """One case on a page: what it is about, its way, and in whose place the person decides ("" in his own name)."""

    case: ApprovalCase
    kind: str
    shown: Shown
    way: list[PathStep]
    step: ApprovalStep | None = None
    act: ApprovalAct | None = None
    behalf: str = ""


@view_config(route_name="approval.inbox", permission=Permission.REQUEST, renderer=_INBOX)
def inbox(request: Request) -> dict[str, Any]:
    """Everything that waits for my decision."""
    return _due(request)


@view_config(route_name="approval.decide", permission=Permission.REQUEST, renderer=_INBOX)
def decide(request: Request) -> dict[str, Any] | Response:
    """Approve, refuse or return one, right there."""
    step_id, comment = request.matchdict["step_id"], sent_text(request.POST, "comment")
    try:
        _decisions(request).decide(step_id, request.identity, _verdict(request), comment)
    except InvalidError as error:
        request.response.status_int = 422
        said = request.translate(error.message, **error.facts)
        return {**_due(request), "refused": {"step": step_id, "comment": comment, "message": said}}
    return HTTPSeeOther(request.route_path("approval.inbox", _query=_narrowing(request)))


@view_config(route_name="approval.decide_several", permission=Permission.REQUEST, renderer=_INBOX)
def decide_several(request: Request) -> dict[str, Any] | Response:
    """The same for all that are ticked. Each stands for itself: what cannot be decided is said, the others are done."""
    ticked = list(dict.fromkeys(request.POST.getall("step")))
    comment, verdict = sent_text(request.POST, "comment"), _verdict(request)
    if not ticked:
        return _several(request, [request.translate(_("请先勾选要办理的申请。"))], comment)
    problems = [problem for step_id in ticked if (problem := _try(request, step_id, verdict, comment))]
    if problems:
        return _several(request, list(dict.fromkeys(problems)), comment)
    return HTTPSeeOther(request.route_path("approval.inbox", _query=_narrowing(request)))


@view_config(route_name="approval.asked", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/asked.jinja2")
def asked(request: Request) -> dict[str, Any]:
    """What I asked for and is not decided yet; first what was returned to me."""
    page = page_number(request.GET.get("page", ""))
    total, cases = _inbox(request).asked(request.identity, _narrowed(request), page)
    return {**_frame(request, "approval.asked", total, page), "entries": [_entry(request, case) for case in cases]}


@view_config(route_name="approval.decided", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/decided.jinja2")
def decided(request: Request) -> dict[str, Any]:
    """What I decided, the newest first."""
    page = page_number(request.GET.get("page", ""))
    total, acts = _inbox(request).decided(request.identity, _narrowed(request), page)
    shown = [_entry(request, act.case, act=act) for act in acts]
    return {**_frame(request, "approval.decided", total, page), "entries": shown, "verdicts": ACTS}


@view_config(route_name="approval.case", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/case.jinja2")
def show_case(request: Request) -> dict[str, Any]:
    """One case: what it is about, its way, and everything done to it."""
    return _case_page(request, _seen_case(request))


@view_config(route_name="approval.resubmit", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/case.jinja2")
def resubmit(request: Request) -> dict[str, Any] | Response:
    """Answer what was asked; the step that returned the case is due again."""
    case, remark = _seen_case(request), sent_text(request.POST, "remark")
    service: ApprovalService = request.find_service(ApprovalService)
    try:
        service.resubmit(case.id, request.identity, remark)
    except InvalidError as error:
        request.response.status_int = 422
        said = request.translate(error.message, **error.facts)
        return {**_case_page(request, case), "remark": remark, "error": said}
    return HTTPSeeOther(request.route_path("approval.case", case_id=case.id))


@view_config(route_name="approval.withdraw", permission=Permission.REQUEST)
def withdraw(request: Request) -> Response:
    """Take back what I asked for."""
    case = _seen_case(request)
    _decisions(request).withdraw(case.id, request.identity)
    return HTTPSeeOther(request.route_path("approval.case", case_id=case.id))


def _due(request: Request) -> dict[str, Any]:
    page = page_number(request.GET.get("page", ""))
    total, steps = _inbox(request).due(request.identity, _narrowed(request), page)
    return {
        **_frame(request, "approval.inbox", total, page),
        "entries": [_entry(request, step.case, step=step) for step in steps],
        "refused": {"step": "", "comment": "", "message": ""},
        "problems": [],
        "comment": "",
        "now": request.clock(),
    }


def _several(request: Request, problems: list[str], comment: str) -> dict[str, Any]:
    request.response.status_int = 409
    return {**_due(request), "problems": problems, "comment": comment}


def _try(request: Request, step_id: str, verdict: Verdict, comment: str) -> str:
    """What is in the way of deciding one step; "" when it is done."""
    try:
        with request.db.begin_nested():
            _decisions(request).decide(step_id, request.identity, verdict, comment)
    except DangguiError as error:
        step = request.db.get(ApprovalStep, step_id)
        said = request.translate(error.message, **error.facts)
        named = step is not None and step.case.label and not isinstance(error, InvalidError)
        return f"{step.case.label}：{said}" if named else str(said)
    return ""


def _case_page(request: Request, case: ApprovalCase) -> dict[str, Any]:
    person = request.identity
    step = next((step for step in case.steps if step.state is StepState.DUE), None)
    who = _principal(request, case, step)
    return {
        "entry": _entry(request, case, step=step if who else None),
        "mine": case.applicant_id == person.id,
        "may_answer": case.applicant_id == person.id and case.state is CaseState.RETURNED,
        "may_withdraw": case.applicant_id == person.id and case.state not in FINAL,
        "acts": ACTS,
        "state": STATES[case.state],
        "label_of": lambda one: step_label(one, request.translate),
        "remark": "",
        "error": "",
        "most": LONGEST_COMMENT,
    }


def _seen_case(request: Request) -> ApprovalCase:
    """The case, for its applicant, whoever decides or decided it, and archivists. Raises NotFoundError."""
    case, person = _inbox(request).case(request.matchdict["case_id"]), request.identity
    if case is None or not (
        case.applicant_id == person.id
        or Role.ARCHIVIST in person.roles
        or any(person.id in {act.person_id, act.behalf_id, act.to_id} for act in case.acts)
        or _inbox(request).waits(person, [case.id])
    ):
        raise NotFoundError(_("没有这项审批。"))
    return case


def _entry(
    request: Request, case: ApprovalCase, *, step: ApprovalStep | None = None, act: ApprovalAct | None = None
) -> Entry:
    subject = _subjects(request)[case.subject_kind]
    shown = subject.shown(request.db, request.clock, case, request.identity)
    way = way_of_case(case, request.translate)
    who = act.behalf.name if act and act.behalf else _principal(request, case, step)
    return Entry(case, subject.label, shown, way, step, act, who if who != request.identity.name else "")


def _principal(request: Request, case: ApprovalCase, step: ApprovalStep | None) -> str:
    """The name of him in whose name the person may decide a step; "" if it is not his."""
    if step is None:
        return ""
    behalf = [giver for giver, kinds in request.mandates if not kinds or case.subject_kind in kinds]
    who = principal(pure(case), step.position, facts_of(request.identity), behalf)
    return request.db.get_one(Person, who.id).name if who else ""


def _frame(request: Request, route: str, total: int, page: int) -> dict[str, Any]:
    """What every list of the inbox has: its tabs, its filter, its pages."""
    inbox, narrowed = _inbox(request), _narrowing(request)
    subjects = [(kind, request.translate(subject.label)) for kind, subject in _subjects(request).items()]
    return {
        "tab": route,
        "returned": inbox.returned(request.identity),
        "narrowed": _narrowed(request),
        "narrowing": narrowed,
        "kinds": subjects,
        "total": total,
        "page": page,
        "size": PAGE,
        "most": LONGEST_COMMENT,
        "url": lambda number: request.route_path(route, _query={**narrowed, "page": number}),
    }


def _narrowed(request: Request) -> Narrowed:
    return Narrowed(request.GET.get("kind", ""), request.GET.get("words", "").replace("\0", ""))


def _narrowing(request: Request) -> dict[str, str]:
    """The filter as it stands in the address."""
    return {name: request.GET[name] for name in ("kind", "words") if request.GET.get(name)}


def _subjects(request: Request) -> Subjects:
    subjects: Subjects = request.approval_subjects
    return subjects


def _inbox(request: Request) -> Inbox:
    inbox: Inbox = request.find_service(Inbox)
    return inbox


def _decisions(request: Request) -> Decisions:
    decisions: Decisions = request.find_service(Decisions)
    return decisions


def _verdict(request: Request) -> Verdict:
    try:
        return Verdict(request.POST.get("verdict", ""))
    except ValueError as error:
        raise InvalidError(_("请选择同意、不同意或退回补充。"), field="verdict") from error
