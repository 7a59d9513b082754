"""A plan, and everything else a search asks, in the words of Elasticsearch."""

from collections.abc import Mapping, Sequence
from typing import Any as Json
from typing import Final, TypeAlias, assert_never

from search.entry import BY_CODE, BY_DATE, facet_field
from search.interface import Hit, SearchResult
from search.plan import FACET_VALUES, All, Any, Everything, Match, Not, OneOf, Plan, Scored

__all__ = ["ORDERS", "aggregations", "result", "translate"]

Body: TypeAlias = dict[str, Json]

#: Of equal scores the newest comes first.
ORDERS: Final[Mapping[str, list[Body]]] = {
    "relevance": [{"_score": "desc"}, {BY_DATE: "asc"}],
    "date": [{BY_DATE: "asc"}],
    "code": [{BY_CODE: "asc"}],
}

#: No phrase is lost because its last character goes on in too many ways.
_EXPANSIONS: Final = 100_000


def aggregations(facets: Sequence[str]) -> Body:
    """What counts the values of facets."""
    return {name: {"terms": {"field": facet_field(name), "size": FACET_VALUES}} for name in facets}


def result(answer: Mapping[str, Json], facets: Sequence[str]) -> SearchResult:
    """What the server answered."""
    found = answer["hits"]
    counted = answer.get("aggregations", {})
    return SearchResult(
        total=found["total"]["value"],
        hits=tuple(Hit(hit["_id"], hit["_score"] or 0.0) for hit in found["hits"]),
        facets={name: {bucket["key"]: bucket["doc_count"] for bucket in counted[name]["buckets"]} for name in facets},
    )


def translate(plan: Plan) -> Body:
    """The plan as a query. Every leaf has a constant score: 0 unless the plan gives one."""
    match plan:
        case All(parts):
            return {"bool": {"must": [translate(part) for part in parts]}}
        case Any(parts, least):
            return {"bool": {"should": [translate(part) for part in parts], "minimum_should_match": least}}
        case Not(part):
            return {"bool": {"must_not": [translate(part)]}}
        case Scored(part, score):
            return {"constant_score": {"filter": translate(part), "boost": score}}
        case Everything() | Match() | OneOf():
            return {"bool": {"filter": [_leaf(plan)]}}
        case _:
            assert_never(plan)


def _leaf(plan: Everything | Match | OneOf) -> Body:
    match plan:
        case Everything():
            return {"match_all": {}}
        case OneOf(field, values):
            return {"terms": {field: list(values)}}
        case Match(field, (word,), prefix):
            return {"prefix" if prefix else "term": {field: {"value": word}}}
        case Match(field, words, prefix):
            phrase: Body = {"query": " ".join(words)}
            if not prefix:
                return {"match_phrase": {field: phrase}}
            return {"match_phrase_prefix": {field: {**phrase, "max_expansions": _EXPANSIONS}}}
    raise AssertionError("a match has at least one token")
