"""Rows of pages: which pages each draft has, in which order, before an act and after it. Pure."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass

from archive.digitization.models import PageRole

__all__ = ["Place", "Rows", "moved", "places_in", "put_in", "without"]

#: id of a draft -> ids of its pages in order
Rows = Mapping[str, Sequence[str]]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a page is: it is page `number` (from 1) of a draft; or in none, and its role says why."""

    page: str
    role: PageRole
    draft: str | None = None
    number: int | None = None


def without(rows: Rows, pages: Collection[str]) -> dict[str, list[str]]:
    """The rows when these pages have left them."""
    return {draft: [page for page in row if page not in pages] for draft, row in rows.items()}


def moved(rows: Rows, pages: Sequence[str], draft: str, before: str | None) -> dict[str, list[str]]:
    """The rows when these pages stand in one of them, in this order, before another page; at its end where None.

    Raises ValueError if `before` is not in that row, or moves itself.
    """
    left = without(rows, set(pages))
    row = left[draft]
    place = len(row) if before is None else row.index(before)
    return {**left, draft: [*row[:place], *pages, *row[place:]]}


def put_in(rows: Rows, places: Iterable[Place]) -> dict[str, list[str]]:
    """The rows when each of these pages has the number again that it had; at the end where its row became shorter."""
    filled = {draft: list(row) for draft, row in rows.items()}
    for place in sorted(places, key=lambda one: one.number or 0):
        if place.draft is not None and place.number is not None:
            filled[place.draft].insert(place.number - 1, place.page)
    return filled


def places_in(rows: Rows) -> dict[str, tuple[str, int]]:
    """Draft and number of each page of the rows."""
    return {page: (draft, number) for draft, row in rows.items() for number, page in enumerate(row, 1)}
