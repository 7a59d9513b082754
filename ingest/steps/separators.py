"""Tells a sheet that stands between two items from a page: printed separator sheets, and patch pages.

A printed sheet bears the same QR code three times within a thick frame. One code that can be read is enough; a sheet
of this layout of which none can be read is doubtful, and a code of anybody else's is nothing to us.
"""

import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self

import cv2
import numpy as np
import zxingcpp
from numpy.typing import NDArray

from ingest.context import Sheet

__all__ = ["CODES", "FRAME", "PAPER", "SheetCode", "find_sheet"]

#: 8 bits a pixel, and points in them; what OpenCV gives says no more of itself
Grey = NDArray[Any]
Points = NDArray[Any]

#: the sheet as it is printed, in millimetres: paper; frame from its outer to its inner edge, from the paper's edge
PAPER = (210.0, 297.0)
FRAME = (8.0, 12.0)
#: left, top and side of its codes: the same again when it is turned by half
CODES = ((24.0, 24.0, 46.0), (82.0, 125.5, 46.0), (140.0, 227.0, 46.0))

_PREFIX = "DGS1"
_FORMATS = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)

#: codes are sought first on a copy of about this width, and the frame and patch bars on one of that
_READING_WIDTH, _LOOKING_WIDTH = 1240, 620
#: ink is darker than the paper around it by so many levels of 255
_CONTRAST = 50
#: pixels a millimetre to look at the layout, and to read a code; millimetres of white around it
_COARSE, _FINE, _QUIET = 2, 8, 5.0
#: a place where a code stands is so dark; stains and pen strokes in it included
_CODE_DARK = (0.2, 0.75)
#: the frame spans so much of the picture's short side, is so dark, and so many millimetres within it are as light
_SPANNED, _FRAME_DARK, _FREE = 0.7, 0.75, 6.0
#: measures of a patch code in narrow bars, which its gaps are as wide as: a wide bar, the least length of all
_WIDE, _LONG = 2.5, 24.0
#: each third line is looked at; so many of them have to cross the bars where those are as short as can be
_EACH, _ENOUGH = 3, 0.4
#: the bars may be off by so much of a narrow one, which is at least so many pixels wide, and lie so slanted
_TOLERANCE, _THINNEST, _SKEW = 0.6, 3.0, 0.12
#: a patch page has few signs on it; what has more is a form with a patch on it
_PATCH_LETTERS = 300
#: wide bars among the four: patch 2, patch T, and patch 3, which is T turned by half
_PATCHES = ((True, False, False, True), (False, True, False, True), (True, False, True, False))


@dataclass(frozen=True, slots=True)
class SheetCode:
    """What the code of one of our sheets says.

    `set_id`: which sheets were printed together, 10 hexadecimal digits; `number` of `count`, from 1. `carries`: plain,
    box, code or entry; `payload`: label of the box, archival code, or line of a checklist.
    """

    set_id: str
    number: int
    count: int
    carries: str = "plain"
    payload: str = ""

    @property
    def text(self) -> str:
        """What stands in the printed code; ends in a checksum."""
        said = f"{_PREFIX}:{self.set_id}:{self.number}:{self.count}:{self.carries}:{self.payload}"
        return f"{said}:{zlib.crc32(said.encode()):08X}"

    @classmethod
    def of_text(cls, text: str) -> Self | None:
        """The opposite of `text`; None if it is not ours, or not whole."""
        said, _, _ = text.rpartition(":")
        parts = said.split(":", 5)
        if len(parts) != 6 or parts[0] != _PREFIX or not (parts[2] + parts[3]).isdecimal():
            return None
        code = cls(parts[1], int(parts[2]), int(parts[3]), parts[4], parts[5])
        return code if code.text == text and 1 <= code.number <= code.count else None


def find_sheet(image: NDArray[np.uint8]) -> Sheet | None:
    """What the RGB page says if it is such a sheet, however it lies; None for a page."""
    reading = _reduced(cv2.extractChannel(image, 1), _READING_WIDTH)
    codes, strange = _read(reading)
    if codes:
        return _sheet(codes)
    looking = _reduced(reading, _LOOKING_WIDTH)
    ink = _ink(looking)
    if _has_patch(ink):
        return Sheet("patch" if _letters(ink) <= _PATCH_LETTERS else "doubtful")
    frame = _frame(ink)
    if frame is None and not strange:
        return None
    for copy in _copies(image, frame):
        codes, _ = _read(copy)
        if codes:
            return _sheet(codes)
    return None if frame is None else Sheet("doubtful")


def _sheet(codes: set[SheetCode]) -> Sheet:
    """Codes that say different things are two sheets that were drawn in as one."""
    return Sheet("separator", codes.pop().text) if len(codes) == 1 else Sheet("doubtful")


def _read(grey: Grey) -> tuple[set[SheetCode], bool]:
    """Our codes on the picture, and whether there is a code that could not be read."""
    found = zxingcpp.read_barcodes(grey, formats=_FORMATS, text_mode=zxingcpp.TextMode.Plain, return_errors=True)
    codes = {SheetCode.of_text(one.text) for one in found if one.valid}
    return {code for code in codes if code}, any(not one.valid for one in found)


def _copies(image: NDArray[np.uint8], frame: Points | None) -> Iterator[Grey]:
    """The page prepared in other ways: as it is, shadows taken out, smaller, in black and white, without specks.

    At last the three codes laid over each other, where the frame, in shares of the page, says where they are.
    """
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
    yield grey
    flat = _flat(grey)
    yield flat
    for width in (1650, 830):
        if flat.shape[1] > width:
            yield cv2.resize(
                flat, None, fx=width / flat.shape[1], fy=width / flat.shape[1], interpolation=cv2.INTER_AREA
            )
    yield cv2.threshold(flat, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
    yield cv2.medianBlur(flat, 5)
    yield cv2.GaussianBlur(flat, (0, 0), 2.0)
    yield cv2.morphologyEx(flat, cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    yield cv2.morphologyEx(flat, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8))
    if frame is not None:
        yield _laid_over(flat, frame)


def _laid_over(grey: Grey, frame: Points) -> Grey:
    """One code of the three: what is on one of them only, a stroke or a stain, is not on it."""
    sheet = _straight(grey, frame, _FINE)
    side, quiet = round(_FINE * CODES[0][2]), round(_FINE * _QUIET)
    codes: list[Grey] = []
    for x, y, _ in CODES:
        left, top = round(_FINE * (x - FRAME[0])) - quiet, round(_FINE * (y - FRAME[0])) - quiet
        codes.append(sheet[top : top + side + 2 * quiet, left : left + side + 2 * quiet].astype(np.float32))
    moved = [codes[0]]
    for code in codes[1:]:
        (x, y), _ = cv2.phaseCorrelate(codes[0], code)
        back = np.array([(1, 0, -x), (0, 1, -y)], np.float32)
        moved.append(cv2.warpAffine(code, back, code.shape[::-1], borderMode=cv2.BORDER_REPLICATE))
    return np.ascontiguousarray(np.median(np.stack(moved), axis=0).astype(np.uint8))


def _flat(grey: Grey) -> Grey:
    """Paper of one white, whatever light and stains did to it."""
    small = cv2.resize(grey, None, fx=0.1, fy=0.1, interpolation=cv2.INTER_AREA)
    paper = cv2.medianBlur(cv2.dilate(small, np.ones((15, 15), np.uint8)), 21)
    paper = cv2.resize(paper, (grey.shape[1], grey.shape[0]), interpolation=cv2.INTER_LINEAR)
    return cv2.divide(grey, np.maximum(paper, 1), scale=255)


def _reduced(grey: Grey, width: int) -> Grey:
    """A copy of about this width, of every nth pixel: to read all of them would cost more than all the rest."""
    step = max(1, min(grey.shape) // width)
    copy = np.ascontiguousarray(grey[::step, ::step])
    scale = width / min(copy.shape)
    return copy if scale > 0.8 else cv2.resize(copy, None, fx=scale, fy=scale, interpolation=cv2.INTER_LINEAR)


def _ink(grey: Grey) -> Grey:
    """1 where it is darker than the paper around, which may be a wide bar."""
    paper = int(np.percentile(grey[::4, ::4], 80))
    return (grey < max(60, paper - 2 * _CONTRAST)).astype(np.uint8)


def _frame(ink: Grey) -> Points | None:
    """The corners of the frame of our sheets in shares of the page, where it is one of ours; else None."""
    thick = cv2.morphologyEx(ink, cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))[::2, ::2]
    whole = cv2.morphologyEx(thick, cv2.MORPH_CLOSE, np.ones((5, 5), np.uint8))  # creases cut it
    _, labels, boxes, _ = cv2.connectedComponentsWithStats(whole)
    boxes[0] = 0  # the paper
    for label in np.flatnonzero((boxes[:, 2:4] >= _SPANNED * min(whole.shape)).all(axis=1)).tolist():
        y, x = np.nonzero(labels == label)
        rectangle = cv2.minAreaRect(2 * np.stack((x, y), axis=1).astype(np.int32) + 1)
        frame = _upright(cv2.boxPoints(rectangle)) / ink.shape[::-1]
        if _is_layout(_straight(ink, frame, _COARSE)):
            return frame
    return None


def _straight(grey: Grey, frame: Points, fine: int) -> Grey:
    """What is within the frame, so many pixels a millimetre, without skew."""
    corners = (frame * grey.shape[::-1]).astype(np.float32)
    wide, tall = (round(fine * (side - 2 * FRAME[0])) for side in PAPER)
    onto = np.array([(0, 0), (wide, 0), (wide, tall), (0, tall)], np.float32)
    return cv2.warpPerspective(grey, cv2.getPerspectiveTransform(corners, onto), (wide, tall))


def _is_layout(sheet: Grey) -> bool:
    """Whether it is dark along its edge, white within, and has something dense where the codes are printed."""
    inner = FRAME[1] - FRAME[0]
    outer, free = round(_COARSE * inner), round(_COARSE * (inner + _FREE))
    within, nearer = np.zeros_like(sheet), np.zeros_like(sheet)
    within[outer:-outer, outer:-outer] = 1
    nearer[free:-free, free:-free] = 1
    if sheet[within == 0].mean() < _FRAME_DARK or sheet[(within == 1) & (nearer == 0)].mean() > 1 - _FRAME_DARK:
        return False
    places = [[round(_COARSE * n) for n in (x - FRAME[0], y - FRAME[0], side)] for x, y, side in CODES]
    dark = [float(sheet[y : y + side, x : x + side].mean()) for x, y, side in places]
    return sum(_CODE_DARK[0] <= share <= _CODE_DARK[1] for share in dark) >= len(CODES) - 1


def _upright(corners: Points) -> Points:
    """The corners of a rectangle, clockwise, a short side first."""
    first, second, third = corners[:3]
    return corners if np.linalg.norm(second - first) < np.linalg.norm(third - second) else np.roll(corners, 1, axis=0)


def _has_patch(ink: Grey) -> bool:
    """Whether a patch code stands on it, upright or on its side: many lines beside each other cross its bars."""
    for lines in (ink, ink.T):
        line, start, unit = _crossings(lines[::_EACH])
        for middle in range(len(line)):
            away = np.abs(line - line[middle])
            same = (away <= _LONG * unit[middle] / _EACH) & (np.abs(start - start[middle]) <= _SKEW * away * _EACH + 2)
            same &= np.abs(unit - unit[middle]) <= 0.2 * unit[middle]
            if np.count_nonzero(same) >= _ENOUGH * _LONG * unit[middle] / _EACH:
                return True
    return False


def _crossings(lines: Grey) -> tuple[Points, Points, Points]:
    """Where lines of pixels cross the four bars of a patch code: line, first pixel, and width of a narrow bar."""
    wide = lines.shape[1] + 2
    flat = np.pad(lines, ((0, 0), (1, 1))).ravel()
    edges = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    starts, ends = edges[::2], edges[1::2]
    if len(starts) < 4:
        return np.empty(0), np.empty(0), np.empty(0)
    bars = np.lib.stride_tricks.sliding_window_view(ends - starts, 4)
    gaps = np.lib.stride_tricks.sliding_window_view(starts[1:] - ends[:-1], 3)
    around = np.concatenate(([wide], starts[1:] - ends[:-1], [wide]))
    unit = (ends[3:] - starts[:-3]) / (2 * _WIDE + 5)
    fits = (unit >= _THINNEST) & (starts[:-3] // wide == ends[3:] // wide)
    fits &= (around[: len(unit)] >= 2 * unit) & (around[4:] >= 2 * unit)
    fits &= (np.abs(gaps - unit[:, None]) <= _TOLERANCE * unit[:, None]).all(axis=1)
    chosen = np.flatnonzero(fits)
    share = bars[chosen] / unit[chosen, None]
    pattern = share > (1 + _WIDE) / 2
    right = (np.abs(share - np.where(pattern, _WIDE, 1)) <= _TOLERANCE).all(axis=1)
    right &= (pattern[:, None, :] == np.array(_PATCHES)).all(axis=2).any(axis=1)
    chosen = chosen[right]
    return starts[chosen] // wide, starts[chosen] % wide, unit[chosen]


def _letters(ink: Grey) -> int:
    """About how many signs are written there."""
    _, _, boxes, _ = cv2.connectedComponentsWithStats(ink)
    sides = boxes[1:, 2:4].max(axis=1)
    return int(np.count_nonzero((sides >= 5) & (sides <= 25)))
