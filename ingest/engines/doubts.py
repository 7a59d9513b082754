"""Finds the stretches of a line that a reading is not sure of, so that only these are read again."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from unicodedata import normalize

import numpy as np

from ingest.engines.recogniser import Reading
from ingest.engines.script import is_han

__all__ = ["Stretch", "doubted", "mended", "part_of"]

#: so many characters are read with a doubtful one on either side, and have to come out as before
CONTEXT = 2
#: Chinese characters further apart than this many times the usual have something between them
GAP = 1.6
#: fewer neighbours do not tell what is usual
FEW = 4
#: characters in a heap at the end of a line still have a place
LEAST = 0.01


@dataclass(frozen=True)
class Stretch:
    """Characters `first` to `last` of a reading, and from where to where they stand (0..1 along the line).

    Those before `doubtful` and from `sure` on are believed.
    """

    first: int
    last: int
    doubtful: int
    sure: int
    start: float
    end: float


def doubted(reading: Reading, enough: float) -> list[Stretch]:
    """The stretches around characters of less chance than `enough`, and around gaps; apart from each other."""
    doubts = [n for n, chance in enumerate(reading.chances) if chance < enough]
    spans: list[list[int]] = []
    for n in sorted({*doubts, *_beside_gaps(reading)}):
        if spans and n - spans[-1][1] <= 2 * CONTEXT + 1:
            spans[-1][1] = n
        else:
            spans.append([n, n])
    return list(_apart([_stretch(reading, *span) for span in spans]))


def part_of(reading: Reading, stretch: Stretch) -> Reading:
    """What the reading says about a stretch, as a line of its own."""
    part = slice(stretch.first, stretch.last + 1)
    long = stretch.end - stretch.start
    centres = tuple((centre - stretch.start) / long for centre in reading.centres[part])
    return Reading(reading.text[part], centres, reading.chances[part])


def mended(reading: Reading, stretch: Stretch, again: Reading) -> Reading | None:
    """The reading with the stretch as it was read `again`; None if not even its believed characters came out again."""
    before, after = reading.text[stretch.first : stretch.doubtful], reading.text[stretch.sure : stretch.last + 1]
    starts, ends = again.text[: len(before)], again.text[len(again.text) - len(after) :]
    if len(again.text) < len(before) + len(after) or not _same(starts, before) or not _same(ends, after):
        return None
    long = stretch.end - stretch.start
    centres = tuple(stretch.start + centre * long for centre in again.centres)
    head, tail = slice(0, stretch.first), slice(stretch.last + 1, None)
    return replace(
        reading,
        text=reading.text[head] + again.text + reading.text[tail],
        centres=(*reading.centres[head], *centres, *reading.centres[tail]),
        chances=(*reading.chances[head], *again.chances, *reading.chances[tail]),
    )


def _same(one: str, other: str) -> bool:
    """Whether the texts differ in nothing but the width of their marks."""
    return normalize("NFKC", one) == normalize("NFKC", other)


def _beside_gaps(reading: Reading) -> Iterator[int]:
    """Chinese characters between which one may have been passed over."""
    apart = {
        n: end - start
        for n, (start, end) in enumerate(pairwise(reading.centres))
        if is_han(reading.text[n]) and is_han(reading.text[n + 1])
    }
    if len(apart) >= FEW:
        usual = float(np.median(list(apart.values())))
        for n, distance in apart.items():
            if distance > GAP * usual:
                yield from (n, n + 1)


def _stretch(reading: Reading, doubtful: int, last_doubtful: int) -> Stretch:
    """The stretch around these characters: it begins and ends between words, and not with a blank."""
    text = reading.text
    first = _word_start(text, max(0, doubtful - CONTEXT))
    last = _word_end(text, min(len(text) - 1, last_doubtful + CONTEXT))
    first = doubtful - len(text[first:doubtful].lstrip())
    last = last_doubtful + len(text[last_doubtful + 1 : last + 1].rstrip())
    centres = reading.centres
    start = (centres[first - 1] + centres[first]) / 2 if first else 0.0
    end = (centres[last] + centres[last + 1]) / 2 if last + 1 < len(centres) else 1.0
    return Stretch(first, last, doubtful, last_doubtful + 1, start, max(end, start + LEAST))


def _word_start(text: str, n: int) -> int:
    """Where the western word begins that the character is in."""
    while n and _is_letter(text[n]) and _is_letter(text[n - 1]):
        n -= 1
    return n


def _word_end(text: str, n: int) -> int:
    while n + 1 < len(text) and _is_letter(text[n]) and _is_letter(text[n + 1]):
        n += 1
    return n


def _is_letter(char: str) -> bool:
    return char.isascii() and not char.isspace()


def _apart(stretches: list[Stretch]) -> Iterator[Stretch]:
    """The same stretches, one instead of two that touch."""
    before: Stretch | None = None
    for stretch in stretches:
        if before and stretch.first <= before.last:
            before = replace(before, last=stretch.last, sure=stretch.sure, end=stretch.end)
            continue
        if before:
            yield before
        before = stretch
    if before:
        yield before
