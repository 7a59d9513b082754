"""Boxes of lines on a page: their corners, their lengths, and the order in which a person reads them."""

import math
from collections.abc import Sequence
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

__all__ = ["Quad", "clockwise", "height", "in_reading_order", "is_column", "longer", "lying", "stretch_of", "width"]

#: four corners (x, y), clockwise from the top left, shape (4, 2)
Quad = NDArray[np.float32]
Item = TypeVar("Item")


def clockwise(corners: NDArray[np.float32]) -> Quad:
    """The same four corners, clockwise from the top left."""
    across, down = (corners - corners.mean(axis=0)).T
    around = corners[np.argsort(np.arctan2(down, across))]
    return np.asarray(np.roll(around, -int(around.sum(axis=1).argmin()), axis=0), np.float32)


def width(quad: Quad) -> float:
    """Length of the longer of top and bottom, in pixels."""
    return max(_distance(quad, 0, 1), _distance(quad, 3, 2))


def height(quad: Quad) -> float:
    """Length of the longer of the two sides, in pixels."""
    return max(_distance(quad, 0, 3), _distance(quad, 1, 2))


def lying(quad: Quad) -> Quad:
    """A column turned so that it starts at its top right corner and runs downwards as a line; a line unchanged."""
    return quad[[1, 2, 3, 0]] if height(quad) >= 1.5 * width(quad) else quad


def longer(quad: Quad, more: float) -> Quad:
    """The quad with `more` pixels at both ends of the line."""
    along = (quad[1] - quad[0]) / max(1.0, _distance(quad, 0, 1)) * np.float32(more)
    return np.asarray(quad + np.array([-along, along, along, -along]), np.float32)


def stretch_of(quad: Quad, start: float, end: float) -> Quad:
    """The part of a line's box between two shares of its length."""
    above, below = quad[1] - quad[0], quad[2] - quad[3]
    corners = (quad[0] + above * start, quad[0] + above * end, quad[3] + below * end, quad[3] + below * start)
    return np.array(corners, np.float32)


def in_reading_order(items: Sequence[Item], quads: Sequence[Quad]) -> list[Item]:
    """Items by the place of their boxes: row after row, each from its start; columns are rows too (see `lying`)."""
    if not items:
        return []
    slope = float(np.median([math.atan2(*(quad[1] - quad[0])[::-1]) for quad in quads]))
    depth = [float(quad[:, 1].mean() * math.cos(slope) - quad[:, 0].mean() * math.sin(slope)) for quad in quads]
    along = [float((quad[:, 0] * math.cos(slope) + quad[:, 1] * math.sin(slope)).min()) for quad in quads]
    sizes = [_distance(quad, 0, 3) for quad in quads]
    rows: list[list[int]] = []
    for n in sorted(range(len(quads)), key=depth.__getitem__):
        middle = float(np.mean([depth[m] for m in rows[-1]])) if rows else 0.0
        if rows and abs(depth[n] - middle) < 0.5 * min(sizes[n], sizes[rows[-1][0]]):
            rows[-1].append(n)
        else:
            rows.append([n])
    return [items[n] for row in rows for n in sorted(row, key=along.__getitem__)]


def is_column(quad: Quad) -> bool:
    """True for a box of several characters below each other, after `lying`: its first side runs down the page."""
    across, down = abs(quad[1] - quad[0])
    return bool(down > 2 * across)


def _distance(quad: Quad, start: int, end: int) -> float:
    return float(np.linalg.norm(quad[end] - quad[start]))
