"""Lifts round red seals off a page before it is read: what is written under them comes back, their own words go."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.context import Box

__all__ = ["without_seals"]

#: seals are sought on a copy of this width
WIDTH = 800
#: a pixel is red if it is so much stronger in red than in green and blue, of 255
REDNESS = 40
#: diameters of seals as shares of the page width: 42 mm is usual on A4, small ones have 30
SMALLEST, LARGEST = 0.09, 0.32
#: a round thing fills about its box: height by width, and the share of a circle's rim that is red
ROUND = 0.8
RIM = 0.45


def without_seals(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[Box, ...]]:
    """The RGB page with its seals replaced by what the red channel shows there, and where they are.

    The same array if it has none.
    """
    scale = WIDTH / image.shape[1]
    small = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.int16)
    red = (small[:, :, 0] - small[:, :, 1:].max(axis=2) > REDNESS).astype(np.uint8)
    boxes = [box for box in _blots(red) if _is_seal(red, box)]
    if not boxes:
        return image, ()
    lifted, places = image.copy(), []
    for box in boxes:
        left, top, right, bottom = (max(0, round(edge / scale)) for edge in box)
        part = lifted[top:bottom, left:right]
        part[:] = _lifted(part)
        places.append((float(left), float(top), float(right), float(bottom)))
    return lifted, tuple(places)


def _blots(red: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, right, bottom) of red areas of the size of a seal, a little widened."""
    joined = cv2.morphologyEx(red, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined)
    boxes = []
    for left, top, wide, tall, _ in stats[1:].tolist():
        if min(wide, tall) >= ROUND * max(wide, tall) and SMALLEST * WIDTH <= max(wide, tall) <= LARGEST * WIDTH:
            boxes.append((left - 4, top - 4, left + wide + 4, top + tall + 4))
    return boxes


def _is_seal(red: NDArray[np.uint8], box: tuple[int, int, int, int]) -> bool:
    """Whether a ring of red lies inside the box; large red print has none."""
    left, top, right, bottom = (max(0, edge) for edge in box)
    part = red[top:bottom, left:right]
    rim = np.zeros_like(part)
    centre, axes = (part.shape[1] // 2, part.shape[0] // 2), (part.shape[1] // 2 - 6, part.shape[0] // 2 - 6)
    cv2.ellipse(rim, centre, axes, 0, 0, 360, (1,), 5)
    grown = cv2.dilate(part, np.ones((3, 3), np.uint8))
    return float(grown[rim > 0].mean()) >= RIM


def _lifted(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Grey of the red channel, in which red ink is nearly as bright as paper; stretched so that it is quite so."""
    channel = part[:, :, 0].astype(np.float32)
    paper = float(np.percentile(channel, 90))
    ink = part.astype(np.int16)
    seal = (ink[:, :, 0] - ink[:, :, 1:].max(axis=2) > REDNESS) & (channel > 120)
    level = float(np.median(channel[seal])) if seal.any() else paper
    grey = (channel * (paper / max(1.0, min(level, paper)))).clip(0, paper).astype(np.uint8)
    return np.repeat(grey[:, :, None], 3, axis=2)
