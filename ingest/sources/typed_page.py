"""Sets plain text on pages of A4 and draws them: for what has words, but no pages of its own.

The same text is always set alike: what was noted about places on such a page stays true.
"""

import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from ingest.context import Line
from ingest.fonts import FONT

__all__ = ["DPI", "Style", "TypedPage", "typeset"]

#: of the pages
DPI = 150
WIDTH, HEIGHT = 1240, 1754
#: free room on all sides, in pixels
MARGIN = 112
INK = 24
#: signs that may not begin a line, or end one
NOT_FIRST = frozenset("，。、；：？！”’）》〉】〕」』…,.;:?!)]}%")
NOT_LAST = frozenset("“‘（《〈【〔「『([{")
TAB = "    "


@dataclass(frozen=True, slots=True)
class Style:
    """Size of the characters and distance of the lines, in pixels."""

    size: int = 25
    leading: int = 41


@dataclass(frozen=True, slots=True)
class _Set:
    """A line where it stands: its upper edge in pixels from the top of the page."""

    text: str
    top: int
    style: Style


@dataclass(frozen=True, slots=True)
class TypedPage:
    """One page of lines."""

    rows: tuple[_Set, ...]

    def image(self) -> NDArray[np.uint8]:
        """The page as RGB of shape (height, width, 3)."""
        picture = Image.new("L", (WIDTH, HEIGHT), 255)
        draw = ImageDraw.Draw(picture)
        for row in self.rows:
            draw.text((MARGIN, row.top), row.text, INK, _font(row.style.size))
        return np.repeat(np.asarray(picture)[:, :, None], 3, axis=2)

    def lines(self) -> tuple[Line, ...]:
        """The text of the page, each character where it is drawn."""
        return tuple(_line(row) for row in self.rows)


def typeset(paragraphs: Iterable[tuple[str, Style]]) -> list[TypedPage]:
    """Pages with these paragraphs one below the other; empty ones make room."""
    pages: list[list[_Set]] = [[]]
    top = MARGIN
    for text, style in paragraphs:
        for line in _wrapped(_plain(text), style):
            if top + style.leading > HEIGHT - MARGIN:
                pages.append([])
                top = MARGIN
            if line:
                pages[-1].append(_Set(line, top, style))
            top += style.leading
    return [TypedPage(tuple(rows)) for rows in pages]


def _plain(text: str) -> str:
    """Text without signs that are not drawn."""
    text = text.replace("\t", TAB)
    return "".join(char for char in text if unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Co")).rstrip()


def _wrapped(text: str, style: Style) -> Iterator[str]:
    """Lines that fit; western words stay whole where they can."""
    if not text:
        yield ""
    while text:
        fits = _fitting(text, style, WIDTH - 2 * MARGIN)
        if fits < len(text):
            fits = _break(text, fits)
        yield text[:fits].rstrip()
        text = text[fits:].lstrip(" ")


def _fitting(text: str, style: Style, room: int) -> int:
    """How many characters fit, at least one."""
    wide = 0.0
    for n, char in enumerate(text):
        wide += _advance(char, style.size)
        if wide > room:
            return max(1, n)
    return len(text)


def _break(text: str, fits: int) -> int:
    """Where to break a line of at most so many characters."""
    for end in range(fits, max(0, fits - 40), -1):
        before, after = text[end - 1], text[end]
        together = _is_western(before) and _is_western(after)
        if not together and after not in NOT_FIRST and before not in NOT_LAST:
            return end
    return fits


def _is_western(char: str) -> bool:
    return not char.isspace() and char < "\u2e80"


def _line(row: _Set) -> Line:
    advances = np.cumsum([0.0, *(_advance(char, row.style.size) for char in row.text)])
    left, right = float(MARGIN), float(MARGIN + advances[-1])
    top, bottom = float(row.top), float(row.top + sum(_font(row.style.size).getmetrics()))
    edges = tuple((advances / advances[-1]).round(5).tolist())
    return Line(row.text, ((left, top), (right, top), (right, bottom), (left, bottom)), edges, 1.0)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    # Without the shaping library, where each character takes its own room: so it is the same on every machine.
    return ImageFont.truetype(str(FONT), size, layout_engine=ImageFont.Layout.BASIC)


@cache
def _advance(char: str, size: int) -> float:
    return float(_font(size).getlength(char))
