"""What a query asks of an index, the same for every engine: the person's words, his rights, the filters.

This is the one place where rights enter a search. A word matches a record on its catalogue line, or, *only where the
asker may read the body*, in its body; so the exclusion of a word, too, judges an unreadable record by its catalogue
line alone. Scores are constants: a measure taken from the texts would tell how often a word stands in bodies that the
asker may not read.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, TypeAlias, assert_never

from search import query as asked
from search.entry import BODY, ID, KNOW, LINE, NAMED, NUMBERS, READ, facet_field
from search.interface import Rights, SearchResult
from search.text import phrase_tokens, units, without_zeros

__all__ = [
    "FACET_VALUES",
    "All",
    "Any",
    "Everything",
    "Match",
    "Not",
    "OneOf",
    "Plan",
    "Scored",
    "exactly_or_nearly",
    "plan",
]

#: How many values of a facet are counted; a facet with more than these is none that a person can use.
FACET_VALUES: Final = 10_000

#: The name that asks for a word in the body only.
TEXT: Final = "text"

#: Worth of a word by where it stands; the worths add up. Title, number and code come before other fields and body.
_SCORES: Final = {BODY: 1, LINE: 2, **dict.fromkeys(NAMED, 4)}


@dataclass(frozen=True, slots=True)
class Everything:
    """Every record."""


@dataclass(frozen=True, slots=True)
class Match:
    """These tokens one after the other in one value of the field; with `prefix`, the last may go on."""

    field: str
    tokens: tuple[str, ...]
    prefix: bool = False


@dataclass(frozen=True, slots=True)
class OneOf:
    """The field has one of these exact values; of none, nothing."""

    field: str
    values: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class All:
    """Every part."""

    parts: tuple["Plan", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """At least `least` of the parts."""

    parts: tuple["Plan", ...]
    least: int = 1


@dataclass(frozen=True, slots=True)
class Not:
    """Whatever the part does not match."""

    part: "Plan"


@dataclass(frozen=True, slots=True)
class Scored:
    """The part, adding this to the score of what it matches; outside of any, nothing adds."""

    part: "Plan"
    score: int


Plan: TypeAlias = Everything | Match | OneOf | All | Any | Not | Scored


def exactly_or_nearly(
    ask: Callable[[Plan], SearchResult], query: asked.Query, rights: Rights, filters: Mapping[str, Sequence[str]] | None
) -> SearchResult:
    """Ask for exactly the query; where nothing at all is found, for most of it."""
    exact = ask(plan(query, rights, filters))
    if exact.total or not rights.know or not _can_be_near(query):
        return exact
    near = ask(plan(query, rights, filters, approximate=True))
    return replace(near, approximate=near.total > 0)


def plan(
    query: asked.Query, rights: Rights, filters: Mapping[str, Sequence[str]] | None = None, *, approximate: bool = False
) -> Plan:
    """Put together what is asked. `approximate`: most of each phrase's tokens suffice, in any order."""
    # Whatever is found scores 1 at least, so that an order by score has something to go by.
    known = Scored(OneOf(KNOW, tuple(sorted(rights.know))), 1)
    filtered = [OneOf(facet_field(name), tuple(values)) for name, values in (filters or {}).items()]
    return All((known, *filtered, _Planner(rights, approximate).plan(query)))


@dataclass(frozen=True, slots=True)
class _Planner:
    rights: Rights
    approximate: bool

    def plan(self, query: asked.Query) -> Plan:
        match query:
            case asked.Everything():
                return Everything()
            case asked.Years(first, last):
                return OneOf(facet_field("year"), tuple(f"{year:04}" for year in range(first, last + 1)))
            case asked.All(parts):
                return All(tuple(self.plan(part) for part in parts))
            case asked.Any(parts):
                return Any(tuple(self.plan(part) for part in parts))
            case asked.Not(part):
                # What is excluded is excluded exactly: an approximate exclusion would hide what nobody meant.
                return Not(_Planner(self.rights, approximate=False).plan(part))
            case asked.Phrase():
                return self._phrase(query)
            case _:
                assert_never(query)

    def _phrase(self, phrase: asked.Phrase) -> Plan:
        found = asked.pieces(phrase)
        least = _least(found)
        if not (self.approximate and least):
            return self._places(phrase)
        return Any(tuple(self._places(piece) for piece in found), least)

    def _places(self, phrase: asked.Phrase) -> Plan:
        """Where a phrase may stand: in its field, or in any."""
        if phrase.field == TEXT:
            return self._in_body(phrase)
        if phrase.field:
            return _in_field(phrase, phrase.field)
        return Any((*(_in_field(phrase, field) for field in (*NAMED, LINE)), self._in_body(phrase)))

    def _in_body(self, phrase: asked.Phrase) -> Plan:
        readable = Any(
            (OneOf(READ, tuple(sorted(self.rights.read))), OneOf(ID, tuple(sorted(self.rights.readable_ids))))
        )
        return All((readable, _in_field(phrase, BODY)))


def _in_field(phrase: asked.Phrase, field: str) -> Plan:
    """The phrase in one field. Numbers are equal with and without leading zeros, and may be left unfinished."""
    found = units(phrase.text)
    if field not in NUMBERS:
        return Scored(Match(field, *phrase_tokens(found)), _SCORES[field])
    match = Match(field, *phrase_tokens(without_zeros(found), unfinished=phrase.wildcard))
    if not phrase.wildcard:
        return Scored(match, _SCORES[field])
    as_written = Match(field, *phrase_tokens(found, unfinished=True))
    return Scored(Any((match, as_written)), _SCORES[field])


def _least(pieces: Sequence[asked.Phrase]) -> int:
    """How many of them are most: three in five. 0 where most is no less than the phrase."""
    return (3 * len(pieces) + 4) // 5 if len(pieces) > 1 else 0


def _can_be_near(query: asked.Query) -> bool:
    """Whether any phrase of the query is long enough for most of it to be less than all."""
    return any(_least(asked.pieces(phrase)) for phrase in asked.phrases(query))
