"""Lifts round seals off a page before it is read: what is written under them comes back, their own words go.

Red ones are known by their colour, on grey scans by their ring.
"""

from typing import Any

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
#: on a page without colour rings are sought on a copy of this width; so much of a rim is dark, so little beside it
RING_WIDTH, RING, OUTSIDE = 400, 0.85, 0.4
#: the colours of a grey page differ by less than this
COLOUR = 24
#: grain of a scan is smoothed so much, in pixels, to tell print from seal
GRAIN = 0.8
#: print is darker than the seal by the first share of the way to the blackest print, near such ink by the second
SURE, LIKELY, NEAR = 0.35, 0.12, 9
#: the blackest per cent of a page is print, also where little is printed
PRINT = 0.1
#: the star in the middle reaches so far to the rim, the words begin there
STAR, WORDS = 0.36, 0.55
#: circles are tried strongest first
MOST_CIRCLES = 12
#: grey levels between print and a seal's ink, without which they cannot be told apart
APART = 40


def without_seals(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[Box, ...]]:
    """The RGB page with its seals replaced by what the red channel shows there, and where they are.

    The same array if it has none.
    """
    small, scale = _narrowed(image, WIDTH)
    reds, greens, blues = cv2.split(small)
    strongest, weakest = cv2.max(cv2.max(reds, greens), blues), cv2.min(cv2.min(reds, greens), blues)
    if int(cv2.subtract(strongest, weakest).max()) < COLOUR:
        return _without_grey_seals(image)
    red = (cv2.subtract(reds, cv2.max(greens, blues)) > REDNESS).astype(np.uint8)
    places = [_enlarged(box, scale) for box in _blots(red) if _is_seal(red, box)]
    if not places:
        return image, ()
    lifted = image.copy()
    for left, top, right, bottom in places:
        part = lifted[top:bottom, left:right]
        part[:] = _lifted(part)
    return lifted, _as_boxes(places)


def _without_grey_seals(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[Box, ...]]:
    """The same for a page without colour: seals are rings, paler than print unless the scan is black and white."""
    small, scale = _narrowed(image, RING_WIDTH)
    places = [_enlarged(box, scale) for box in _rings(np.ascontiguousarray(small[:, :, 0]))]
    if not places:
        return image, ()
    lifted, print_level = image.copy(), float(np.percentile(image[::4, ::4, 0], PRINT))
    for left, top, right, bottom in places:
        part = lifted[top:bottom, left:right]
        part[:] = _without_pale(part, print_level)
    return lifted, _as_boxes(places)


def _narrowed(image: NDArray[np.uint8], width: int) -> tuple[NDArray[np.uint8], float]:
    scale = width / image.shape[1]
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8), scale


def _enlarged(box: tuple[int, int, int, int], scale: float) -> tuple[int, int, int, int]:
    left, top, right, bottom = (max(0, round(edge / scale)) for edge in box)
    return left, top, right, bottom


def _as_boxes(places: list[tuple[int, int, int, int]]) -> tuple[Box, ...]:
    return tuple((float(left), float(top), float(right), float(bottom)) for left, top, right, bottom in places)


def _rings(grey: NDArray[np.uint8]) -> list[tuple[int, int, int, int]]:
    """Boxes (left, top, right, bottom) of circles whose rim is darker than the paper nearly all the way round."""
    smallest, largest = int(SMALLEST * RING_WIDTH / 2), int(LARGEST * RING_WIDTH / 2)
    found = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT, 1, smallest, param1=120, param2=30, minRadius=smallest, maxRadius=largest
    )
    if found is None:
        return []
    paper = cv2.medianBlur(cv2.dilate(grey, np.ones((5, 5), np.uint8)), 31).astype(np.int16)
    dark = (paper - grey > COLOUR).astype(np.uint8)
    boxes = []
    for x, y, radius in np.asarray(found, np.float32).reshape(-1, 3)[:MOST_CIRCLES].tolist():
        if _is_ring(dark, x, y, radius):
            reach = radius + 3
            boxes.append((int(x - reach), int(y - reach), round(x + reach), round(y + reach)))
    return boxes


def _is_ring(dark: NDArray[np.uint8], x: float, y: float, radius: float) -> bool:
    """Whether nearly every direction from the centre meets ink at the radius, and few do a little outside it."""
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    on, outside = (_met(dark, x, y, angles, radius + step) for step in (np.arange(-2, 3), np.arange(5, 7)))
    return float(on.mean()) >= RING and float(outside.mean()) <= OUTSIDE


def _met(dark: NDArray[np.uint8], x: float, y: float, angles: NDArray[Any], radii: NDArray[Any]) -> NDArray[np.bool_]:
    across = np.rint(x + np.outer(np.cos(angles), radii)).astype(int).clip(0, dark.shape[1] - 1)
    down = np.rint(y + np.outer(np.sin(angles), radii)).astype(int).clip(0, dark.shape[0] - 1)
    return np.asarray(dark[down, across].any(axis=1))


def _without_pale(part: NDArray[np.uint8], print_level: float) -> NDArray[np.uint8]:
    """Paper where the ink of the seal that fills this part is, if it is paler than print; unchanged otherwise."""
    grey = np.ascontiguousarray(part[:, :, 0])
    soft = np.asarray(cv2.GaussianBlur(grey, (0, 0), GRAIN), np.uint8)
    paper, seal = float(np.percentile(grey, 75)), _rim_level(soft)
    if min(seal - print_level, paper - seal) < APART:
        return part
    sure, likely = ((soft < seal - share * (seal - print_level)).astype(np.uint8) for share in (SURE, LIKELY))
    written = cv2.bitwise_and(cv2.dilate(sure, np.ones((NEAR, NEAR), np.uint8)), likely)
    written = cv2.dilate(written, np.ones((3, 3), np.uint8))
    kept = (written > 0) | _between_star_and_words(grey.shape)
    return np.repeat(np.where(kept, grey, np.uint8(paper)).astype(np.uint8)[:, :, None], 3, axis=2)


def _between_star_and_words(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Where a round seal is empty, of a picture that it fills."""
    down, across = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    distance = np.hypot(down, across)
    return np.asarray((distance > STAR) & (distance < WORDS))


def _rim_level(grey: NDArray[np.uint8]) -> float:
    """The grey of a ring that touches the edges of this picture, or nearly: of its darkest pixel in each direction."""
    middle, reach = (grey.shape[1] / 2, grey.shape[0] / 2), min(grey.shape) / 2
    angles, radii = np.linspace(0, 2 * np.pi, 180, endpoint=False), np.linspace(0.88, 1, 24) * reach
    across = np.rint(middle[0] + np.outer(np.cos(angles), radii)).astype(int).clip(0, grey.shape[1] - 1)
    down = np.rint(middle[1] + np.outer(np.sin(angles), radii)).astype(int).clip(0, grey.shape[0] - 1)
    return float(np.median(grey[down, across].min(axis=1)))


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
