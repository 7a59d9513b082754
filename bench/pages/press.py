"""Printing with ground truth: a typesetter that keeps where every character stands."""

from dataclasses import dataclass
from functools import cache

from PIL import ImageDraw

from ingest.context import Box
from samples.fonts import Face, FontBook
from samples.paper import BLACK, LEFT, RIGHT, WIDTH, Typesetter

__all__ = ["Press", "Print"]

#: what stands upright in vertical text, by what stands for it in print
STANDING = dict(zip("「」『』（）《》〔〕—…", "﹁﹂﹃﹄︵︶︽︾︹︺︱︙", strict=True))
#: the face of characters that another one lacks
SPARE = "ming"
Colour = tuple[int, int, int]


@dataclass(frozen=True)
class Print:
    """One printed line: its box in pixels of the sheet, and where along it each character begins, and the last ends.

    `places` are pixels from the left edge, or from the upper one where the line is a column.
    """

    text: str
    box: Box
    places: tuple[float, ...]
    column: bool = False


class Press(Typesetter):
    """Prints pages whose lines are known character by character. `prints` and `seals` hold a list for each sheet."""

    def __init__(self, fonts: FontBook, body: str = "fang", size: int = 66, pitch: int = 120) -> None:
        self.prints: list[list[Print]] = []
        self.seals: list[list[Box]] = []
        super().__init__(fonts, body, size, pitch)

    def _begin(self) -> None:
        super()._begin()
        self.prints.append([])
        self.seals.append([])

    def put(self, text: str, x: float, face: str, size: int, colour: Colour = BLACK) -> None:
        """See Typesetter."""
        if not text.strip():
            return
        font = self.fonts.face(face, size)
        self._draw(text, x, face, size, colour)
        self.sheets[-1].lines.append(text)
        _, top, _, bottom = font.getbbox("国Hg")
        places = [x + font.getlength(text[:n]) for n in range(len(text) + 1)]
        edge = size * 0.06
        box = (places[0], self.y + top - edge, places[-1], self.y + bottom + edge)
        self.prints[-1].append(Print(text, box, tuple(places)))

    def _draw(self, text: str, x: float, face: str, size: int, colour: Colour) -> None:
        """Characters that the face lacks come from another one, as in an office's printer."""
        font = self.fonts.face(face, size)
        if all(_has(font, char) for char in text):
            self.draw.text((x, self.y), text, font=font, fill=colour)
            return
        for n, char in enumerate(text):
            place = (x + font.getlength(text[:n]), self.y + size)
            own = font if _has(font, char) else self.fonts.face(SPARE, size)
            self.draw.text(place, char, font=own, fill=colour, anchor="ls")

    def column(self, text: str, x: float, y: float, face: str, size: int, gap: float = 0.06) -> float:
        """One line of vertical text from (x, y) downwards, its left edge at x; returns where it ends."""
        font, spare = self.fonts.face(face, size), self.fonts.face(SPARE, size)
        step = size * (1 + gap)
        for n, char in enumerate(STANDING.get(char, char) for char in text):
            middle = (x + size / 2, y + (n + 0.5) * step)
            self.draw.text(middle, char, font=font if _has(font, char) else spare, fill=BLACK, anchor="mm")
        places = tuple(y + n * step for n in range(len(text) + 1))
        self.prints[-1].append(Print(text, (x, places[0], x + size, places[-1]), places, column=True))
        self.sheets[-1].lines.append(text)
        return places[-1]

    def table(self, rows: list[list[str]], widths: list[float]) -> None:
        """See Typesetter; it may run over several sheets."""
        size, height = int(self.size * 0.82), int(self.pitch * 0.86)
        edges = [LEFT + (RIGHT - LEFT) * sum(widths[:n]) / sum(widths) for n in range(len(widths) + 1)]
        for row in rows:
            self._room(height)
            top = self.y
            for n, cell in enumerate(row):
                self.draw.rectangle([edges[n], top, edges[n + 1], top + height], outline=BLACK, width=3)
                self.y = top + (height - size) / 2 - 6
                self.put(cell, (edges[n] + edges[n + 1] - self.width(cell, self.body, size)) / 2, self.body, size)
            self.y = top + height
        self.space(0.5)

    def seal(self, name: str, x: float, y: float, radius: int = 240) -> None:
        """See Typesetter."""
        super().seal(name, x, y, radius)
        self.seals[-1].append((x + 10, y + 10, x + 2 * radius + 10, y + 2 * radius + 10))

    def number_pages(self) -> None:
        """See Typesetter."""
        for number, sheet in enumerate(self.sheets, 1):
            self.draw, self.y = ImageDraw.Draw(sheet.image), 3190
            text = f"— {number} —"
            self._put_on(number - 1, text, (WIDTH - self.width(text, self.body, 56)) / 2)

    def _put_on(self, sheet: int, text: str, x: float) -> None:
        self.put(text, x, self.body, 56)
        self.prints[sheet].append(self.prints[-1].pop())


@cache
def _has(font: Face, char: str) -> bool:
    """Whether the face has the character: one that it lacks looks like one that there is not."""
    return char.isspace() or bytes(font.getmask(char)) != bytes(font.getmask("\uffff"))
