"""Pages laid out from text alone, as recognition would give them: for rules that read layouts."""

from ingest.context import Line, PageText

__all__ = ["laid_out"]

WIDTH, HEIGHT = 2480, 3508
LEFT, RIGHT, TOP, PITCH, SIZE = 331, 2173, 437, 120, 66
#: mark at the start of a line -> (size of its print, where it stands)
MARKS = {"!": (150, "centre"), "#": (92, "centre"), "^": (66, "centre"), ">": (66, "right"), "_": (66, "indent")}


def laid_out(text: str) -> PageText:
    """A page of the lines of `text`. `!` red head, `#` title, `^` centred, `>` right, `_` indented; else flush left."""
    rows = [line.strip() for line in text.strip().splitlines()]
    lines = [_line(row, TOP + number * PITCH) for number, row in enumerate(rows) if row]
    return PageText(WIDTH, HEIGHT, tuple(lines), "laid out/1")


def _line(row: str, top: float) -> Line:
    size, place = MARKS.get(row[0], (SIZE, "left"))
    text = row[1:] if row[0] in MARKS else row
    size = min(size, (RIGHT - LEFT) // max(1, len(text))) if place == "centre" else size
    wide = sum(size if char > "\u2e80" else size / 2 for char in text)
    left = {"centre": (WIDTH - wide) / 2, "right": RIGHT - 3 * SIZE - wide, "indent": LEFT + 2 * SIZE, "left": LEFT}[
        place
    ]
    tall = size * 1.25
    quad = ((left, top), (left + wide, top), (left + wide, top + tall), (left, top + tall))
    edges = tuple(n / len(text) for n in range(len(text) + 1))
    return Line(text, quad, edges, 1.0)
