"""The table of groups of the directory and the provider, as the security administrator keeps it."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from archive.platform.accounts.forms import Line, check_lines, read_lines
from archive.platform.accounts.identities import GroupRuleService
from archive.platform.accounts.models import Post, Role
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.sign_in_models import Source
from archive.platform.accounts.views.found import said
from archive.platform.audit.wording import ROLES
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError
from archive.platform.i18n import _

__all__: list[str] = []

_TEMPLATE = "archive:platform/accounts/templates/groups.jinja2"
_SOURCES = {Source.LDAP: _("目录服务"), Source.OIDC: _("统一身份认证")}
_FIELDS = {"source": Line(10), "group": Line(500), "gives": Line(50)}


@view_config(
    route_name="rights.groups", request_method="GET", permission=Permission.ADMINISTER_RIGHTS, renderer=_TEMPLATE
)
def groups(request: Request) -> dict[str, Any]:
    """Which group gives what."""
    return _page(request, {}, dict.fromkeys(_FIELDS, ""))


@view_config(
    route_name="rights.groups", request_method="POST", permission=Permission.ADMINISTER_RIGHTS, renderer=_TEMPLATE
)
def change(request: Request) -> dict[str, Any] | Response:
    """Add a line, or remove one."""
    service = request.find_service(GroupRuleService)
    if request.POST.get("act") != "add":
        service.remove(request.POST.get("rule", ""))
        return HTTPSeeOther(request.route_path("rights.groups"))
    values = read_lines(request.POST, _FIELDS)
    try:
        for wrong in check_lines(values, _FIELDS):
            raise wrong
        source = _source(values["source"])
        service.add(source, values["group"], **_given(request, source, values["gives"]))
    except (ConflictError, ForbiddenError, InvalidError) as error:
        return _page(request, said(request, error, field="gives"), values)
    return HTTPSeeOther(request.route_path("rights.groups"))


def _source(sent: str) -> Source:
    try:
        return Source(sent)
    except ValueError as error:
        raise InvalidError(_("请选择来源。"), field="source") from error


def _given(request: Request, source: Source, sent: str) -> dict[str, Any]:
    """A role or a post; the roles of the three administrators only where the setting allows it."""
    kind, _colon, key = sent.partition(":")
    post = request.db.get(Post, key) if kind == "post" else None
    if post is not None and post.closed_at is None:
        return {"post": post}
    if kind != "role" or key not in set(Role):
        raise InvalidError(_("请选择一个角色或一个岗位。"), field="gives")
    if Role(key) in Role.administrators() and not _may_give_administrators(request, source):
        raise ForbiddenError(_("三员角色不能由用户组授予；确有需要时，由运维人员在设置中写明 administrators=yes。"))
    return {"role": Role(key)}


def _may_give_administrators(request: Request, source: Source) -> bool:
    settings = request.parts.settings
    known = settings.directory if source is Source.LDAP else settings.provider
    return known is not None and known.rules.administrators


def _page(request: Request, errors: dict[str, str], entered: dict[str, str]) -> dict[str, Any]:
    posts = select(Post).where(Post.closed_at.is_(None)).options(joinedload(Post.unit))
    roles = [(f"role:{role}", f"{request.translate(_('角色'))} {request.translate(ROLES[role])}") for role in Role]
    of_posts = [
        (f"post:{post.id}", f"{request.translate(_('岗位'))} {post.unit.name} {post.name}")
        for post in request.db.scalars(posts.order_by(Post.unit_id, Post.name))
    ]
    settings = request.parts.settings
    return {
        "rules": request.find_service(GroupRuleService).rules(),
        "sources": _SOURCES,
        "source_choices": [(source.value, request.translate(words)) for source, words in _SOURCES.items()],
        "roles": ROLES,
        "gives": [("", ""), *roles, *of_posts],
        "configured": bool(settings.ldap or settings.oidc),
        "errors": errors,
        "entered": entered,
    }
