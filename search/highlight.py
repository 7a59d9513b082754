"""Where a query stands in a text, character by character: the same for every engine, taken from our own text.

It reads text as the index does, so what an index finds has its place here, and nothing else. Only the caller's guard
knows whether the text may be shown.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from search.entry import NUMBERS
from search.query import Phrase, Query, phrases, pieces
from search.text import units, units_with_offsets, without_zeros

__all__ = ["Snippet", "Span", "find", "snippets"]

_ELLIPSIS = "…"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """Characters from `start` up to, without, `end`; blanks and line breaks within the words are included."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Snippet:
    """A piece of a text in one line; `spans` are offsets in this piece."""

    text: str
    spans: tuple[Span, ...]


def find(text: str, query: Query, *, field: str = "text", approximate: bool = False) -> list[Span]:
    """Every place, in order and without overlap, where words of the query stand in the text.

    `field` says what the text is: `text` for a page, `title`, `document_number`, …; words asked for in another field
    are not sought. `approximate`: where a phrase is not there as a whole, its parts are.
    """
    found, starts = units_with_offsets(text)
    ends = [start + len(unit) for unit, start in zip(found, starts, strict=True)]
    places: list[Span] = []
    for phrase in phrases(query):
        if phrase.field in {"", field}:
            for first, last in _places(found, phrase, field, approximate=approximate):
                places.append(Span(starts[first], ends[last]))
    return list(_joined(sorted(places)))


def snippets(
    text: str,
    query: Query,
    *,
    field: str = "text",
    approximate: bool = False,
    limit: int = 1,
    width: int = 60,
) -> list[Snippet]:
    """At most `limit` pieces of about `width` characters, those with the most places of the query, in the text's order.

    None if the query has no place in the text.
    """
    spans = find(text, query, field=field, approximate=approximate)
    windows: list[list[Span]] = []
    for span in spans:
        if windows and span.end <= windows[-1][0].start + width:
            windows[-1].append(span)
        else:
            windows.append([span])
    best = sorted(windows, key=len, reverse=True)[:limit]
    return [_cut(text, window, width) for window in sorted(best)]


def _places(found: list[str], phrase: Phrase, field: str, *, approximate: bool) -> Iterator[tuple[int, int]]:
    """First and last unit of each place of the phrase, or else of its pieces."""
    sought = units(phrase.text)
    if field in NUMBERS:
        found, sought = without_zeros(found), without_zeros(sought)
    places = list(_runs(found, sought, unfinished=phrase.wildcard and field in NUMBERS))
    yield from places
    if approximate and not places and len(sought) > 2:
        for piece in pieces(phrase):
            yield from _runs(found, units(piece.text))


def _runs(found: list[str], sought: list[str], *, unfinished: bool = False) -> Iterator[tuple[int, int]]:
    *begun, last = sought
    for first in range(len(found) - len(begun)):
        at_last = first + len(begun)
        ends = found[at_last].startswith(last) if unfinished else found[at_last] == last
        if ends and found[first:at_last] == begun:
            yield first, at_last


def _joined(spans: Iterable[Span]) -> Iterator[Span]:
    """Overlapping spans made one."""
    current: Span | None = None
    for span in spans:
        if current is not None and span.start < current.end:
            current = Span(current.start, max(current.end, span.end))
            continue
        if current is not None:
            yield current
        current = span
    if current is not None:
        yield current


def _cut(text: str, spans: Sequence[Span], width: int) -> Snippet:
    """The text around these spans, which lie close together."""
    first, last = spans[0].start, spans[-1].end
    margin = max(0, width - (last - first)) // 2
    start, end = max(0, first - margin), min(len(text), last + margin)
    before, after = _ELLIPSIS if start else "", _ELLIPSIS if end < len(text) else ""
    # One blank for each sign that is none: offsets stay.
    line = "".join(" " if sign.isspace() else sign for sign in text[start:end])
    shift = len(before) - start
    return Snippet(before + line + after, tuple(Span(span.start + shift, span.end + shift) for span in spans))
