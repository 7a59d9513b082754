"""A SearchIndex in a folder: which generation to read, who may write."""

import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from threading import Lock
from typing import Final

import tantivy

from search.embedded.generations import Generations, answering
from search.embedded.query import counts, hits, translate
from search.embedded.writer import create, open_files, writing
from search.entry import ID
from search.errors import IndexUnavailableError
from search.interface import IndexWriter, Rights, SearchIndex, SearchResult
from search.plan import Plan, exactly_or_nearly
from search.query import Query

__all__ = ["EmbeddedIndex"]

_IDS_AT_ONCE: Final = 10_000


class EmbeddedIndex(SearchIndex):
    """Generations of a tantivy index in one folder, made by the first writer. Safe to use from several threads."""

    def __init__(self, folder: Path) -> None:
        self.url = folder.as_uri().replace("file", "embedded", 1)
        self._folder = folder
        self._generations = Generations(folder)
        self._opened: _Opened | None = None
        self._opening = Lock()

    @contextmanager
    def writer(self) -> Iterator[IndexWriter]:
        """Become the one writer; an index that is not there yet begins empty."""
        with self._generations.lock():
            index = open_files(self._present_or_empty())
            with writing(index, self._folder, durable=True) as writer:
                yield writer

    @contextmanager
    def rebuild(self) -> Iterator[IndexWriter]:
        """Fill a new generation; if the work is broken off, it is removed and nothing has changed."""
        with self._generations.lock():
            generation = self._generations.fresh()
            try:
                with writing(create(generation), self._folder, durable=False) as writer:
                    yield writer
                    writer.commit()
                self._generations.switch(generation)
            except BaseException:
                shutil.rmtree(generation, ignore_errors=True)
                raise

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
        """See SearchIndex."""
        searcher = self._searcher()
        if searcher is None:
            return SearchResult(0, (), {name: {} for name in facets})

        def ask(plan: Plan) -> SearchResult:
            with answering(self._folder):
                asked = translate(plan)
                total, listed = hits(searcher, asked, sort, offset, limit)
                return SearchResult(total, listed, counts(searcher, asked, facets))

        return exactly_or_nearly(ask, query, rights, filters)

    def ids(self) -> Iterator[str]:
        """See SearchIndex; the ids at the moment the first is taken."""
        searcher = self._searcher()
        if searcher is None:
            return
        for offset in range(0, searcher.num_docs, _IDS_AT_ONCE):
            everything, ascending = tantivy.Query.all_query(), tantivy.Order.Asc
            found = searcher.search(everything, _IDS_AT_ONCE, order_by_field=ID, offset=offset, order=ascending)
            yield from (key for key, _ in found.hits)

    def check(self) -> None:
        """See SearchIndex."""
        if self._searcher() is None:
            raise IndexUnavailableError(f"there is no index in {self._folder}: `danggui reindex` makes it")

    def close(self) -> None:
        """See SearchIndex."""
        with self._opening:
            self._opened = None

    def _present_or_empty(self) -> Path:
        present = self._generations.current()
        if present is None:
            present = self._generations.fresh()
            create(present)
            self._generations.switch(present)
        self._generations.sweep()
        return present

    def _searcher(self) -> tantivy.Searcher | None:
        """The index as it is now; None if there is none. Raises IndexUnavailableError."""
        with self._opening:
            try:
                return self._newest()
            except IndexUnavailableError:
                # Between the look at the pointer and the opening a rebuild may have switched: look again, once.
                self._opened = None
                return self._newest()

    def _newest(self) -> tantivy.Searcher | None:
        generation = self._generations.current()
        if generation is None:
            self._opened = None
            return None
        if self._opened is None or self._opened.generation != generation:
            self._opened = _Opened(generation)
        return self._opened.searcher()


class _Opened:
    """The files of one generation, kept open, and the state in which they were last read."""

    def __init__(self, generation: Path) -> None:
        self.generation = generation
        self._index = open_files(generation)
        self._seen: tuple[int, int] | None = None

    def searcher(self) -> tantivy.Searcher:
        """A look at the last commit, of whatever process. Raises IndexUnavailableError."""
        with answering(self.generation.parent):
            # Each commit replaces this file.
            state = (self.generation / "meta.json").stat()
            seen = (state.st_ino, state.st_mtime_ns)
            if seen != self._seen:
                self._index.reload()
                self._seen = seen
            return self._index.searcher()
