"""One's own account: the password, the sessions, and who may do what."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import remember
from pyramid.view import view_config

from archive.platform.accounts.models import Person, Role
from archive.platform.accounts.passwords import MINIMUM_LENGTH
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.accounts.security import COOKIE
from archive.platform.accounts.sessions import token_digest
from archive.platform.accounts.sign_in import SignInService
from archive.platform.accounts.words import PERMISSIONS, device_name
from archive.platform.audit.wording import ROLES
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__: list[str] = []

_TEMPLATES = "archive:platform/accounts/templates/"


@view_config(
    route_name="account.password",
    request_method="GET",
    permission=Permission.ENTERED,
    renderer=_TEMPLATES + "account_password.jinja2",
)
def password(request: Request) -> dict[str, Any]:
    """The form."""
    return _password_page({}, done=request.GET.get("done") == "1")


@view_config(
    route_name="account.password",
    request_method="POST",
    permission=Permission.ENTERED,
    renderer=_TEMPLATES + "account_password.jinja2",
)
def change_password(request: Request) -> dict[str, Any] | Response:
    """Change it. A refusal is answered, not raised, because a wrong old one is counted."""
    sent, first = request.POST, request.pending is not None
    if sent.get("password", "") != sent.get("again", ""):
        request.response.status_int = 422
        return _password_page({"again": request.translate(_("两次输入的新密码不一致。"))}, done=False)
    here = request.cookies.get(COOKIE, "")
    try:
        renewed = _service(request).change_password(_me(request), sent.get("old", ""), sent.get("password", ""), here)
    except InvalidError as error:
        request.response.status_int = 422
        return _password_page({error.field: request.translate(error.message, **error.facts)}, done=False)
    headers = remember(request, renewed)
    if first:
        return HTTPSeeOther(request.route_path("home"), headers=headers)
    return HTTPSeeOther(request.route_path("account.password", _query={"done": "1"}), headers=headers)


@view_config(
    route_name="account.sessions",
    request_method="GET",
    permission=Permission.SIGNED_IN,
    renderer=_TEMPLATES + "account_sessions.jinja2",
)
def sessions(request: Request) -> dict[str, Any]:
    """Where I am signed in."""
    rows = _service(request).sessions_of(request.identity)
    here = token_digest(request.cookies.get(COOKIE, ""))
    return {"rows": rows, "here": here, "device_name": device_name}


@view_config(route_name="account.sessions", request_method="POST", permission=Permission.SIGNED_IN)
def end_sessions(request: Request) -> Response:
    """End one of them, or all but this one."""
    service, digest = _service(request), request.POST.get("session", "")
    if digest:
        service.end_session(_me(request), digest)
    else:
        service.end_sessions(_me(request), but=request.cookies.get(COOKIE, ""))
    return HTTPSeeOther(request.route_path("account.sessions"))


@view_config(
    route_name="account.permissions",
    permission=Permission.SIGNED_IN,
    renderer=_TEMPLATES + "account_permissions.jinja2",
)
def permissions(_request: Request) -> dict[str, Any]:
    """The one table of roles and permissions, as everybody may read it."""
    held = {role: permissions_of(frozenset({role})) for role in Role}
    return {"permissions": PERMISSIONS, "held": held, "roles": ROLES}


def _password_page(errors: dict[str, str], *, done: bool) -> dict[str, Any]:
    return {"errors": errors, "done": done, "least": MINIMUM_LENGTH}


def _me(request: Request) -> Person:
    person: Person = request.db.get_one(Person, request.identity.id)
    return person


def _service(request: Request) -> SignInService:
    service: SignInService = request.find_service(SignInService)
    return service
