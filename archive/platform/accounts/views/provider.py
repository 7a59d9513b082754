"""Signing in at an OpenID provider: off to it, and back with its word.

Both are followed by links and answered without a form, so what they write goes into a transaction of its own.
"""

import logging
import secrets
from typing import Any

from pyramid.httpexceptions import HTTPNotFound, HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import NO_PERMISSION_REQUIRED
from pyramid.view import view_config
from sqlalchemy.orm import Session

from archive.platform.accounts.begun import BEGUN_COOKIE, BegunSignIns, state_of
from archive.platform.accounts.identities import IdentityService
from archive.platform.accounts.oidc import Provider, ProviderAwayError, ProviderRefusedError
from archive.platform.accounts.security import cookie_headers
from archive.platform.accounts.sign_in import Entered, SignInService
from archive.platform.accounts.sign_in_models import Source
from archive.platform.accounts.sources import Identity, ProviderAddress, secret_of
from archive.platform.accounts.views.sign_in import go_on, safe_next
from archive.platform.actor import Actor
from archive.platform.i18n import _

__all__: list[str] = []

log = logging.getLogger(__name__)

_TEMPLATE = "archive:platform/accounts/templates/sign_in.jinja2"
_RANDOM_BYTES = 32
_AWAY = _("统一身份认证暂时没有应答。在本系统设有密码的账户仍可登录；其他人请过几分钟再试，或联系系统管理员。")
_REFUSED = _("没有从统一身份认证得到有效的登录结果，请重新登录；若仍不行，请联系系统管理员。")
_UNKNOWN = _("统一身份认证已通过，但您在本系统还没有可用的账户，请联系系统管理员。")


@view_config(route_name="sign_in.provider", request_method="GET", permission=NO_PERMISSION_REQUIRED, renderer=_TEMPLATE)
def leave(request: Request) -> dict[str, Any] | Response:
    """To the provider, with what it has to bring back."""
    address, wanted = _address(request), safe_next(request, request.GET.get("next", ""))
    nonce, verifier = secrets.token_urlsafe(_RANDOM_BYTES), secrets.token_urlsafe(_RANDOM_BYTES)
    with request.parts.database.writing() as session:
        token = BegunSignIns(session, request.clock).begin(wanted, nonce=nonce, verifier=verifier)
    try:
        there = _provider(request, address).where_to(state_of(token), nonce, verifier)
    except ProviderAwayError:
        return _again(request, wanted, _AWAY, 503)
    return HTTPSeeOther(there, headers=cookie_headers(request, BEGUN_COOKIE, token))


@view_config(route_name="sign_in.return", request_method="GET", permission=NO_PERMISSION_REQUIRED, renderer=_TEMPLATE)
def come_back(request: Request) -> dict[str, Any] | Response:
    """From the provider: only the browser that left comes in, once."""
    address, token = _address(request), request.cookies.get(BEGUN_COOKIE, "")
    with request.parts.database.writing() as session:
        begun = BegunSignIns(session, request.clock).end(token)
    brought = request.GET.get("state", "")
    if begun is None or not begun.nonce or not secrets.compare_digest(brought.encode(), state_of(token).encode()):
        return _again(request, "", _REFUSED, 422)
    try:
        identity = _provider(request, address).who(request.GET, begun.nonce, begun.verifier, request.clock())
    except ProviderAwayError:
        return _again(request, begun.wanted, _AWAY, 503)
    except ProviderRefusedError as error:
        log.warning("a sign-in at the identity provider was refused: %s", error)
        return _again(request, begun.wanted, _REFUSED, 422)
    with request.parts.database.writing() as session:
        entered = _entered(request, session, address, identity, begun.wanted)
    if entered is None:
        return _again(request, begun.wanted, _UNKNOWN, 403)
    return go_on(request, entered, begun.wanted)


def _entered(
    request: Request, session: Session, address: ProviderAddress, identity: Identity, wanted: str
) -> Entered | None:
    person = IdentityService(session, request.clock, Source.OIDC, request.address).admit(identity, address.rules)
    if person is None:
        return None
    nobody = Actor(None, "anonymous", address=request.address)
    return SignInService(session, request.clock, nobody).let_in(person, request.user_agent or "", wanted)


def _address(request: Request) -> ProviderAddress:
    address: ProviderAddress | None = request.parts.settings.provider
    if address is None:
        raise HTTPNotFound
    return address


def _provider(request: Request, address: ProviderAddress) -> Provider:
    return Provider(address, secret_of(request.parts.settings.oidc_secret), request.route_url("sign_in.return"))


def _again(request: Request, wanted: str, words: str, status: int) -> dict[str, Any]:
    request.response.status_int = status
    return {"login": "", "wanted": wanted or "/", "refused": words, "ended": False, "provider": True}
