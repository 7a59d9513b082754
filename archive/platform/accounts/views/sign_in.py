"""Signing in and out."""

from typing import Any
from urllib.parse import quote

from pyramid.csrf import new_csrf_token
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED, forget, remember
from pyramid.view import view_config

from archive.platform.accounts.begun import BEGUN_COOKIE
from archive.platform.accounts.directory import DirectoryAwayError, ask_directory
from archive.platform.accounts.identities import IdentityService
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.security import COOKIE, cookie_headers
from archive.platform.accounts.sign_in import Entered, SignInService, has_password
from archive.platform.accounts.sign_in_models import Source
from archive.platform.accounts.sources import DirectoryAddress, secret_of
from archive.platform.accounts.spraying import SprayingGuard
from archive.platform.errors import NotFoundError
from archive.platform.i18n import _

__all__ = ["go_on", "safe_next"]

_TEMPLATE = "archive:platform/accounts/templates/sign_in.jinja2"
_CODE_TEMPLATE = "archive:platform/accounts/templates/sign_in_code.jinja2"
_ADDRESS = "/?&=%+:;,@!$'()*~#[]"
_REFUSED = _("登录名或密码不正确。连续输错五次后，该账号暂停登录几分钟，请稍后再试或联系系统管理员。")
_CLOSED = _("从您所在的地址短时间内有过多次失败的登录，暂停登录约一刻钟。请稍后再试，急用请联系安全保密管理员。")
_DIRECTORY_AWAY = _(
    "统一目录服务暂时没有应答。在本系统设有密码的账户仍可登录；其他人请过几分钟再试，或联系系统管理员。"
)
_WRONG_CODE = _("验证码不正确，或者已经用过。请等手机显示下一个验证码再输入；连续输错五次后需等待几分钟。")


@view_config(route_name="sign_in", request_method="GET", permission=NO_PERMISSION_REQUIRED, renderer=_TEMPLATE)
def show(request: Request) -> dict[str, Any] | Response:
    """The form; whoever is signed in already goes on to where he wanted to be."""
    wanted = safe_next(request, request.params.get("next", ""))
    if request.identity is not None:
        return HTTPSeeOther(wanted)
    return _form(request, wanted, ended=COOKIE in request.cookies)


@view_config(route_name="sign_in", request_method="POST", permission=NO_PERMISSION_REQUIRED, renderer=_TEMPLATE)
def sign_in(request: Request) -> dict[str, Any] | Response:
    """Check the password. A refusal is answered, not raised, because its count must be committed."""
    login, password = request.POST.get("login", "").replace("\0", ""), request.POST.get("password", "")
    wanted = safe_next(request, request.POST.get("next", ""))
    closed, here = _looked_up(request, login)
    if closed:
        return _form(request, wanted, login=login, refused=_refuse(request, _CLOSED, status=429))
    directory = request.parts.settings.directory
    if directory is None or here:
        entered = request.find_service(SignInService).sign_in(login, password, request.user_agent or "", wanted)
    else:
        try:
            entered = _by_directory(request, directory, login, password, wanted)
        except DirectoryAwayError:
            return _form(request, wanted, login=login, refused=_refuse(request, _DIRECTORY_AWAY, status=503))
    if entered is None:
        return _form(request, wanted, login=login, refused=_refuse(request, _REFUSED))
    return go_on(request, entered, wanted)


@view_config(
    route_name="sign_in.code", request_method="GET", permission=NO_PERMISSION_REQUIRED, renderer=_CODE_TEMPLATE
)
def ask_code(request: Request) -> dict[str, Any] | Response:
    """The form for the code; only whoever gave the password comes here."""
    if BEGUN_COOKIE not in request.cookies:
        return HTTPSeeOther(request.route_path("sign_in"))
    return {"refused": ""}


@view_config(
    route_name="sign_in.code", request_method="POST", permission=NO_PERMISSION_REQUIRED, renderer=_CODE_TEMPLATE
)
def give_code(request: Request) -> dict[str, Any] | Response:
    """Check the code. A refusal is answered, not raised, because its count must be committed."""
    if _is_closed(request):
        return {"refused": _refuse(request, _CLOSED, status=429)}
    begun, code = request.cookies.get(BEGUN_COOKIE, ""), request.POST.get("code", "")
    try:
        entered = request.find_service(SignInService).give_code(begun, code, request.user_agent or "")
    except NotFoundError:
        return HTTPSeeOther(request.route_path("sign_in"), headers=cookie_headers(request, BEGUN_COOKIE, None))
    if entered is None:
        return {"refused": _refuse(request, _WRONG_CODE)}
    session, wanted = entered
    return go_on(request, Entered(session=session), wanted)


def go_on(request: Request, entered: Entered, wanted: str) -> Response:
    """To where he wanted to be; or to the form for the code."""
    if entered.begun:
        headers = cookie_headers(request, BEGUN_COOKIE, entered.begun)
        return HTTPSeeOther(request.route_path("sign_in.code"), headers=headers)
    headers = [*remember(request, entered.session), *cookie_headers(request, BEGUN_COOKIE, None)]
    # A token that somebody saw before the sign-in is worth nothing after it.
    new_csrf_token(request)
    return HTTPSeeOther(wanted, headers=headers)


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


def _form(request: Request, wanted: str, *, login: str = "", refused: str = "", ended: bool = False) -> dict[str, Any]:
    provider = bool(request.parts.settings.oidc)
    return {"login": login, "wanted": wanted, "refused": refused, "ended": ended, "provider": provider}


def _looked_up(request: Request, login: str) -> tuple[bool, bool]:
    """Whether nobody signs in from there now, and whether this login has a password here.

    In a transaction of its own, which is over before the directory is asked.
    """
    with request.parts.database.reading() as session:
        closed = SprayingGuard(session, request.clock).closed_until(request.address) is not None
        return closed, has_password(session, login)


def _by_directory(
    request: Request, directory: DirectoryAddress, login: str, password: str, wanted: str
) -> Entered | None:
    identity = ask_directory(directory, secret_of(request.parts.settings.ldap_secret), login.strip(), password)
    service = request.find_service(SignInService)
    identities = IdentityService(request.db, request.clock, Source.LDAP, request.address)
    person = identities.admit(identity, directory.rules) if identity else None
    if person is None:
        service.refuse(login)
        return None
    entered: Entered = service.let_in(person, request.user_agent or "", wanted)
    return entered


def _is_closed(request: Request) -> bool:
    return SprayingGuard(request.db, request.clock).closed_until(request.address) is not None


def _refuse(request: Request, words: str, *, status: int = 422) -> str:
    request.response.status_int = status
    return words
