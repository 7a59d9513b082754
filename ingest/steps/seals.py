"""Lifts round seals off a page before it is read: what is written under them comes back, their own words go.

They are known by their ring: of red ink on pages in colour, on grey scans of ink that is paler than print.
"""

from collections.abc import Callable
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.context import Box
from ingest.engines.scaling import scaled
from ingest.steps.reduction import reduced

__all__ = ["without_seals"]

#: rings are sought on a copy of this width
WIDTH = 400
#: diameters of seals as shares of the page width: 42 mm is usual on A4, small ones have 30
SMALLEST, LARGEST = 0.09, 0.32
#: circles are tried strongest first
MOST_CIRCLES = 12
#: a rim is inked in at least this share of all directions, just outside it in at most that; print is seldom red
RED_RIM, GREY_RIM, OUTSIDE = 0.75, 0.92, 0.4
#: ink differs from paper by so many grey levels; red is so much stronger than green and blue
INK, REDNESS = 24, 40
#: grey levels between print and a seal's ink, without which they cannot be told apart
APART = 40
#: grain of a scan is smoothed so much, in pixels, to tell print from seal
GRAIN = 0.8
#: the blackest per cent of a page is print, also where little is printed
PRINT = 0.1
#: print is darker than the seal by the first share of the way to the blackest print, near such ink by the second
SURE, LIKELY, NEAR = 0.35, 0.12, 9
#: the star in the middle reaches so far to the rim, the words begin there
STAR, WORDS = 0.36, 0.55

#: left, top, right, bottom in whole pixels
Place = tuple[int, int, int, int]


def without_seals(image: NDArray[np.uint8]) -> tuple[NDArray[np.uint8], tuple[Box, ...]]:
    """The RGB page with its seals replaced by paper and by what is written under them, and where they are.

    The same array if it has none.
    """
    scale = WIDTH / image.shape[1]
    small = scaled(reduced(image), WIDTH, round(image.shape[0] * scale))
    red = _redness(small)
    coloured = int(red.max()) >= INK
    if coloured:
        rings = _rings(cv2.bitwise_not(red), lambda: red > REDNESS, RED_RIM)
    else:
        grey = np.asarray(cv2.extractChannel(small, 0), np.uint8)
        rings = _rings(grey, lambda: _darkness(grey) > INK, GREY_RIM)
    if not rings:
        return image, ()
    places = [_enlarged(ring, scale, image.shape) for ring in rings]
    lifted, print_level = image.copy(), float(np.percentile(image[::4, ::4, 0], PRINT))
    for left, top, right, bottom in places:
        part = lifted[top:bottom, left:right]
        part[:] = _without_red(part) if coloured else _without_pale(part, print_level)
    return lifted, tuple((float(a), float(b), float(c), float(d)) for a, b, c, d in places)


def _redness(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By how much red exceeds the other colours."""
    red, green, blue = cv2.split(image)
    return np.asarray(cv2.subtract(red, cv2.max(green, blue)), np.uint8)


def _darkness(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """By how much a pixel is darker than the paper around it."""
    paper = cv2.medianBlur(cv2.dilate(grey, np.ones((5, 5), np.uint8)), 31)
    return np.asarray(cv2.subtract(paper, grey), np.uint8)


def _rings(grey: NDArray[Any], ink: Callable[[], NDArray[np.bool_]], rim: float) -> list[tuple[float, float, float]]:
    """Centre and radius of the circles on a lighter ground, inked in the share `rim` of all directions."""
    smallest, largest = int(SMALLEST * WIDTH / 2), int(LARGEST * WIDTH / 2)
    found = cv2.HoughCircles(
        grey, cv2.HOUGH_GRADIENT, 1, smallest,
        param1=120, param2=30, minRadius=smallest, maxRadius=largest,
    )  # fmt: skip
    if found is None:
        return []
    circles = [(x, y, radius) for x, y, radius in np.asarray(found).reshape(-1, 3)[:MOST_CIRCLES].tolist()]
    inked = ink()
    return [circle for circle in circles if _is_ring(inked, circle, rim)]


def _is_ring(ink: NDArray[np.bool_], circle: tuple[float, float, float], rim: float) -> bool:
    x, y, radius = circle
    on, outside = (_inked(ink, x, y, radius + step) for step in (np.arange(-2, 3), np.arange(5, 7)))
    return on >= rim and outside <= OUTSIDE


def _inked(ink: NDArray[np.bool_], x: float, y: float, radii: NDArray[Any]) -> float:
    """In which share of all directions from a centre ink is met at one of the radii."""
    return float(_around(ink, x, y, radii).any(axis=1).mean())


def _around(picture: NDArray[Any], x: float, y: float, radii: NDArray[Any]) -> NDArray[Any]:
    """The values at these distances from a centre, a row for each of 120 directions."""
    angles = np.linspace(0, 2 * np.pi, 120, endpoint=False)
    across = np.rint(x + np.outer(np.cos(angles), radii)).astype(int).clip(0, picture.shape[1] - 1)
    down = np.rint(y + np.outer(np.sin(angles), radii)).astype(int).clip(0, picture.shape[0] - 1)
    return np.asarray(picture[down, across])


def _enlarged(circle: tuple[float, float, float], scale: float, shape: tuple[int, ...]) -> Place:
    """The box of a circle that was found at `scale`, a little widened, in an image of that shape."""
    x, y, reach = circle[0] / scale, circle[1] / scale, (circle[2] * 1.03 + 3) / scale
    left, top = max(0, round(x - reach)), max(0, round(y - reach))
    return left, top, min(shape[1], round(x + reach)), min(shape[0], round(y + reach))


def _without_red(part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The red channel where ink is red, in which it is nearly as bright as paper; stretched so that it is quite so."""
    channel = part[:, :, 0].astype(np.float32)
    paper = np.percentile(part.reshape(-1, 3), 90, axis=0)
    red = _redness(part)
    inked = cv2.dilate((red > REDNESS / 2).astype(np.uint8), np.ones((5, 5), np.uint8)) > 0
    seal = (red > REDNESS) & (channel > 120)
    level = min(float(np.median(channel[seal])) if seal.any() else paper[0], paper[0])
    share = (channel / max(1.0, level)).clip(0, 1)[:, :, None]
    return np.where(inked[:, :, None], share * paper, part).astype(np.uint8)


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
    kept = (written > 0) | _where_seals_are_empty(grey.shape)
    return np.repeat(np.where(kept, grey, np.uint8(paper))[:, :, None], 3, axis=2)


def _rim_level(grey: NDArray[np.uint8]) -> float:
    """The grey of a ring that nearly touches the edges of this picture: of its darkest pixel in each direction."""
    tall, wide = grey.shape
    radii = np.linspace(0.86, 1, 24) * min(tall, wide) / 2
    return float(np.median(_around(grey, wide / 2, tall / 2, radii).min(axis=1)))


def _where_seals_are_empty(shape: tuple[int, ...]) -> NDArray[np.bool_]:
    """Between the star and the words of a seal that fills a picture, and in its corners."""
    down, across = np.ogrid[-1 : 1 : shape[0] * 1j, -1 : 1 : shape[1] * 1j]
    distance = np.hypot(down, across)
    return np.asarray(((distance > STAR) & (distance < WORDS)) | (distance > 1))
