"""Pages of grants: those that run, and access for a named task."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.forms import text_in
from archive.borrowing.queries import BorrowingQueries
from archive.borrowing.rules import may_revoke
from archive.borrowing.service import BorrowingService
from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/templates"


@view_config(route_name="borrowing.grants", permission=Permission.APPROVE, renderer=f"{_TEMPLATES}/grants.jinja2")
def grants(request: Request) -> dict[str, Any]:
    """Who may read what now."""
    queries: BorrowingQueries = request.find_service(BorrowingQueries)
    person = facts_of(request.identity)
    return {"rows": [(row, may_revoke(person, row.item.unit_id)) for row in queries.running(request.identity)]}


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
    item_id, task = text_in(request.POST, "item"), text_in(request.POST, "task")
    try:
        _service(request).open_for_task(request.identity, item_id, task)
    except InvalidError as error:
        request.response.status_int = 422
        return _task_form(request, item_id, task, request.translate(error.message, **error.facts))
    return HTTPSeeOther(f"{request.script_name}/items/{item_id}/view")


def _task_form(request: Request, item_id: str, task: str = "", error: str = "") -> dict[str, Any]:
    return {"item": _service(request).known_item(request.identity, item_id), "task": task, "error": error}


def _service(request: Request) -> BorrowingService:
    service: BorrowingService = request.find_service(BorrowingService)
    return service
