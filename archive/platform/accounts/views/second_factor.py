"""One's own second factor: bind a device, see the recovery codes once, do without it again."""

from typing import Any
from urllib.parse import quote

import numpy as np
import pyotp
import zxingcpp
from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.security import remember
from pyramid.view import view_config

from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.second_factor import SecondFactorService, is_demanded
from archive.platform.accounts.security import COOKIE
from archive.platform.accounts.sign_in import SignInService
from archive.platform.accounts.views.again import asks_password, confirm_person, me, turned_to
from archive.platform.accounts.views.found import said
from archive.platform.errors import ForbiddenError, InvalidError
from archive.platform.i18n import _

__all__: list[str] = []

_TEMPLATE = "archive:platform/accounts/templates/account_second_factor.jinja2"
_QUIET = 4


@view_config(
    route_name="account.second_factor", request_method="GET", permission=Permission.ENTERED, renderer=_TEMPLATE
)
def second_factor(request: Request) -> dict[str, Any] | Response:
    """What he has, or how to begin. Whoever has to choose a password first does that first."""
    return turned_to(request, "account.second_factor") or _page(request, {})


@view_config(
    route_name="account.second_factor", request_method="POST", permission=Permission.ENTERED, renderer=_TEMPLATE
)
def change(request: Request) -> dict[str, Any] | Response:
    """One step further. A refusal is answered, not raised, because a wrong password or code is counted."""
    acts = {"begin": _begin, "confirm": _confirm, "remove": _remove}
    act = acts.get(request.POST.get("act", ""))
    elsewhere = turned_to(request, "account.second_factor")
    if elsewhere is not None or act is None:
        return elsewhere or HTTPSeeOther(request.route_path("account.second_factor"))
    try:
        return act(request)
    except InvalidError as error:
        return _page(request, said(request, error))


def _begin(request: Request) -> Response:
    confirm_person(request)
    request.find_service(SecondFactorService).begin(me(request))
    return HTTPSeeOther(request.route_path("account.second_factor"))


def _confirm(request: Request) -> dict[str, Any]:
    person = me(request)
    codes = request.find_service(SecondFactorService).confirm(person, request.POST.get("code", ""))
    renewed = request.find_service(SignInService).raise_session(person, request.cookies.get(COOKIE, ""))
    request.response.headerlist.extend(remember(request, renewed))
    return {**_page(request, {}), "codes": codes}


def _remove(request: Request) -> Response:
    person, factors = me(request), request.find_service(SecondFactorService)
    if is_demanded(request.parts.settings.second_factor, person):
        raise ForbiddenError(_("您的账户必须启用两步验证。手机丢失或更换时，请安全保密管理员解除后重新绑定。"))
    if not factors.check(person, request.POST.get("code", "")):
        raise InvalidError(_("验证码不正确，或者已经用过。请等手机显示下一个验证码再输入。"), field="code")
    factors.remove(person)
    return HTTPSeeOther(request.route_path("account.second_factor"))


def _page(request: Request, errors: dict[str, str]) -> dict[str, Any]:
    person, factors = me(request), request.find_service(SecondFactorService)
    begun = factors.begun(person)
    return {
        "errors": errors,
        "codes": (),
        "factor": factors.of(person),
        "codes_left": factors.codes_left(person),
        "demanded": is_demanded(request.parts.settings.second_factor, person),
        "begun": begun,
        "picture": _picture(_address(request, begun.secret)) if begun else "",
        "asks_password": asks_password(request),
    }


def _address(request: Request, secret: str) -> str:
    """What the device reads: whose code it is, and the secret."""
    here = request.translate(_("档归"))
    return pyotp.TOTP(secret).provisioning_uri(name=request.identity.login, issuer_name=here)


def _picture(text: str) -> str:
    """The QR code of a text as the address of a picture that holds it itself; no other server sees the secret."""
    code = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="L")
    dark = np.asarray(code.to_image(scale=1, add_quiet_zones=False)) < 128
    side = len(dark) + 2 * _QUIET
    path = "".join(f"M{x + _QUIET} {y + _QUIET}h1v1h-1z" for y, x in np.argwhere(dark).tolist())
    drawing = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path fill="#fff" d="M0 0h{side}v{side}H0z"/><path d="{path}"/></svg>'
    )
    return f"data:image/svg+xml,{quote(drawing)}"
