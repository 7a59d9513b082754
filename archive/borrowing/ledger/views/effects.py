"""Effects of use: the form the reader is asked to fill, and the register of what was answered."""

from pathlib import Path
from typing import Any

from pyramid.httpexceptions import HTTPSeeOther
from pyramid.request import Request
from pyramid.response import Response
from pyramid.view import view_config

from archive.borrowing.ledger.effects import Answer, EffectService
from archive.borrowing.ledger.forms import Period
from archive.borrowing.ledger.models import EffectKind, UseEffect
from archive.borrowing.ledger.views.tables import PAGES, TEMPLATES, exported, known_items, speaker
from archive.borrowing.ledger.words import EFFECTS
from archive.borrowing.models import LineState
from archive.borrowing.words import PURPOSES
from archive.platform.accounts.permissions import Permission
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from archive.platform.printing import print_pdf
from archive.platform.spreadsheets import Cell

__all__: list[str] = []

_SHEET = Path(__file__).parents[1] / "templates" / "effect.typ"
_HEAD = (
    _("登记日期"),
    _("申请号"),
    _("利用人"),
    _("部门"),
    _("档号"),
    _("利用目的"),
    _("效果类别"),
    _("效果说明"),
    _("经济效益（元）"),
)
_WIDTHS = {0: 20, 1: 22, 2: 18, 3: 26, 4: 42, 5: 18, 6: 34, 8: 24}


@view_config(
    route_name="effects.answer",
    request_method="GET",
    permission=Permission.REQUEST,
    renderer=f"{TEMPLATES}/effect.jinja2",
)
def asked(request: Request) -> dict[str, Any]:
    """The form, with what was said before."""
    effect = _mine(request)
    said = "" if effect.benefit is None else str(effect.benefit)
    return _form(request, effect, Answer(effect.kind or "", effect.words, said), {})


@view_config(
    route_name="effects.answer",
    request_method="POST",
    permission=Permission.REQUEST,
    renderer=f"{TEMPLATES}/effect.jinja2",
)
def answer(request: Request) -> dict[str, Any] | Response:
    """Keep the answer; what cannot be used is said beside its field."""
    # PostgreSQL keeps no NUL in text.
    sent = (str(request.POST.get(name, "")).replace("\0", "") for name in ("kind", "words", "benefit"))
    entered = Answer(*sent)
    try:
        _effects(request).answer(request.matchdict["effect_id"], request.identity, entered)
    except InvalidError as error:
        request.response.status_int = 422
        said = {error.field: request.translate(error.message, **error.facts)}
        return _form(request, _mine(request), entered, said)
    return HTTPSeeOther(request.route_path("borrowing.requests"))


@view_config(route_name="effects.decline", permission=Permission.REQUEST)
def decline(request: Request) -> Response:
    """Say nothing, and be asked no more."""
    _effects(request).decline(request.matchdict["effect_id"], request.identity)
    return HTTPSeeOther(request.route_path("borrowing.requests"))


@view_config(route_name="ledger.effects", permission=Permission.LEDGER, renderer=f"{TEMPLATES}/effects.jinja2")
def register(request: Request) -> dict[str, Any]:
    """What was answered in a period."""
    period = _period(request)
    rows = _effects(request).given(*period.moments(request.parts.settings.zone))
    return {
        "pages": PAGES,
        "period": period,
        "rows": rows,
        "items": known_items(request, [line.item_id for one in rows for line in one.request.lines]),
        "approved": LineState.APPROVED,
        "kinds": EFFECTS,
        "benefit": sum(one.benefit or 0 for one in rows),
        "asked": period.parameters(),
    }


@view_config(route_name="ledger.effects_export", permission=Permission.LEDGER)
def export(request: Request) -> Response:
    """The same register for spreadsheet programs and to print."""
    period = _period(request)
    rows = _effects(request).given(*period.moments(request.parts.settings.zone))
    below = [
        f"{period.first} 至 {period.last}：{len(rows)} 项，经济效益合计 {sum(one.benefit or 0 for one in rows)} 元。"
    ]
    lines = [_line(request, one) for one in rows]
    name = f"effects-{period.first}-{period.last}"
    return exported(request, _("利用效果登记簿"), _HEAD, lines, name=name, below=below, widths=_WIDTHS)


@view_config(route_name="ledger.effect_sheet", permission=Permission.LEDGER)
def sheet(request: Request) -> Response:
    """One answer as a printed sheet, to be signed."""
    effect = _effects(request).one(request.matchdict["effect_id"])
    number = effect.request.number
    pdf = print_pdf(_SHEET, _sheet(request, effect), request.clock())
    name = f'inline; filename="effect-{number}.pdf"'
    return Response(pdf, content_type="application/pdf", content_disposition=name)


def _sheet(request: Request, effect: UseEffect) -> dict[str, Any]:
    """What the sheet says, in the language of the archive, simplified Chinese."""
    made, zone = effect.request, request.parts.settings.zone
    items = known_items(request, [line.item_id for line in made.lines])
    used = [items[line.item_id] for line in made.lines if line.state is LineState.APPROVED and line.item_id in items]
    kind = str(EFFECTS[effect.kind]) if effect.kind else ""
    answered = effect.answered_at.astimezone(zone) if effect.answered_at else None
    return {
        "organisation": request.parts.settings.organisation,
        "number": made.number,
        "printed": f"{request.clock().astimezone(zone):%Y-%m-%d %H:%M}",
        "rows": [
            ["利用人", f"{made.reader.name}（{made.reader.unit.name}）"],
            ["登记日期", f"{answered:%Y-%m-%d}" if answered else ""],
            ["档号、题名", "\n".join(f"{known.code} {known.title}".strip() for known in dict.fromkeys(used))],
            ["利用目的", f"{PURPOSES[made.purpose_kind]}：{made.purpose}"],
            ["效果类别", kind],
            ["效果说明", effect.words],
            ["经济效益", "" if effect.benefit is None else f"{effect.benefit:,} 元"],
        ],
    }


def _line(request: Request, effect: UseEffect) -> list[Cell]:
    made, speak = effect.request, speaker(request)
    items = known_items(request, [line.item_id for line in made.lines])
    codes = dict.fromkeys(items[line.item_id].code for line in made.lines if line.state is LineState.APPROVED)
    answered = effect.answered_at
    return [
        f"{answered.astimezone(request.parts.settings.zone):%Y-%m-%d}" if answered else "",
        made.number,
        made.reader.name,
        made.reader.unit.name,
        "、".join(code for code in codes if code),
        speak(PURPOSES[made.purpose_kind]),
        speak(EFFECTS[effect.kind]) if effect.kind else "",
        effect.words,
        effect.benefit,
    ]


def _form(request: Request, effect: UseEffect, entered: Answer, errors: dict[str, str]) -> dict[str, Any]:
    return {
        "effect": effect,
        "entered": entered,
        "kinds": [("", "—"), *((kind, request.translate(EFFECTS[kind])) for kind in EffectKind)],
        "items": known_items(request, [line.item_id for line in effect.request.lines]).values(),
        "errors": errors,
    }


def _period(request: Request) -> Period:
    return Period.of(request.GET, request.clock(), request.parts.settings.zone, whole_year=True)


def _mine(request: Request) -> UseEffect:
    return _effects(request).mine(request.matchdict["effect_id"], request.identity)


def _effects(request: Request) -> EffectService:
    effects: EffectService = request.find_service(EffectService)
    return effects
