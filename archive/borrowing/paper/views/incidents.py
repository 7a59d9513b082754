"""Paper missing, damaged or overdue: the list, and the procedure of one."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.paper.incidents import IncidentService
from archive.borrowing.paper.models import IncidentOutcome, IncidentState, PaperIncident
from archive.borrowing.paper.queries import PAGE, PaperQueries
from archive.borrowing.paper.views.entered import chosen, errors_of, options, text
from archive.borrowing.paper.words import INCIDENT_STATES, INCIDENTS, OUTCOMES
from archive.borrowing.paper.workflow import OUTCOMES as POSSIBLE
from archive.platform.accounts.permissions import Permission
from archive.platform.approval.display import PathStep
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/paper/templates/"
_INCIDENT = _TEMPLATES + "incident.jinja2"


@view_config(route_name="paper.incidents", permission=Permission.CUSTODY, renderer=_TEMPLATES + "incidents.jinja2")
def incidents(request: Request) -> dict[str, Any]:
    """All of them, the open ones first."""
    queries, page = _queries(request), page_number(request.GET.get("page", ""))
    total, shown = queries.incidents(page)
    return {
        "total": total,
        "incidents": [(one, queries.knows(request.identity, one.item)) for one in shown],
        "page": page,
        "size": PAGE,
        "url": lambda n: request.route_path("paper.incidents", _query={"page": n}),
        "kinds": INCIDENTS,
        "states": INCIDENT_STATES,
        "outcomes": OUTCOMES,
    }


@view_config(route_name="paper.incident", permission=Permission.CUSTODY, renderer=_INCIDENT)
def incident(request: Request) -> dict[str, Any]:
    """One, and what this person can do."""
    return _page(request, _incident(request))


@view_config(route_name="paper.examine", permission=Permission.CUSTODY, renderer=_INCIDENT)
def examine(request: Request) -> dict[str, Any] | Response:
    """Say what the search or the assessment brought."""
    found = _incident(request)
    try:
        _service(request).examine(found.id, request.identity, text(request, "finding"))
    except InvalidError as error:
        return _refused(request, found, error)
    return _back(request, found)


@view_config(route_name="paper.conclude", permission=Permission.CUSTODY, renderer=_INCIDENT)
def conclude(request: Request) -> dict[str, Any] | Response:
    """End it."""
    found = _incident(request)
    try:
        outcome = chosen(request, "outcome", IncidentOutcome, _("请选择结论。"))
        _service(request).conclude(found.id, request.identity, outcome, text(request, "conclusion"))
    except InvalidError as error:
        return _refused(request, found, error)
    return _back(request, found)


def _page(request: Request, found: PaperIncident, errors: dict[str, str] | None = None) -> dict[str, Any]:
    examined, concluded = found.state is IncidentState.EXAMINED, found.state is IncidentState.CONCLUDED
    after = "done" if examined or concluded else "current"
    reporter = found.reporter.name if found.reporter else request.translate(_("系统"))
    way = [
        PathStep(request.translate(_("报告")), "done", reporter, found.reported_at),
        PathStep(
            request.translate(_("查找或鉴定")), after, found.examiner.name if found.examiner else "", found.examined_at
        ),
        PathStep(
            request.translate(_("结论")),
            "done" if concluded else ("current" if examined else "waiting"),
            found.concluder.name if found.concluder else "",
            found.concluded_at,
        ),
    ]
    return {
        "incident": found,
        "way": way,
        "visible": _queries(request).knows(request.identity, found.item),
        "may_conclude": examined and request.identity.id not in {found.reported_by, found.examined_by},
        "kinds": INCIDENTS,
        "states": INCIDENT_STATES,
        "outcomes": OUTCOMES,
        "possible": options(request, {one: OUTCOMES[one] for one in POSSIBLE[found.kind]}),
        "entered": {name: text(request, name) for name in ("finding", "outcome", "conclusion")},
        "errors": errors or {},
    }


def _refused(request: Request, found: PaperIncident, error: InvalidError) -> dict[str, Any]:
    request.tm.doom()
    request.response.status_int = 422
    return _page(request, found, errors_of(request, error))


def _back(request: Request, found: PaperIncident) -> Response:
    return HTTPSeeOther(request.route_path("paper.incident", incident_id=found.id))


def _incident(request: Request) -> PaperIncident:
    return _queries(request).incident(request.matchdict["incident_id"])


def _queries(request: Request) -> PaperQueries:
    queries: PaperQueries = request.find_service(PaperQueries)
    return queries


def _service(request: Request) -> IncidentService:
    service: IncidentService = request.find_service(IncidentService)
    return service
