"""The date of a document (成文日期): the one under the signature, the one of the head, or the one that is named so."""

import datetime
import re
from collections.abc import Callable, Iterator, Sequence

from ingest.official_document.regions import Regions
from ingest.official_document.rows import Found, Row
from ingest.official_document.words import is_organisation

__all__ = ["YEARS_APART", "dates_in", "find_date", "is_date", "named_date"]

NUMERALS = {
    char: value
    for value, chars in enumerate(
        ("〇零○ＯOo0", "一壹", "二贰貳", "三叁參", "四肆", "五伍", "六陆陸", "七柒", "八捌", "九玖")
    )
    for char in chars
}
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
DIGIT = "[〇零○Oo0一二三四五六七八九壹贰叁肆伍陆柒捌玖]"
SMALL = "[一二三四五六七八九十廿卅]{1,3}"
#: the year in which the years of the Republic, by which Taiwan counts, are 0
REPUBLIC = 1911
ARABIC = re.compile(r"(?<!\d)((?:18|19|20)\d{2})[年\-./](\d{1,2})[月\-./](\d{1,2})(?!\d)[日号號]?")
CHINESE = re.compile(rf"({DIGIT}{{4}})年({SMALL})月({SMALL})[日号號]?")
MINGUO = re.compile(r"(?:中[華华])?民[國国](\d{1,3})年(\d{1,2})月(\d{1,2})日")
MINGUO_CHINESE = re.compile(rf"(?:中[華华])?民[國国]((?:{DIGIT}|百|十){{1,5}})年({SMALL})月({SMALL})日")
DAY_FIRST = re.compile(r"(\d{1,2})(?:st|nd|rd|th)?\s*([A-Z][A-Za-z]{2,8})\.?,?\s*((?:18|19|20)\d{2})")
MONTH_FIRST = re.compile(r"([A-Z][A-Za-z]{2,8})\.?\s*(\d{1,2})(?:st|nd|rd|th)?,?\s*((?:18|19|20)\d{2})")
#: letters in the west are dated above their subject
LATIN = re.compile("[A-Za-z]{3}")
#: words before a date that is alone on its line
LABEL = re.compile(
    r"(?P<own>签订|簽訂|签署|簽署|签约|簽約|成文|发文|發文|订立|訂立)?(?:(?:日期|时间|時間)：?|(?<=[文订訂])日：)|(?:Date|Dated)：?",
    re.IGNORECASE,
)
#: a note below a title: 〔2021年3月5日第二次职工大会通过〕
ADOPTED = re.compile(r"〔(?P<date>.{8,14}?日)[^〔〕]*(?:通过|通過|批准|修订|修訂|发布|發布)〕")
#: what a seal leaves of a date
CUT = re.compile(
    rf"(?P<year>[\d〇零○Oo一二三四五六七八九]{{0,3}})年(?P<month>\d{{1,2}}|{SMALL})月(?P<day>\d{{1,2}}|{SMALL})日?"
)
#: letters, and the digits that they look like
LOOK_ALIKE = str.maketrans("OoQDIlZSB", "000011258")
MISREAD = re.compile(r"[\dOoQDIlZSB]{4}年[\dOoQDIlZSB]{1,2}月[\dOoQDIlZSB]{1,2}日?")
YEARS = range(1949, 2040)
#: a number of last year may be given early in the next
YEARS_APART = 1
#: what is issued at the right edge begins right of this share of the width
RIGHT = 0.4
#: so many lines above the date the name of the issuer may stand
SIGNATURE = 5
#: an imprint is dated so many days after the document at most
DAYS_TO_PRINT = 45


def find_date(regions: Regions, title: Found | None, year: int, *, contract: bool) -> Found | None:
    """The date as YYYYMMDD; `year` is that of the number, 0 if it has none.

    A date that is only mentioned in a sentence is proposed with little confidence.
    """
    alone = [(row, value) for row in regions.main if (value := _alone(row))]
    place = regions.main.index(title.row) if title and title.row in regions.main else -1
    below = [(row, value) for row, value in alone if regions.main.index(row) > place]
    found = (
        (_of_contract(below) if contract else None)
        or _named(alone)
        or _signed(below, regions)
        or _of_head(alone, regions)
        or _adopted(regions)
        or _cut(regions, year or _year_of_printing(regions))
        or _misread(regions, year)
        or _lone(below)
        or _lone([(row, value) for row, value in alone if LATIN.search(row.text)])
        or _mentioned(regions)
    )
    return _checked(_of_year(found, year), regions) if found else None


def is_date(row: Row) -> bool:
    """Whether the row is a date and nothing else."""
    return bool(_alone(row))


def named_date(row: Row) -> tuple[str, str]:
    """The name of an organisation and the date that were read as one line; two empty texts if they were not."""
    for pattern, read in READERS[:4]:
        for match in pattern.finditer(row.plain):
            name = row.plain[: match.start()]
            if match.end() == len(row.plain) and is_organisation(name) and (value := read(match)):
                return name, value
    return "", ""


def dates_in(text: str) -> Iterator[str]:
    """All dates in a text without blanks, as YYYYMMDD."""
    for pattern, read in READERS[:4]:
        for match in pattern.finditer(text):
            if value := read(match):
                yield value


def _of_contract(dates: Sequence[tuple[Row, str]]) -> Found | None:
    """When the last party signed."""
    named = [(row, value) for row, value in dates if _label(row)]
    if not (dates := named or dates):
        return None
    row, value = max(dates, key=lambda dated: dated[1])
    return Found(value, row, 0.95 if len({value for _, value in dates}) == 1 else 0.8)


def _named(dates: Sequence[tuple[Row, str]]) -> Found | None:
    """The one that says of itself that it is the date of this document."""
    return next((Found(value, row, 0.95) for row, value in dates if _label(row) == "own"), None)


def _signed(dates: Sequence[tuple[Row, str]], regions: Regions) -> Found | None:
    """At the right, below the name of an organisation; else the last one at the right."""
    at_right = [(row, value) for row, value in dates if row.left > RIGHT]
    for row, value in at_right:
        if _is_below_name(row, regions.main):
            return Found(value, row, 0.97)
    return next((Found(value, row, 0.88) for row, value in reversed(at_right) if row.top > 0.2 or row.page > 1), None)


def _is_below_name(row: Row, rows: Sequence[Row]) -> bool:
    place = rows.index(row)
    above = [one for one in rows[max(0, place - SIGNATURE) : place] if one.left > 0.2]
    return bool(named_date(row)[0]) or any(is_organisation(one.plain) and not one.centred for one in above)


def _of_head(dates: Sequence[tuple[Row, str]], regions: Regions) -> Found | None:
    """Level with the name of the issuer below a head, as minutes and bulletins have it."""
    for row, value in dates:
        level = [one for one in regions.first if one is not row and one.level_with(row)]
        if row.page == 1 and row.top < 0.5 and (any(is_organisation(one.plain) for one in level) or named_date(row)[0]):
            return Found(value, row, 0.95)
    return None


def _cut(regions: Regions, year: int) -> Found | None:
    """A date of which a seal hides a digit of the year: the only year that fits, the number's before others."""
    for row in regions.main:
        match = CUT.fullmatch(row.plain)
        if match is None or row.left < RIGHT - 0.1:
            continue
        left = "".join(str(NUMERALS[char]) if char in NUMERALS else char for char in match["year"])
        fitting = [one for one in YEARS if _abridges(left, str(one))]
        one = year if year in fitting or (year and not left) else fitting[0] if len(fitting) == 1 else 0
        if one and (value := next(dates_in(f"{one}年{_digits(match)}"), "")):
            return Found(value, row, 0.7 if one == year else 0.4)
    return None


def _year_of_printing(regions: Regions) -> int:
    """The year in the imprint, 0 if it has none: most documents are printed within days."""
    return max((int(value[:4]) for row in regions.imprint for value in dates_in(row.plain)), default=0)


def _misread(regions: Regions, year: int) -> Found | None:
    """A date with letters where digits look like them: hardly more than a guess, unless the number is of that year."""
    for row in reversed(regions.main):
        if row.left >= RIGHT - 0.1 and MISREAD.fullmatch(row.plain):
            value = next(dates_in(row.plain.translate(LOOK_ALIKE)), "")
            if value:
                return Found(value, row, 0.7 if int(value[:4]) == year else 0.4)
    return None


def _abridges(short: str, whole: str) -> bool:
    """Whether all its signs stand in the other in the same order."""
    signs = iter(whole)
    return all(sign in signs for sign in short)


def _digits(match: re.Match[str]) -> str:
    month, day = (part if part.isdecimal() else str(_small(part)) for part in (match["month"], match["day"]))
    return f"{month}月{day}日"


def _of_year(found: Found, year: int) -> Found:
    """The date in the year of the number, if one digit of its own was misread."""
    theirs = int(found.value[:4])
    if not year or 0 <= theirs - year <= YEARS_APART:
        return found
    if sum(a != b for a, b in zip(str(year), found.value[:4], strict=True)) == 1 and found.confidence > 0.5:
        return Found(f"{year}{found.value[4:]}", found.row, 0.7)
    return Found(found.value, found.row, 0.6 * found.confidence)


def _adopted(regions: Regions) -> Found | None:
    for row in regions.first:
        match = ADOPTED.fullmatch(row.plain)
        if match and (value := next(dates_in(match["date"]), "")):
            return Found(value, row, 0.92)
    return None


def _lone(dates: Sequence[tuple[Row, str]]) -> Found | None:
    """Any other that has a line of its own; of several, the last."""
    certain = len({value for _, value in dates}) == 1
    return next((Found(value, row, 0.9 if certain else 0.7) for row, value in reversed(dates)), None)


def _mentioned(regions: Regions) -> Found | None:
    for row in reversed(regions.main):
        if value := next(dates_in(row.plain), ""):
            return Found(value, row, 0.3)
    return None


def _checked(found: Found, regions: Regions) -> Found:
    """Less sure where the imprint says that it was printed before, or long after."""
    printed = [value for row in regions.imprint for value in dates_in(row.plain)]
    if not printed or found.confidence < 0.5:
        return found
    days = (_day(max(printed)) - _day(found.value)).days
    sure = 0.99 if 0 <= days <= DAYS_TO_PRINT else 0.6
    return Found(found.value, found.row, min(sure, found.confidence + 0.02))


def _day(value: str) -> datetime.date:
    return datetime.datetime.strptime(value, "%Y%m%d").replace(tzinfo=datetime.UTC).date()


def _label(row: Row) -> str:
    """`own` if it is named the date of this document, `date` if it is named a date, else nothing."""
    match = LABEL.match(row.plain)
    return "" if match is None else "own" if match["own"] else "date"


def _alone(row: Row) -> str:
    for text in (row.plain, row.text.strip()):
        label = LABEL.match(text)
        bare = text[label.end() if label else 0 :].strip("：: 〔〕()（）")
        for pattern, read in READERS:
            if (match := pattern.fullmatch(bare)) and (value := read(match)):
                return value
    return named_date(row)[1]


def _arabic(match: re.Match[str]) -> str:
    return _written(int(match[1]), int(match[2]), int(match[3]))


def _chinese(match: re.Match[str]) -> str:
    year = int("".join(str(NUMERALS[char]) for char in match[1]))
    return _written(year, _small(match[2]), _small(match[3]))


def _minguo(match: re.Match[str]) -> str:
    return _written(REPUBLIC + int(match[1]), int(match[2]), int(match[3]))


def _minguo_chinese(match: re.Match[str]) -> str:
    hundreds, mark, rest = match[1].partition("百")
    if mark:
        year = NUMERALS.get(hundreds, 1) * 100 + _small(rest.lstrip("〇零○"))
    elif "十" in match[1]:
        year = _small(match[1])
    else:
        year = int("".join(str(NUMERALS[char]) for char in match[1]))
    return _written(REPUBLIC + year, _small(match[2]), _small(match[3]))


def _day_first(match: re.Match[str]) -> str:
    return _written(int(match[3]), _month(match[2]), int(match[1]))


def _month_first(match: re.Match[str]) -> str:
    return _written(int(match[3]), _month(match[1]), int(match[2]))


def _small(text: str) -> int:
    """二十一 and 廿一 are 21; 0 if it is no number."""
    text = text.replace("廿", "二十").replace("卅", "三十")
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
    (MINGUO, _minguo),
    (MINGUO_CHINESE, _minguo_chinese),
    (DAY_FIRST, _day_first),
    (MONTH_FIRST, _month_first),
)
