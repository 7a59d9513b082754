"""The rows of a form that asks for items: what is ticked for each, and what is to be known of it before asking."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from pyramid.request import Request

from archive.borrowing.forms import Entered
from archive.borrowing.service import BorrowingService
from archive.borrowing.standing import covering
from archive.borrowing.words import PLACES, PURPOSES
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from archive.platform.approval.chains import Asked
from archive.platform.approval.words import ASKED
from archive.platform.errors import DangguiError, InvalidError
from archive.platform.seats.queries import anywhere_allowed

__all__ = ["Row", "asking_page", "said_of"]


@dataclass(frozen=True, slots=True)
class Row:
    """One item of the form. `free`: he reads it as it is; `standing`: the number under which reading is registered."""

    item: Item
    asked: frozenset[str]
    pages: str
    free: bool
    standing: str


def asking_page(
    request: Request,
    reader: Person | None,
    items: Iterable[Item],
    entered: Entered,
    errors: dict[str, str],
    offered: Iterable[Asked] = tuple(Asked),
) -> dict[str, Any]:
    """What such a form shows. Where nothing is ticked yet, reading on screen is, unless it needs no asking.

    `reader`: who asks for himself; None where the desk asks for somebody.
    """
    rows = [_row(request, reader, item, entered) for item in items]
    return {
        "rows": rows,
        "entered": entered,
        "errors": errors,
        "offered": [(one, request.translate(ASKED[one])) for one in offered],
        "kinds": [(kind.value, request.translate(words)) for kind, words in PURPOSES.items()],
        "places": [(place.value, request.translate(words)) for place, words in PLACES.items()],
        "anywhere": anywhere_allowed(request.db),
    }


def said_of(request: Request, error: DangguiError) -> dict[str, str]:
    """The words of a refusal by its field; what concerns no field stands at the items."""
    name = error.field if isinstance(error, InvalidError) and error.field else "items"
    request.response.status_int = 422 if isinstance(error, InvalidError) else 409
    return {name: request.translate(error.message, **error.facts)}


def _row(request: Request, reader: Person | None, item: Item, entered: Entered) -> Row:
    service: BorrowingService = request.find_service(BorrowingService)
    free = reader is not None and service.reads_freely(reader, item)
    standing = covering(request.db, request.clock(), reader, item) if reader else None
    proposed = frozenset() if free else frozenset({Asked.VIEW.value})
    asked = frozenset(map(str, entered.asked[item.id])) if item.id in entered.asked else proposed
    return Row(item, asked, entered.pages.get(item.id, ""), free, standing.number if standing else "")
