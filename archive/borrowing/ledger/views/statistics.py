"""Statistics of use: counted by time, unit, purpose, way, category or item, with a chart; rates with their parts."""

from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.ledger.forms import Period
from archive.borrowing.ledger.rates import rates_of
from archive.borrowing.ledger.register import Register
from archive.borrowing.ledger.statistics import By, Group, Share, counted_by
from archive.borrowing.ledger.uses import Counts, Use, count
from archive.borrowing.ledger.views.tables import PAGES, TEMPLATES, Known, exported, known_items, speaker
from archive.borrowing.ledger.words import BY, RATES, WAYS
from archive.borrowing.models import PurposeKind
from archive.borrowing.words import PURPOSES
from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _
from archive.platform.spreadsheets import Cell

__all__: list[str] = []

#: items in the list of those used most
_MOST = 20
#: bars of the chart
_BARS = 24


@view_config(route_name="ledger.statistics", permission=Permission.LEDGER, renderer=f"{TEMPLATES}/statistics.jinja2")
def show(request: Request) -> dict[str, Any]:
    """One table with its chart, and the rates of the period."""
    period, by = _asked(request)
    uses = _uses(request, period)
    groups = _named(request, uses, by)
    return {
        "pages": PAGES,
        "period": period,
        "by": by,
        "bys": [(one, request.translate(words)) for one, words in BY.items()],
        "by_name": BY[by],
        "groups": groups,
        "whole": count(uses),
        "bars": [(name, group.counts.uses) for name, group in groups[:_BARS]],
        "rates": _rates(request, period, uses),
        "asked": {**period.parameters(), "by": by.value},
        "percent": _percent,
    }


@view_config(route_name="ledger.statistics_export", permission=Permission.LEDGER)
def export(request: Request) -> Response:
    """The same table, and the rates below it."""
    period, by = _asked(request)
    uses = _uses(request, period)
    whole = count(uses)
    rows = [_line(name, group.counts, group.share) for name, group in _named(request, uses, by)]
    rows.append(_line(speaker(request)(_("合计")), whole, Share(whole.uses, whole.uses)))
    rates = [
        f"{words}：{share.part} / {share.whole}（{_percent(share)}）" for words, share in _rates(request, period, uses)
    ]
    if request.matchdict["format"] == "xlsx":
        rows.append([])
        rows.extend([rate] for rate in rates)
    head = (BY[by], _("人次"), _("件次"), _("页数"), _("复制页数"), _("占比"), _("件次 / 总件次"))
    below = [f"{period.first} 至 {period.last}。分组中同一人同一天在各组分别计为一人次。", *rates]
    name = f"use-by-{by}-{period.first}-{period.last}"
    return exported(request, _("档案利用统计"), head, rows, name=name, below=below)


def _asked(request: Request) -> tuple[Period, By]:
    period = Period.of(request.GET, request.clock(), request.parts.settings.zone, whole_year=True)
    by = request.GET.get("by", "")
    return period, By(by) if by in set(By) else By.MONTH


def _uses(request: Request, period: Period) -> list[Use]:
    register: Register = request.find_service(Register)
    return register.uses(period.first, period.last)


def _named(request: Request, uses: list[Use], by: By) -> list[tuple[str, Group]]:
    """The groups with their names; of items only those that whoever asks may know of."""
    items = known_items(request, [use.item_id for use in uses]) if by in {By.ITEM, By.CATEGORY} else {}
    categories = {key: f"{known.item.category.code} {known.item.category.name}" for key, known in items.items()}
    groups = counted_by(uses, by, categories)
    if by is By.ITEM:
        groups = [group for group in groups if group.key in items and items[group.key].visible][:_MOST]
    return [(_name(request, by, group.key, items), group) for group in groups]


def _name(request: Request, by: By, key: str, items: dict[str, Known]) -> str:
    speak = speaker(request)
    if by is By.PURPOSE:
        return speak(PURPOSES[PurposeKind(key)])
    if by is By.WAY:
        return speak(WAYS[next(way for way in WAYS if way == key)])
    if by is By.ITEM:
        return f"{items[key].code} {items[key].title}"
    return key or speak(_("未登记"))


def _rates(request: Request, period: Period, uses: list[Use]) -> list[tuple[str, Share]]:
    rates = rates_of(request.db, uses, *period.moments(request.parts.settings.zone))
    return [(speaker(request)(RATES[rate]), share) for rate, share in rates.items()]


def _line(name: str, counts: Counts, share: Share) -> list[Cell]:
    figures = (counts.person_times, counts.uses, counts.pages, counts.copied)
    return [name, *figures, _percent(share), f"{share.part} / {share.whole}"]


def _percent(share: Share) -> str:
    return "—" if share.percent is None else f"{share.percent:.1f}%"
