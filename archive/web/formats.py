"""How dates, times and amounts are written on screens: 2021年3月5日, 14:05, 1,204, 3.2 MB."""

from datetime import date, datetime, tzinfo

from babel.dates import format_date

from archive.platform.accounts.models import Language

__all__ = ["bytes_text", "clock_text", "date_text", "datetime_text", "number_text"]

_DAY = {Language.SIMPLIFIED: "y年M月d日", Language.TRADITIONAL: "y年M月d日", Language.ENGLISH: "d MMM y"}
_MONTH = {Language.SIMPLIFIED: "y年M月", Language.TRADITIONAL: "y年M月", Language.ENGLISH: "MMM y"}
_UNITS = ("B", "KB", "MB", "GB", "TB")


def date_text(value: datetime | date | str | None, language: Language, zone: tzinfo) -> str:
    """A day. A record's own date comes as YYYYMMDD with unknown parts 0 and is written as far as it is known."""
    if not value:
        return ""
    if isinstance(value, str):
        return _record_date(value, language)
    day = value.astimezone(zone).date() if isinstance(value, datetime) else value
    return format_date(day, _DAY[language], locale=language.value)


def _record_date(value: str, language: Language) -> str:
    if len(value) != 8 or not value.isdigit() or value.startswith("0000"):
        return value.strip("0")
    year, month, day = int(value[:4]), int(value[4:6]), int(value[6:])
    if not 1 <= month <= 12:
        return f"{year}" if language is Language.ENGLISH else f"{year}年"
    pattern = _DAY if day else _MONTH
    try:
        return format_date(date(year, month, day or 1), pattern[language], locale=language.value)
    except ValueError:  # a day that the calendar does not have is shown as it was recorded
        return value


def clock_text(value: datetime | None, zone: tzinfo) -> str:
    """The time of day, 14:05."""
    return value.astimezone(zone).strftime("%H:%M") if value else ""


def datetime_text(value: datetime | None, language: Language, zone: tzinfo) -> str:
    """Day and time of day."""
    return f"{date_text(value, language, zone)} {clock_text(value, zone)}" if value else ""


def number_text(value: int) -> str:
    """With thousands separators."""
    return f"{value:,}"


def bytes_text(value: int) -> str:
    """A size with its unit, at most one decimal."""
    size, unit = float(value), 0
    while size >= 1024 and unit < len(_UNITS) - 1:
        size, unit = size / 1024, unit + 1
    shown = f"{size:.0f}" if unit == 0 or size >= 100 else f"{size:.1f}".removesuffix(".0")
    return f"{shown} {_UNITS[unit]}"
