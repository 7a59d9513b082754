"""One index interface, two engines. The index knows items as documents of fields and pages; it knows no people.

Who may see what is decided outside and arrives as `Rights`: a set of tokens that are matched, inside every query, with
the tokens on each document. A document is *known* to the asker when one of its `know` tokens is among his; its body is
*readable* when one of its `read` tokens is, or when its id is in `readable_ids` (approved grants that run now).
Body text matches only where readable; otherwise the catalogue line alone matches. What is not known is not there:
no hit, no count, no facet.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from search.query import Query

__all__ = ["Hit", "IndexDocument", "IndexWriter", "Rights", "SearchIndex", "SearchResult"]


@dataclass(frozen=True, slots=True)
class IndexDocument:
    """What the index holds of one item."""

    id: str
    #: catalogue line, matched for whoever may know the item: title, code, document_number, issuer, ...
    catalogue: Mapping[str, str]
    #: exact values for filters and facets: fonds, category, year, department, secrecy, ...
    facets: Mapping[str, tuple[str, ...]]
    #: text of each page, in order; a phrase never crosses pages
    pages: tuple[str, ...]
    know: frozenset[str]
    read: frozenset[str]
    #: eight-digit date for sorting, "" if unknown
    date: str = ""


@dataclass(frozen=True, slots=True)
class Rights:
    """What the asking person may know and read, as tokens; empty means nothing at all."""

    know: frozenset[str] = frozenset()
    read: frozenset[str] = frozenset()
    readable_ids: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Hit:
    """One item found. The caller's guard checks it again before anything of it is shown."""

    id: str
    score: float


@dataclass(frozen=True, slots=True)
class SearchResult:
    """Total is exact; `approximate`: the exact phrase was nowhere, and most of its tokens were taken instead."""

    total: int
    hits: tuple[Hit, ...]
    #: facet name -> value -> exact number of hits
    facets: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    approximate: bool = False


class IndexWriter(Protocol):
    """Takes documents; what was written is durable and searchable when `write` returns."""

    def write(self, documents: Sequence[IndexDocument], *, deleted: Sequence[str] = ()) -> None:
        """Add or replace documents by id, and remove those of `deleted`, in one commit.

        Raises IndexUnavailableError.
        """


class SearchIndex(ABC):
    """An index of items. Any number of processes may search; exactly one writes at a time."""

    #: the URL this index was opened from, without secrets
    url: str

    @abstractmethod
    def writer(self) -> AbstractContextManager[IndexWriter]:
        """Become the one writer until the context or the process ends. Raises IndexBusyError, IndexUnavailableError."""

    @abstractmethod
    def search(
        self,
        query: Query,
        rights: Rights,
        *,
        filters: Mapping[str, Sequence[str]] | None = None,
        facets: Sequence[str] = (),
        sort: str = "relevance",
        offset: int = 0,
        limit: int = 20,
    ) -> SearchResult:
        """Find items. `filters`: facet name -> any of these values. `sort`: relevance, date (newest first) or code.

        An empty query matches everything that may be known. Raises IndexUnavailableError.
        """

    @abstractmethod
    def rebuild(self) -> AbstractContextManager[IndexWriter]:
        """Fill a fresh index beside the present one, which stays searchable; switch when the context ends well.

        Raises IndexBusyError, IndexUnavailableError.
        """

    @abstractmethod
    def ids(self) -> Iterator[str]:
        """Every id in the index, once, in any order; bounded memory."""

    @abstractmethod
    def check(self) -> None:
        """Return if the engine answers and the index is usable. Raises IndexUnavailableError with what to do."""

    @abstractmethod
    def close(self) -> None:
        """Let go of files and connections."""
