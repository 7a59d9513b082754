"""出库: the register, a new order, one act with its two signatures, its out-card, and what comes back."""

from datetime import datetime
from pathlib import Path
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.paper.models import OutAct, OutKind, OutState
from archive.borrowing.paper.out_acts import CHAINS, RETURNING, Order, OutService, unapproved
from archive.borrowing.paper.queries import PAGE, PaperQueries
from archive.borrowing.paper.views.desk import pdf_response, title_on_paper
from archive.borrowing.paper.views.entered import chosen, counts_in, errors_of, options, text
from archive.borrowing.paper.words import CONDITIONS, OUT_KINDS, OUT_STATES
from archive.platform.accounts.models import Person
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.permissions import Permission
from archive.platform.approval.display import way_of_case
from archive.platform.errors import InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.paging import page_number
from archive.platform.printing import print_pdf

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/paper/templates/"
_ACT = _TEMPLATES + "out_act.jinja2"
_NEW = _TEMPLATES + "out_new.jinja2"
_CARD = Path(__file__).parents[1] / "templates" / "out_card.typ"
_FIELDS = ("kind", "ground", "ordered_by", "destination", "disposal", "due_back", "codes")


@view_config(route_name="paper.out_acts", permission=Permission.CUSTODY, renderer=_TEMPLATES + "out_acts.jinja2")
def out_acts(request: Request) -> dict[str, Any]:
    """The register, the newest first."""
    page = page_number(request.GET.get("page", ""))
    total, shown = _queries(request).out_acts(page)
    return {
        "total": total,
        "acts": shown,
        "today": _today(request),
        "page": page,
        "size": PAGE,
        "url": lambda n: request.route_path("paper.out_acts", _query={"page": n}),
        "kinds": OUT_KINDS,
        "states": OUT_STATES,
    }


@view_config(route_name="paper.out_new", request_method="GET", permission=Permission.DESK, renderer=_NEW)
def new_order(request: Request) -> dict[str, Any]:
    """The form of an order."""
    entered = {name: request.GET.get(name, "") for name in _FIELDS}
    return _form(request, entered, {})


@view_config(route_name="paper.out_new", request_method="POST", permission=Permission.DESK, renderer=_NEW)
def order(request: Request) -> dict[str, Any] | Response:
    """Order that paper leaves; what cannot be used is said beside its field."""
    entered = {name: text(request, name) for name in _FIELDS}
    try:
        kind = chosen(request, "kind", OutKind, _("请选择出库种类。"))
        wanted = Order(kind, **{name: entered[name] for name in _FIELDS[1:-1]})
        codes = dict.fromkeys(code.strip() for code in entered["codes"].splitlines() if code.strip())
        try:
            items = [_queries(request).coded(code, request.identity) for code in codes]
        except NotFoundError as error:
            raise InvalidError(error.message, field="codes", **error.facts) from error
        made = _service(request).order(wanted, items, request.identity)
    except InvalidError as error:
        request.tm.doom()
        request.response.status_int = 422
        return _form(request, entered, errors_of(request, error))
    return HTTPSeeOther(request.route_path("paper.out_act", act_id=made.id))


@view_config(route_name="paper.out_act", permission=Permission.REQUEST, renderer=_ACT)
def out_act(request: Request) -> dict[str, Any]:
    """One act, for whoever answers for paper, and for who is to take it."""
    return _page(request, _act(request))


@view_config(route_name="paper.out_card", permission=Permission.DESK)
def out_card(request: Request) -> Response:
    """The out-cards 代卷卡, one for each item, to lie in its place in the box."""
    act, zone = _act(request), request.parts.settings.zone

    def at(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%Y-%m-%d %H:%M") if moment else ""

    cards = [
        {
            "code": line.item.code or line.item.accession,
            "title": title_on_paper(line.item),
            "box": line.box,
            "shelf": line.shelf,
            "pages": str(line.pages_out or ""),
            "condition": CONDITIONS[line.condition_out] if line.condition_out else "",
        }
        for line in act.items
    ]
    data = {
        "organisation": request.parts.settings.organisation,
        "number": act.number,
        "kind": OUT_KINDS[act.kind],
        "ground": act.ground,
        "ordered": act.ordered_by,
        "destination": act.destination,
        "due": act.due_back or "不再归还",
        "given": f"{act.giver.name} {at(act.given_at)}" if act.giver else "",
        "taken": f"{act.taker or (act.receiver.name if act.receiver else '')} {at(act.taken_at)}".strip(),
        "printed": at(request.clock()),
        "cards": cards,
    }
    return pdf_response(print_pdf(_CARD, data, request.clock()), f"out-card-{act.number}.pdf")


@view_config(route_name="paper.out_give", permission=Permission.DESK, renderer=_ACT)
def give(request: Request) -> dict[str, Any] | Response:
    """The first signature, with the counts of every item."""
    act = _act(request)
    try:
        counts = counts_in(request, [line.id for line in act.items])
        login, outsider = text(request, "taker").strip(), text(request, "outsider")
        taker = _taker(request, login) if login else None
        _service(request).give(act.id, request.identity, counts, taker=taker, outsider=outsider)
    except InvalidError as error:
        return _refused(request, act, error)
    return _back(request, act)


@view_config(route_name="paper.out_take", permission=Permission.REQUEST)
def take(request: Request) -> Response:
    """The second signature: the paper leaves."""
    act = _act(request)
    _service(request).take(act.id, request.identity)
    return _back(request, act)


@view_config(route_name="paper.out_back", permission=Permission.DESK, renderer=_ACT)
def bring_back(request: Request) -> dict[str, Any] | Response:
    """Count what comes back."""
    act = _act(request)
    try:
        awaited = [line.id for line in act.items if line.back_at is None]
        _service(request).bring_back(act.id, request.identity, counts_in(request, awaited))
    except InvalidError as error:
        return _refused(request, act, error)
    return _back(request, act)


@view_config(route_name="paper.out_withdraw", permission=Permission.DESK)
def withdraw(request: Request) -> Response:
    """Take an order back."""
    act = _act(request)
    _service(request).withdraw(act.id, request.identity)
    return _back(request, act)


def _form(request: Request, entered: dict[str, str], errors: dict[str, str]) -> dict[str, Any]:
    return {
        "entered": entered,
        "errors": errors,
        "kinds": options(request, OUT_KINDS),
        "returning": [kind.value for kind in RETURNING],
        "two_steps": [kind.value for kind, chain in CHAINS.items() if len(chain) > 1],
    }


def _page(request: Request, act: OutAct, errors: dict[str, str] | None = None) -> dict[str, Any]:
    queries, me = _queries(request), request.identity
    desk = request.has_permission(Permission.DESK)
    named = act.taken_by == me.id or (act.taken_by is None and bool(desk))
    emergency = act.kind is OutKind.EMERGENCY and act.state is OutState.ASKED
    return {
        "act": act,
        "lines": [(line, queries.knows(me, line.item)) for line in act.items],
        "way": way_of_case(act.case, request.translate) if act.case else [],
        "kind": OUT_KINDS[act.kind],
        "state": OUT_STATES[act.state],
        "overdue": act.state is OutState.OUT and act.due_back is not None and act.due_back < _today(request),
        "unapproved": unapproved(act, request.clock()),
        "may_give": desk and (act.state is OutState.APPROVED or emergency),
        "may_take": act.state is OutState.SIGNED and named and act.given_by != me.id,
        "may_bring_back": desk and act.state is OutState.OUT,
        "may_withdraw": desk and act.state is OutState.ASKED and act.created_by == me.id,
        "conditions": options(request, CONDITIONS),
        "condition_words": CONDITIONS,
        "entered": {name: str(value) for name, value in request.POST.items()},
        "errors": errors or {},
    }


def _refused(request: Request, act: OutAct, error: InvalidError) -> dict[str, Any]:
    request.tm.doom()
    request.db.expire_all()
    request.response.status_int = 422
    return _page(request, act, errors_of(request, error))


def _taker(request: Request, login: str) -> Person:
    taker = person_by_login(request.db, login)
    if taker is None or not taker.active:
        raise InvalidError(_("没有这个登录名的在用账户。"), field="taker")
    return taker


def _today(request: Request) -> str:
    return str(request.clock().astimezone(request.parts.settings.zone).date().isoformat())


def _back(request: Request, act: OutAct) -> Response:
    return HTTPSeeOther(request.route_path("paper.out_act", act_id=act.id))


def _act(request: Request) -> OutAct:
    return _service(request).act(request.matchdict["act_id"], request.identity)


def _queries(request: Request) -> PaperQueries:
    queries: PaperQueries = request.find_service(PaperQueries)
    return queries


def _service(request: Request) -> OutService:
    service: OutService = request.find_service(OutService)
    return service
