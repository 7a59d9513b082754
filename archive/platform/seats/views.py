"""The page 阅览座位: the seats, who reads there now, and the rule about reading elsewhere."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError
from archive.platform.seats.queries import anywhere_allowed, readers_at, running_elsewhere, seats
from archive.platform.seats.service import SeatService
from archive.platform.sent import sent_text

__all__: list[str] = []

_TEMPLATE = "archive:platform/seats/templates/seats.jinja2"


@view_config(
    route_name="seats.seats", request_method="GET", permission=Permission.ADMINISTER_RIGHTS, renderer=_TEMPLATE
)
def show_seats(request: Request) -> dict[str, Any]:
    """All seats with whoever reads there."""
    return _page(request)


@view_config(
    route_name="seats.seats", request_method="POST", permission=Permission.ADMINISTER_RIGHTS, renderer=_TEMPLATE
)
def register(request: Request) -> dict[str, Any] | Response:
    """Register a seat."""
    entered = {name: sent_text(request.POST, name) for name in ("name", "address")}
    try:
        _service(request).register(**entered)
    except InvalidError as error:
        return _refused(request, error, entered)
    return _back(request)


@view_config(route_name="seats.close", permission=Permission.ADMINISTER_RIGHTS)
def close(request: Request) -> Response:
    """Close a seat."""
    _service(request).close(request.matchdict["seat_id"])
    return _back(request)


@view_config(route_name="seats.rule", permission=Permission.ADMINISTER_RIGHTS, renderer=_TEMPLATE)
def change_rule(request: Request) -> dict[str, Any] | Response:
    """Allow reading outside the room, or end it."""
    reason, anywhere = sent_text(request.POST, "reason"), request.POST.get("anywhere") == "yes"
    try:
        _service(request).allow_anywhere(request.identity, anywhere=anywhere, reason=reason)
    except InvalidError as error:
        return _refused(request, error, {"reason": reason})
    return _back(request)


def _page(request: Request) -> dict[str, Any]:
    return {
        "seats": seats(request.db),
        "sitting": readers_at(request.db, request.clock),
        "anywhere": anywhere_allowed(request.db),
        "elsewhere": running_elsewhere(request.db, request.clock),
        "entered": {},
        "errors": {},
    }


def _refused(request: Request, error: InvalidError, entered: dict[str, str]) -> dict[str, Any]:
    request.response.status_int = 422
    said = {error.field: request.translate(error.message, **error.facts)}
    return {**_page(request), "entered": entered, "errors": said}


def _back(request: Request) -> Response:
    return HTTPSeeOther(request.route_path("seats.seats"))


def _service(request: Request) -> SeatService:
    service: SeatService = request.find_service(SeatService)
    return service
