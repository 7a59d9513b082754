"""A SearchIndex on an Elasticsearch cluster: which index the alias names, and how a rebuild switches it."""

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Final
from uuid import uuid4

from elasticsearch import ApiError, NotFoundError, TransportError

from search.elastic.query import ORDERS, aggregations, result, translate
from search.elastic.server import Address, answering
from search.elastic.writer import MAPPINGS, SETTINGS, Writer
from search.entry import FORMAT, ID
from search.errors import IndexUnavailableError
from search.interface import IndexWriter, Rights, SearchIndex, SearchResult
from search.plan import Plan, exactly_or_nearly
from search.query import Query

__all__ = ["ElasticIndex"]

_IDS_AT_ONCE: Final = 10_000


class ElasticIndex(SearchIndex):
    """Indices `NAME-<hex>` on the cluster, of which the alias `NAME` names the present one.

    The cluster itself lets any number of clients write. That there is one writer is the duty of whoever calls `writer`
    on several machines: the archive holds a lock in its database.
    """

    def __init__(self, url: str) -> None:
        self._address = Address.of_url(url)
        self.url = self._address.url
        self._name = self._address.name
        self._client = self._address.connect()
        self._format_is_ours = False

    @contextmanager
    def writer(self) -> Iterator[IndexWriter]:
        """Write; an index that is not there yet begins empty."""
        with answering(self._address):
            if not self._exists():
                self._create(self._fresh_name(), aliases={self._name: {}})
        yield Writer(self._client, self._address, self._name)

    @contextmanager
    def rebuild(self) -> Iterator[IndexWriter]:
        """Fill a fresh index; if the work is broken off, it is removed and nothing has changed."""
        fresh = self._fresh_name()
        with answering(self._address):
            self._create(fresh, aliases={})
        try:
            yield Writer(self._client, self._address, fresh)
            with answering(self._address):
                self._switch(fresh)
        except BaseException:
            # If this fails too, the next rebuild removes it.
            with suppress(ApiError, TransportError):
                self._client.indices.delete(index=fresh)
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

        def ask(plan: Plan) -> SearchResult:
            answer = self._client.search(
                index=self._name,
                query=translate(plan),
                aggregations=aggregations(facets),
                sort=ORDERS[sort],
                from_=offset,
                size=limit,
                track_total_hits=True,
                source=False,
            )
            return result(answer.body, facets)

        with answering(self._address):
            try:
                self._be_sure_of_the_format()
                return exactly_or_nearly(ask, query, rights, filters)
            except NotFoundError:
                return SearchResult(0, (), {name: {} for name in facets})

    def ids(self) -> Iterator[str]:
        """See SearchIndex."""
        after: list[str] | None = None
        with answering(self._address):
            while self._exists():
                answer = self._client.search(
                    index=self._name, sort=[{ID: "asc"}], search_after=after, size=_IDS_AT_ONCE, source=False
                )
                found = answer["hits"]["hits"]
                yield from (hit["_id"] for hit in found)
                if len(found) < _IDS_AT_ONCE:
                    return
                after = found[-1]["sort"]

    def check(self) -> None:
        """See SearchIndex."""
        with answering(self._address):
            health = self._client.cluster.health()
            if not self._exists():
                raise IndexUnavailableError(f"there is no index {self.url}: `danggui reindex` makes it")
            if health["status"] == "red":
                raise IndexUnavailableError(f"Elasticsearch at {self._address.server} has lost shards: see its logs")

    def close(self) -> None:
        """See SearchIndex."""
        self._client.close()

    def _exists(self) -> bool:
        """Whether the alias names an index. Raises IndexUnavailableError if the format of that is not ours."""
        try:
            self._be_sure_of_the_format(again=True)
        except NotFoundError:
            return False
        return True

    def _be_sure_of_the_format(self, *, again: bool = False) -> None:
        if self._format_is_ours and not again:
            return
        present = self._client.indices.get_mapping(index=self._name).body
        if any(index["mappings"].get("_meta", {}).get("format") != FORMAT for index in present.values()):
            raise IndexUnavailableError(f"{self.url} was made by another version: `danggui reindex` makes it anew")
        self._format_is_ours = True

    def _fresh_name(self) -> str:
        return f"{self._name}-{uuid4().hex}"

    def _create(self, index: str, *, aliases: Mapping[str, Mapping[str, str]]) -> None:
        self._client.indices.create(index=index, settings=SETTINGS, mappings=MAPPINGS, aliases=aliases)

    def _switch(self, fresh: str) -> None:
        """Let the alias name the fresh index, in one step for every client, and remove all others of ours."""
        own = re.compile(rf"{re.escape(self._name)}-[0-9a-f]{{32}}")
        present = self._client.indices.get(index=f"{self._name}-*", features="aliases").body
        others = [index for index in present if own.fullmatch(index) and index != fresh]
        actions = [{"add": {"index": fresh, "alias": self._name}}]
        self._client.indices.update_aliases(
            actions=[*actions, *({"remove_index": {"index": index}} for index in others)]
        )
