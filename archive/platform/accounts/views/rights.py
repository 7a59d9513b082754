"""Roles, clearance, locked accounts and sessions of others, as the security administrator keeps them."""

from datetime import datetime
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from archive.platform.accounts.models import Clearance, Credential, Person, Role, WebSession
from archive.platform.accounts.people import PAGE_SIZE
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.rights import RightsService, history_of
from archive.platform.accounts.second_factor import SecondFactorService
from archive.platform.accounts.sessions import WebSessions
from archive.platform.accounts.sign_in import SignInService
from archive.platform.accounts.spraying import SprayingGuard
from archive.platform.accounts.tokens import ApiTokenService
from archive.platform.accounts.views.found import said, the_person
from archive.platform.accounts.views.people import people_page
from archive.platform.accounts.words import PERMISSIONS, device_name
from archive.platform.audit.wording import CLEARANCES, ROLES, words_for
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.i18n import _
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:platform/accounts/templates/"


@view_config(route_name="rights.list", permission=Permission.ADMINISTER_RIGHTS, renderer=_TEMPLATES + "people.jinja2")
def people(request: Request) -> dict[str, Any]:
    """One page of the people that were asked for."""
    return people_page(request, "rights.list", "rights.person")


@view_config(
    route_name="rights.person",
    request_method="GET",
    permission=Permission.ADMINISTER_RIGHTS,
    renderer=_TEMPLATES + "rights.jinja2",
)
def rights(request: Request) -> dict[str, Any]:
    """What a person may do, since when, and where he is signed in."""
    return _rights_page(request, the_person(request), {})


@view_config(
    route_name="rights.person",
    request_method="POST",
    permission=Permission.ADMINISTER_RIGHTS,
    renderer=_TEMPLATES + "rights.jinja2",
)
def change(request: Request) -> dict[str, Any] | Response:
    """Give and take roles and clearance."""
    changed, service = the_person(request), request.find_service(RightsService)
    try:
        roles, clearance = _roles(request), _clearance(request)
        service.set_roles(changed, roles)
        service.set_clearance(changed, clearance)
    except (ConflictError, InvalidError) as error:
        return _rights_page(request, changed, said(request, error, field="roles"))
    return _back(request, changed)


@view_config(route_name="rights.unlock", request_method="POST", permission=Permission.ADMINISTER_RIGHTS)
def unlock(request: Request) -> Response:
    """An account that rests after wrong passwords takes one again."""
    locked = the_person(request)
    request.find_service(SignInService).unlock(locked)
    return _back(request, locked)


@view_config(route_name="rights.end_sessions", request_method="POST", permission=Permission.ADMINISTER_RIGHTS)
def end_sessions(request: Request) -> Response:
    """End one of his sessions, or all."""
    ended, service = the_person(request), request.find_service(SignInService)
    digest = request.POST.get("session", "")
    if digest:
        service.end_session(ended, digest)
    else:
        service.end_sessions(ended)
    return _back(request, ended)


@view_config(route_name="rights.second_factor", request_method="POST", permission=Permission.ADMINISTER_RIGHTS)
def take_factor_away(request: Request) -> Response:
    """His device is lost: he binds another; until then the password is enough, where no second factor is demanded."""
    changed = the_person(request)
    request.find_service(SecondFactorService).take_away(changed)
    request.find_service(SignInService).end_sessions(changed)
    return _back(request, changed)


@view_config(route_name="rights.end_token", request_method="POST", permission=Permission.ADMINISTER_RIGHTS)
def end_token(request: Request) -> Response:
    """End a token of his."""
    owner = the_person(request)
    request.find_service(ApiTokenService).end(owner, request.POST.get("token", ""))
    return _back(request, owner)


@view_config(
    route_name="rights.addresses",
    request_method="GET",
    permission=Permission.ADMINISTER_RIGHTS,
    renderer=_TEMPLATES + "addresses.jinja2",
)
def addresses(request: Request) -> dict[str, Any]:
    """From where nobody signs in for a while."""
    return {"rows": SprayingGuard(request.db, request.clock).closed()}


@view_config(route_name="rights.addresses", request_method="POST", permission=Permission.ADMINISTER_RIGHTS)
def open_address(request: Request) -> Response:
    """People may sign in from there again."""
    SprayingGuard(request.db, request.clock).open(request.POST.get("origin", ""), request.actor)
    return HTTPSeeOther(request.route_path("rights.addresses"))


@view_config(
    route_name="rights.sessions", permission=Permission.ADMINISTER_RIGHTS, renderer=_TEMPLATES + "sessions.jinja2"
)
def sessions(request: Request) -> dict[str, Any]:
    """Everybody who is signed in now."""
    page = page_number(request.GET.get("page", ""))
    alive = WebSessions(request.db, request.clock).alive()
    total = request.db.scalar(select(func.count()).select_from(alive.order_by(None).subquery())) or 0
    rows = alive.options(joinedload(WebSession.person)).offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)
    return {
        "rows": request.db.scalars(rows).all(),
        "total": total,
        "page": page,
        "size": PAGE_SIZE,
        "url": lambda number: request.route_path("rights.sessions", _query={"page": number}),
        "device_name": device_name,
    }


def _roles(request: Request) -> list[Role]:
    try:
        return [Role(sent) for sent in request.POST.getall("roles")]
    except ValueError as error:
        raise InvalidError(_("没有这个角色。"), field="roles") from error


def _clearance(request: Request) -> Clearance:
    try:
        return Clearance(request.POST.get("clearance", ""))
    except ValueError as error:
        raise InvalidError(_("请选择涉密等级。"), field="clearance") from error


def _rights_page(request: Request, shown: Person, errors: dict[str, str]) -> dict[str, Any]:
    credential = request.db.get(Credential, shown.id)
    factor = request.find_service(SecondFactorService).of(shown)
    entered = request.POST.getall("roles") if errors else list(shown.roles)
    return {
        "shown": shown,
        "chosen": entered,
        "errors": errors,
        "roles": ROLES,
        "administrators": Role.administrators(),
        "clearances": CLEARANCES,
        "locked_until": _running(request, credential.locked_until if credential else None),
        "failures": credential.failures if credential else 0,
        "sessions": request.find_service(SignInService).sessions_of(shown),
        "history": history_of(request.db, shown),
        "words_for": words_for,
        "device_name": device_name,
        "factor": factor,
        "factor_locked_until": _running(request, factor.locked_until if factor else None),
        "tokens": request.find_service(ApiTokenService).of(shown),
        "scope_words": PERMISSIONS,
    }


def _running(request: Request, until: datetime | None) -> datetime | None:
    return until if until and until > request.clock() else None


def _back(request: Request, shown: Person) -> Response:
    return HTTPSeeOther(request.route_path("rights.person", person_id=shown.id))
