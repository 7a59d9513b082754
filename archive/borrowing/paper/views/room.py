"""The reading room: its days with seats to book, and its hours."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.paper.models import Half
from archive.borrowing.paper.queries import PaperQueries
from archive.borrowing.paper.room import NOON, RoomService
from archive.borrowing.paper.views.entered import chosen, errors_of, text
from archive.borrowing.paper.words import HALVES, WEEKDAYS
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.i18n import _

__all__: list[str] = []

_ROOM = "archive:borrowing/paper/templates/room.jinja2"
_HOURS = "archive:borrowing/paper/templates/hours.jinja2"
_DAYS = 7


@view_config(route_name="paper.room", request_method="GET", permission=Permission.REQUEST, renderer=_ROOM)
def room(request: Request) -> dict[str, Any]:
    """When the room is open, and which seats are free."""
    return _room(request, "")


@view_config(route_name="paper.room", request_method="POST", permission=Permission.REQUEST, renderer=_ROOM)
def book(request: Request) -> dict[str, Any] | Response:
    """A seat for half a day."""
    try:
        half = chosen(request, "half", Half, _("请选择上午或下午。"))
        _service(request).book(request.identity, text(request, "seat"), text(request, "day"), half)
    except (InvalidError, ConflictError) as error:
        request.tm.doom()
        request.response.status_int = 409 if isinstance(error, ConflictError) else 422
        return _room(request, request.translate(error.message, **error.facts))
    return HTTPSeeOther(request.route_path("paper.room"))


@view_config(route_name="paper.cancel_booking", permission=Permission.REQUEST)
def cancel(request: Request) -> Response:
    """Give a seat back."""
    _service(request).cancel(request.matchdict["booking_id"], request.identity)
    return HTTPSeeOther(request.route_path("paper.room"))


@view_config(route_name="paper.hours", request_method="GET", permission=Permission.DESK, renderer=_HOURS)
def hours(request: Request) -> dict[str, Any]:
    """The usual week, and days unlike others."""
    return _hours(request, {})


@view_config(route_name="paper.hours", request_method="POST", permission=Permission.DESK, renderer=_HOURS)
def set_hours(request: Request) -> dict[str, Any] | Response:
    """Change the week, or one day."""
    service = _service(request)
    try:
        if request.POST.get("what") == "day":
            service.set_day(*(text(request, name) for name in ("day", "opens", "closes", "reason")))
        else:
            for weekday in range(_DAYS):
                service.set_weekday(weekday, text(request, f"opens-{weekday}"), text(request, f"closes-{weekday}"))
    except InvalidError as error:
        request.tm.doom()
        request.db.expire_all()
        request.response.status_int = 422
        return _hours(request, errors_of(request, error))
    return HTTPSeeOther(request.route_path("paper.hours"))


def _room(request: Request, error: str) -> dict[str, Any]:
    queries: PaperQueries = request.find_service(PaperQueries)
    now = request.clock().astimezone(request.parts.settings.zone)
    return {
        "days": queries.days(),
        "seats": queries.seats(),
        "halves": HALVES,
        "noon": NOON,
        "weekdays": WEEKDAYS,
        "afternoon": now.time() >= NOON,
        "error": error,
        "desk": request.has_permission(Permission.DESK),
    }


def _hours(request: Request, errors: dict[str, str]) -> dict[str, Any]:
    queries: PaperQueries = request.find_service(PaperQueries)
    week = [(f"{one.opens:%H:%M}", f"{one.closes:%H:%M}") if one else ("", "") for one in queries.week()]
    sent = {name: str(value) for name, value in request.POST.items()}
    return {
        "week": week,
        "weekdays": WEEKDAYS,
        "exceptions": queries.exceptions(),
        "entered": sent,
        "errors": errors,
    }


def _service(request: Request) -> RoomService:
    service: RoomService = request.find_service(RoomService)
    return service
