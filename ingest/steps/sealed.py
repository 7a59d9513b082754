"""Reads once more, as it is, what stands under seals: lifting them off hurts thin print that is no darker than they."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ingest.context import Box, Line
from ingest.engines.geometry import in_reading_order
from ingest.engines.interface import OcrEngine

__all__ = ["read_under_seals"]

#: lines that are surer than this are right
SURE = 0.93
#: a strip reaches so far beyond a seal on either side, and above and below it, in its widths
BESIDE, ABOVE = 0.5, 0.06
#: what is read must be better by this factor to count, as a seal may lend strokes to it
BETTER = 1.2
#: lines of which two readings differ are not surer than this
DISPUTED = 0.97
#: a line that was not found before is believed if it has so many characters: the words of a seal are broken into fewer
LONG = 6


def read_under_seals(
    image: NDArray[np.uint8], lines: tuple[Line, ...], seals: Sequence[Box], engine: OcrEngine, *, dpi: int
) -> tuple[Line, ...]:
    """The lines, those under seals in the better of two readings. `image`: the RGB page with its seals upon it.

    `lines`: what was read after the seals were lifted off. Lines that are sure are left alone.
    """
    for seal in seals:
        under = [line for line in lines if _meet(_box(line), seal)]
        if under and all(line.confidence >= SURE for line in under):
            continue
        left, top, right, bottom = _strip(seal, under, image.shape)
        again = engine.recognise(np.ascontiguousarray(image[top:bottom, left:right]), dpi=dpi)
        lines = _bettered(lines, under, [_moved(line, left, top) for line in again])
    return lines


def _strip(seal: Box, under: Sequence[Line], shape: tuple[int, ...]) -> tuple[int, int, int, int]:
    """What holds the seal and all lines under it, in whole pixels of an image of this shape."""
    wide = seal[2] - seal[0]
    around = (seal[0] - BESIDE * wide, seal[1] - ABOVE * wide, seal[2] + BESIDE * wide, seal[3] + ABOVE * wide)
    boxes = [around, *(_wider(_box(line)) for line in under)]
    left, top = (max(0, round(min(box[side] for box in boxes))) for side in (0, 1))
    right, bottom = (min(shape[1 - n], round(max(box[2 + n] for box in boxes))) for n in (0, 1))
    return left, top, right, bottom


def _wider(box: Box) -> Box:
    """With as much around it as the line is high."""
    tall = box[3] - box[1]
    return box[0] - tall, box[1] - tall / 2, box[2] + tall, box[3] + tall / 2


def _bettered(lines: tuple[Line, ...], under: Sequence[Line], again: Sequence[Line]) -> tuple[Line, ...]:
    """The lines with those of `under` that were read better `again` in their places."""
    kept, left = list(lines), list(again)
    for line in under:
        level = [one for one in left if _level(one, line)]
        former = [one for one in kept if any(_level(one, other) for other in level)]
        if level and _worth(level) > BETTER * _worth(former):
            agreed = "".join(one.text for one in former) == "".join(one.text for one in level)
            kept = [one for one in kept if one not in former] + [one if agreed else _disputed(one) for one in level]
            left = [one for one in left if one not in level]
    kept += [
        one
        for one in left
        if len(one.text) >= LONG and one.confidence >= SURE and not any(_level(one, line) for line in kept)
    ]
    return tuple(in_reading_order(kept, [np.array(line.quad) for line in kept])) if set(kept) != set(lines) else lines


def _disputed(line: Line) -> Line:
    """The line, less sure: another reading of it was different."""
    return replace(line, confidence=min(line.confidence, DISPUTED))


def _worth(lines: Sequence[Line]) -> float:
    """About how many characters are right; doubtful ones count little."""
    return sum(len(line.text) * line.confidence**2 for line in lines)


def _level(one: Line, other: Line) -> bool:
    """Whether both stand on one line, and at one place of it."""
    (left, top, right, bottom), (its_left, its_top, its_right, its_bottom) = _box(one), _box(other)
    down = min(bottom, its_bottom) - max(top, its_top)
    return min(right, its_right) > max(left, its_left) and down > 0.5 * min(bottom - top, its_bottom - its_top)


def _meet(box: Box, other: Box) -> bool:
    return box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]


def _box(line: Line) -> Box:
    xs, ys = [x for x, _ in line.quad], [y for _, y in line.quad]
    return min(xs), min(ys), max(xs), max(ys)


def _moved(line: Line, right: float, down: float) -> Line:
    return replace(line, quad=tuple((x + right, y + down) for x, y in line.quad))
