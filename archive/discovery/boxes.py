"""Where a piece of a page's text stands on the image: exact to the character, also on lines that are not straight."""

from collections.abc import Iterator

from ingest.context import Line, PageText

__all__ = ["Quad", "boxes_of"]

Quad = list[list[float]]


def boxes_of(text: PageText, start: int, end: int) -> list[Quad]:
    """The corners, in pixels of the page, of the characters from `start` to before `end`: one quad a line.

    Corners go clockwise from the start of the line, as in `Line.quad`.
    """
    return [_cut(line, first, last) for line, first, last in _touched(text, start, end)]


def _touched(text: PageText, start: int, end: int) -> Iterator[tuple[Line, int, int]]:
    offset = 0
    for line in text.lines:
        first, last = max(start - offset, 0), min(end - offset, len(line.text))
        if first < last:
            yield line, first, last
        offset += len(line.text) + 1


def _cut(line: Line, first: int, last: int) -> Quad:
    """The part of a line's quad between two of its characters' edges."""
    start_top, end_top, end_bottom, start_bottom = line.quad
    near, far = line.edges[first], line.edges[last]
    return [
        _between(start_top, end_top, near),
        _between(start_top, end_top, far),
        _between(start_bottom, end_bottom, far),
        _between(start_bottom, end_bottom, near),
    ]


def _between(start: tuple[float, ...], end: tuple[float, ...], share: float) -> list[float]:
    return [round(a + (b - a) * share, 1) for a, b in zip(start, end, strict=True)]
