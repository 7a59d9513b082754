"""Rules over many pages, and the arithmetic of sampling. Pure: facts in, decision out."""

import math
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from typing import TypeVar

from archive.digitization.quality.models import CheckOutcome
from ingest.context import ColourMode

__all__ = [
    "Found",
    "ScannedPage",
    "Wanted",
    "deviations",
    "draw",
    "most_bad",
    "number_findings",
    "outcome",
    "sample_size",
]

Page = TypeVar("Page")

#: So many numbers before the first one read are missing pages; with more, the item is a part of something longer.
_LEADING = 9
#: what differs less is the same resolution
_SAME_DPI = 2

_RANK = {ColourMode.BILEVEL: 0, ColourMode.GREY: 1, ColourMode.COLOUR: 2}


@dataclass(frozen=True, slots=True)
class Found:
    """Something about several pages; it shows at the one with this index, from 0. See words.describe."""

    code: str
    value: float
    index: int


@dataclass(frozen=True, slots=True)
class ScannedPage:
    """How a page was scanned: `dpi` 0 and `colour` None where it is not known, blank, or no scan."""

    dpi: int
    colour: ColourMode | None


@dataclass(frozen=True, slots=True)
class Wanted:
    """How the pages of a batch were to be scanned."""

    dpi: int = 0
    colour: ColourMode | None = None


def number_findings(pages: Sequence[Sequence[int]]) -> list[Found]:
    """What the printed page numbers of an item say: which are missing, doubled, or out of order.

    `pages`: for each page in order what may be its number, the likeliest first. Unnumbered pages count as pages where
    the numbers leave room for them; a page 1 begins a new counting, as attachments do.
    """
    read = _without_misreadings(_numbers(pages))
    found: list[Found] = []
    seen: set[int] = set()
    everything = [number for _, number in read]
    before: tuple[int, int] | None = None
    for position, (index, number) in enumerate(read):
        gap = index - before[0] if before else index + 1
        last = before[1] if before else 0
        if before and number < last and number <= gap:  # begins again, maybe on pages without a number
            seen, last = set(), number - gap
        if number in seen:
            found.append(Found("number_doubled", number, index))
        elif number < last:
            found.append(Found("number_order", number, index))
        elif gap < number - last <= (_LEADING + gap if before is None else math.inf):
            missing = [n for n in range(last + gap, number) if n not in everything[position:] and n not in seen]
            found += [Found("number_missing", missing[0], index)] if missing else []
        seen.add(number)
        before = (index, number)
    return found


def deviations(pages: Sequence[ScannedPage], wanted: Wanted) -> Iterator[Found]:
    """Pages that were scanned otherwise than planned, or else otherwise than most of their batch."""
    usual_dpi = _commonest([page.dpi for page in pages if page.colour and page.dpi])
    usual_colour = _commonest([page.colour for page in pages if page.colour])
    for index, page in enumerate(pages):
        if page.colour is None:
            continue
        if 0 < page.dpi < wanted.dpi - _SAME_DPI:
            yield Found("below_plan", page.dpi, index)
        elif page.dpi and usual_dpi and abs(page.dpi - usual_dpi) > _SAME_DPI:
            yield Found("mixed_resolution", page.dpi, index)
        if wanted.colour and _RANK[page.colour] < _RANK[wanted.colour]:
            yield Found("colour_missing", 0, index)
        elif page.colour is not usual_colour:
            yield Found("mixed_colour", 0, index)


def sample_size(pages: int, share: float, least: int) -> int:
    """How many of so many pages are sampled: `share` percent rounded up, at least `least`, at most all."""
    return min(pages, max(least, math.ceil(pages * _percent(share))))


def draw(pages: Sequence[Page], size: int, seed: int) -> list[Page]:
    """A sample of `size` pages in their order, spread evenly: one at random of each of `size` equal stretches.

    Pages come ordered by item, so every item has its share. The same seed draws the same pages.
    """
    chance = random.Random(seed)  # noqa: S311 - nobody gains by guessing it; it has to be the same again
    edges = [len(pages) * n // size for n in range(size + 1)] if size else []
    return [pages[chance.randrange(start, end)] for start, end in pairwise(edges)]


def most_bad(size: int, highest_error: float) -> int:
    """How many pages of a sample may be bad: `highest_error` percent, rounded down."""
    return math.floor(size * _percent(highest_error))


def outcome(size: int, good: int, bad: int, highest_error: float) -> CheckOutcome:
    """Failed as soon as too many are bad, passed once all are judged and not too many are."""
    if bad > most_bad(size, highest_error):
        return CheckOutcome.FAILED
    return CheckOutcome.PASSED if good + bad == size else CheckOutcome.OPEN


def _percent(value: float) -> Fraction:
    """Exactly what was written: 0.1 % of 1,000 is 1, whatever floating point thinks."""
    return Fraction(str(value)) / 100


def _numbers(pages: Sequence[Sequence[int]]) -> list[tuple[int, int]]:
    """Index and number of the pages that have one: of several the one that goes with most other pages'."""
    offsets = Counter(number - index for index, numbers in enumerate(pages) for number in set(numbers))
    return [
        (index, max(numbers, key=lambda number: offsets[number - index]))
        for index, numbers in enumerate(pages)
        if numbers
    ]


def _without_misreadings(read: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """Leave out numbers that the pages on both sides contradict, while these agree with each other."""

    def fits(one: tuple[int, int], other: tuple[int, int]) -> bool:
        return other[1] - one[1] == other[0] - one[0]

    def misread(n: int) -> bool:
        return 0 < n < len(read) - 1 and fits(read[n - 1], read[n + 1]) and not fits(read[n - 1], read[n])

    return [one for n, one in enumerate(read) if not misread(n)]


def _commonest(values: Sequence[Page]) -> Page | None:
    return Counter(values).most_common(1)[0][0] if values else None
