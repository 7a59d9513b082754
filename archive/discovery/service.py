"""Finding: a person's words in, rows he may see out. Every hit is asked of the guard again before it leaves."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from archive.catalogue.models import Item, Page
from archive.catalogue.service import current_text, facts
from archive.platform.accounts.models import Person
from archive.platform.db import Clock
from archive.platform.guard import Act, Guard
from search.highlight import Snippet, Span, find, snippets
from search.interface import SearchIndex, SearchResult
from search.query import Everything, Query, parse_query

__all__ = ["FACETS", "PAGE_SIZE", "SORTS", "Found", "Row", "SearchService", "Wanted"]

FACETS = ("year", "department", "category", "control")
SORTS = ("relevance", "date", "code")
PAGE_SIZE = 20
_SNIPPETS = 3


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is asked for, as it stands in the address."""

    text: str = ""
    filters: Mapping[str, Sequence[str]] | None = None
    sort: str = "relevance"
    #: from 1
    page: int = 1


@dataclass(frozen=True, slots=True)
class Row:
    """One item found. `snippets` is empty unless he may read it now."""

    item: Item
    readable: bool
    title_spans: tuple[Span, ...]
    number_spans: tuple[Span, ...]
    snippets: tuple[tuple[int, Snippet], ...] = ()


@dataclass(frozen=True, slots=True)
class Found:
    """The rows of one page of results, and counts under this person's rights."""

    total: int
    rows: tuple[Row, ...]
    facets: Mapping[str, Mapping[str, int]]
    approximate: bool
    query: Query
    #: item id -> how well it fits; the rows may be sorted otherwise
    scores: Mapping[str, float]


class SearchService:
    """Searches for one person."""

    def __init__(self, session: Session, clock: Clock, index: SearchIndex, person: Person, seat: str | None) -> None:
        self._session = session
        self._index = index
        self._person = person
        self._guard = Guard(session, clock, seat)

    def search(self, wanted: Wanted) -> Found:
        """Find. Raises QuerySyntaxError, IndexUnavailableError."""
        query = parse_query(wanted.text)
        result = self._ask(query, wanted)
        items = self._items([hit.id for hit in result.hits])
        known = [items[hit.id] for hit in result.hits if self._known(items.get(hit.id))]
        rows = tuple(self._row(item, query, result.approximate) for item in known)
        scores = {hit.id: hit.score for hit in result.hits}
        return Found(result.total, rows, result.facets, result.approximate, query, scores)

    def _ask(self, query: Query, wanted: Wanted) -> SearchResult:
        return self._index.search(
            query,
            self._guard.rights(self._person),
            filters=wanted.filters,
            facets=FACETS,
            sort=wanted.sort,
            offset=(wanted.page - 1) * PAGE_SIZE,
            limit=PAGE_SIZE,
        )

    def _items(self, item_ids: Sequence[str]) -> dict[str, Item]:
        wanted = select(Item).where(Item.id.in_(item_ids)).options(joinedload(Item.unit), joinedload(Item.category))
        return {item.id: item for item in self._session.scalars(wanted)}

    def _known(self, item: Item | None) -> bool:
        """The index may be a moment behind: what the guard does not allow now is not shown."""
        return item is not None and self._guard.decide(self._person, facts(item), Act.KNOW).allowed

    def _row(self, item: Item, query: Query, approximate: bool) -> Row:
        readable = self._guard.decide(self._person, facts(item), Act.READ).allowed
        cut = self._snippets(item, query, approximate) if readable and not isinstance(query, Everything) else ()
        title = find(item.title, query, field="title", approximate=approximate)
        number = find(item.document_number, query, field="document_number", approximate=approximate)
        return Row(item, readable, tuple(title), tuple(number), cut)

    def _snippets(self, item: Item, query: Query, approximate: bool) -> tuple[tuple[int, Snippet], ...]:
        """The best places in the present text of the pages, with their page numbers."""
        pages = self._session.scalars(
            select(Page).where(Page.item_id == item.id).options(selectinload(Page.texts)).order_by(Page.number)
        )
        found: list[tuple[int, Snippet]] = []
        for page in pages:
            text = current_text(page)
            cut = snippets(text.text, query, approximate=approximate, limit=1) if text else []
            found += [(page.number, snippet) for snippet in cut]
            if len(found) == _SNIPPETS:
                break
        return tuple(found)
