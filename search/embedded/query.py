"""Asks tantivy what a plan says: hits, exact counts, facets."""

from collections.abc import Mapping, Sequence
from typing import Final, assert_never

import tantivy

from search.embedded.writer import RECENCY, SCHEMA
from search.entry import BY_CODE, BY_DATE, ID, facet_field
from search.interface import Hit
from search.plan import FACET_VALUES, All, Any, Everything, Match, Not, OneOf, Plan, Scored

__all__ = ["counts", "hits", "translate"]

_ORDERS: Final = {"date": BY_DATE, "code": BY_CODE}
_MUST, _SHOULD, _MUST_NOT = tantivy.Occur.Must, tantivy.Occur.Should, tantivy.Occur.MustNot


def hits(
    searcher: tantivy.Searcher, query: tantivy.Query, sort: str, offset: int, limit: int
) -> tuple[int, tuple[Hit, ...]]:
    """The exact number of records found, and those from `offset` on, at most `limit`."""
    at_least_one = max(limit, 1)  # tantivy's own limit must not be 0
    offset = min(offset, searcher.num_docs)  # tantivy takes memory for every place that is skipped
    if sort == "relevance":
        found = searcher.search(query, at_least_one, offset=offset, weight_by_field=RECENCY)
        listed = [Hit(searcher.doc(address)[ID][0], float(int(score))) for score, address in found.hits[:limit]]
    else:
        order, ascending = _ORDERS[sort], tantivy.Order.Asc
        found = searcher.search(query, at_least_one, order_by_field=order, offset=offset, order=ascending)
        listed = [Hit(searcher.doc(address)[ID][0], 0.0) for _, address in found.hits[:limit]]
    return found.count, tuple(listed)  # type: ignore[attr-defined] # tantivy's stub forgets it


def counts(searcher: tantivy.Searcher, query: tantivy.Query, facets: Sequence[str]) -> Mapping[str, Mapping[str, int]]:
    """For each facet, how many of the records found have which value."""
    if not facets:
        return {}
    sizes = {"size": FACET_VALUES, "segment_size": FACET_VALUES}
    wanted = {name: {"terms": {"field": facet_field(name), **sizes}} for name in facets}
    answer = searcher.aggregate(query, wanted)
    return {name: {bucket["key"]: bucket["doc_count"] for bucket in answer[name]["buckets"]} for name in facets}


def translate(plan: Plan) -> tantivy.Query:
    """The plan as tantivy's query. Every leaf has a constant score: 0 unless the plan gives one."""
    match plan:
        case All(parts):
            return tantivy.Query.boolean_query([(_MUST, translate(part)) for part in parts])
        case Any(parts, least):
            alternatives = [(_SHOULD, translate(part)) for part in parts]
            return tantivy.Query.boolean_query(alternatives, least if least > 1 else None)
        case Not(part):
            return tantivy.Query.boolean_query([(_MUST, _leaf(Everything())), (_MUST_NOT, translate(part))])
        case Scored(part, score):
            return tantivy.Query.const_score_query(translate(part), float(score))
        case Everything() | Match() | OneOf():
            return _leaf(plan)
        case _:
            assert_never(plan)


def _leaf(plan: Everything | Match | OneOf) -> tantivy.Query:
    match plan:
        case Everything():
            query = tantivy.Query.all_query()
        case OneOf(field, values):
            query = tantivy.Query.term_set_query(SCHEMA, field, list(values))
        case Match():
            query = _match(plan)
    return tantivy.Query.const_score_query(query, 0.0)


def _match(match: Match) -> tantivy.Query:
    """Tokens hold letters and digits only, so they stand in a pattern as they are.

    Patterns, because tantivy's own phrase with a prefix tries the first 50 continuations only.
    """
    field = match.field
    words: list[str | tuple[int, str]] = [*match.tokens]
    if match.prefix:
        beginning = f"{match.tokens[-1]}.*"
        if len(words) == 1:
            return tantivy.Query.regex_query(SCHEMA, field, beginning)
        words[-1] = beginning
        return tantivy.Query.regex_phrase_query(SCHEMA, field, words)
    if len(words) == 1:
        return tantivy.Query.term_query(SCHEMA, field, match.tokens[0])
    return tantivy.Query.phrase_query(SCHEMA, field, words)
