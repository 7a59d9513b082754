"""Tells how far a page lies askew, and how tall its print is, by the boxes of its lines."""

import math
from bisect import bisect_left
from itertools import accumulate
from statistics import median

from ingest.context import Line, PageText

__all__ = ["box_height", "skew"]

#: lines have to be so many times as long as tall together; shorter ones than the second are no lines
TOGETHER, EACH = 25.0, 3.0


def skew(text: PageText) -> float:
    """Degrees by which the lines of the page, or its columns, rise or fall; 0 if there are too few to tell."""
    long = [line for line in text.lines if _length(line) >= EACH * _thickness(line)]
    lengths = sum(_length(line) / max(1.0, _thickness(line)) for line in long)
    if lengths < TOGETHER:
        return 0.0
    return abs(_middle_of([(_slope(line), _length(line)) for line in long]))


def box_height(text: PageText) -> float:
    """The usual height of a line's box, in pixels; 0 if there is no line."""
    return median(_thickness(line) for line in text.lines) if text.lines else 0.0


def _middle_of(weighted: list[tuple[float, float]]) -> float:
    """The value that half of all weight lies below."""
    ordered = sorted(weighted)
    passed = list(accumulate(weight for _, weight in ordered))
    return ordered[bisect_left(passed, passed[-1] / 2)][0]


def _slope(line: Line) -> float:
    """Degrees from the nearer of level and upright."""
    (x, y), (to_x, to_y) = line.quad[0], line.quad[1]
    return (math.degrees(math.atan2(to_y - y, to_x - x)) + 45) % 90 - 45


def _length(line: Line) -> float:
    return max(_sides(line))


def _thickness(line: Line) -> float:
    return min(_sides(line))


def _sides(line: Line) -> tuple[float, float]:
    return math.dist(line.quad[0], line.quad[1]), math.dist(line.quad[1], line.quad[2])
