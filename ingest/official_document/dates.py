"""The date of a document (成文日期): the one under the signature, else the one that stands alone."""

import datetime
import re
from collections.abc import Callable, Sequence

from ingest.official_document.rows import Found, Row

__all__ = ["find_date", "is_date"]

NUMERALS = {
    char: value
    for value, chars in enumerate(("〇零○Oo0", "一", "二", "三", "四", "五", "六", "七", "八", "九"))
    for char in chars
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
ARABIC = re.compile(r"((?:19|20)\d{2})[年\-./](\d{1,2})[月\-./](\d{1,2})日?")
CHINESE = re.compile(
    r"([〇零○Oo0一二三四五六七八九]{4})年([一二三四五六七八九十]{1,3})月([一二三四五六七八九十]{1,3})日?"
)
DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s*([A-Z][a-z]{2,8})\.?,?\s*((?:19|20)\d{2})")
MONTH_FIRST = re.compile(r"([A-Z][a-z]{2,8})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s*((?:19|20)\d{2})")
#: words before a date that is alone on its line
LABEL = re.compile(r"(?:(?:签订|簽訂|签署|簽署|成文|发文|發文)?(?:日期|时间|時間)|Date)：?", re.IGNORECASE)


def find_date(rows: Sequence[Row]) -> Found | None:
    """The date as YYYYMMDD. A date that is only mentioned in a sentence is proposed with little confidence."""
    alone = [(row, value) for row in rows if (value := _alone(row))]
    signed = [(row, value) for row, value in alone if row.left > 0.45]
    for row, value in signed[:1] or alone[:1]:
        return Found(value, row, 0.95 if signed else 0.85)
    for row in reversed(rows):
        if value := _first(row.plain):
            return Found(value, row, 0.3)
    return None


def is_date(row: Row) -> bool:
    """Whether the row is a date and nothing else."""
    return bool(_alone(row))


def _alone(row: Row) -> str:
    for text in (row.plain, row.text.strip()):
        bare = LABEL.sub("", text, count=1)
        for pattern, read in READERS:
            if (match := pattern.fullmatch(bare)) and (value := read(match)):
                return value
    return ""


def _first(text: str) -> str:
    for pattern, read in READERS[:2]:
        for match in pattern.finditer(text):
            if value := read(match):
                return value
    return ""


def _arabic(match: re.Match[str]) -> str:
    return _written(int(match[1]), int(match[2]), int(match[3]))


def _chinese(match: re.Match[str]) -> str:
    year = int("".join(str(NUMERALS[char]) for char in match[1]))
    return _written(year, _small(match[2]), _small(match[3]))


def _day_first(match: re.Match[str]) -> str:
    return _written(int(match[3]), _month(match[2]), int(match[1]))


def _month_first(match: re.Match[str]) -> str:
    return _written(int(match[3]), _month(match[1]), int(match[2]))


def _small(text: str) -> int:
    """二十一 is 21; 0 if it is no number."""
    tens, mark, ones = text.partition("十")
    if not mark:
        return NUMERALS.get(text, 0)
    return (NUMERALS.get(tens, 0) if tens else 1) * 10 + (NUMERALS.get(ones, 0) if ones else 0)


def _month(name: str) -> int:
    short = name[:3].lower()
    return MONTHS.index(short) + 1 if short in MONTHS else 0


def _written(year: int, month: int, day: int) -> str:
    """YYYYMMDD, or "" for a day that does not exist."""
    try:
        return datetime.date(year, month, day).strftime("%Y%m%d")
    except ValueError:
        return ""


READERS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], str]], ...] = (
    (ARABIC, _arabic),
    (CHINESE, _chinese),
    (DAY_FIRST, _day_first),
    (MONTH_FIRST, _month_first),
)
