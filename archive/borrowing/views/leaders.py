"""Pages of what the desk makes for leaders: one act, the list, and the leader's answer."""

from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.basket import Basket
from archive.borrowing.book import known_item
from archive.borrowing.forms import Entered, chosen, text_in
from archive.borrowing.leaders import SERVED, LeaderService, leaders
from archive.borrowing.models import LeaderAnswer, LeaderWay
from archive.borrowing.queries import BorrowingQueries
from archive.borrowing.views.asking import asking_page, said_of
from archive.borrowing.words import ANSWERS, WAYS
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/templates"
_NEW = f"{_TEMPLATES}/leader_new.jinja2"


@view_config(route_name="leaders.list", permission=Permission.REQUEST, renderer=f"{_TEMPLATES}/leaders.jinja2")
def orders(request: Request) -> dict[str, Any]:
    """What was made for me, or, for the desk, for all leaders."""
    page = page_number(request.GET.get("page", ""))
    total, rows = _service(request).orders(request.identity, page)
    queries: BorrowingQueries = request.find_service(BorrowingQueries)
    return {
        "rows": rows,
        "total": total,
        "page": page,
        "url": lambda n: request.route_path("leaders.list", _query={"page": n}),
        "ways": WAYS,
        "answers": ANSWERS,
        "knows": lambda item: queries.knows(request.identity, item),
    }


@view_config(route_name="leaders.new", request_method="GET", permission=Permission.DESK, renderer=_NEW)
def new_order(request: Request) -> dict[str, Any]:
    """For whom, how he asked, and what of."""
    item_ids = request.GET.getall("item") or [
        item.id for item in Basket(request.db, request.clock, request.identity).items()
    ]
    return _page(request, Entered.proposed(request.clock(), request.parts.settings.zone), item_ids, {}, {})


@view_config(route_name="leaders.new", request_method="POST", permission=Permission.DESK, renderer=_NEW)
def serve(request: Request) -> dict[str, Any] | Response:
    """Make it, in one act."""
    entered = Entered.of(request.POST)
    sent = {name: text_in(request.POST, name) for name in ("leader", "way", "bearer")}
    removed = text_in(request.POST, "remove")
    if removed:
        return _page(request, entered, [item for item in entered.items if item != removed], sent, {})
    try:
        with request.db.begin_nested():
            leader = _leader(request, sent["leader"])
            way = chosen("way", sent["way"], LeaderWay, _("请选择领导提出的方式。"))
            wish, wanted = entered.wish(request.parts.settings.zone), entered.wanted()
            made = _service(request).serve(request.identity, leader, wanted, wish, way, sent["bearer"])
    except (InvalidError, ConflictError, ForbiddenError) as error:
        return _page(request, entered, entered.items, sent, said_of(request, error))
    except NotFoundError:
        unknown = InvalidError(_("其中有文件不在这位领导的知悉范围内，请先移出。"), field="items")
        return _page(request, entered, entered.items, sent, said_of(request, unknown))
    Basket(request.db, request.clock, request.identity).remove(entered.items)
    return HTTPSeeOther(request.route_path("borrowing.request", request_id=made.id))


@view_config(route_name="leaders.answer", permission=Permission.REQUEST)
def answer(request: Request) -> Response:
    """Say whether it was asked for."""
    said = chosen("answer", text_in(request.POST, "answer"), LeaderAnswer, _("请选择是否由您要求。"))
    _service(request).answer(request.matchdict["order_id"], request.identity, said, text_in(request.POST, "remark"))
    return HTTPSeeOther(request.route_path("leaders.list"))


def _leader(request: Request, person_id: str) -> Person:
    leader: Person | None = request.db.get(Person, person_id)
    if leader is None:
        raise InvalidError(_("请选择分管领导。"), field="leader")
    return leader


def _page(
    request: Request, entered: Entered, item_ids: list[str], sent: dict[str, str], errors: dict[str, str]
) -> dict[str, Any]:
    items = [known_item(request.db, request.clock, request.identity, item_id) for item_id in item_ids]
    return {
        **asking_page(request, None, items, entered, errors, SERVED),
        "sent": sent,
        "leaders": [(one.id, f"{one.name} · {one.unit.name}") for one in leaders(request.db)],
        "ways": [(way.value, request.translate(words)) for way, words in WAYS.items()],
    }


def _service(request: Request) -> LeaderService:
    service: LeaderService = request.find_service(LeaderService)
    return service
