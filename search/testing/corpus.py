"""Documents for the tests, and the shortest way to ask for them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from search.interface import IndexDocument, Rights, SearchIndex, SearchResult
from search.query import parse_query

__all__ = ["CLERK", "document", "fill", "found", "ids_found"]

#: Knows and reads what is marked `staff`.
CLERK: Final = Rights(frozenset({"staff"}), frozenset({"staff"}))


def document(
    name: str,
    *pages: str,
    know: Sequence[str] = ("staff",),
    read: Sequence[str] = ("staff",),
    year: str = "2021",
    date: str = "",
    facets: Mapping[str, tuple[str, ...]] | None = None,
    **catalogue: str,
) -> IndexDocument:
    """A document whose staff may know and read it, unless said otherwise; `title=`, `code=`, … make its line."""
    return IndexDocument(
        id=name,
        catalogue=catalogue,
        facets={"year": (year,), **(facets or {})},
        pages=pages,
        know=frozenset(know),
        read=frozenset(read),
        date=date,
    )


def fill(index: SearchIndex, *documents: IndexDocument) -> None:
    """Write documents in one commit."""
    with index.writer() as writer:
        writer.write(documents)


def found(index: SearchIndex, text: str, rights: Rights = CLERK, **more: Any) -> SearchResult:
    """What a person with these rights finds, typing this."""
    return index.search(parse_query(text), rights, **more)


def ids_found(index: SearchIndex, text: str, rights: Rights = CLERK, **more: Any) -> set[str]:
    """The ids of what is found exactly; nothing that is only near."""
    result = found(index, text, rights, **more)
    return set() if result.approximate else {hit.id for hit in result.hits}
