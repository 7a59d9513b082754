"""The title: 关于……的通知 over some lines, a head such as 会议纪要, or at least the line that stands out."""

import re
from collections.abc import Iterator, Sequence

from ingest.official_document.dates import dates_in, is_date
from ingest.official_document.marks import is_mark
from ingest.official_document.numbers import is_number
from ingest.official_document.regions import Regions
from ingest.official_document.rows import Found, Row, tidy
from ingest.official_document.words import CONTRACTS, NAMED_HEADS, is_organisation, kind_of, simplified

__all__ = ["find_title"]

ABOUT = re.compile(r"[^，。；：]{0,45}?关于")
SUBJECT = re.compile(r"(?:subject|re)\s*[:：]\s*(?P<value>\S.+)", re.IGNORECASE)
#: 主旨：of letters as Taiwan writes them, up to 說明：
PURPOSE = re.compile(r"主旨：(?P<value>.+)")
MINUTES = re.compile(
    r"(?:minutes|notes|agenda|report|memorandum|notice|contract|agreement)\b.*|.*\bmeeting\b.*\d{4}", re.IGNORECASE
)
SENTENCE = re.compile(r"[。；，]|[:：]$|^[（(]?[一二三四五六七八九十\d]+[）)、.]|^第.{1,3}[条條章节節]|,\s")
NOTE = re.compile(r"〔[^〔〕]{2,16}〕")
SUBTITLE = re.compile(r"[—–-]{1,3}[\u4e00-\u9fff].+")
#: what heads a page and is no title
HEAD_WORDS = re.compile(
    r".*(?:文件|用笺|用箋|便函|便笺|签发人：?.*|簽發人：?.*)|(?:签发|电话|電話|地址|传真|傳真|机关代码|檔號|保存年限|受文者).*"
)
#: titles have at most so many lines and begin in this upper part of the first page
LINES, LOWEST = 5, 0.68
#: lines of one title are not further apart than so many heights of the first, and of the same print
APART, ALIKE = 2.6, 1.14
#: what a head is larger than
HEAD_SIZE = 1.3


def find_title(regions: Regions, number: Found | None) -> Found | None:
    """The title on the first page, its lines joined."""
    upper = [row for row in regions.first if row.top <= LOWEST]
    after = [row for row in upper if number is None or _is_below(row, number.row)]
    blocks = list(_blocks(after))
    return (
        _of_contract(upper)
        or _about(blocks)
        or _purpose(upper)
        or _named_head(upper, number)
        or _of_a_kind(blocks)
        or _about(list(_blocks(upper)))
        or _of_a_kind(list(_blocks(upper)))
        or _western(upper)
        or _large(blocks if number else [])
        or _conspicuous(upper)
    )


Block = tuple[Row, ...]


def _is_below(row: Row, other: Row) -> bool:
    return row.top > other.top and not row.level_with(other)


def _blocks(rows: Sequence[Row]) -> Iterator[Block]:
    """Lines that are set together as a title."""
    block: list[Row] = []
    for row in rows:
        if block and not (_may_be_title(row) and _continues(block, row)):
            yield tuple(block)
            block = []
        if _may_be_title(row):
            block.append(row)
    if block:
        yield tuple(block)


def _may_be_title(row: Row) -> bool:
    return row.stands_out and not _is_other(row) and not SENTENCE.search(row.text.strip())


def _is_other(row: Row) -> bool:
    return is_mark(row) or is_number(row) or is_date(row) or bool(HEAD_WORDS.fullmatch(row.plain))


def _continues(block: Sequence[Row], row: Row) -> bool:
    """Whether a line goes on with the title above it: alike in print, both set apart, and close."""
    above = block[-1]
    added = bool(NOTE.fullmatch(row.plain) or SUBTITLE.fullmatch(row.plain))
    alike = 1 / ALIKE <= above.size / row.size <= ALIKE or (min(len(row.plain), len(above.plain)) < 5 and row.centred)
    near = not row.level_with(above) and 0 < row.top - above.top <= APART * (above.bottom - above.top)
    ended = bool(kind_of(_joined(block))) and not kind_of(row.text)
    return near and len(block) < LINES and (added or (alike and not ended))


def _about(blocks: Sequence[Block]) -> Found | None:
    """关于……的通知, perhaps below the name of the issuer."""
    for block in blocks:
        title = _joined(block)
        if ABOUT.match(simplified(title)):
            whole = kind_of(title)
            return _found(block, 0.98 if whole else 0.7)
    return None


def _of_a_kind(blocks: Sequence[Block]) -> Found | None:
    """What ends with the kind of document."""
    for lines in blocks:
        block = lines[1:] if len(lines) > 1 and _is_maker(*lines[:2]) else lines
        title = _joined(block)
        named = "".join(title.split()).removesuffix("函")
        if kind_of(title) and len(title) >= 3 and not is_organisation(named):
            return _found(block, 0.94 if block[0].size >= 1.15 else 0.85)
    return None


def _of_contract(rows: Sequence[Row]) -> Found | None:
    """The first thing a contract says; its number stands below."""
    first = next(_blocks(rows), ())
    return _found(first, 0.96) if first and kind_of(_joined(first)) in CONTRACTS else None


def _named_head(rows: Sequence[Row], number: Found | None) -> Found | None:
    """The head of minutes, bulletins and orders, which say what they are instead of whose they are."""
    until = number.row.top if number else 0.3
    head = [row for row in rows if row.top < until and row.size >= HEAD_SIZE and not _is_other(row)]
    for end, row in enumerate(head):
        if NAMED_HEADS.fullmatch(simplified(row.plain)):
            start = end
            while start and _continues((head[start - 1],), row) and not _is_maker(head[start - 1], row):
                start -= 1
            return _found(tuple(head[start : end + 1]), 0.95)
    return None


def _is_maker(row: Row, below: Row) -> bool:
    """Whether a line names who made the minutes or the bulletin that the line below it names: no part of the title."""
    return is_organisation(row.plain) and bool(NAMED_HEADS.fullmatch(simplified(below.plain))) and len(below.plain) > 4


def _large(blocks: Sequence[Block]) -> Found | None:
    """What stands where the title stands, in its print, whatever it says."""
    for block in blocks:
        if block[0].size >= 1.15 and block[0].centred and len(_joined(block)) >= 4:
            return _found(block, 0.75)
    return None


def _purpose(rows: Sequence[Row]) -> Found | None:
    for place, row in enumerate(rows):
        if match := PURPOSE.fullmatch(row.text.strip().replace(":", "：", 1)):
            lines = [match["value"]]
            used = [row]
            for further in rows[place + 1 : place + LINES]:
                if lines[-1].endswith("。") or "：" in further.plain[:4]:
                    break
                lines.append(further.text)
                used.append(further)
            return Found(tidy("".join(lines)).rstrip("。"), row, 0.93, tuple(used))
    return None


def _western(rows: Sequence[Row]) -> Found | None:
    """The subject of a western letter or the head of minutes: named as such, or set apart below the salutation."""
    for place, row in enumerate(rows):
        if match := SUBJECT.fullmatch(row.text.strip()):
            return _subject(match["value"], rows[place : place + 3])
    greeted = False
    for place, row in enumerate(rows):
        text, at_once = row.text.strip(), place > 0 and rows[place - 1].text.startswith("Dear ")
        greeted = greeted or at_once
        if _is_heading(text) and (at_once or (row.stands_out and (greeted or MINUTES.fullmatch(text)))):
            lines = [row]
            for further in rows[place + 1 : place + LINES]:
                if not (further.stands_out and _continues(lines, further)) or is_date(further):
                    break
                lines.append(further)
            joined = " ".join(line.text.strip() for line in lines)
            return Found(joined, row, 0.92 if row.stands_out else 0.8, tuple(lines))
    return None


def _subject(begins: str, rows: Sequence[Row]) -> Found:
    """The subject with the line below it, if it goes on there: the first is full, that is short and no sentence."""
    first, *further = rows
    if further and first.right > 0.7 and further[0].right < 0.6 and _is_heading(f"{begins} {further[0].text}"):
        return Found(f"{begins} {further[0].text.strip()}", first, 0.92, (first, further[0]))
    return Found(begins, first, 0.95)


def _is_heading(text: str) -> bool:
    """Whether the longer words of a line begin with capitals, and it is more than one word."""
    longer = [word for word in text.split() if len(word) > 3 and word[0].isalpha()]
    return " " in text and sum(word[0].isupper() for word in longer) >= 0.7 * len(longer)


def _conspicuous(rows: Sequence[Row]) -> Found | None:
    """The first line that stands out and says something; a guess."""
    for row in rows:
        says = len(row.plain) >= 4 and any(map(str.isalpha, row.text))
        if row.stands_out and says and not SENTENCE.search(row.text) and not _is_other(row):
            return Found(tidy(row.text), row, 0.3)
    return None


def _found(block: Block, confidence: float) -> Found:
    return Found(_joined(block), block[0], confidence, block)


def _joined(block: Sequence[Row]) -> str:
    return tidy("".join(row.text.strip() for row in block if not next(dates_in(row.plain), "") or kind_of(row.text)))
