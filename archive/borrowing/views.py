"""Pages of borrowing: my requests, a new one, running grants, and access for a named task."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.display import status_of, way_of
from archive.borrowing.forms import Entered
from archive.borrowing.models import ReadingRequest
from archive.borrowing.queries import BorrowingQueries
from archive.borrowing.rules import Wanted, may_revoke
from archive.borrowing.service import BorrowingService
from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError
from archive.platform.grants import GrantState
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/templates"


@view_config(route_name="borrowing.requests", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/requests.jinja2")
def requests(request: Request) -> dict[str, Any]:
    """What I asked for, and how far it is."""
    page = page_number(request.GET.get("page", ""))
    total, mine = _queries(request).mine(request.identity, page)
    return {
        "shown": [_shown(request, one) for one in mine],
        "total": total,
        "page": page,
        "url": lambda n: request.route_path("borrowing.requests", _query={"page": n}),
    }


@view_config(
    route_name="borrowing.request_new",
    request_method="GET",
    permission=Permission.REQUEST,
    renderer=f"{_TEMPLATES}/request_new.jinja2",
)
def new_request(request: Request) -> dict[str, Any]:
    """The form, with a time proposed."""
    entered = Entered.proposed(request.clock(), request.parts.settings.zone)
    return _form(request, request.GET.getall("item"), entered, {})


@view_config(
    route_name="borrowing.request_new",
    request_method="POST",
    permission=Permission.REQUEST,
    renderer=f"{_TEMPLATES}/request_new.jinja2",
)
def create_request(request: Request) -> dict[str, Any] | Response:
    """Ask; what cannot be used is said beside its field, with everything else kept."""
    items = request.POST.getall("item")
    entered = Entered(*(_text(request, name) for name in ("purpose", "starts_at", "ends_at")))
    try:
        wish = entered.wish(request.parts.settings.zone)
        made = _service(request).request_reading(request.identity, [Wanted(item) for item in items], wish)
    except InvalidError as error:
        request.response.status_int = 422
        return _form(request, items, entered, {error.field: request.translate(error.message, **error.facts)})
    return HTTPSeeOther(request.route_path("borrowing.request", request_id=made.id))


@view_config(route_name="borrowing.request", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/request.jinja2")
def show_request(request: Request) -> dict[str, Any]:
    """One request with the way of each of its lines."""
    found = _queries(request).request(request.matchdict["request_id"], request.identity)
    return _shown(request, found)


@view_config(route_name="borrowing.withdraw", permission=Permission.REQUEST)
def withdraw(request: Request) -> Response:
    """Take back what is not decided yet."""
    taken_back = _service(request).withdraw(request.matchdict["request_id"], request.identity)
    return HTTPSeeOther(request.route_path("borrowing.request", request_id=taken_back.id))


@view_config(route_name="borrowing.grants", permission=Permission.APPROVE, renderer=f"{_TEMPLATES}/grants.jinja2")
def grants(request: Request) -> dict[str, Any]:
    """Who may read what now."""
    rows = _queries(request).running(request.identity)
    person = facts_of(request.identity)
    return {"rows": [(row, may_revoke(person, row.item.unit_id)) for row in rows]}


@view_config(route_name="borrowing.revoke", permission=Permission.APPROVE)
def revoke(request: Request) -> Response:
    """End a grant now."""
    _service(request).revoke(request.matchdict["grant_id"], request.identity)
    return HTTPSeeOther(request.route_path("borrowing.grants"))


@view_config(
    route_name="borrowing.task",
    request_method="GET",
    permission=Permission.TASK_ACCESS,
    renderer=f"{_TEMPLATES}/task.jinja2",
)
def new_task(request: Request) -> dict[str, Any]:
    """Ask an archivist for which task he opens an item."""
    return _task_form(request, request.GET.get("item", ""))


@view_config(
    route_name="borrowing.task",
    request_method="POST",
    permission=Permission.TASK_ACCESS,
    renderer=f"{_TEMPLATES}/task.jinja2",
)
def open_for_task(request: Request) -> dict[str, Any] | Response:
    """Open an item for a named task, and go to its pages."""
    item_id, task = request.POST.get("item", ""), _text(request, "task")
    try:
        _service(request).open_for_task(request.identity, item_id, task)
    except InvalidError as error:
        request.response.status_int = 422
        return _task_form(request, item_id, task, request.translate(error.message, **error.facts))
    return HTTPSeeOther(f"{request.script_name}/items/{item_id}/view")


def _form(request: Request, item_ids: list[str], entered: Entered, errors: dict[str, str]) -> dict[str, Any]:
    service = _service(request)
    items = [service.known_item(request.identity, item_id) for item_id in dict.fromkeys(item_ids)]
    return {"items": items, "entered": entered, "errors": errors}


def _task_form(request: Request, item_id: str, task: str = "", error: str = "") -> dict[str, Any]:
    return {"item": _service(request).known_item(request.identity, item_id), "task": task, "error": error}


def _shown(request: Request, made: ReadingRequest) -> dict[str, Any]:
    """A request with, for each line, whether its title may be seen, its state and its way."""
    now, queries = request.clock(), _queries(request)
    mine = made.reader_id == request.identity.id
    may_see = queries.knows if mine else queries.knows_by_duty
    lines = [
        {
            "line": line,
            "visible": may_see(request.identity, line.item),
            "reading": line.grant is not None and line.grant.state_at(now) is GrantState.RUNNING,
            "status": status_of(line, now),
            "way": way_of(line, now, request.translate),
        }
        for line in made.lines
    ]
    return {"made": made, "lines": lines, "mine": mine}


def _queries(request: Request) -> BorrowingQueries:
    queries: BorrowingQueries = request.find_service(BorrowingQueries)
    return queries


def _service(request: Request) -> BorrowingService:
    service: BorrowingService = request.find_service(BorrowingService)
    return service


def _text(request: Request, name: str) -> str:
    # PostgreSQL keeps no NUL in text.
    return str(request.POST.get(name, "")).replace("\0", "")
