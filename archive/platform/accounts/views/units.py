"""Units as a tree, and the posts in them, as the system administrator keeps them."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from archive.platform.accounts.forms import Line, check_lines, read_lines
from archive.platform.accounts.models import Post, PostHolding, Unit
from archive.platform.accounts.organisation import OrganisationService, holders_of, unit_lines
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.views.found import chosen_unit, said, the_post, the_unit, unit_choices
from archive.platform.errors import ConflictError, InvalidError

__all__: list[str] = []

_TEMPLATES = "archive:platform/accounts/templates/"
_NEW = {"code": Line(32), "name": Line(200), "parent": Line(36, required=False)}
_UNIT = {"name": Line(200), "parent": Line(36, required=False)}
_POST = {"name": Line(100)}
_REFUSED = (ConflictError, InvalidError)


@view_config(
    route_name="units.tree",
    request_method="GET",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "units.jinja2",
)
def tree(request: Request) -> dict[str, Any]:
    """The tree, and the form for one more."""
    return _tree_page(request, {"code": "", "name": "", "parent": ""}, {})


@view_config(
    route_name="units.tree",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "units.jinja2",
)
def create(request: Request) -> dict[str, Any] | Response:
    """A new unit."""
    entered = read_lines(request.POST, _NEW)
    if wrong := check_lines(entered, _NEW):
        return _tree_page(request, entered, said(request, *wrong))
    try:
        made = _accounts(request).create_unit(entered["code"], entered["name"], _parent(request, entered))
    except _REFUSED as error:
        return _tree_page(request, entered, said(request, error, field="code"))
    return HTTPSeeOther(request.route_path("units.unit", unit_id=made.id))


@view_config(
    route_name="units.unit",
    request_method="GET",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "unit.jinja2",
)
def unit(request: Request) -> dict[str, Any]:
    """One unit, its place, and who holds which post in it."""
    return _unit_page(request, the_unit(request), {})


@view_config(
    route_name="units.unit",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "unit.jinja2",
)
def change(request: Request) -> dict[str, Any] | Response:
    """Another name, or another place in the tree."""
    changed, entered = the_unit(request), read_lines(request.POST, _UNIT)
    if wrong := check_lines(entered, _UNIT):
        return _unit_page(request, changed, said(request, *wrong), entered)
    try:
        _service(request).change_unit(changed, entered["name"], _parent(request, entered))
    except _REFUSED as error:
        return _unit_page(request, changed, said(request, error, field="name"), entered)
    return _to_unit(request, changed)


@view_config(
    route_name="units.close",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "unit.jinja2",
)
def close(request: Request) -> dict[str, Any] | Response:
    """The unit ends; refused while it is in use."""
    ended = the_unit(request)
    try:
        _service(request).close_unit(ended)
    except ConflictError as error:
        return _unit_page(request, ended, said(request, error, field="name"))
    return HTTPSeeOther(request.route_path("units.tree"))


@view_config(
    route_name="units.post_new",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "unit.jinja2",
)
def new_post(request: Request) -> dict[str, Any] | Response:
    """A new post in the unit."""
    place, fields = the_unit(request), {"post": Line(100)}
    entered = read_lines(request.POST, fields)
    if wrong := check_lines(entered, fields):
        return _unit_page(request, place, said(request, *wrong))
    _accounts(request).post_in(chosen_unit(request, place.id), entered["post"])
    return _to_unit(request, place)


@view_config(
    route_name="posts.post",
    request_method="GET",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "post.jinja2",
)
def post(request: Request) -> dict[str, Any]:
    """Who holds and held this post."""
    return _post_page(request, the_post(request), {})


@view_config(
    route_name="posts.post",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "post.jinja2",
)
def rename_post(request: Request) -> dict[str, Any] | Response:
    """Another name for it."""
    renamed, entered = the_post(request), read_lines(request.POST, _POST)
    try:
        if wrong := check_lines(entered, _POST):
            raise wrong[0]
        _service(request).rename_post(renamed, entered["name"])
    except _REFUSED as error:
        return _post_page(request, renamed, said(request, error, field="name"), entered["name"])
    return HTTPSeeOther(request.route_path("posts.post", post_id=renamed.id))


@view_config(
    route_name="posts.close",
    request_method="POST",
    permission=Permission.ADMINISTER_ACCOUNTS,
    renderer=_TEMPLATES + "post.jinja2",
)
def close_post(request: Request) -> dict[str, Any] | Response:
    """The post ends; refused while somebody holds it."""
    ended = the_post(request)
    try:
        _service(request).close_post(ended)
    except ConflictError as error:
        return _post_page(request, ended, said(request, error, field="name"))
    return _to_unit(request, ended.unit)


def _tree_page(request: Request, entered: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    lines = unit_lines(request.db, closed=request.GET.get("closed") == "1")
    return {"lines": lines, "entered": entered, "errors": errors, "units": unit_choices(request)}


def _unit_page(
    request: Request, shown: Unit, errors: dict[str, str], entered: dict[str, str] | None = None
) -> dict[str, Any]:
    return {
        "unit": shown,
        "entered": entered or {"name": shown.name, "parent": shown.parent_id or ""},
        "errors": errors,
        "units": [(key, text) for key, text in unit_choices(request) if key != shown.id],
        "posts": holders_of(request.db, shown),
    }


def _post_page(request: Request, shown: Post, errors: dict[str, str], name: str | None = None) -> dict[str, Any]:
    history = select(PostHolding).where(PostHolding.post_id == shown.id).order_by(PostHolding.began_at.desc())
    name = shown.name if name is None else name
    return {"post": shown, "name": name, "errors": errors, "history": request.db.scalars(history).all()}


def _parent(request: Request, entered: dict[str, str]) -> Unit | None:
    return chosen_unit(request, entered["parent"], field="parent") if entered["parent"] else None


def _to_unit(request: Request, shown: Unit) -> Response:
    return HTTPSeeOther(request.route_path("units.unit", unit_id=shown.id))


def _accounts(request: Request) -> AccountService:
    service: AccountService = request.find_service(AccountService)
    return service


def _service(request: Request) -> OrganisationService:
    service: OrganisationService = request.find_service(OrganisationService)
    return service
