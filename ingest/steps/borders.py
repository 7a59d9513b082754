"""Looks at the four borders of a page: what runs out of the picture, and black that is no part of the sheet."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.context import Finding, PageText
from ingest.steps.sharpness import Print

__all__ = ["cut_edges", "dark_border"]

MM = 25.4

#: so deep a strip is looked at; print that comes out of the border reaches so far in and along
STRIP_MM, INWARD_MM, ALONG_MM, ALONG_MOST_MM = 3.0, 0.9, 0.8, 15.0
#: holes and stains are thicker than strokes
STROKE_MM = 1.8
#: so many places on one side are no accident, unless a line ends so near that was read so surely
PLACES, TOUCHING_MM, SURE = 3, 0.7, 0.6
#: the shade of the paper along a side, which may lie in shadow: so many percent of it are darker
PAPER = 80

#: a border is darker than this share of the paper
DARK = 0.4
#: so deep, along so much of a side; it covers at least and at most so much of the page
DEEP_MM, ALONG, LEAST, MOST = 1.2, 0.2, 0.004, 0.6
#: nobody looks further in
INNERMOST = 0.25
#: borders and strokes are judged on about so many dots per inch
COARSE_DPI, FINE_DPI = 75, 150


def dark_border(grey: NDArray[np.uint8], paper: float, dpi: float) -> Finding | None:
    """What black around the sheet takes of a grey page, in percent; no page that is dark all over."""
    step = max(1, round(dpi / COARSE_DPI))
    small = np.asarray(cv2.medianBlur(np.ascontiguousarray(grey[::step, ::step]), 3), np.uint8)
    sides = [_depths(side < DARK * paper) for side in _sides(small)]
    deep = DEEP_MM / MM * dpi / step
    share = sum(float(depths.sum()) for depths in sides) / small.size
    borders = any(float((depths >= deep).mean()) >= ALONG for depths in sides)
    return Finding("dark_border", round(100 * share, 1)) if borders and LEAST <= share <= MOST else None


def cut_edges(grey: NDArray[np.uint8], text: PageText, seen: Print, dpi: float) -> Finding | None:
    """How many strokes of a grey page run into its border; sides with a black border cannot be judged.

    One is enough where a line that was read ends there.
    """
    step = max(1, round(dpi / FINE_DPI))
    deep, dots = round(STRIP_MM / MM * dpi), dpi / step / MM
    cut = 0
    for side, lines in zip(_sides(grey), _lines_at_sides(text, TOUCHING_MM / MM * dpi), strict=True):
        strip = side[:deep:step, ::step]
        around = np.percentile(strip, PAPER, axis=1)
        if around[0] > seen.paper / 2:
            places = _cut_strokes(strip < (seen.ink + around[:, None]) / 2, dots)
            cut += places if places >= (1 if lines else PLACES) else 0
    return Finding("cut_edge", cut) if cut else None


def _lines_at_sides(text: PageText, near: float) -> tuple[int, int, int, int]:
    """How many lines touch the top, the bottom, the left and the right border, or come so near."""
    corners = [corner for line in text.lines if line.confidence >= SURE for corner in line.quad]
    across, down = [x for x, _ in corners], [y for _, y in corners]
    ends = ([-y for y in down], [y - text.height for y in down], [-x for x in across], [x - text.width for x in across])
    top, bottom, left, right = (sum(end >= -near for end in one) for one in ends)
    return top, bottom, left, right


def _sides(page: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], ...]:
    """The page as seen from its top, bottom, left and right: the first row is the border."""
    return page, page[::-1], page.T, page.T[::-1]


def _depths(dark: NDArray[np.bool_]) -> NDArray[np.intp]:
    """How many dots the black reaches in, at each place of the side."""
    light = ~dark[: round(INNERMOST * len(dark))]
    return np.asarray(np.where(light.any(axis=0), light.argmax(axis=0), len(light)))


def _cut_strokes(dark: NDArray[np.bool_], dots: float) -> int:
    """How many pieces of print touch the first rows of a strip; `dots` in a millimetre."""
    strip = np.ascontiguousarray(dark, np.uint8)
    if not strip[:2].any():
        return 0
    _, labels, stats, _ = cv2.connectedComponentsWithStats(strip)
    thick = cv2.distanceTransform(strip, cv2.DIST_L2, 3)
    found = 0
    for number in {int(label) for label in labels[:2].ravel().tolist()} - {0}:
        along, inward = (float(size) / dots for size in stats[number, cv2.CC_STAT_WIDTH : cv2.CC_STAT_HEIGHT + 1])
        stroke = 2 * float(thick[labels == number].max()) / dots
        found += inward >= INWARD_MM and ALONG_MM <= along <= ALONG_MOST_MM and stroke <= STROKE_MM
    return found
