"""Pages of requests: what I put aside, a new request, my requests, and one of them with the way of each line."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.basket import Basket
from archive.borrowing.display import status_of, way_of
from archive.borrowing.forms import Entered, text_in
from archive.borrowing.models import ReadingRequest
from archive.borrowing.queries import BorrowingQueries
from archive.borrowing.service import BorrowingService
from archive.borrowing.views.asking import asking_page, said_of
from archive.borrowing.words import ANSWERS, PLACES, PURPOSES, WAYS
from archive.catalogue.models import Item
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.views.sign_in import safe_next
from archive.platform.approval.words import ASKED
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.grants import GrantState
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/templates"
_NEW = f"{_TEMPLATES}/request_new.jinja2"


@view_config(route_name="borrowing.requests", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/requests.jinja2")
def requests(request: Request) -> dict[str, Any]:
    """What I asked for, and how far it is."""
    page = page_number(request.GET.get("page", ""))
    total, mine = _queries(request).mine(request.identity, page)
    return {
        "shown": [_shown(request, one) for one in mine],
        "total": total,
        "page": page,
        "url": lambda n: request.route_path("borrowing.requests", _query={"page": n}),
    }


@view_config(route_name="borrowing.basket", permission=Permission.REQUEST)
def put_aside(request: Request) -> Response:
    """Put the ticked items into the basket, and go back to where they were found."""
    Basket(request.db, request.clock, request.identity).add(request.POST.getall("item"))
    return HTTPSeeOther(safe_next(request, text_in(request.POST, "next")))


@view_config(route_name="borrowing.request_new", request_method="GET", permission=Permission.REQUEST, renderer=_NEW)
def new_request(request: Request) -> dict[str, Any]:
    """The form: for the items of the address, or of the basket, or like an earlier request."""
    now, zone = request.clock(), request.parts.settings.zone
    like = request.GET.get("like", "").replace("\0", "")
    if like:
        earlier = _queries(request).request(like, request.identity)
        return _form(request, [line.item_id for line in earlier.lines], Entered.like(earlier, now, zone), {})
    return _form(request, request.GET.getall("item"), Entered.proposed(now, zone), {})


@view_config(route_name="borrowing.request_new", request_method="POST", permission=Permission.REQUEST, renderer=_NEW)
def create_request(request: Request) -> dict[str, Any] | Response:
    """Ask; what cannot be used is said beside its field, with everything else kept."""
    entered, basket = Entered.of(request.POST), Basket(request.db, request.clock, request.identity)
    removed = text_in(request.POST, "remove")
    if removed:
        basket.remove([removed])
        return _form(request, [item for item in entered.items if item != removed], entered, {})
    try:
        with request.db.begin_nested():
            wish, wanted = entered.wish(request.parts.settings.zone), entered.wanted()
            made = _service(request).request_reading(request.identity, wanted, wish)
    except (InvalidError, ConflictError) as error:
        return _form(request, entered.items, entered, said_of(request, error))
    basket.remove(entered.items)
    return HTTPSeeOther(request.route_path("borrowing.request", request_id=made.id))


@view_config(route_name="borrowing.request", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/request.jinja2")
def show_request(request: Request) -> dict[str, Any]:
    """One request with the way of each of its lines."""
    found = _queries(request).request(request.matchdict["request_id"], request.identity)
    return {**_shown(request, found), "ways": WAYS, "answers": ANSWERS, "places": PLACES}


@view_config(route_name="borrowing.withdraw", permission=Permission.REQUEST)
def withdraw(request: Request) -> Response:
    """Take back what is not decided yet."""
    taken_back = _service(request).withdraw(request.matchdict["request_id"], request.identity)
    return HTTPSeeOther(request.route_path("borrowing.request", request_id=taken_back.id))


def _form(request: Request, item_ids: list[str], entered: Entered, errors: dict[str, str]) -> dict[str, Any]:
    """The form for these items; of an earlier request or the basket, those he may still know of."""
    if item_ids:
        items = [item for item_id in dict.fromkeys(item_ids) if (item := _known(request, item_id)) is not None]
        if not items:
            _service(request).known_item(request.identity, item_ids[0])
        gone = len(set(item_ids)) - len(items)
    else:
        items, gone = list(Basket(request.db, request.clock, request.identity).items()), 0
    return {**asking_page(request, request.identity, items, entered, errors), "gone": gone}


def _known(request: Request, item_id: str) -> Item | None:
    try:
        return _service(request).known_item(request.identity, item_id)
    except NotFoundError:
        return None


def _shown(request: Request, made: ReadingRequest) -> dict[str, Any]:
    """A request with, for each line, whether its title may be seen, its state and its way."""
    now, queries = request.clock(), _queries(request)
    mine = made.reader_id == request.identity.id
    may_see = queries.knows if mine else queries.knows_by_duty
    carried = queries.carried_out(made)
    lines = [
        {
            "line": line,
            "visible": may_see(request.identity, line.item),
            "reading": line.grant is not None and line.grant.state_at(now) is GrantState.RUNNING,
            "status": status_of(line, now, carried.get(line.id)),
            "way": way_of(line, now, request.translate, carried.get(line.id)),
        }
        for line in made.lines
    ]
    return {"made": made, "lines": lines, "mine": mine, "asked": ASKED, "purposes": PURPOSES}


def _queries(request: Request) -> BorrowingQueries:
    queries: BorrowingQueries = request.find_service(BorrowingQueries)
    return queries


def _service(request: Request) -> BorrowingService:
    service: BorrowingService = request.find_service(BorrowingService)
    return service
