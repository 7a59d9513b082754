"""Printed page numbers, mixed scans, and the arithmetic of sampling, by rules alone."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.digitization.quality.models import CheckOutcome
from archive.digitization.quality.rules import (
    ScannedPage,
    Wanted,
    deviations,
    draw,
    most_bad,
    number_findings,
    outcome,
    sample_size,
)
from archive.digitization.quality.words import DEFECTS, describe
from ingest.context import ColourMode

NONE: tuple[int, ...] = ()

#: percentages as a person writes them, to a hundredth
PERCENT = st.integers(0, 10_000).map(lambda n: n / 100)


@pytest.mark.parametrize(
    ("pages", "expected"),
    [
        ([1, 2, 3], []),
        ([1, 2, 4], [("number_missing", 3, 2)]),
        ([2, 3, 4], [("number_missing", 1, 0)]),
        ([1, 2, 2, 3], [("number_doubled", 2, 2)]),
        ([1, 2, 3, 2, 3, 4], [("number_doubled", 2, 3), ("number_doubled", 3, 4)]),
        ([1, 3, 2, 4], [("number_order", 2, 2)]),
        ([NONE, 2, NONE, 4], []),
        ([1, NONE, 2, NONE, 3], []),
        ([1, NONE, 5], [("number_missing", 3, 2)]),
        ([1, 2, 3, 1, 2], []),
        ([1, 2, 3, NONE, 2, 3], []),
        ([35, 36, 37], []),
        ([1, 2, 8, 4, 5], []),
        ([429, (2, 430), (3, 431), 432], []),
        ([NONE, NONE], []),
        ([], []),
    ],
)
def test_tells_what_page_numbers_say(pages: list[int | tuple[int, ...]], expected: list[tuple[str, int, int]]) -> None:
    """Missing, doubled, disordered; covers, blank backs, attachments, extracts, misreadings and stamps do no harm."""
    read = [page if isinstance(page, tuple) else (page,) for page in pages]
    assert [(one.code, one.value, one.index) for one in number_findings(read)] == expected


@given(st.integers(2, 60), st.data())
def test_any_page_left_out_is_missed(count: int, data: st.DataObject) -> None:
    """Of a numbered item any page but the last can be left out: exactly its number is missed. Any can be doubled."""
    pages = [(n,) for n in range(1, count + 1)]
    gone = data.draw(st.integers(0, count - 2))
    found = number_findings(pages[:gone] + pages[gone + 1 :])
    assert [(one.code, one.value) for one in found] == [("number_missing", gone + 1)]
    twice = data.draw(st.integers(0, count - 1))
    found = number_findings(pages[: twice + 1] + pages[twice:])
    assert [(one.code, one.value) for one in found] == [("number_doubled", twice + 1)]


def test_tells_what_deviates() -> None:
    """From the plan, or else from most pages of the batch; pages that are blank or no scans deviate from nothing."""
    usual, coarse = ScannedPage(300, ColourMode.COLOUR), ScannedPage(200, ColourMode.COLOUR)
    pages = [usual, usual, coarse, ScannedPage(300, ColourMode.BILEVEL), ScannedPage(0, None)]
    assert [(one.code, one.index) for one in deviations(pages, Wanted())] == [
        ("mixed_resolution", 2),
        ("mixed_colour", 3),
    ]
    planned = [(one.code, one.index) for one in deviations(pages, Wanted(300, ColourMode.GREY))]
    assert planned == [("below_plan", 2), ("colour_missing", 3)]
    assert list(deviations([], Wanted(300, ColourMode.COLOUR))) == []


@given(st.integers(0, 20_000), PERCENT, st.integers(1, 500))
def test_sample_is_as_large_as_asked(pages: int, share: float, least: int) -> None:
    """At least its share and its minimum, not one page more than that, and never more than there are."""
    size, asked = sample_size(pages, share, least), Fraction(str(share)) * pages / 100
    assert size == pages or (size >= least and size >= asked and (size == least or size - 1 < asked))
    assert size <= pages


@given(st.lists(st.integers(), unique=True, max_size=300), st.integers(1, 300), st.integers(0, 2**62))
def test_sample_is_spread_and_repeatable(pages: list[int], size: int, seed: int) -> None:
    """As many different pages as wanted, in their order, no stretch without one; the same seed draws the same."""
    size = min(size, len(pages))
    drawn = draw(pages, size, seed)
    assert drawn == draw(pages, size, seed)
    places = [pages.index(page) for page in drawn]
    assert len(places) == size
    assert all(len(pages) * n // size <= place < len(pages) * (n + 1) // size for n, place in enumerate(places))


@given(st.integers(1, 2000), PERCENT, st.data())
def test_gate(size: int, highest: float, data: st.DataObject) -> None:
    """It opens when all are judged and the error rate is not above the highest one; it shuts as soon as it must be."""
    bad = data.draw(st.integers(0, size))
    good = data.draw(st.integers(0, size - bad))
    decided, too_many = outcome(size, good, bad, highest), Fraction(bad, size) > Fraction(str(highest)) / 100
    if too_many:
        assert decided is CheckOutcome.FAILED
    else:
        assert decided is (CheckOutcome.PASSED if good + bad == size else CheckOutcome.OPEN)
    assert (bad > most_bad(size, highest)) == too_many


def test_percent_is_what_was_written() -> None:
    """No page more because 0.1 is no binary number."""
    assert (sample_size(1000, 0.1, 1), sample_size(300, 7.0, 1), most_bad(300, 7.0)) == (1, 21, 21)


def test_every_code_has_words() -> None:
    """What a machine finds and what a person says has a name and advice; so has a code of a later version."""
    for code in (*DEFECTS, "from a later version"):
        words = describe(code, 3.4)
        assert words.name
        assert words.mend
        assert "{" not in words.says.format(**words.facts)
    assert (describe("skew", 2.0).tone, describe("skew", 3.4).tone) == ("amber", "red")
