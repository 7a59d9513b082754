"""The page of delegations: who decides in my place while I am away, and in whose place I do."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.platform.accounts.permissions import Permission
from archive.platform.approval.delegations import DelegationService, DelegationWish
from archive.platform.approval.inbox import Inbox
from archive.platform.errors import InvalidError
from archive.platform.local_time import as_typed, typed_moment

__all__: list[str] = []

_RENDERER = "archive:platform/approval/templates/delegations.jinja2"
_PROPOSED = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Entered:
    """The form as text, so that nothing is lost when a field cannot be used."""

    to: str
    starts_at: str
    ends_at: str
    kinds: tuple[str, ...] = ()


@view_config(route_name="approval.delegations", request_method="GET", permission=Permission.REQUEST, renderer=_RENDERER)
def delegations(request: Request) -> dict[str, Any]:
    """My delegations and those to me, and a form for a new one, from now for a week."""
    now, zone = request.clock(), request.parts.settings.zone
    return _page(request, Entered("", as_typed(now, zone), as_typed(now + _PROPOSED, zone)), {})


@view_config(
    route_name="approval.delegations", request_method="POST", permission=Permission.REQUEST, renderer=_RENDERER
)
def delegate(request: Request) -> dict[str, Any] | Response:
    """Let another decide in my place."""
    sent, zone = request.POST, request.parts.settings.zone
    to, starts, ends = (sent.get(name, "") for name in ("to", "starts_at", "ends_at"))
    entered = Entered(to, starts, ends, tuple(sent.getall("kind")))
    try:
        starts_at, ends_at = typed_moment("starts_at", starts, zone), typed_moment("ends_at", ends, zone)
        wish = DelegationWish(to, starts_at, ends_at, entered.kinds)
        _service(request).delegate(request.identity, wish, request.approval_subjects.keys())
    except InvalidError as error:
        request.response.status_int = 422
        return _page(request, entered, {error.field: request.translate(error.message, **error.facts)})
    return HTTPSeeOther(request.route_path("approval.delegations"))


@view_config(route_name="approval.end_delegation", permission=Permission.REQUEST)
def end(request: Request) -> Response:
    """End one now."""
    _service(request).end(request.matchdict["delegation_id"], request.identity)
    return HTTPSeeOther(request.route_path("approval.delegations"))


def _page(request: Request, entered: Entered, errors: dict[str, str]) -> dict[str, Any]:
    service, person = _service(request), request.identity
    subjects = {kind: request.translate(subject.label) for kind, subject in request.approval_subjects.items()}
    takers = [(one.id, f"{one.name} · {one.unit.name}") for one in service.takers(person)]
    return {
        "tab": "approval.delegations",
        "returned": request.find_service(Inbox).returned(person),
        "entered": entered,
        "errors": errors,
        "takers": takers,
        "kinds": subjects,
        "rows": service.shown(person),
        "now": request.clock(),
    }


def _service(request: Request) -> DelegationService:
    service: DelegationService = request.find_service(DelegationService)
    return service
