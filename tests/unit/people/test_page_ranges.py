"""Pages as people write them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.platform.errors import InvalidError
from archive.platform.page_ranges import covers, page_ranges, written


@pytest.mark.parametrize(
    ("entered", "kept"),
    [
        ("", ""),
        ("  ", ""),
        ("3", "3"),
        ("1-3，7", "1-3,7"),
        ("7, 1–3；2", "1-3,7"),
        ("5、4", "4-5"),
        ("1-9", ""),
    ],
)
def test_pages_are_understood_as_they_are_written(entered: str, kept: str) -> None:
    """Chinese and Western signs, any order, repetitions; the whole item is the same as nothing written."""
    assert page_ranges(entered, 9) == kept


@pytest.mark.parametrize("entered", ["0", "10", "3-1", "一", "1-", "-2", "1-3-5", "1.5", "9-10", "²"])
def test_what_is_no_page_of_the_item_is_refused(entered: str) -> None:
    """The message belongs to the field."""
    with pytest.raises(InvalidError) as refused:
        page_ranges(entered, 9)
    assert refused.value.field == "pages"


@given(st.sets(st.integers(1, 60), min_size=1))
def test_what_is_written_covers_just_these_pages(numbers: set[int]) -> None:
    """Ranges hold the pages they were made of and no other."""
    assert {number for number in range(1, 80) if covers(written(numbers), number)} == numbers
