"""The search page. Words, filters, order and page stand in its address: it can be shared, the back button works."""

from dataclasses import dataclass
from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from archive.catalogue.models import Category, Control
from archive.discovery.marking import marked
from archive.discovery.mistakes import MISTAKES
from archive.discovery.service import FACETS, PAGE_SIZE, SORTS, Found, SearchService, Wanted
from archive.discovery.words import CONTROL, STATE, protection, restricted
from archive.platform.accounts.models import Unit
from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _
from archive.platform.paging import page_number
from search.errors import QuerySyntaxError

__all__: list[str] = []

_LABELS = {"year": _("年度"), "department": _("部门"), "category": _("门类"), "control": _("控制范围")}
_ORDER = {"relevance": _("相关程度"), "date": _("成文日期"), "code": _("档号")}
_TOOLS = {"marked": marked, "protection": protection, "restricted": restricted, "state": STATE, "size": PAGE_SIZE}


@dataclass(frozen=True, slots=True)
class Value:
    """One value of a facet: its word, its exact count, and the address with it switched."""

    label: str
    count: int
    chosen: bool
    url: str


@view_config(
    route_name="discovery.search",
    permission=Permission.SEARCH,
    renderer="archive:discovery/templates/search.jinja2",
)
def search_page(request: Request) -> dict[str, Any]:
    """What was found, or what is wrong with the query."""
    wanted = _wanted(request)
    shown = {**_TOOLS, "wanted": wanted, "query_text": wanted.text, "orders": _orders(request, wanted)}
    try:
        found = request.find_service(SearchService).search(wanted)
    except QuerySyntaxError as mistake:
        return {**shown, "found": None, "mistake": MISTAKES[mistake.reason], "position": mistake.position + 1}
    return {**shown, "found": found, "facets": _facets(request, wanted, found), "page_url": _page_url(request)}


def _wanted(request: Request) -> Wanted:
    filters = {name: tuple(request.GET.getall(name)) for name in FACETS if name in request.GET}
    sort = request.GET.get("sort", "relevance")
    return Wanted(
        text=request.GET.get("q", "").replace("\0", "").strip(),
        filters=filters,
        sort=sort if sort in SORTS else "relevance",
        page=page_number(request.GET.get("page", "")),
    )


def _url(request: Request, **changes: object) -> str:
    """This page with some parameters changed (None removes); every change begins at the first page again."""
    query = request.GET.copy()
    query.pop("page", None)
    for name, value in changes.items():
        query.pop(name, None)
        for single in value if isinstance(value, (list, tuple)) else [] if value is None else [value]:
            query.add(name, str(single))
    return str(request.route_path("discovery.search", _query=list(query.items())))


def _page_url(request: Request) -> Any:
    return lambda number: _url(request, page=number)


def _orders(request: Request, wanted: Wanted) -> list[tuple[str, str, bool]]:
    return [(label, _url(request, sort=sort), sort == wanted.sort) for sort, label in _ORDER.items()]


def _facets(request: Request, wanted: Wanted, found: Found) -> list[tuple[str, list[Value]]]:
    names = _names(request)
    facets = []
    for facet in FACETS:
        counts, chosen = found.facets.get(facet, {}), tuple((wanted.filters or {}).get(facet, ()))
        values = sorted({*counts, *chosen}, key=lambda value: _rank(facet, value, counts), reverse=True)
        facets.append((_LABELS[facet], [_value(request, facet, v, names, counts, chosen) for v in values]))
    return [(label, values) for label, values in facets if values]


def _rank(facet: str, value: str, counts: Any) -> tuple[int, str]:
    """Years stand newest first, other values by their count."""
    return (0 if facet == "year" else counts.get(value, 0), value)


def _value(request: Request, facet: str, value: str, names: Any, counts: Any, chosen: tuple[str, ...]) -> Value:
    others = [other for other in chosen if other != value]
    switched = others if value in chosen else [*others, value]
    label = names.get((facet, value), value)
    return Value(label, counts.get(value, 0), value in chosen, _url(request, **{facet: switched or None}))


def _names(request: Request) -> dict[tuple[str, str], str]:
    """The words for the codes that stand in the index."""
    units = {("department", unit.code): unit.name for unit in request.db.scalars(select(Unit))}
    categories = {("category", row.id): row.name for row in request.db.scalars(select(Category))}
    control = {("control", value.value): request.translate(CONTROL[value]) for value in Control}
    return {**units, **categories, **control}
