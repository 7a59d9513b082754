"""The title: 关于……的通知 over one to four lines, a head such as 会议纪要, or at least the line that stands out."""

import re
from collections.abc import Sequence

from ingest.official_document.dates import is_date
from ingest.official_document.marks import INTERNAL, SECRET, URGENT
from ingest.official_document.numbers import is_number
from ingest.official_document.rows import Found, Row

__all__ = ["find_title"]

KINDS = (
    "通知|通报|通報|报告|報告|请示|請示|批复|批覆|决定|決定|决议|決議|意见|意見|函|复函|覆函|公告|公报|公報|通告|命令|议案|議案|纪要|紀要|会议记录|會議記錄"
    "|方案|办法|辦法|规定|規定|制度|细则|細則|规划|規劃|计划|計劃|总结|總結|合同|合約|协议|協議|协议书|協議書|通知书|通知書|说明|說明|名单|名單|预案|預案|简报|簡報|答复|答覆"
)
#: how a title ends; a note such as （试行） may follow
ENDING = re.compile(rf"(?:{KINDS})(?:〔[^〕]{{1,12}}〕|\([^)]{{1,12}}\)|（[^）]{{1,12}}）)?")
BEGINNING = re.compile(r"(?:[\u4e00-\u9fff]{2,30}?)?(?:关于|關於)")
SUBJECT = re.compile(r"(?:subject|re)\s*[:：]\s*(?P<value>\S.+)", re.IGNORECASE)
SENTENCE = re.compile(r"[，。；：,;]")
#: titles have at most so many lines and begin in this upper part of the first page
LINES, LOWEST = 4, 0.62


def find_title(rows: Sequence[Row], number: Found | None) -> Found | None:
    """The title on the first page, its lines joined."""
    upper = [row for row in rows if row.page == 1 and row.top <= LOWEST and not _is_mark(row)]
    after = [row for row in upper if number is None or row.index > number.row.index]
    return _about(after) or _about(upper) or _of_a_kind(upper) or _subject(upper) or _conspicuous(upper)


def _about(rows: Sequence[Row]) -> Found | None:
    """From a line with 关于 down to the line that names the kind of document."""
    for start, row in enumerate(rows):
        if not BEGINNING.match(row.plain) or not row.stands_out:
            continue
        joined = ""
        for further in rows[start : start + LINES]:
            if SENTENCE.search(further.text.rstrip("：:")) or further.text.endswith(("：", ":")):
                break
            joined += further.text
            if _ends(joined):
                return Found(joined, row, 0.97)
    return None


def _of_a_kind(rows: Sequence[Row]) -> Found | None:
    """A line that ends with the kind of document, with the lines of the same print just above it."""
    for end, row in enumerate(rows):
        if row.stands_out and _ends(row.text) and not SENTENCE.search(row.text) and len(row.plain) >= 3:
            start = end
            while start and end - start < LINES - 1 and _continues(rows[start - 1], rows[start]):
                start -= 1
            return Found("".join(part.text for part in rows[start : end + 1]), rows[start], 0.85)
    return None


def _subject(rows: Sequence[Row]) -> Found | None:
    """The subject of a western letter: named as such, or set apart below the salutation."""
    greeted = False
    for row in rows:
        if match := SUBJECT.fullmatch(row.text):
            return Found(match["value"], row, 0.85)
        if greeted and row.centred:
            return Found(row.text, row, 0.7)
        greeted = greeted or row.text.startswith("Dear ")
    return None


def _conspicuous(rows: Sequence[Row]) -> Found | None:
    """The first line that stands out and says something; a guess."""
    for row in rows:
        if row.stands_out and len(row.plain) >= 4 and not SENTENCE.search(row.text) and any(map(str.isalpha, row.text)):
            return Found(row.text, row, 0.3)
    return None


def _continues(above: Row, below: Row) -> bool:
    """Whether two lines are of one title: alike in print, both set apart, and close."""
    alike = 0.85 <= above.size / below.size <= 1.18
    near = below.top - above.top < 0.06
    return alike and near and above.centred and above.size >= 1.15 and not SENTENCE.search(above.text)


def _ends(text: str) -> bool:
    return any(match.end() == len(text.strip()) for match in ENDING.finditer(text.strip()))


def _is_mark(row: Row) -> bool:
    marks = any(pattern.fullmatch(row.plain) for pattern in (SECRET, INTERNAL, URGENT))
    return marks or is_number(row) or is_date(row) or row.plain.endswith(("文件", "签发人", "簽發人"))
