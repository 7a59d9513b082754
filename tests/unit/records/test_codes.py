"""Archival codes: every example of the standards is read and written back; nothing can be read in two ways."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.catalogue.codes import (
    ACCOUNTING,
    BY_ITEM,
    BY_ITEM_2022,
    BY_VOLUME,
    BY_VOLUME_AND_YEAR,
    BY_VOLUME_CATALOGUE,
    CodeError,
    CodeParts,
    CodePattern,
    normalise,
)

_FOUR = "{fonds}-{category}·{year}·{retention}[·{unit}]-{number:04}"
_FIVE = "{fonds}-{category}·{year}·{retention}[·{unit}]-{number:05}"
_EXAMPLES = [
    (BY_ITEM, "Z109-WS·2011-Y-BGS-0001", CodeParts("Z109", "WS", 2011, "Y", "BGS", number=1)),
    (_FOUR, "Z109-WS·2011·Y·办公室-0001", CodeParts("Z109", "WS", 2011, "Y", "办公室", number=1)),
    (BY_ITEM_2022, "A439-WS·2015·D30·003-005", CodeParts("A439", "WS", 2015, "D30", "003", number=5)),
    (BY_ITEM_2022, "Z008-WS·2019·Y-037", CodeParts("Z008", "WS", 2019, "Y", number=37)),
    (BY_VOLUME_AND_YEAR, "J019-KU·01·2017-001-001", CodeParts("J019", "KU·01", 2017, volume=1, number=1)),
    (BY_VOLUME, "X032-KJ·JJ·02-005-054", CodeParts("X032", "KJ·JJ·02", volume=5, number=54)),
    (BY_VOLUME_AND_YEAR, "K021-ZP·2019·D30-025-005", CodeParts("K021", "ZP", 2019, "D30", volume=25, number=5)),
    (BY_VOLUME_CATALOGUE, "C038-001-002-003", CodeParts("C038", catalogue=1, volume=2, number=3)),
    (
        BY_VOLUME_AND_YEAR,
        "J019-ZY·JC·CC·2019·D30-001-001",
        CodeParts("J019", "ZY·JC·CC", 2019, "D30", volume=1, number=1),
    ),
    (BY_VOLUME, "A002-RS-001-002", CodeParts("A002", "RS", volume=1, number=2)),
    (_FIVE, "C015-WY·TZGG·2019·D10-00001", CodeParts("C015", "WY·TZGG", 2019, "D10", number=1)),
    (BY_ITEM_2022, "J019-LY·2019·Y-001", CodeParts("J019", "LY", 2019, "Y", number=1)),
    (BY_ITEM_2022, "B168-SW·2015·Y-001", CodeParts("B168", "SW", 2015, "Y", number=1)),
    ("{fonds}-{category}-{number:03}", "X032-KJ·KY·01-003", CodeParts("X032", "KJ·KY·01", number=3)),
    (ACCOUNTING, "KU-0012-0345", CodeParts(category="KU", volume=12, number=345)),
    (ACCOUNTING, "J019-KU-0012-0345", CodeParts("J019", "KU", volume=12, number=345)),
]


@pytest.mark.parametrize(("pattern", "code", "parts"), _EXAMPLES)
def test_examples_of_the_standards(pattern: str, code: str, parts: CodeParts) -> None:
    """Each example is parsed into its parts and composed from them again."""
    assert CodePattern(pattern).parse(code) == parts
    assert CodePattern(pattern).compose(parts) == code


@pytest.mark.parametrize("typed", ["Z109-WS.2011-Y-BGS-0001", "z109－ws・2011-y-bgs-0001", " Z109—WS·2011-Y-BGS-0001 "])
def test_what_people_type(typed: str) -> None:
    """Other dots, dashes, blanks and small letters lead to the stored code."""
    assert normalise(typed) == "Z109-WS·2011-Y-BGS-0001"
    assert CodePattern(BY_ITEM).parse(typed).number == 1


@pytest.mark.parametrize(
    "code", ["", "Z109", "Z109-WS·2011-Y-BGS-", "Z109-WS·2011-Y-BGS-1", "Z109-WS·2011-Y-BGS-00001"]
)
def test_other_shapes_are_refused(code: str) -> None:
    """What has not exactly the shape of the pattern is no code; a number is written in one way only."""
    with pytest.raises(CodeError):
        CodePattern(BY_ITEM).parse(code)


@pytest.mark.parametrize(
    "pattern",
    ["", "{fonds}", "{number}-{fonds}", "{fonds}-{fonds}-{number}", "[{fonds}-{number}", "{box}-{number}", "]"],
)
def test_bad_patterns_are_refused(pattern: str) -> None:
    """A pattern must name known parts, each once, close its brackets, and end with the number."""
    with pytest.raises(CodeError):
        CodePattern(pattern)


def test_missing_part() -> None:
    """A code is never composed without a part its pattern needs."""
    with pytest.raises(CodeError, match="year"):
        CodePattern(BY_ITEM).compose(CodeParts("Z109", "WS", None, "Y", "BGS", number=1))


def test_two_readings_are_refused() -> None:
    """Parts whose code would be read back as others give no code."""
    with pytest.raises(CodeError, match="two ways"):
        CodePattern("{fonds}-{category}[·{unit}]-{number:03}").compose(CodeParts("A001", "WS·AB", number=1))


def test_series_is_the_code_without_its_number() -> None:
    """Codes that differ in their number only are one series."""
    parts = CodeParts("Z109", "WS", 2011, "Y", "BGS", number=7)
    assert CodePattern(BY_ITEM).series(parts) == "Z109-WS·2011-Y-BGS"


@given(
    pattern=st.sampled_from([BY_ITEM, BY_ITEM_2022, _FIVE]),
    fonds=st.from_regex("[A-Z][0-9]{3}", fullmatch=True),
    category=st.from_regex("[A-Z]{2}(·[A-Z]{2}){0,3}", fullmatch=True),
    year=st.integers(1000, 9999),
    retention=st.sampled_from(["Y", "D10", "D30"]),
    unit=st.from_regex("[A-Z]{3}|[0-9]{3}|办公室|", fullmatch=True),
    number=st.integers(1, 10**6),
)
def test_round_trip(pattern: str, fonds: str, category: str, year: int, retention: str, unit: str, number: int) -> None:
    """Whatever is composed is parsed back to the same parts."""
    parts = CodeParts(fonds, category, year, retention, unit, number=number)
    shape = CodePattern(pattern)
    assert shape.parse(shape.compose(parts)) == parts
