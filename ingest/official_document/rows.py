"""Lines as a reader of layouts sees them: where they stand, how tall they are, and plain signs."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

from ingest.context import Line, PageText

__all__ = ["Found", "Row", "rows_of"]

#: brackets that recognition confuses with the hexagonal ones around the year of a document number
BRACKETS = str.maketrans("[［【{(（]］】})）", "〔〔〔〔〔〔〕〕〕〕〕〕")
#: a centred line is off the middle of the text by at most this share of the page width, inset by at least the other
OFF_CENTRE, INSET = 0.02, 0.03
#: titles and heads are taller than the text by this factor
TALL = 1.15


@dataclass(frozen=True)
class Row:
    """One line. Places are shares of the page's width and height; `size` is its height in usual ones."""

    page: int
    index: int
    text: str
    left: float
    right: float
    top: float
    size: float
    centred: bool
    confidence: float

    @property
    def plain(self) -> str:
        """The text with western digits and letters, all brackets hexagonal, and without blanks."""
        folded = "".join(unicodedata.normalize("NFKC", char) if char != "：" else char for char in self.text)
        return "".join(folded.split()).translate(BRACKETS).replace(":", "：")

    @property
    def stands_out(self) -> bool:
        """Whether it is set like a title."""
        return self.centred or self.size >= TALL


@dataclass(frozen=True)
class Found:
    """A value, the row it begins on, and how sure the rule is (0..1) provided that the row was read rightly."""

    value: str
    row: Row
    confidence: float


def rows_of(pages: Sequence[PageText]) -> list[Row]:
    """All lines of all pages in reading order."""
    return [row for number, page in enumerate(pages, 1) for row in _rows_of_page(page, number)]


def _rows_of_page(page: PageText, number: int) -> list[Row]:
    if not page.lines:
        return []
    usual = median(_height(line) for line in page.lines)
    left = min(_left(line) for line in page.lines) / page.width
    right = max(_right(line) for line in page.lines) / page.width
    return [_row(page, number, index, usual, left, right) for index in range(len(page.lines))]


def _row(page: PageText, number: int, index: int, usual: float, text_left: float, text_right: float) -> Row:
    line = page.lines[index]
    left, right = _left(line) / page.width, _right(line) / page.width
    in_middle = abs((left + right) - (text_left + text_right)) / 2 <= OFF_CENTRE
    return Row(
        page=number,
        index=index,
        text=line.text,
        left=left,
        right=right,
        top=min(y for _, y in line.quad) / page.height,
        size=_height(line) / max(1.0, usual),
        centred=in_middle and left - text_left >= INSET,
        confidence=line.confidence,
    )


def _left(line: Line) -> float:
    return min(x for x, _ in line.quad)


def _right(line: Line) -> float:
    return max(x for x, _ in line.quad)


def _height(line: Line) -> float:
    (x0, y0), _, _, (x3, y3) = line.quad
    return float(((x3 - x0) ** 2 + (y3 - y0) ** 2) ** 0.5)
