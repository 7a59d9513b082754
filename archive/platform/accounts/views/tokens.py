"""One's own tokens for programs."""

from datetime import UTC, date, datetime, time
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from webob.multidict import MultiDict

from archive.platform.accounts.forms import Line, check_lines, read_lines
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.tokens import ApiTokenService, scopes_of
from archive.platform.accounts.views.again import asks_password, confirm_person, me
from archive.platform.accounts.views.found import said
from archive.platform.accounts.words import PERMISSIONS
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__: list[str] = []

_TEMPLATE = "archive:platform/accounts/templates/account_tokens.jinja2"
_LAST_SECOND = time(23, 59, 59)
_FIELDS = {"name": Line(100)}


@view_config(route_name="account.tokens", request_method="GET", permission=Permission.SIGNED_IN, renderer=_TEMPLATE)
def tokens(request: Request) -> dict[str, Any]:
    """What programs may do in his name, and until when."""
    return _page(request, {})


@view_config(route_name="account.tokens", request_method="POST", permission=Permission.SIGNED_IN, renderer=_TEMPLATE)
def change(request: Request) -> dict[str, Any] | Response:
    """Make one, or end one. A refusal is answered, not raised, because a wrong password is counted."""
    if request.POST.get("act") != "create":
        request.find_service(ApiTokenService).end(me(request), request.POST.get("token", ""))
        return HTTPSeeOther(request.route_path("account.tokens"))
    try:
        return _page(request, {}, given=_create(request))
    except InvalidError as error:
        return _page(request, said(request, error))


def _create(request: Request) -> str:
    confirm_person(request)
    values = read_lines(request.POST, _FIELDS)
    for wrong in check_lines(values, _FIELDS):
        raise wrong
    token: str = request.find_service(ApiTokenService).create(
        me(request), values["name"], _scopes(request), _end(request)
    )
    return token


def _scopes(request: Request) -> list[Permission]:
    return [Permission(sent) for sent in request.POST.getall("scopes") if sent in set(Permission)]


def _end(request: Request) -> datetime:
    """The end of the day that was typed, in the organisation's zone."""
    try:
        day = date.fromisoformat(request.POST.get("ends", ""))
        return datetime.combine(day, _LAST_SECOND, request.parts.settings.zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError(_("截止日期应在今天之后、一年之内。"), field="ends") from error


def _page(request: Request, errors: dict[str, str], *, given: str = "") -> dict[str, Any]:
    person, sent = me(request), request.POST if errors else MultiDict()
    return {
        "rows": request.find_service(ApiTokenService).of(person),
        "given": given,
        "errors": errors,
        "scopes": [scope for scope in PERMISSIONS if scope in scopes_of(person)],
        "words": PERMISSIONS,
        "entered": {
            "name": sent.get("name", ""),
            "scopes": sent.getall("scopes"),
            "ends": sent.get("ends", ""),
        },
        "asks_password": asks_password(request),
    }
