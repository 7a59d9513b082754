"""The parts of a document: its head, the text that ends with the signature, the imprint (版记), what is attached."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from ingest.official_document.rows import Row

__all__ = ["Regions", "regions_of"]

IMPRINT = re.compile(
    r"(?:主题词|主題詞|抄送|抄报|抄報|抄发|分送|分发|印送|发送|發送|副本|打印|校对)(?:单位|單位|机关|機關)?：.*"
)
PRINTED = re.compile(r".*\d日?印发?制?|〔共印\d+份〕")
ANNEX = re.compile(r"附(?:件|表|录|錄)?[\d一二三四五六七八九十]{0,3}：?|APPENDIX[A-Z\d]?|ANNEX[A-Z\d]?", re.IGNORECASE)
#: the imprint stands in the lower part of a page; an attachment begins at the top of one
IMPRINT_FROM, ANNEX_UNTIL = 0.35, 0.22


@dataclass(frozen=True)
class Regions:
    """Rows in reading order. `first`: of the first page. `main`: of the document itself, on all its pages.

    Neither has the imprint or the attachments; `all` has every row.
    """

    first: tuple[Row, ...]
    main: tuple[Row, ...]
    imprint: tuple[Row, ...]
    annexes: tuple[Row, ...]
    all: tuple[Row, ...]


def regions_of(rows: Sequence[Row]) -> Regions:
    """Tell the parts apart. `rows`: all rows in reading order."""
    imprint = [row for row in rows if _in_imprint(row, rows)]
    left = [row for row in rows if row not in imprint]
    begin = next((place for place, row in enumerate(left) if _begins_annex(row)), len(left))
    main, annexes = left[:begin], left[begin:]
    first = [row for row in main if row.page == 1]
    return Regions(tuple(first), tuple(main), tuple(imprint), tuple(annexes), tuple(rows))


def _in_imprint(row: Row, rows: Sequence[Row]) -> bool:
    """Whether it stands level with or below the line that begins the imprint of its page."""
    return any(row.top >= start.top - 0.004 for start in rows if start.page == row.page and _begins_imprint(start))


def _begins_imprint(row: Row) -> bool:
    lines = (IMPRINT, PRINTED)
    return row.top >= IMPRINT_FROM and any(pattern.fullmatch(row.plain) for pattern in lines)


def _begins_annex(row: Row) -> bool:
    return row.page > 1 and row.top <= ANNEX_UNTIL and row.left < 0.3 and bool(ANNEX.fullmatch(row.plain))
