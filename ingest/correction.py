"""What a person makes of a machine's reading: other words in the same places. Pure.

A corrected character stands where the one it replaces stood; what was right keeps its place to the pixel. So hits in
corrected text are marked on the image as exactly as in any other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher

from ingest.context import Box, Line, PageText

__all__ = ["NewLine", "correct_line", "correct_page", "turn_text"]

#: what a person wrote is not doubted
_SURE = 1.0


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line as a person leaves it: `index` of the line it was, or the `box` it lies in where the machine saw none."""

    text: str
    index: int | None = None
    box: Box | None = None


def correct_page(read: PageText, lines: Sequence[NewLine]) -> PageText:
    """The page with these lines in this order; lines that are not named, or emptied, are gone.

    Raises IndexError for a line that the page does not have, ValueError for one without a place.
    """
    kept = [_placed(read, line) for line in lines]
    return replace(read, lines=tuple(line for line in kept if line.text))


def correct_line(line: Line, text: str) -> Line:
    """The line with another text in its place. Characters that stay keep their edges; others share what is left."""
    if text == line.text:
        return line
    if not text:
        return replace(line, text="", edges=(line.edges[0],), confidence=_SURE)
    edges = [line.edges[0]]
    for kind, start, end, first, last in SequenceMatcher(None, line.text, text, autojunk=False).get_opcodes():
        if kind == "equal":
            edges += line.edges[start + 1 : end + 1]
        elif first == last:
            # what was deleted leaves its room to the character before it, or, at the start, to the first one
            edges[-1] = line.edges[end] if len(edges) > 1 else edges[-1]
        else:
            edges += _shared(edges, line.edges[end], last - first)
    return replace(line, text=text, edges=tuple(round(edge, 5) for edge in edges), confidence=_SURE)


def turn_text(read: PageText, degrees: int) -> PageText:
    """The same text on the page turned clockwise by 0, 90, 180 or 270 degrees more."""
    for _ in range(degrees // 90 % 4):
        tall = read.height
        lines = tuple(replace(line, quad=tuple((tall - y, x) for x, y in line.quad)) for line in read.lines)
        seals = tuple((tall - bottom, left, tall - top, right) for left, top, right, bottom in read.seals)
        read = replace(read, width=tall, height=read.width, lines=lines, seals=seals)
    return read


def _placed(read: PageText, line: NewLine) -> Line:
    text = " ".join(line.text.split())
    if line.index is not None:
        if not 0 <= line.index < len(read.lines):
            raise IndexError(line.index)
        was = read.lines[line.index]
        return was if line.text == was.text else correct_line(was, text)
    if line.box is None:
        raise ValueError("a line that was not read needs a place")
    left, top, right, bottom = line.box
    if not (0 <= left < right <= read.width and 0 <= top < bottom <= read.height):
        raise ValueError("the place of a line lies on its page")
    quad = ((left, top), (right, top), (right, bottom), (left, bottom))
    edges = tuple(round(n / len(text), 5) for n in range(len(text) + 1)) if text else (0.0,)
    return Line(text, quad, edges, _SURE)


def _shared(edges: list[float], end: float, count: int) -> list[float]:
    """Edges of `count` characters up to `end`. An insertion has no room of its own: it halves the character before."""
    start = edges[-1]
    if end - start < 1e-9 and len(edges) > 1:
        start = edges[-1] = (edges[-2] + edges[-1]) / 2
    return [start + (end - start) * n / count for n in range(1, count + 1)]
