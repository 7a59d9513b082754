"""Makes lines of the pipeline from what engines say: tidy blanks, edges of characters, plain numbers."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from ingest.context import Line
from ingest.engines.geometry import Quad
from ingest.engines.recogniser import Reading
from ingest.engines.script import Script
from ingest.engines.spelling import as_printed

__all__ = ["Word", "line_from_centres", "line_from_words", "without_inner_blanks"]

#: text, upright box (left, top, width, height) in pixels, confidence 0..1
Word = tuple[str, tuple[int, int, int, int], float]
#: scripts from here on put no blanks between words
FIRST_EASTERN = "\u2e80"


def line_from_centres(reading: Reading, quad: Quad, script: Script) -> Line:
    """A line of a page in this script, whose characters are bounded half-way between their centres."""
    read = as_printed(reading.text, script)
    kept = without_inner_blanks(read)
    text = "".join(" " if read[n].isspace() else read[n] for n in kept)
    corners = tuple((round(float(x), 1), round(float(y), 1)) for x, y in quad)
    return Line(text, corners, _edges([reading.centres[n] for n in kept]), round(reading.confidence, 4))


def line_from_words(words: Sequence[Word], *, column: bool = False) -> Line:
    """A line of words with upright boxes, or a column of them; the characters of a word share its box evenly."""
    left, top = min(box[0] for _, box, _ in words), min(box[1] for _, box, _ in words)
    right, bottom = max(box[0] + box[2] for _, box, _ in words), max(box[1] + box[3] for _, box, _ in words)
    start, end = (top, bottom) if column else (left, right)
    text, places = _joined(words, column)
    kept = without_inner_blanks(text)
    starts = [(places[n] - start) / max(1, end - start) for n in kept]
    corners = [(left, top), (right, top), (right, bottom), (left, bottom)]
    confidence = sum(len(text) * sure for text, _, sure in words) / sum(len(text) for text, _, _ in words)
    bounds = np.maximum.accumulate(np.clip([*starts, 1.0], 0, 1))
    quad = tuple((float(x), float(y)) for x, y in (corners[1:] + corners[:1] if column else corners))
    return Line("".join(text[n] for n in kept), quad, tuple(bounds.round(4).tolist()), round(confidence, 4))


def _joined(words: Sequence[Word], column: bool) -> tuple[str, list[float]]:
    """The words with blanks between them, and where each character begins in pixels."""
    text, starts, end = "", [], 0.0
    for word, (left, top, width, height), _ in words:
        start, length = (top, height) if column else (left, width)
        if text:
            text += " "
            starts.append(end)
        starts += [start + length * n / len(word) for n in range(len(word))]
        text, end = text + word, float(start + length)
    return text, starts


def without_inner_blanks(text: str) -> list[int]:
    """Indexes of the characters to keep: a blank stays only between two western words, never beside a Han character."""
    kept: list[int] = []
    for n, char in enumerate(text):
        if not char.isspace() or (kept and _is_western(text[kept[-1]]) and _is_western(text[n + 1 :].lstrip()[:1])):
            kept.append(n)
    return kept


def _is_western(char: str) -> bool:
    """True for letters, digits and signs of scripts that put blanks between words; False for a blank and for ""."""
    return bool(char) and not char.isspace() and char < FIRST_EASTERN


def _edges(centres: Sequence[float]) -> tuple[float, ...]:
    """len + 1 ascending bounds of the characters that have these centres."""
    if not centres:
        return (0.0,)
    inner = [(a + b) / 2 for a, b in pairwise(centres)]
    first = max(0.0, 2 * centres[0] - inner[0]) if inner else 0.0
    last = min(1.0, 2 * centres[-1] - inner[-1]) if inner else 1.0
    return tuple(round(edge, 4) for edge in (first, *inner, last))
