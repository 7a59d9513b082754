"""The text that a PDF page holds itself, with the place of every character: for pages that were never on paper.

Only what a reader of the page sees counts. Whoever scanned paper and had it recognised by another program left text of
unknown worth under the picture: such a page is recognised like any scan.
"""

import math
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from ctypes import byref, c_void_p, cast
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

import cv2
import numpy as np
import pypdfium2.raw as pdfium
from numpy.typing import NDArray

from ingest.context import Line
from ingest.engines.geometry import in_reading_order

__all__ = ["WIDTH", "text_of_page"]

#: lines of a page that is shown as its file says are as sure as anything
SURE = 1.0
#: a page with a greater share of characters that no reader could name is not relied upon
WORST = 0.02
#: letters of Western Europe among all letters: no language has more, but Chinese taken for Latin has
LATIN_MOST = 0.4
#: letters and digits among all signs of a page: fonts with secret encodings have fewer
WORDY = 0.3
#: such a share of the page makes a picture on it a scan of a page
SCAN = 0.85
#: of the characters that the file names so many must be seen on the page
SEEN = 0.7
#: Ink outside of all characters that looks like writing, by the ink inside of them: with more of it words are missing.
MISSING = 0.25
#: the page is judged at this width in pixels
WIDTH = 1000
#: ink differs from the paper around it by so many levels of 255
CONTRAST = 36
#: sides in pixels at that width of what may be a character
SMALLEST, LARGEST = 4, 60
#: Within a line, characters stand this close, in sizes of a character; those of two pieces
#: of writing, which may be cells of a table, closer.
NEAR, NEAR_APART = 2.0, 0.3
#: of the lines on a page so many may stand above the one before them in the file: columns begin anew at the top
JUMPS = 0.2

Point = tuple[float, float]
Matrix = tuple[float, float, float, float, float, float]
Picture = Callable[[], NDArray[np.uint8]]


@dataclass(frozen=True, slots=True)
class _Char:
    """A character; `box` is left, top, right, bottom in pixels, `along` the direction in which its line runs."""

    text: str
    box: tuple[float, float, float, float]
    along: Point
    size: float
    #: which piece of writing of the file it belongs to
    piece: int
    #: whether there is room for a blank before it
    apart: bool

    @property
    def centre(self) -> Point:
        left, top, right, bottom = self.box
        return (left + right) / 2, (top + bottom) / 2


def text_of_page(page: Any, picture: Picture, scale: float, to_pixels: Matrix) -> tuple[Line, ...] | None:
    """The lines of a page in reading order; None where they cannot be relied upon and the page must be recognised.

    `to_pixels`: brings (x, y) in points to pixels: x' = ax + cy + e, y' = bx + dy + f. `picture`: draws the page small,
    as RGB of about WIDTH pixels across, if it is asked. `scale`: pixels of the picture for each of these.
    """
    if _is_under_a_scan(page):
        return None
    chars = _chars(page, to_pixels)
    written = [char for char in chars if not char.text.isspace()]
    if not written or _is_garbage("".join(char.text for char in written)) or not _shows(picture(), scale, written):
        return None
    return tuple(_line(one) for one in _in_order(list(_grouped(chars))))


def _chars(page: Any, to_pixels: Matrix) -> list[_Char]:
    """The visible characters in the order of the file; "\ufffd" for one that the file does not name.

    The library puts them into that order only where most of them stand upright.
    """
    turn = page.get_rotation()
    try:
        page.set_rotation(0)
        chars = list(_read(page, to_pixels))
        if leaning := _turn_of(chars, turn):
            page.set_rotation(leaning)
            chars = list(_read(page, to_pixels))
    finally:
        page.set_rotation(turn)
    return chars


def _turn_of(chars: Sequence[_Char], shown: int) -> int:
    """The turn, clockwise, at which most characters stand upright; `shown`: that of the page as it is drawn."""
    along = [math.degrees(math.atan2(char.along[1], char.along[0])) - shown for char in chars]
    turns = [-round(degrees / 90) * 90 % 360 for degrees in along]
    return max(set(turns), key=turns.count) if turns else 0


def _read(page: Any, to_pixels: Matrix) -> Iterator[_Char]:
    text, apart = pdfium.FPDFText_LoadPage(page), False
    try:
        for n in range(pdfium.FPDFText_CountChars(text)):
            if pdfium.FPDFText_IsGenerated(text, n) == 1:
                apart = True
                continue
            drawn = pdfium.FPDFText_GetTextObject(text, n)
            if _is_visible(drawn) and (char := _char(text, n, to_pixels, _address(drawn), apart)):
                yield char
            apart = False
    finally:
        pdfium.FPDFText_ClosePage(text)


def _address(drawn: Any) -> int:
    return cast(drawn, c_void_p).value or 0


def _is_visible(drawn: Any) -> bool:
    hidden = (pdfium.FPDF_TEXTRENDERMODE_INVISIBLE, pdfium.FPDF_TEXTRENDERMODE_CLIP)
    return not drawn or pdfium.FPDFTextObj_GetTextRenderMode(drawn) not in hidden


def _char(text: Any, n: int, to_pixels: Matrix, piece: int, apart: bool) -> _Char | None:
    box, matrix = pdfium.FS_RECTF(), pdfium.FS_MATRIX()
    if not (pdfium.FPDFText_GetLooseCharBox(text, n, byref(box)) and pdfium.FPDFText_GetMatrix(text, n, byref(matrix))):
        return None
    corners = [_moved(to_pixels, x, y) for x in (box.left, box.right) for y in (box.bottom, box.top)]
    across, down = [x for x, _ in corners], [y for _, y in corners]
    a, b, c, d, _, _ = to_pixels
    dx, dy = a * matrix.a + c * matrix.b, b * matrix.a + d * matrix.b
    scale, length = math.sqrt(abs(a * d - b * c)), math.hypot(dx, dy)
    size = pdfium.FPDFText_GetFontSize(text, n) * math.hypot(matrix.c, matrix.d) * scale
    if not (length and size):
        return None
    around = min(across), min(down), max(across), max(down)
    return _Char(_sign(text, n), around, (dx / length, dy / length), size, piece, apart)


def _sign(text: Any, n: int) -> str:
    code = pdfium.FPDFText_GetUnicode(text, n)
    if code in (0x02, 0xAD):  # a hyphen at the end of a line
        return "-"
    if pdfium.FPDFText_HasUnicodeMapError(text, n) == 1 or not 0 < code <= 0x10FFFF or 0xD800 <= code < 0xE000:
        return "\ufffd"
    # Browsers write some characters as the radicals that look like them.
    return unicodedata.normalize("NFKC", chr(code)) if 0x2E80 <= code < 0x2FE0 else chr(code)


def _moved(matrix: Matrix, x: float, y: float) -> Point:
    a, b, c, d, e, f = matrix
    return a * x + c * y + e, b * x + d * y + f


# --- is it to be relied upon ---


def _is_garbage(text: str) -> bool:
    """Whether the file does not know what it says: unnamed characters, or bytes of one encoding taken for another."""
    kinds = [unicodedata.category(char) for char in text]
    unnamed = sum(kind in ("Co", "Cn", "Cc", "Cs") or char == "\ufffd" for kind, char in zip(kinds, text, strict=True))
    letters = [char for kind, char in zip(kinds, text, strict=True) if kind[0] == "L"]
    digits = sum(kind[0] == "N" for kind in kinds)
    accented = sum("\xa0" <= char < "\u0250" for char in text)
    return (
        unnamed > WORST * len(text)
        or accented > LATIN_MOST * max(1, len(letters))
        or len(letters) + digits < WORDY * len(text)
    )


def _is_under_a_scan(page: Any) -> bool:
    """Whether a picture of a whole page lies over the text, or the page is one with invisible text."""
    wide, tall = page.get_size()
    drawn = [part for part in page.get_objects(max_depth=3) if part.type in _DRAWN]
    scans = [n for n, part in enumerate(drawn) if part.type == _PICTURE and _area(part) >= SCAN * wide * tall]
    texts = [n for n, part in enumerate(drawn) if part.type == _TEXT]
    hidden = sum(pdfium.FPDFTextObj_GetTextRenderMode(drawn[n]) == pdfium.FPDF_TEXTRENDERMODE_INVISIBLE for n in texts)
    return hidden > len(texts) / 2 or bool(scans and texts and scans[-1] > texts[-1])


_TEXT, _PICTURE = pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_IMAGE
_DRAWN = (_TEXT, _PICTURE)


def _area(part: Any) -> float:
    left, bottom, right, top = part.get_bounds()
    return float((right - left) * (top - bottom))


def _shows(picture: NDArray[np.uint8], scale: float, chars: Sequence[_Char]) -> bool:
    """Whether the characters are seen on the page, and the page shows hardly any writing besides."""
    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    ink = (cv2.absdiff(grey, cv2.medianBlur(grey, 41)) > CONTRAST).astype(np.uint8)
    inside, seen = np.zeros_like(ink), 0
    for char in chars:
        left, top, right, bottom = (round(edge * scale) for edge in char.box)
        place = slice(max(0, top), bottom + 1), slice(max(0, left), right + 1)
        seen += bool(ink[place].any())
        inside[place] = 1
    covered = int((ink & inside).sum())
    near = np.asarray(cv2.dilate(inside, np.ones((5, 5), np.uint8)), np.uint8)
    return seen >= SEEN * len(chars) and _writing(ink & (1 - near)) <= MISSING * covered


def _writing(ink: NDArray[np.uint8]) -> int:
    """Pixels of ink in spots that have the size of characters: neither dust nor rules, drawings or dark areas."""
    _, _, spots, _ = cv2.connectedComponentsWithStats(ink)
    wide, tall, area = (spots[1:, column] for column in (cv2.CC_STAT_WIDTH, cv2.CC_STAT_HEIGHT, cv2.CC_STAT_AREA))
    larger = np.maximum(wide, tall)
    return int(area[(larger >= SMALLEST) & (larger <= LARGEST) & (area < 0.8 * wide * tall)].sum())


# --- from characters to lines ---


def _grouped(chars: Iterable[_Char]) -> Iterator[list[_Char]]:
    """Characters that stand in one line, in the order of the file."""
    line: list[_Char] = []
    for char in chars:
        if line and not _goes_on(line, char):
            yield line
            line = []
        line.append(char)
    if line:
        yield line


def _goes_on(line: Sequence[_Char], char: _Char) -> bool:
    last = line[-1]
    if last.along[0] * char.along[0] + last.along[1] * char.along[1] < 0.98:
        return False
    step, rise = _steps(last, char)
    size = max(last.size, char.size)
    stands = _stands(line)
    if stands is not True and abs(rise) < 0.6 * size and -0.5 * size < step:
        joined = last.piece == char.piece or last.text.isspace() or char.text.isspace()
        return _gap(last, char) < (NEAR if joined else NEAR_APART) * size
    # one below the other: a column of vertical writing, whose points stand in a corner
    aside = 0.6 if stands else 0.3
    return stands is not False and abs(step) < aside * size and 0.5 * size < rise < 1.35 * size and _is_eastern(char)


def _stands(line: Sequence[_Char]) -> bool | None:
    """Whether the line is a column; None while it is not known."""
    if len(line) < 2:
        return None
    step, rise = _steps(line[0], line[1])
    return abs(rise) > abs(step)


def _steps(first: _Char, second: _Char) -> Point:
    """How far the second stands along the line, and how far below it."""
    (x0, y0), (x1, y1), (ux, uy) = first.centre, second.centre, first.along
    return (x1 - x0) * ux + (y1 - y0) * uy, (y1 - y0) * ux - (x1 - x0) * uy


def _gap(first: _Char, second: _Char) -> float:
    """Room between two characters of a line."""
    step, _ = _steps(first, second)
    return step - (_half(first) + _half(second))


def _half(char: _Char) -> float:
    """Half the room that a character takes along its line."""
    left, top, right, bottom = char.box
    x, y = abs(char.along[0]), abs(char.along[1])
    if min(x, y) < 0.05:
        return ((right - left) * x + (bottom - top) * y) / 2
    return char.size / (2 if _is_eastern(char) else 4)  # of slanting ones only the middle is known


def _is_eastern(char: _Char) -> bool:
    return char.text >= "\u2e80"


def _in_order(lines: Sequence[list[_Char]]) -> Sequence[list[_Char]]:
    """Lines as the file has them, which knows its columns; by their places if it leaps about the page."""
    written = [line for line in lines if any(not char.text.isspace() for char in line)]
    jumps = sum(_steps(before[0], after[0])[1] < -before[0].size for before, after in pairwise(written))
    if jumps <= max(1, JUMPS * len(written)):
        return written
    return in_reading_order(written, [np.array(_line(line).quad, np.float32) for line in written])


def _line(chars: Sequence[_Char]) -> Line:
    """The line of these characters; of blanks only those between western words stay."""
    if _stands(chars):
        ux, uy = chars[0].along
        chars = [replace(char, along=(-uy, ux)) for char in chars]
    while chars[-1].text.isspace():
        chars = chars[:-1]
    ux, uy = chars[0].along
    starts, ends, depths = [], [], []
    for char in chars:
        (x, y), half = char.centre, _half(char)
        starts.append(x * ux + y * uy - half)
        ends.append(x * ux + y * uy + half)
        depths.append(y * ux - x * uy)
    begin, end = min(starts), max(ends)
    texts, bounds = _texts(chars, starts, ends)
    tall = max(_depth(char) for char in chars) / 2
    top, bottom = min(depths) - tall, max(depths) + tall
    quad = tuple(
        (round(along * ux - depth * uy, 2), round(along * uy + depth * ux, 2))
        for along, depth in ((begin, top), (end, top), (end, bottom), (begin, bottom))
    )
    shares = np.maximum.accumulate(np.clip((np.array(bounds) - begin) / max(1e-6, end - begin), 0, 1))
    return Line(texts, quad, tuple(shares.round(5).tolist()), SURE)


def _depth(char: _Char) -> float:
    """How tall a character stands on its line."""
    left, top, right, bottom = char.box
    x, y = abs(char.along[0]), abs(char.along[1])
    return (bottom - top) * x + (right - left) * y if min(x, y) < 0.05 else char.size


def _texts(chars: Sequence[_Char], starts: Sequence[float], ends: Sequence[float]) -> tuple[str, list[float]]:
    """The text of a line, and where each of its characters begins, with the end of the last one."""
    text, bounds = "", []
    for n, char in enumerate(chars):
        gap = starts[n] - ends[n - 1] if n else 0.0
        blank = char.text.isspace() or char.apart or gap > 0.2 * char.size
        if blank and text and not text.endswith(" ") and _parts(text[-1], _next(chars, n)):
            text += " "
            bounds.append(ends[n - 1] if not char.text.isspace() else starts[n])
        if not char.text.isspace():
            text += char.text
            bounds += [starts[n] + (ends[n] - starts[n]) * part / len(char.text) for part in range(len(char.text))]
    return text, [*bounds, ends[-1]]


def _next(chars: Sequence[_Char], n: int) -> str:
    return next((char.text for char in chars[n:] if not char.text.isspace()), "")


def _parts(before: str, after: str) -> bool:
    """Whether a blank between these two parts words: scripts of East Asia have none."""
    return bool(after) and before < "\u2e80" and after[0] < "\u2e80"
