"""Boxes: which there are, where each stands, and what lies in it."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config

from archive.catalogue.boxes import PAGE_SIZE, Boxes, BoxFilters
from archive.catalogue.words import RETENTION
from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _
from archive.platform.paging import page_number

__all__: list[str] = []

_TEMPLATES = "archive:catalogue/templates/"


@view_config(route_name="catalogue.boxes", permission=Permission.SHELVE, renderer=_TEMPLATES + "boxes.jinja2")
def boxes(request: Request) -> dict[str, Any]:
    """One page of the boxes, filtered by what stands in the address."""
    found, filters, page = (
        request.find_service(Boxes),
        BoxFilters.of(request.GET),
        page_number(request.GET.get("page", "")),
    )
    total, lines = found.page(filters, page)
    every = [("", request.translate(_("全部")))]
    return {
        "lines": lines,
        "total": total,
        "page": page,
        "size": PAGE_SIZE,
        "filters": filters,
        "years": [*every, *((str(year), str(year)) for year in found.years())],
        "units": [*every, *((unit.code, unit.name) for unit in found.units())],
        "url": lambda number: request.route_path("catalogue.boxes", _query={**filters.parameters(), "page": number}),
        "retention": RETENTION,
    }


@view_config(route_name="catalogue.box", permission=Permission.SHELVE, renderer=_TEMPLATES + "box.jinja2")
def box(request: Request) -> dict[str, Any]:
    """One box with the catalogue lines of its items."""
    return {"line": request.find_service(Boxes).box(request.matchdict["box_id"]), "retention": RETENTION}
