"""Pages of standing authorisations 长期授权: those that concern me, a new one, one of them, and its end."""

from collections.abc import Sequence
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config
from sqlalchemy import select

from archive.borrowing.display import standing_status
from archive.borrowing.forms import day_begins, text_in
from archive.borrowing.models import LineState
from archive.borrowing.queries import BorrowingQueries
from archive.borrowing.rules import PERSONNEL, may_revoke
from archive.borrowing.standing import StandingService, StandingWish
from archive.borrowing.views.asking import said_of
from archive.catalogue.models import Category
from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.models import Post, Role, Unit
from archive.platform.accounts.permissions import Permission
from archive.platform.approval.decisions import Decisions
from archive.platform.approval.display import way_of_case
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/templates"
_NEW = f"{_TEMPLATES}/standing_new.jinja2"
_ONE = f"{_TEMPLATES}/standing_one.jinja2"
_FIELDS = ("post", "category", "unit", "purpose", "starts_on", "ends_on")


@view_config(route_name="standing.list", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/standing.jinja2")
def standing_list(request: Request) -> dict[str, Any]:
    """Mine, those of my department as its head, all of them for archivists."""
    page = page_number(request.GET.get("page", ""))
    total, rows = _queries(request).standing(request.identity, page)
    return {
        "rows": [(one, standing_status(one, request.clock())) for one in rows],
        "total": total,
        "page": page,
        "url": lambda n: request.route_path("standing.list", _query={"page": n}),
    }


@view_config(route_name="standing.new", request_method="GET", permission=Permission.REQUEST, renderer=_NEW)
def new_standing(request: Request) -> dict[str, Any]:
    """The form, for a year."""
    today = request.clock().astimezone(request.parts.settings.zone).date()
    later = today.replace(year=today.year + 1, day=min(today.day, 28))
    proposed = {"starts_on": today.isoformat(), "ends_on": later.isoformat(), "unit": request.identity.unit_id}
    return _form(request, proposed, {})


@view_config(route_name="standing.new", request_method="POST", permission=Permission.REQUEST, renderer=_NEW)
def ask(request: Request) -> dict[str, Any] | Response:
    """Ask for one; what cannot be used is said beside its field."""
    sent = {name: text_in(request.POST, name) for name in _FIELDS}
    zone = request.parts.settings.zone
    try:
        with request.db.begin_nested():
            wish = StandingWish(
                sent["category"],
                sent["unit"],
                sent["purpose"],
                day_begins("starts_on", sent["starts_on"], zone),
                day_begins("ends_on", sent["ends_on"], zone, after=True),
                sent["post"] or None,
            )
            made = _service(request).ask(request.identity, wish)
    except (InvalidError, ConflictError, ForbiddenError) as error:
        return _form(request, sent, said_of(request, error))
    return HTTPSeeOther(request.route_path("standing.one", standing_id=made.id))


@view_config(route_name="standing.one", request_method="GET", permission=Permission.REQUEST, renderer=_ONE)
def show_standing(request: Request) -> dict[str, Any]:
    """One of them with its way, and what was opened under it."""
    return _page(request, {})


@view_config(route_name="standing.one", request_method="POST", permission=Permission.REQUEST, renderer=_ONE)
def end(request: Request) -> dict[str, Any] | Response:
    """End it now, with everything that was opened under it."""
    standing_id = request.matchdict["standing_id"]
    try:
        _service(request).end(standing_id, request.identity, text_in(request.POST, "reason"))
    except InvalidError as error:
        return _page(request, said_of(request, error))
    return HTTPSeeOther(request.route_path("standing.one", standing_id=standing_id))


@view_config(route_name="standing.withdraw", permission=Permission.REQUEST)
def withdraw(request: Request) -> Response:
    """The applicant takes back what is not decided yet."""
    found = _queries(request).one_standing(request.matchdict["standing_id"], request.identity)
    request.find_service(Decisions).withdraw(found.case_id or "", request.identity)
    return HTTPSeeOther(request.route_path("standing.one", standing_id=found.id))


def _page(request: Request, errors: dict[str, str]) -> dict[str, Any]:
    found = _queries(request).one_standing(request.matchdict["standing_id"], request.identity)
    running = found.state is LineState.APPROVED and not found.ended_at and found.ends_at > request.clock()
    return {
        "one": found,
        "status": standing_status(found, request.clock()),
        "way": way_of_case(found.case, request.translate) if found.case else [],
        "used": _queries(request).used_under(found),
        "may_withdraw": found.state is LineState.OPEN and found.applicant_id == request.identity.id,
        "may_end": running and may_revoke(facts_of(request.identity), found.unit_id),
        "errors": errors,
    }


def _form(request: Request, entered: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    categories = request.db.scalars(select(Category).order_by(Category.code, Category.id))
    units = _below(request, [request.identity.unit_id, *(post.unit_id for post in _posts(request))])
    return {
        "entered": entered,
        "errors": errors,
        "categories": [(one.id, f"{one.code} {one.name}") for one in categories if one.code not in PERSONNEL],
        "units": [(unit.id, unit.name) for unit in units],
        "posts": [(post.id, f"{post.name} · {post.unit.name}") for post in _posts(request)],
    }


def _posts(request: Request) -> Sequence[Post]:
    """The posts for which this person may ask."""
    person, posts = request.identity, select(Post).where(Post.closed_at.is_(None)).order_by(Post.unit_id, Post.name)
    if Role.ARCHIVIST in person.roles:
        return list(request.db.scalars(posts))
    if Role.DEPARTMENT_HEAD in person.roles:
        return list(request.db.scalars(posts.where(Post.unit_id == person.unit_id)))
    return list(person.posts)


def _below(request: Request, tops: list[str]) -> list[Unit]:
    """These units and all below them, by code."""
    units = request.db.scalars(select(Unit).order_by(Unit.code)).all()
    found = set(tops)
    while more := {unit.id for unit in units if unit.parent_id in found} - found:
        found |= more
    return [unit for unit in units if unit.id in found]


def _queries(request: Request) -> BorrowingQueries:
    queries: BorrowingQueries = request.find_service(BorrowingQueries)
    return queries


def _service(request: Request) -> StandingService:
    service: StandingService = request.find_service(StandingService)
    return service
