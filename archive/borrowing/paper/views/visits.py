"""Visitors: the register, a new one, and what one of them reads."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.paper.models import DocumentKind, Visit, VisitAsked
from archive.borrowing.paper.queries import PAGE, PaperQueries
from archive.borrowing.paper.views.entered import chosen, errors_of, options, text
from archive.borrowing.paper.visits import Told, VisitService
from archive.borrowing.paper.words import ASKED, DOCUMENTS, VISIT_STATES
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/paper/templates/"
_NEW = _TEMPLATES + "visit_new.jinja2"
_VISIT = _TEMPLATES + "visit.jinja2"
_TEXTS = ("name", "organisation", "letter", "document_tail", "purpose", "until")
_FIELDS = (*_TEXTS, "document_kind", "companion")


@view_config(route_name="paper.visits", permission=Permission.DESK, renderer=_TEMPLATES + "visits.jinja2")
def visits(request: Request) -> dict[str, Any]:
    """The register of visitors, the newest first."""
    page = page_number(request.GET.get("page", ""))
    total, shown = _queries(request).visits(page)
    return {
        "total": total,
        "visits": shown,
        "now": request.clock(),
        "page": page,
        "size": PAGE,
        "url": lambda n: request.route_path("paper.visits", _query={"page": n}),
        "documents": DOCUMENTS,
    }


@view_config(route_name="paper.visit_new", request_method="GET", permission=Permission.DESK, renderer=_NEW)
def new_visit(request: Request) -> dict[str, Any]:
    """The form, for today."""
    today = request.clock().astimezone(request.parts.settings.zone).date()
    return _form(request, {**dict.fromkeys(_FIELDS, ""), "until": today.isoformat()}, {})


@view_config(route_name="paper.visit_new", request_method="POST", permission=Permission.DESK, renderer=_NEW)
def register(request: Request) -> dict[str, Any] | Response:
    """Write a visitor down."""
    entered = {name: text(request, name) for name in _FIELDS}
    try:
        kind = chosen(request, "document_kind", DocumentKind, _("请选择证件种类。"))
        told = Told(document_kind=kind, **{name: entered[name] for name in _TEXTS})
        companion = person_by_login(request.db, entered["companion"])
        made = _service(request).register(told, companion, request.identity)
    except InvalidError as error:
        request.tm.doom()
        request.response.status_int = 422
        return _form(request, entered, errors_of(request, error))
    return HTTPSeeOther(request.route_path("paper.visit", visit_id=made.id))


@view_config(route_name="paper.visit", request_method="GET", permission=Permission.DESK, renderer=_VISIT)
def visit(request: Request) -> dict[str, Any]:
    """One visit."""
    return _page(request, _visit(request))


@view_config(route_name="paper.visit", request_method="POST", permission=Permission.DESK, renderer=_VISIT)
def ask(request: Request) -> dict[str, Any] | Response:
    """One more item he wants to read."""
    found = _visit(request)
    try:
        asked = chosen(request, "asked", VisitAsked, _("请选择利用方式。"))
        try:
            item = _queries(request).coded(text(request, "code"), request.identity)
            _service(request).ask(found.id, item, asked, request.identity)
        except (NotFoundError, ForbiddenError, ConflictError) as error:
            raise InvalidError(error.message, field="code", **error.facts) from error
    except InvalidError as error:
        request.tm.doom()
        request.db.expire_all()
        request.response.status_int = 422
        return _page(request, found, errors_of(request, error))
    return HTTPSeeOther(request.route_path("paper.visit", visit_id=found.id))


@view_config(route_name="paper.visit_leave", permission=Permission.DESK)
def leave(request: Request) -> Response:
    """He has left."""
    found = _service(request).leave(request.matchdict["visit_id"], request.identity)
    return HTTPSeeOther(request.route_path("paper.visit", visit_id=found.id))


def _form(request: Request, entered: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    return {"entered": entered, "errors": errors, "documents": options(request, DOCUMENTS)}


def _page(request: Request, found: Visit, errors: dict[str, str] | None = None) -> dict[str, Any]:
    queries = _queries(request)
    return {
        "visit": found,
        "over": found.over_at(request.clock()),
        "items": [(line, queries.knows(request.identity, line.item)) for line in found.items],
        "states": VISIT_STATES,
        "asked": ASKED,
        "ways": options(request, ASKED),
        "documents": DOCUMENTS,
        "entered": {name: text(request, name) for name in ("code", "asked")},
        "errors": errors or {},
    }


def _visit(request: Request) -> Visit:
    return _queries(request).visit(request.matchdict["visit_id"])


def _queries(request: Request) -> PaperQueries:
    queries: PaperQueries = request.find_service(PaperQueries)
    return queries


def _service(request: Request) -> VisitService:
    service: VisitService = request.find_service(VisitService)
    return service
