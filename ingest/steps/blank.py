"""Tells a page with nothing on it, before an engine invents text there."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.engines.scaling import scaled
from ingest.steps.reduction import reduced

__all__ = ["is_blank", "paper_of"]

#: the page is judged at this width
WIDTH = 800
#: edges of the sheet, punch holes and shadows lie in this share of each side
MARGIN = 0.03
#: ink differs from the paper around it by so many levels of 255
CONTRAST = 36
#: smaller spots are dust; a lone page number has several larger ones
DUST = 8
BLOCK = np.ones((4, 2), np.uint8)
#: so many pixels of ink make a written page
WRITTEN = 60


def is_blank(image: NDArray[np.uint8]) -> bool:
    """True if nothing is written on an RGB page of shape (height, width, 3), whatever its colour; black pages too."""
    reds, greens, blues = cv2.split(reduced(image))
    darkest = cv2.min(reds, cv2.min(greens, blues)).astype(np.uint8, copy=False)  # red ink is dark in the other two
    small = scaled(darkest, WIDTH, max(1, round(darkest.shape[0] * WIDTH / darkest.shape[1])))
    y, x = int(small.shape[0] * MARGIN), int(small.shape[1] * MARGIN)
    grey = small[y:-y, x:-x]
    ink = (cv2.absdiff(grey, paper_of(grey)) > CONTRAST).astype(np.uint8)
    # Spots that a block of DUST pixels fits into are larger than dust: to count them one by one takes far longer.
    if cv2.countNonZero(cv2.erode(ink, BLOCK)) >= WRITTEN:
        return False
    _, _, spots, _ = cv2.connectedComponentsWithStats(ink)
    sizes = spots[1:, cv2.CC_STAT_AREA]
    return int(sizes[sizes >= DUST].sum()) < WRITTEN


def paper_of(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """What the page would look like without ink: a median that is wider than print, found on a quarter of the size."""
    tall, wide = grey.shape
    quarter = scaled(grey, max(1, wide // 4), max(1, tall // 4))
    return cv2.resize(cv2.medianBlur(quarter, 11), (wide, tall), interpolation=cv2.INTER_LINEAR).astype(np.uint8)
