"""Lines as a reader of layouts sees them: where they stand, how large they are printed, and plain signs."""

import math
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from statistics import median

from ingest.context import Line, PageText

__all__ = ["HAN", "Found", "Row", "rows_of", "tidy"]

#: brackets that recognition confuses with the hexagonal ones around the year of a document number
BRACKETS = str.maketrans("[［【{(（「]］】})）」", "〔〔〔〔〔〔〔〕〕〕〕〕〕〕")
#: western signs beside Chinese characters stand for the full ones
FULL = str.maketrans("(),:;?!", "（），：；？！")
HAN = re.compile("[\u3007\u3400-\u9fff]")
#: a centred line is off the middle of the text or page by at most this share of the width, inset by at least the other
OFF_CENTRE, INSET = 0.03, 0.03
#: titles and heads are larger than the text by this factor
LARGE = 1.15
#: a line at least so long, as a share of the page width, shows where the text begins and ends
LONG = 0.55
#: pieces of a line are not further apart than so many characters
CLOSE = 0.9
#: page numbers and running heads stand in these outermost shares of the page
TOP_EDGE, BOTTOM_EDGE = 0.1, 0.86
PAGE_NUMBER = re.compile(
    r"[-—–─一·•.\s]*(?:第?\d{1,4}页?(?:[,，/]?共?\d{1,4}页?)?|page\d{1,4}(?:of\d{1,4})?|[ivxlc]{1,6})[-—–─一·•.\s]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Row:
    """One line. Places are shares of the page's width and height; `size` is its print in that of the usual text.

    `column`: it runs downwards, as vertical text does.
    """

    page: int
    index: int
    text: str
    left: float
    right: float
    top: float
    bottom: float
    size: float
    centred: bool
    column: bool
    confidence: float

    @cached_property
    def plain(self) -> str:
        """The text with western digits and letters, all brackets hexagonal, and without blanks."""
        folded = "".join(unicodedata.normalize("NFKC", char) if char != "：" else char for char in self.text)
        return "".join(folded.split()).translate(BRACKETS).replace(":", "：")

    @property
    def stands_out(self) -> bool:
        """Whether it is set like a title."""
        return self.centred or self.size >= LARGE

    @property
    def legible(self) -> float:
        """How likely every character of it was read rightly, 0..1, as the engine is sure of each on average."""
        return math.exp(-len(self.text) * (1 - self.confidence))

    def level_with(self, other: "Row") -> bool:
        """Whether both stand on one line of the page."""
        overlap = min(self.bottom, other.bottom) - max(self.top, other.top)
        alike = self.page == other.page and not self.column and not other.column
        return alike and overlap > 0.5 * min(self.bottom - self.top, other.bottom - other.top)


@dataclass(frozen=True)
class Found:
    """A value, the row it begins on, and how sure the rule is (0..1); `rows`: all the rows that it was read from."""

    value: str
    row: Row
    confidence: float
    rows: tuple[Row, ...] = ()

    @property
    def read_from(self) -> tuple[Row, ...]:
        """The rows, at least the one."""
        return self.rows or (self.row,)


def rows_of(pages: Sequence[PageText]) -> list[Row]:
    """The lines of all pages in reading order, without page numbers and running heads."""
    rows = [row for number, page in enumerate(pages, 1) for row in _rows_of_page(page, number)]
    at_edges = {(row.page, row.plain, round(row.top, 2)) for row in rows if _at_edge(row)}
    seen = Counter((plain, top) for _, plain, top in at_edges)
    return [row for row in rows if not (_is_page_number(row) or (_at_edge(row) and _repeats(row, seen)))]


def tidy(text: str) -> str:
    """The text with full signs beside Chinese characters, as they were printed."""
    chars = list(text.strip())
    for place, char in enumerate(chars):
        if char in "(),:;?!" and any(map(HAN.match, chars[max(0, place - 1) : place + 2])):
            chars[place] = char.translate(FULL)
    return "".join(chars)


def _at_edge(row: Row) -> bool:
    return row.top < TOP_EDGE or row.bottom > BOTTOM_EDGE


def _is_page_number(row: Row) -> bool:
    return _at_edge(row) and bool(PAGE_NUMBER.fullmatch(row.plain)) and row.size < 2


def _repeats(row: Row, seen: Counter[tuple[str, float]]) -> bool:
    """Whether the same words stand at this place of another page."""
    return sum(seen[row.plain, round(row.top + step, 2)] for step in (-0.01, 0, 0.01)) > 1 and row.size < LARGE


def _rows_of_page(page: PageText, number: int) -> list[Row]:
    if not page.lines:
        return []
    lines = _whole(page.lines)
    usual = median(_advance(line) for line in page.lines)
    long = [line for line in page.lines if _right(line) - _left(line) >= LONG * page.width] or page.lines
    left, right = min(map(_left, long)) / page.width, max(map(_right, long)) / page.width
    return [_row(page, number, index, line, usual, (left, right)) for index, line in lines]


def _whole(lines: Sequence[Line]) -> list[tuple[int, Line]]:
    """The lines with the number of each; pieces that a seal or a stain broke one into are put together again."""
    whole: list[tuple[int, Line]] = []
    for index, line in enumerate(lines):
        if whole and line.text and whole[-1][1].text and _goes_on(whole[-1][1], line):
            whole[-1] = (whole[-1][0], _together(whole[-1][1], line))
        else:
            whole.append((index, line))
    return whole


def _goes_on(line: Line, further: Line) -> bool:
    """Whether a line begins where the other ends, and is printed alike."""
    size, its_size = _advance(line), _advance(further)
    told = min(len(line.text), len(further.text)) > 2
    alike = not told or 0.75 < size / max(1.0, its_size) < 1.33
    if _is_column(line) or _is_column(further) or not alike:
        return False
    size = max(size, its_size)
    end, start = line.quad[1], further.quad[0]
    return abs(start[1] - end[1]) < 0.5 * size and -0.4 * size < start[0] - end[0] < CLOSE * size


def _together(line: Line, further: Line) -> Line:
    gap = " " if line.text[-1] < "\u2e80" and further.text[0] < "\u2e80" else ""
    count = len(line.text) + len(further.text)
    sure = (line.confidence * len(line.text) + further.confidence * len(further.text)) / count
    quad = (line.quad[0], further.quad[1], further.quad[2], line.quad[3])
    return Line(line.text + gap + further.text, quad, (), sure)


def _row(page: PageText, number: int, index: int, line: Line, usual: float, text: tuple[float, float]) -> Row:
    column = _is_column(line)
    left, right = _left(line) / page.width, _right(line) / page.width
    in_middle = any(abs((left + right) - both) / 2 <= OFF_CENTRE for both in (sum(text), 1.0))
    return Row(
        page=number,
        index=index,
        text=line.text,
        left=left,
        right=right,
        top=min(y for _, y in line.quad) / page.height,
        bottom=max(y for _, y in line.quad) / page.height,
        size=1.0 if column else _advance(line) / max(1.0, usual),
        centred=not column and in_middle and left - text[0] >= INSET and text[1] - right >= INSET,
        column=column,
        confidence=line.confidence,
    )


def _is_column(line: Line) -> bool:
    """Whether it runs downwards: nothing of the layout of lines holds for it."""
    (x0, y0), (x1, y1), *_ = line.quad
    return abs(y1 - y0) > abs(x1 - x0)


def _left(line: Line) -> float:
    return min(x for x, _ in line.quad)


def _right(line: Line) -> float:
    return max(x for x, _ in line.quad)


def _advance(line: Line) -> float:
    """How large the line is printed, in pixels: the advance of a Chinese character, else what its height says.

    Boxes are of uneven height; how far a line of several characters reaches is exact.
    """
    (x0, y0), (x1, y1), _, (x3, y3) = line.quad
    tall = math.hypot(x3 - x0, y3 - y0) / 1.15
    han = len(HAN.findall(line.text))
    if han < 3 or han < 0.6 * len(line.text):
        return tall
    halves = sum(char < "\u2e80" for char in line.text)
    advance = math.hypot(x1 - x0, y1 - y0) / (len(line.text) - halves / 2)
    # Letters set apart do not make larger print.
    return min(advance, 1.35 * tall)
