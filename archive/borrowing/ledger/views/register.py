"""The register of use as a page, for spreadsheet programs and to print; months are closed here."""

from collections.abc import Mapping
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.ledger.forms import Period
from archive.borrowing.ledger.register import ClosedMonth, Register, month_span
from archive.borrowing.ledger.uses import Use, UseWay, count
from archive.borrowing.ledger.views.tables import PAGES, TEMPLATES, Known, exported, known_items, speaker
from archive.borrowing.ledger.words import WAYS
from archive.borrowing.words import PURPOSES
from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _
from archive.platform.paging import page_number
from archive.platform.spreadsheets import Cell

__all__: list[str] = []

#: rows of one page
_PAGE = 50
_HEAD = (
    _("日期"),
    _("许可号"),
    _("利用人"),
    _("部门"),
    _("档号"),
    _("题名"),
    _("利用目的"),
    _("利用方式"),
    _("页数"),
    _("复制页数"),
    _("人次起算"),
)
_WIDTHS = {0: 20, 1: 29, 2: 19, 3: 28, 4: 38, 6: 18, 7: 22, 8: 12, 9: 15, 10: 15}


@view_config(route_name="ledger.register", permission=Permission.LEDGER, renderer=f"{TEMPLATES}/register.jinja2")
def show(request: Request) -> dict[str, Any]:
    """The rows of a period, and what they come to."""
    period, way = _asked(request)
    uses = _uses(request, period, way)
    page = page_number(request.GET.get("page", ""))
    shown = uses[(page - 1) * _PAGE : page * _PAGE]
    asked = {**period.parameters(), "way": way}
    return {
        "pages": PAGES,
        "period": period,
        "way": way,
        "ways": _choices(request),
        "rows": shown,
        "items": known_items(request, [use.item_id for use in shown]),
        "purposes": PURPOSES,
        "way_names": WAYS,
        "counts": count(uses) if way != UseWay.TASK else None,
        "total": len(uses),
        "page": page,
        "size": _PAGE,
        "url": lambda n: request.route_path("ledger.register", _query={**asked, "page": n}),
        "asked": asked,
        "month_path": lambda month: request.route_path("ledger.register", _query=_days(month)),
        **_months(request, period),
    }


@view_config(route_name="ledger.export", permission=Permission.LEDGER)
def export(request: Request) -> Response:
    """All rows of the period."""
    period, way = _asked(request)
    uses = _uses(request, period, way)
    items = known_items(request, [use.item_id for use in uses])
    rows = [_line(request, use, items) for use in uses]
    below = _below(request, uses, period, way)
    name = f"use-{period.first}-{period.last}"
    return exported(request, _("利用登记簿"), _HEAD, rows, name=name, below=below, widths=_WIDTHS)


@view_config(route_name="ledger.close", permission=Permission.LEDGER)
def close(request: Request) -> Response:
    """Close a month that is over."""
    month = str(request.POST.get("month", ""))
    _register(request).close(month, request.identity)
    return HTTPSeeOther(request.route_path("ledger.register", _query=_days(month)))


def _choices(request: Request) -> list[tuple[str, str]]:
    every = ("", request.translate(_("全部方式，不含业务查看")))
    return [every, *((way, request.translate(words)) for way, words in WAYS.items())]


def _days(month: str) -> dict[str, str]:
    """A whole month, for an address."""
    first, last = month_span(month)
    return {"from": first.isoformat(), "until": last.isoformat()}


def _months(request: Request, period: Period) -> dict[str, Any]:
    """The month the page shows, if it shows one whole month: closed as it is now, or to be closed."""
    register, month = _register(request), period.month
    whole = bool(month) and (period.first, period.last) == month_span(month)
    closed = register.closed(month) if whole else None
    over = period.last < request.clock().astimezone(request.parts.settings.zone).date()
    return {
        "closed": closed,
        "closable": month if whole and over and closed is None else "",
        "months": register.months(),
    }


def _asked(request: Request) -> tuple[Period, str]:
    period = Period.of(request.GET, request.clock(), request.parts.settings.zone)
    way = request.GET.get("way", "")
    return period, way if way in set(UseWay) else ""


def _uses(request: Request, period: Period, way: str) -> list[Use]:
    uses = _register(request).uses(period.first, period.last)
    return [use for use in uses if (use.way == way if way else use.way is not UseWay.TASK)]


def _line(request: Request, use: Use, items: Mapping[str, Known]) -> list[Cell]:
    known, speak = items.get(use.item_id), speaker(request)
    return [
        use.day.isoformat(),
        use.number,
        use.name,
        use.unit,
        known.code if known else "",
        known.title if known else "",
        speak(PURPOSES[use.purpose]),
        speak(WAYS[use.way]),
        use.pages,
        use.copied,
        speak(_("是") if use.begins else _("续")),
    ]


def _below(request: Request, uses: list[Use], period: Period, way: str) -> list[str]:
    """What a print says under the table, in simplified Chinese."""
    counts = count(uses)
    said = f"{period.first} 至 {period.last}：{len(uses)} 行"
    figures = f"{counts.person_times} 人次，{counts.uses} 件次，阅览 {counts.pages} 页，复制 {counts.copied} 页。"
    lines = [f"{said}。" if way == UseWay.TASK else f"{said}，{figures}"]
    closed = _months(request, period)["closed"]
    return [*lines, *(_closed_lines(closed) if closed else ())]


def _closed_lines(found: ClosedMonth) -> list[str]:
    state = "与月结时一致" if found.intact else "与月结时不一致"
    later = f"，月结后补登 {len(found.later)} 行" if found.later else ""
    return [f"{found.closed.month} 已月结，{state}{later}。摘要 SHA-256 {found.closed.digest}"]


def _register(request: Request) -> Register:
    register: Register = request.find_service(Register)
    return register
