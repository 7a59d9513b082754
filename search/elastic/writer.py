"""Fields of an index on the cluster, and how entries get into it."""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from elasticsearch import Elasticsearch, helpers

from search.elastic.server import Address, answering
from search.entry import BODY, BY_CODE, BY_DATE, FACETS, FORMAT, ID, KNOW, LINE, NAMED, READ, Entry
from search.errors import IndexUnavailableError
from search.interface import IndexDocument

__all__ = ["MAPPINGS", "SETTINGS", "Writer"]

_BYTES_AT_ONCE: Final = 10_000_000

#: Offsets are never asked for and length does not count, so neither is kept. Values of one field lie 100 places apart.
_TEXT: Final = {"type": "text", "analyzer": "whitespace", "norms": False, "index_options": "positions"}
_EXACT: Final = {"type": "keyword"}

SETTINGS: Final[dict[str, Any]] = {
    "number_of_shards": 1,
    "auto_expand_replicas": "0-1",
    # Paging has no wall; the memory is taken only by who really asks for the ten-thousandth page.
    "max_result_window": 100_000_000,
}
MAPPINGS: Final[dict[str, Any]] = {
    "_meta": {"format": FORMAT},
    # What we sent we can send again: the index is a cache.
    "_source": {"enabled": False},
    "dynamic": "strict",
    "date_detection": False,
    "dynamic_templates": [{FACETS: {"path_match": f"{FACETS}.*", "mapping": _EXACT}}],
    "properties": {
        **dict.fromkeys((ID, KNOW, READ, BY_DATE, BY_CODE), _EXACT),
        **dict.fromkeys((*NAMED, LINE, BODY), _TEXT),
        FACETS: {"type": "object", "dynamic": True},
    },
}


class Writer:
    """Takes documents into `target`, the alias or a fresh index."""

    def __init__(self, client: Elasticsearch, address: Address, target: str) -> None:
        self._client = client
        self._address = address
        self._target = target

    def write(self, documents: Sequence[IndexDocument], *, deleted: Sequence[str] = ()) -> None:
        """See IndexWriter."""
        with answering(self._address):
            results = helpers.streaming_bulk(
                self._client,
                _actions(documents, deleted),
                index=self._target,
                max_chunk_bytes=_BYTES_AT_ONCE,
                raise_on_error=False,
                # Else a write after the alias was lost would make an index of that name with fields of its own.
                require_alias=self._target == self._address.name,
            )
            for done, result in results:
                self._complain(done, result)
            self._client.indices.refresh(index=self._target)

    def _complain(self, done: bool, result: dict[str, Any]) -> None:
        (action, answer), *_ = result.items()
        if done or (action == "delete" and answer.get("result") == "not_found"):
            return
        raise IndexUnavailableError(f"Elasticsearch at {self._address.server} took not everything: {answer}")


def _actions(documents: Sequence[IndexDocument], deleted: Sequence[str]) -> Iterator[dict[str, Any]]:
    for item in deleted:
        yield {"_op_type": "delete", "_id": item}
    for document in documents:
        yield {"_op_type": "index", "_id": document.id, "_source": _source(Entry.of(document))}


def _source(entry: Entry) -> dict[str, Any]:
    exact = {ID: entry.id, KNOW: entry.know, READ: entry.read, BY_DATE: entry.by_date, BY_CODE: entry.by_code}
    return {**exact, **entry.texts, FACETS: entry.facets}
