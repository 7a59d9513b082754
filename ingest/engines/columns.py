"""Vertical text: puts back the marks, and sometimes characters, that the recogniser passes over in a column."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ingest.engines.geometry import Quad
from ingest.engines.recogniser import FULL, Reading, cut_line
from ingest.engines.script import is_han

__all__ = ["with_gaps_read"]

#: a column of fewer characters has no pitch
FEW = 4
#: neighbours further apart than this many pitches have something between them
GAP = 1.5
#: half the height of a cell, in pitches: its neighbours stay outside
HALF = 0.45
#: a character, not a mark, that stands in a gap must be this sure
SURE = 0.9
#: what the recogniser sees in a mark that stands alone
SEEN = {"。": "。○〇0OoQCc°.", "、": "、丶\\`", "，": "，,’'‘i1l!)", "；": "；;", "：": "：:", "·": "·•・"}
MARKS = {seen: mark for mark, all_seen in SEEN.items() for seen in all_seen}
#: a mark that is not recognised is the commonest one, if this share of its cell is ink
COMMONEST, LEAST_INK, MOST_INK = "，", 0.004, 0.12


def with_gaps_read(
    reading: Reading, image: NDArray[np.uint8], column: Quad, read: Callable[[Quad], Reading]
) -> Reading:
    """The reading of a column of an image with what stands in its gaps and at its end; `read` reads a box as a line."""
    if len(reading.text) < FEW:
        return reading
    pitch = float(np.median(np.diff(reading.centres)))
    end = reading.centres[-1] + pitch
    grey = cut_line(image, column, FULL)[:, :, 1]
    ink = (float(np.percentile(grey, 3)) + float(np.percentile(grey, 85))) / 2
    for centre in [*_gaps(reading.centres, pitch), end]:
        cell = _cell(column, centre - HALF * pitch, centre + HALF * pitch)
        share = float((cut_line(image, cell, FULL)[:, :, 1] < ink).mean())
        if share < LEAST_INK:
            continue
        found = read(cell)
        guess = COMMONEST if centre != end and share <= MOST_INK else ""
        if char := _believed(found) or guess:
            reading = _inserted(reading, char, min(1.0, centre), found.confidence)
    return reading


def _gaps(centres: tuple[float, ...], pitch: float) -> list[float]:
    """Where characters are missing, as shares of the column's length."""
    gaps = []
    for start, end in pairwise(centres):
        missing = round((end - start) / pitch) - 1 if end - start > GAP * pitch else 0
        gaps += [start + (end - start) * n / (missing + 1) for n in range(1, missing + 1)]
    return gaps


def _cell(column: Quad, start: float, end: float) -> Quad:
    """The upright box of one character, clockwise from its top left corner."""
    right, left = column[1] - column[0], column[2] - column[3]
    corners = (column[3] + left * start, column[0] + right * start, column[0] + right * end, column[3] + left * end)
    return np.array(corners, np.float32)


def _believed(found: Reading) -> str:
    if len(found.text) != 1:
        return ""
    if is_han(found.text) and found.weakest >= SURE and found.text not in MARKS:
        return found.text
    return MARKS.get(found.text, "")


def _inserted(reading: Reading, char: str, centre: float, chance: float) -> Reading:
    n = sum(other < centre for other in reading.centres)
    return replace(
        reading,
        text=reading.text[:n] + char + reading.text[n:],
        centres=(*reading.centres[:n], centre, *reading.centres[n:]),
        chances=(*reading.chances[:n], chance, *reading.chances[n:]),
    )
