"""The desk: what is to be fetched, what is 在阅; one item: its next act, its log; the closing-time list."""

from datetime import datetime
from pathlib import Path
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.paper.incidents import IncidentService
from archive.borrowing.paper.models import IncidentKind, OutItem, PaperReading, ReadingState
from archive.borrowing.paper.queries import PaperQueries
from archive.borrowing.paper.room import half_of, hours_on
from archive.borrowing.paper.service import CustodyService
from archive.borrowing.paper.views.entered import chosen, count_in, errors_of, options, text
from archive.borrowing.paper.words import ACTS, CONDITIONS, INCIDENT_STATES, INCIDENTS, OUT_STATES, PLACES, READINGS
from archive.catalogue.models import Item
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.printing import print_pdf

__all__: list[str] = []

_TEMPLATES = "archive:borrowing/paper/templates/"
_CLOSING = Path(__file__).parents[1] / "templates" / "closing.typ"
_UNWRITTEN = "涉密题名不录"


@view_config(route_name="paper.desk", permission=Permission.DESK, renderer=_TEMPLATES + "desk.jinja2")
def desk(request: Request) -> dict[str, Any] | Response:
    """What waits at the desk; a code that was scanned or typed leads to its item."""
    queries, code, error = _queries(request), request.GET.get("code", "").replace("\0", ""), ""
    if code.strip():
        try:
            found = queries.coded(code, request.identity)
            return HTTPSeeOther(request.route_path("paper.item", item_id=found.id))
        except NotFoundError as missing:
            error = request.translate(missing.message, **missing.facts)
    return {
        "code": code,
        "error": error,
        "wanted": [(line, queries.knows(request.identity, line.item)) for line in queries.wanted()],
        "visitors": [(one, queries.knows(request.identity, one.item)) for one in queries.wanted_by_visitors()],
        "fetched": _known(request, queries.readings(ReadingState.FETCHED)),
        "reading": _known(request, queries.readings(ReadingState.READING)),
        "returned": _known(request, queries.readings(ReadingState.RETURNED)),
        "back": [(item, queries.knows(request.identity, item)) for item in queries.to_shelve()],
        "alarms": queries.alarms(),
        "now": request.clock(),
        "conditions": CONDITIONS,
    }


@view_config(route_name="paper.closing_list", permission=Permission.DESK)
def closing_list(request: Request) -> Response:
    """What is still out of its box, to go round with at closing time."""
    queries = _queries(request)
    zone = request.parts.settings.zone

    def at(moment: datetime | None) -> str:
        return moment.astimezone(zone).strftime("%m-%d %H:%M") if moment else ""

    states = (ReadingState.READING, ReadingState.RETURNED, ReadingState.FETCHED)
    rows = [
        [
            one.number,
            one.item.code or one.item.accession,
            title_on_paper(one.item),
            one.reader,
            one.seat.name if one.seat else "",
            str(one.pages or ""),
            READINGS[one.state][0],
            at(one.handed_at),
            f"{one.box} {one.shelf}".strip(),
        ]
        for state in states
        for one in queries.readings(state)
    ]
    data = {
        "organisation": request.parts.settings.organisation,
        "day": request.clock().astimezone(zone).strftime("%Y-%m-%d"),
        "closes": queries.closes().strftime("%H:%M"),
        "printed": request.clock().astimezone(zone).strftime("%Y-%m-%d %H:%M"),
        "rows": rows,
    }
    return pdf_response(print_pdf(_CLOSING, data, request.clock()), f"closing-{data['day']}.pdf")


@view_config(route_name="paper.item", permission=Permission.DESK, renderer=_TEMPLATES + "item.jinja2")
def show_item(request: Request) -> dict[str, Any]:
    """One item: where its paper is, the next act, its log."""
    return _item_page(request, _item(request))


@view_config(route_name="paper.fetch", permission=Permission.DESK)
def fetch(request: Request) -> Response:
    """Fetch it from its box, for an approved line or for a visitor."""
    _item(request)
    service: CustodyService = request.find_service(CustodyService)
    if visitor := text(request, "visit_item"):
        service.fetch_for_visitor(visitor, request.identity)
    else:
        service.fetch(text(request, "line"), request.identity)
    return HTTPSeeOther(request.route_path("paper.item", item_id=request.matchdict["item_id"]))


@view_config(route_name="paper.hand_over", permission=Permission.DESK, renderer=_TEMPLATES + "item.jinja2")
def hand_over(request: Request) -> dict[str, Any] | Response:
    """Hand it over in the reading room."""
    item = _item(request)
    try:
        count = count_in(request)
        service: CustodyService = request.find_service(CustodyService)
        seat, outside = text(request, "seat"), text(request, "outside")
        service.hand_over(item.id, request.identity, count, seat_id=seat, outside=outside)
    except InvalidError as error:
        return _refused(request, item, error)
    return _to_desk(request)


@view_config(route_name="paper.take_back", permission=Permission.DESK, renderer=_TEMPLATES + "item.jinja2")
def take_back(request: Request) -> dict[str, Any] | Response:
    """Take it back, checked."""
    item = _item(request)
    try:
        request.find_service(CustodyService).take_back(item.id, request.identity, count_in(request))
    except InvalidError as error:
        return _refused(request, item, error)
    return HTTPSeeOther(request.route_path("paper.item", item_id=item.id))


@view_config(route_name="paper.shelve", permission=Permission.DESK)
def shelve(request: Request) -> Response:
    """Put it back in its box."""
    request.find_service(CustodyService).shelve(_item(request).id, request.identity)
    return _to_desk(request)


@view_config(route_name="paper.report", permission=Permission.DESK, renderer=_TEMPLATES + "item.jinja2")
def report(request: Request) -> dict[str, Any] | Response:
    """Say that it is missing or damaged."""
    item = _item(request)
    queries = _queries(request)
    try:
        kind = chosen(request, "kind", (IncidentKind.MISSING, IncidentKind.DAMAGED), _("请选择缺失或损坏。"))
        reading = queries.reading(queries.custody(item))
        service: IncidentService = request.find_service(IncidentService)
        made = service.report(item, kind, request.identity, text(request, "report"), reading=reading)
    except InvalidError as error:
        return _refused(request, item, error)
    return HTTPSeeOther(request.route_path("paper.incident", incident_id=made.id))


def title_on_paper(item: Item) -> str:
    """The title as it may lie about on paper."""
    return item.title if item.secrecy.value == "none" else _UNWRITTEN


def pdf_response(pdf: bytes, name: str) -> Response:
    """A print, shown in the browser."""
    return Response(pdf, content_type="application/pdf", content_disposition=f'inline; filename="{name}"')


def _item_page(request: Request, item: Item, errors: dict[str, str] | None = None) -> dict[str, Any]:
    queries = _queries(request)
    custody = queries.custody(item)
    reading = queries.reading(custody)
    lines, visitors = queries.asking(item)
    return {
        "item": item,
        "place": PLACES[custody.place] if custody else PLACES[next(iter(PLACES))],
        "reading": reading,
        "on_desk": custody is not None and custody.place == "desk",
        "out": _out(request, item) if custody is not None and custody.place == "out" else None,
        "lines": lines,
        "visitors": visitors,
        "log": queries.log(item),
        "incidents": queries.incidents_of(item),
        "seats": [(seat.id, seat.name) for seat in queries.seats()],
        "seat": text(request, "seat") or _booked(request, reading),
        "is_open": _is_open(request),
        "entered": {name: text(request, name) for name in ("pages", "condition", "note", "outside", "report", "kind")},
        "errors": errors or {},
        "conditions": options(request, CONDITIONS),
        "condition_words": CONDITIONS,
        "acts": ACTS,
        "readings": READINGS,
        "kinds": options(request, {kind: INCIDENTS[kind] for kind in (IncidentKind.MISSING, IncidentKind.DAMAGED)}),
        "incident_kinds": INCIDENTS,
        "incident_states": INCIDENT_STATES,
        "out_states": OUT_STATES,
    }


def _refused(request: Request, item: Item, error: InvalidError) -> dict[str, Any]:
    request.tm.doom()
    request.response.status_int = 422
    return _item_page(request, item, errors_of(request, error))


def _known(request: Request, readings: Any) -> list[tuple[PaperReading, bool]]:
    queries = _queries(request)
    return [(one, queries.knows(request.identity, one.item)) for one in readings]


def _booked(request: Request, reading: PaperReading | None) -> str:
    """The seat the reader booked for now, "" without one."""
    if reading is None:
        return ""
    now = request.clock().astimezone(request.parts.settings.zone)
    today = _queries(request).days()[0]
    half = half_of(now.time())
    mine = [seat for (seat, at), one in today.booked.items() if at is half and one.person_id == reading.person.id]
    return mine[0] if mine else ""


def _is_open(request: Request) -> bool:
    now = request.clock().astimezone(request.parts.settings.zone)
    hours = hours_on(request.db, now.date(), request.parts.settings.closing_time)
    return hours is not None and hours.hold(now.time())


def _out(request: Request, item: Item) -> Any:
    custody = _queries(request).custody(item)
    return request.db.get(OutItem, custody.out_id) if custody and custody.out_id else None


def _item(request: Request) -> Item:
    return _queries(request).item(request.matchdict["item_id"], request.identity)


def _queries(request: Request) -> PaperQueries:
    queries: PaperQueries = request.find_service(PaperQueries)
    return queries


def _to_desk(request: Request) -> Response:
    return HTTPSeeOther(request.route_path("paper.desk"))
