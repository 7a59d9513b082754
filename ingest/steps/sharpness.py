"""Measures print: how wide the edges of its strokes are, how dark ink and paper."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.context import Line, PageText

__all__ = ["Print", "measured_print"]

#: so many places are measured, none of more pixels along and across
SPOTS, LONGEST, TALLEST = 9, 420, 260
#: boxes of lines are so much taller than their characters
BOX_OF_PRINT = 1.25

#: so many of the pixels around print are no darker than its ink, and than its paper
INK, PAPER = 0.015, 0.9

#: where nothing could be read, print is what differs from its paper by so many levels, in so many places
LEAST, WRITTEN = 40, 3
#: and the page is print if so much of it has about the shade of its paper
PAPER_SHARE, PAPER_LEVELS = 0.5, 16
USUAL_PRINT_MM, MM = 4.2, 25.4

#: edges are measured where ink and paper differ by so much of what they do elsewhere, in windows of this share of a
#: character
STRONG, WINDOW = 0.5, 0.4
#: the middle of an edge, as a share of its contrast
MIDDLE = 0.15
#: fewer pixels tell nothing
ENOUGH = 40


@dataclass(frozen=True, slots=True)
class Print:
    """What was measured. `ink`, `paper`: 0..255. `edge`: width of edges as share of the height of characters.

    A perfectly sharp edge counts as nothing, however coarse the scan; so does one that could not be measured.
    """

    ink: float
    paper: float
    edge: float


@dataclass(frozen=True, slots=True)
class _Spot:
    """A grey piece of the page whose characters are `height` pixels tall."""

    grey: NDArray[np.uint8]
    height: float


def measured_print(grey: NDArray[np.uint8], text: PageText, dpi: float) -> Print | None:
    """Print on a grey page, where lines were read, or else where it is darkest; None if it has none."""
    spots = list(_at_lines(grey, text)) or list(_where_dark(grey, dpi))
    if not spots:
        return None
    ink, paper = np.median([_levels(spot.grey) for spot in spots], axis=0).tolist()
    edges = [edge for edge in (_edge(spot, paper - ink) for spot in spots) if edge is not None]
    return Print(ink, paper, float(np.median(edges)) if edges else 0.0)


def _at_lines(grey: NDArray[np.uint8], text: PageText) -> Iterator[_Spot]:
    """The longest lines, spread over the page."""
    long = sorted(text.lines, key=lambda line: len(line.text), reverse=True)[: 2 * SPOTS]
    for line in sorted(long, key=lambda line: line.quad[0][1])[:: max(1, round(len(long) / SPOTS))]:
        if (spot := _at(grey, line)) is not None:
            yield spot


def _at(grey: NDArray[np.uint8], line: Line) -> _Spot | None:
    xs, ys = [x for x, _ in line.quad], [y for _, y in line.quad]
    left, top, right, bottom = max(0, int(min(xs))), max(0, int(min(ys))), int(max(xs)), int(max(ys))
    height = min(right - left, bottom - top) / BOX_OF_PRINT
    if height < 6:
        return None
    piece = grey[top : min(bottom, top + max(LONGEST, 1)), left : min(right, left + LONGEST)]
    return _Spot(piece, height) if piece.size else None


def _where_dark(grey: NDArray[np.uint8], dpi: float) -> Iterator[_Spot]:
    """Pieces of a page that is mostly paper, those with the most contrast first."""
    sample = grey[::8, ::8]
    paper = float(np.percentile(sample, 75))
    if float((np.abs(sample - paper) <= PAPER_LEVELS).mean()) < PAPER_SHARE:
        return
    side = min(TALLEST, *grey.shape)
    rows, columns = range(side // 2, grey.shape[0] - side, side), range(side // 2, grey.shape[1] - side, side)
    pieces = [grey[y : y + side, x : x + side] for y, x in product(rows, columns)]
    pieces.sort(key=lambda piece: float(piece[::8, ::8].std()), reverse=True)
    written = [piece for piece in pieces[:SPOTS] if np.ptp(_levels(piece)) >= LEAST]
    if len(written) >= WRITTEN:
        yield from (_Spot(piece, USUAL_PRINT_MM / MM * dpi) for piece in written)


def _levels(grey: NDArray[np.uint8]) -> tuple[int, int]:
    """Shades of the ink and of the paper in a piece."""
    below = np.bincount(grey.ravel(), minlength=256).cumsum()
    return int(np.searchsorted(below, INK * below[-1])), int(np.searchsorted(below, PAPER * below[-1]))


def _edge(spot: _Spot, contrast: float) -> float | None:
    """Median width of the edges in a piece, as a share of its characters' height."""
    size = max(3, round(WINDOW * spot.height) | 1)
    window = np.ones((size, size), np.uint8)
    light = cv2.dilate(spot.grey, window).astype(np.float32)
    dark = cv2.erode(spot.grey, window).astype(np.float32)
    height = light - dark
    middle = np.abs(2 * spot.grey.astype(np.float32) - light - dark) <= 2 * MIDDLE * height
    middle &= height >= STRONG * contrast
    if np.count_nonzero(middle) < ENOUGH:
        return None
    across = cv2.Sobel(spot.grey, cv2.CV_32F, 1, 0, scale=1 / 8)
    down = cv2.Sobel(spot.grey, cv2.CV_32F, 0, 1, scale=1 / 8)
    steepness = np.hypot(across[middle], down[middle])
    width = float(np.median(height[middle] / np.maximum(steepness, 0.5)))
    return max(0.0, width - 2.0) / spot.height
