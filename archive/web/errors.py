"""Error pages: what happened and what to do next, in the person's language. Never content, never a trace."""

import logging
from dataclasses import dataclass
from typing import Any

from pyramid.config import Configurator
from pyramid.exceptions import BadCSRFOrigin, BadCSRFToken
from pyramid.httpexceptions import HTTPBadRequest, HTTPForbidden, HTTPNotFound, HTTPSeeOther
from pyramid.renderers import render_to_response
from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm.exc import StaleDataError

from archive.platform.accounts.security import FIRST_OF_ALL, bearer_token
from archive.platform.away import is_full
from archive.platform.db import new_id
from archive.platform.errors import (
    ConflictError,
    DangguiError,
    ElsewhereError,
    ForbiddenError,
    InvalidError,
    NotFoundError,
)
from archive.platform.i18n import _
from search.errors import IndexUnavailableError
from storage.errors import StoreUnavailableError

__all__ = ["includeme"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Page:
    """One kind of error page; the texts are message ids."""

    status: int
    heading: str
    explanation: str
    advice: str


_NOT_FOUND = Page(
    404,
    _("没有找到"),
    _("这里没有您要找的内容，或者您不能得知它是否存在。"),
    _("请核对地址或档号，或者用上方的检索框重新查找。"),
)
_FORBIDDEN = Page(
    403,
    _("无权进行此操作"),
    _("您的岗位没有这项权限。"),
    _("需要阅览档案请提出申请；需要其他权限请联系档案室。"),
)
_ELSEWHERE = Page(
    403,
    _("请到阅览室阅览"),
    _("这件档案批准在阅览室阅览，这里不是登记的阅览座位。"),
    _("请到阅览室，在登记的座位上登录后打开；您的许可在有效期内一直有效。"),
)
_CONFLICT = Page(
    409,
    _("情况已有变化"),
    _("在您操作之前，这条记录已被他人更改。"),
    _("请返回上一页并刷新，核对最新内容后再操作。"),
)
_INVALID = Page(400, _("填写的内容无法使用"), _("提交的内容有误。"), _("请返回上一页，更正后重新提交。"))
_EXPIRED = Page(
    400,
    _("页面已过期"),
    _("为防止他人冒用您的身份提交，这次提交没有被接受，什么都没有改变。"),
    _("请返回上一页，刷新后重新提交。"),
)
_FULL = Page(
    503,
    _("存储空间已满"),
    _("存储空间不足，这次操作没有完成，已归档的内容不受影响。"),
    _("请告知系统管理员清理或扩充空间，然后重试。"),
)
_AWAY = {
    StoreUnavailableError: Page(
        503,
        _("存储暂时无法访问"),
        _("档案存储没有应答，已归档的内容不受影响。"),
        _("请过一两分钟再试；若仍不行，请告知系统管理员。"),
    ),
    IndexUnavailableError: Page(
        503,
        _("检索暂时无法使用"),
        _("检索服务没有应答，档案本身不受影响。"),
        _("请过一两分钟再试；若仍不行，请告知系统管理员。"),
    ),
    OperationalError: Page(
        503,
        _("数据库暂时无法访问"),
        _("数据库没有应答，这次操作没有完成。"),
        _("请过一两分钟再试；若仍不行，请告知系统管理员。"),
    ),
}
_FAULT = Page(
    500,
    _("系统出错"),
    _("系统遇到了没有预料到的错误，这次操作没有完成。"),
    _("请重试；若仍不行，请把错误编号告知系统管理员。"),
)
_REFUSALS = {
    NotFoundError: _NOT_FOUND,
    ElsewhereError: _ELSEWHERE,
    ForbiddenError: _FORBIDDEN,
    ConflictError: _CONFLICT,
    InvalidError: _INVALID,
}


def includeme(config: Configurator) -> None:
    """Register a page for everything that can go wrong."""
    config.add_notfound_view(_not_found, append_slash=False)
    config.add_forbidden_view(_forbidden)
    config.add_exception_view(_refused, context=DangguiError)
    config.add_exception_view(_expired, context=BadCSRFToken)
    config.add_exception_view(_expired, context=BadCSRFOrigin)
    config.add_exception_view(_bad_request, context=HTTPBadRequest)
    # What no column can hold, such as a NUL or a number beyond all bounds.
    config.add_exception_view(_bad_request, context=DataError)
    config.add_exception_view(_stale, context=StaleDataError)
    for kind in _AWAY:
        config.add_exception_view(_away, context=kind)
    config.add_exception_view(_fault, context=Exception)


def _not_found(_reason: HTTPNotFound, request: Request) -> Response:
    return _show(request, _NOT_FOUND)


def _forbidden(_reason: HTTPForbidden, request: Request) -> Response:
    """Who is not signed in signs in first, and comes back to where he wanted to go."""
    if bearer_token(request) is not None:
        return _refuse_program(request)
    if request.pending is not None:
        return HTTPSeeOther(request.route_path(FIRST_OF_ALL[request.pending]))
    if request.identity is not None:
        return _show(request, _FORBIDDEN)
    wanted = request.path_qs if request.method == "GET" else "/"
    return HTTPSeeOther(request.route_path("sign_in", _query={"next": wanted} if wanted != "/" else None))


def _refuse_program(request: Request) -> Response:
    """A token that is worth nothing, or whose scopes do not reach (RFC 6750)."""
    known = request.identity is not None
    response = _show(request, _FORBIDDEN)
    response.status_int = 403 if known else 401
    response.headers["WWW-Authenticate"] = f'Bearer error="{"insufficient_scope" if known else "invalid_token"}"'
    return response


def _refused(error: DangguiError, request: Request) -> Response:
    page = next((page for kind, page in _REFUSALS.items() if isinstance(error, kind)), _INVALID)
    return _show(request, page, explanation=request.translate(error.message, **error.facts))


def _expired(_reason: Exception, request: Request) -> Response:
    return _show(request, _EXPIRED)


def _bad_request(_reason: Exception, request: Request) -> Response:
    return _show(request, _INVALID)


def _stale(_reason: StaleDataError, request: Request) -> Response:
    return _show(request, _CONFLICT)


def _away(error: Exception, request: Request) -> Response:
    log.warning("a part is away: %s", type(error).__name__)
    if is_full(error):
        return _show(request, _FULL)
    return _show(request, next(page for kind, page in _AWAY.items() if isinstance(error, kind)))


def _fault(error: Exception, request: Request) -> Response:
    if is_full(error):
        return _away(error, request)
    incident = new_id()
    log.error("incident %s: %s %s", incident, request.method, request.matched_route, exc_info=error)
    return _show(request, _FAULT, incident=incident)


def _show(request: Request, page: Page, *, explanation: str = "", incident: str = "") -> Response:
    values: dict[str, Any] = {
        "heading": request.translate(page.heading),
        "explanation": explanation or request.translate(page.explanation),
        "advice": request.translate(page.advice),
        "incident": incident,
        "item": request.matchdict.get("item_id") if page in {_FORBIDDEN, _ELSEWHERE} and request.matchdict else None,
    }
    response = render_to_response("archive:web/templates/error.jinja2", values, request)
    response.status_int = page.status
    return response
