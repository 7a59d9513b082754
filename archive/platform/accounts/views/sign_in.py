"""Signing in and out."""

from typing import Any
from urllib.parse import quote

from pyramid.csrf import new_csrf_token
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED, forget, remember
from pyramid.view import view_config

from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.security import COOKIE
from archive.platform.accounts.sign_in import SignInService
from archive.platform.i18n import _

__all__ = ["safe_next"]

_TEMPLATE = "archive:platform/accounts/templates/sign_in.jinja2"
_ADDRESS = "/?&=%+:;,@!$'()*~#[]"
_REFUSED = _("登录名或密码不正确。连续输错五次后，该账号暂停登录几分钟，请稍后再试或联系系统管理员。")


@view_config(route_name="sign_in", request_method="GET", permission=NO_PERMISSION_REQUIRED, renderer=_TEMPLATE)
def show(request: Request) -> dict[str, Any] | Response:
    """The form; whoever is signed in already goes on to where he wanted to be."""
    wanted = safe_next(request, request.params.get("next", ""))
    if request.identity is not None:
        return HTTPSeeOther(wanted)
    return {"login": "", "wanted": wanted, "refused": "", "ended": COOKIE in request.cookies}


@view_config(route_name="sign_in", request_method="POST", permission=NO_PERMISSION_REQUIRED, renderer=_TEMPLATE)
def sign_in(request: Request) -> dict[str, Any] | Response:
    """Check the password. A refusal is answered, not raised, because its count must be committed."""
    login, password = request.POST.get("login", "").replace("\0", ""), request.POST.get("password", "")
    wanted = safe_next(request, request.POST.get("next", ""))
    token = request.find_service(SignInService).sign_in(login, password, request.user_agent or "")
    if token is None:
        request.response.status_int = 422
        return {"login": login, "wanted": wanted, "refused": _REFUSED, "ended": False}
    response = HTTPSeeOther(wanted, headers=remember(request, token))
    # A token that somebody saw before the sign-in is worth nothing after it.
    new_csrf_token(request)
    return response


@view_config(route_name="sign_out", request_method="POST", permission=Permission.ENTERED)
def sign_out(request: Request) -> Response:
    """End the session here and in the database."""
    request.find_service(SignInService).sign_out(request.cookies.get(COOKIE, ""))
    return HTTPSeeOther(request.route_path("sign_in"), headers=forget(request))


def safe_next(request: Request, wanted: str) -> str:
    """The place to go on to: a path of this application, never another site and never the sign-in page again."""
    home = (request.script_name or "") + "/"
    # What begins with one slash has neither scheme nor host; browsers read a backslash as a slash.
    inside = wanted.startswith(home) and not wanted.startswith("//") and "\\" not in wanted and wanted.isprintable()
    again = wanted.partition("?")[0] == request.route_path("sign_in")
    # An address stands in a header, which takes no Chinese characters as they are.
    return quote(wanted, safe=_ADDRESS) if inside and not again else home
