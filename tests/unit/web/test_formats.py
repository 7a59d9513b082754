"""Dates, times and amounts as they are written on screens."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from archive.platform.accounts.models import Language
from archive.web.formats import bytes_text, clock_text, date_text, datetime_text, number_text

_ZONE = ZoneInfo("Asia/Shanghai")
_LATE = datetime(2021, 3, 4, 17, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "language", "expected"),
    [
        ("20210305", Language.SIMPLIFIED, "2021年3月5日"),
        ("20210305", Language.TRADITIONAL, "2021年3月5日"),
        ("20210305", Language.ENGLISH, "5 Mar 2021"),
        ("20210300", Language.SIMPLIFIED, "2021年3月"),
        ("20210000", Language.SIMPLIFIED, "2021年"),
        ("20210000", Language.ENGLISH, "2021"),
        ("20210231", Language.SIMPLIFIED, "20210231"),
        ("", Language.SIMPLIFIED, ""),
        (None, Language.SIMPLIFIED, ""),
    ],
)
def test_dates_are_written_as_far_as_they_are_known(value: str | None, language: Language, expected: str) -> None:
    """A record's date shows no month or day that nobody knows, and one the calendar lacks as it was recorded."""
    assert date_text(value, language, _ZONE) == expected


def test_times_are_in_the_organisations_zone() -> None:
    """What happened at 17:05 UTC happened at five past one the next day in Shanghai."""
    assert datetime_text(_LATE, Language.SIMPLIFIED, _ZONE) == "2021年3月5日 01:05"
    assert clock_text(_LATE, _ZONE) == "01:05"


@pytest.mark.parametrize(
    ("size", "expected"),
    [(0, "0 B"), (1023, "1023 B"), (1536, "1.5 KB"), (2 * 1024**2, "2 MB"), (300 * 1024**3, "300 GB")],
)
def test_sizes_have_units(size: int, expected: str) -> None:
    """Sizes carry their unit and at most one decimal."""
    assert bytes_text(size) == expected


def test_numbers_have_separators() -> None:
    """Large numbers can be read at a glance."""
    assert number_text(1234567) == "1,234,567"
