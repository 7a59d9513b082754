"""What the pages of the ledger share: items that may be shown, and one answer for spreadsheet programs and printers."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pyramid.request import Request
from pyramid.response import Response
from sqlalchemy import select
from sqlalchemy.orm import joinedload

from archive.borrowing.queries import BorrowingQueries
from archive.catalogue.models import Item
from archive.platform.i18n import _
from archive.platform.printing import print_pdf
from archive.platform.spreadsheets import Cell, as_xlsx

__all__ = ["PAGES", "TEMPLATES", "Known", "exported", "known_items", "speaker"]

TEMPLATES = "archive:borrowing/ledger/templates"
#: the tabs of the ledger
PAGES = (
    ("ledger.register", _("利用登记簿")),
    ("ledger.statistics", _("利用统计")),
    ("ledger.effects", _("利用效果")),
)
_PRINTED = Path(__file__).parents[1] / "templates" / "table.typ"
_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Known:
    """An item as this person may see it: without a title where he may not know of it."""

    item: Item
    code: str
    title: str
    visible: bool


def known_items(request: Request, item_ids: Iterable[str]) -> dict[str, Known]:
    """The items, each with what may be shown of it to whoever asks."""
    queries: BorrowingQueries = request.find_service(BorrowingQueries)
    wanted, found = sorted(set(item_ids)), {}
    for start in range(0, len(wanted), _AT_ONCE):
        some = select(Item).where(Item.id.in_(wanted[start : start + _AT_ONCE]))
        for item in request.db.scalars(some.options(joinedload(Item.category), joinedload(Item.unit))):
            visible = queries.knows(request.identity, item)
            hidden = speaker(request)(_("题名不予显示"))
            code = (item.code or item.accession) if visible else ""
            found[item.id] = Known(item, code, item.title if visible else hidden, visible)
    return found


def speaker(request: Request) -> Callable[[str], str]:
    """Puts a message id into words: prints are in the language of the archive, simplified Chinese."""
    return str if request.matchdict.get("format") == "pdf" else request.translate


def exported(
    request: Request,
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    *,
    name: str,
    below: Sequence[str] = (),
    widths: Mapping[int, int] | None = None,
) -> Response:
    """The table as xlsx or PDF, as the address asks. `head`, `title`: message ids; `widths`: in mm, by column."""
    if request.matchdict["format"] == "xlsx":
        words = [request.translate(word) for word in head]
        body, kind = as_xlsx([words, *rows], request.translate(title)), _XLSX
    else:
        body, kind = (
            print_pdf(_PRINTED, _printed(request, title, head, rows, below, widths or {}), request.clock()),
            ("application/pdf"),
        )
    shown = f'attachment; filename="{name}.{request.matchdict["format"]}"'
    return Response(body, content_type=kind, content_disposition=shown)


def _printed(
    request: Request,
    title: str,
    head: Sequence[str],
    rows: Sequence[Sequence[Cell]],
    below: Sequence[str],
    widths: Mapping[int, int],
) -> dict[str, Any]:
    """What the print says, in the language of the archive, simplified Chinese."""
    at = request.clock().astimezone(request.parts.settings.zone)
    return {
        "organisation": request.parts.settings.organisation,
        "title": title,
        "head": list(head),
        "widths": [widths.get(number, 0) for number in range(len(head))],
        "rows": [["" if cell is None else str(cell) for cell in row] for row in rows],
        "below": list(below),
        "printed": f"{at:%Y-%m-%d %H:%M}",
    }
