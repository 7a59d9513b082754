"""Printing: sets a document on A4 sheets at 300 dpi as GB/T 9704 asks, and keeps each printed line as ground truth."""

import math
from dataclasses import dataclass, field

from PIL import Image, ImageChops, ImageDraw

from samples.fonts import FontBook

__all__ = ["Sheet", "Typesetter"]

WIDTH, HEIGHT = 2480, 3508
LEFT, RIGHT, TOP, BOTTOM = 331, 2173, 437, 3095  # the 156 x 225 mm type area
PITCH = 120  # 22 lines a page
BODY, TITLE = 66, 92  # sizes 3 and 2 in pixels
RED, BLACK = (206, 24, 30), (28, 28, 30)
#: seal ink lets print show through; in grey and black and white a worn seal is all that stays readable
SEAL, WORN_SEAL = (222, 62, 66), (240, 150, 152)
NEVER_FIRST = "，。、；：？！）》”〕】%"


@dataclass
class Sheet:
    """One printed page and the lines on it, top to bottom."""

    image: Image.Image = field(default_factory=lambda: Image.new("RGB", (WIDTH, HEIGHT), "white"))
    lines: list[str] = field(default_factory=list)


class Typesetter:
    """Fills sheets from top to bottom; a new sheet is begun when the type area is full."""

    def __init__(self, fonts: FontBook, body: str = "fang", size: int = BODY, pitch: int = PITCH) -> None:
        self.fonts, self.body, self.size, self.pitch = fonts, body, size, pitch
        self.seal_ink = SEAL
        self.sheets: list[Sheet] = []
        self._begin()

    def _begin(self) -> None:
        self.sheets.append(Sheet())
        self.draw = ImageDraw.Draw(self.sheets[-1].image)
        self.y = float(TOP)

    def space(self, lines: float) -> None:
        """Leaves so many lines of the body empty."""
        self.y += lines * self.pitch

    def _room(self, height: float) -> None:
        if self.y + height > BOTTOM:
            self._begin()

    def put(self, text: str, x: float, face: str, size: int, colour: tuple[int, int, int] = BLACK) -> None:
        """Prints one line with its left edge at x and records it; the position stays."""
        self.draw.text((x, self.y), text, font=self.fonts.face(face, size), fill=colour)
        self.sheets[-1].lines.append(text)

    def width(self, text: str, face: str, size: int) -> float:
        """Pixels that the text takes in this face."""
        return float(self.fonts.face(face, size).getlength(text))

    def centred(self, text: str, face: str, size: int, colour: tuple[int, int, int] = BLACK, pitch: float = 0) -> None:
        """One line in the middle of the page."""
        self._room(pitch or size * 1.5)
        self.put(text, (WIDTH - self.width(text, face, size)) / 2, face, size, colour)
        self.y += pitch or size * 1.5

    def right(self, text: str, indent: float, face: str = "", size: int = 0) -> None:
        """One line that ends `indent` characters before the right edge."""
        face, size = face or self.body, size or self.size
        self._room(self.pitch)
        self.put(text, RIGHT - indent * self.size - self.width(text, face, size), face, size)
        self.y += self.pitch

    def both(self, left: str, right: str) -> None:
        """Two texts on one line: flush left and flush right."""
        self._room(self.pitch)
        self.put(left, LEFT + self.size, self.body, self.size)
        self.put(right, RIGHT - self.size - self.width(right, self.body, self.size), self.body, self.size)
        self.y += self.pitch

    def rule(self, colour: tuple[int, int, int] = RED, thickness: int = 6) -> None:
        """A rule over the whole type area."""
        self.draw.line([(LEFT, self.y), (RIGHT, self.y)], fill=colour, width=thickness)
        self.y += self.pitch

    def red_head(self, text: str) -> None:
        """The issuer's mark in large red characters, made to fit."""
        size = min(160, int((RIGHT - LEFT) / len(text)))
        self.space(0.6)
        self.centred(text, "head", size, RED, size * 1.6)

    def paragraph(self, text: str, indent: int = 2, face: str = "") -> None:
        """Running text over as many lines and sheets as it takes."""
        face = face or self.body
        for number, line in enumerate(self._wrap(text, face, indent)):
            self._room(self.pitch)
            self.put(line, LEFT + (indent * self.size if number == 0 else 0), face, self.size)
            self.y += self.pitch

    def _wrap(self, text: str, face: str, indent: int) -> list[str]:
        lines, line, room = [], "", float(RIGHT - LEFT - indent * self.size)
        for piece in self._pieces(text):
            if line and self.width(line + piece.rstrip(), face, self.size) > room and piece not in NEVER_FIRST:
                lines.append(line.rstrip())
                line, room = "", float(RIGHT - LEFT)
            line += piece if line else piece.lstrip()
        return [*lines, line.rstrip()]

    @staticmethod
    def _pieces(text: str) -> list[str]:
        """What may not be broken: each wide character alone, each western word with the blank behind it."""
        pieces: list[str] = []
        for char in text:
            joins = pieces and ord(char) < 0x2000 and ord(pieces[-1][-1]) < 0x2000 and not pieces[-1].endswith(" ")
            if joins:
                pieces[-1] += char
            else:
                pieces.append(char)
        return pieces

    def table(self, rows: list[list[str]], widths: list[float]) -> None:
        """A ruled table; `widths` are shares of the type area. Cells are recorded row by row, joined by tabs."""
        size, height = int(self.size * 0.82), int(self.pitch * 0.86)
        self._room(height * len(rows))
        edges = [LEFT + (RIGHT - LEFT) * sum(widths[:n]) / sum(widths) for n in range(len(widths) + 1)]
        for row in rows:
            for n, cell in enumerate(row):
                self.draw.rectangle([edges[n], self.y, edges[n + 1], self.y + height], outline=BLACK, width=3)
                x = (edges[n] + edges[n + 1] - self.width(cell, self.body, size)) / 2
                face = self.fonts.face(self.body, size)
                self.draw.text((x, self.y + (height - size) / 2 - 6), cell, font=face, fill=BLACK)
            self.sheets[-1].lines.append("\t".join(row))
            self.y += height
        self.space(0.5)

    def seal(self, name: str, x: float, y: float, radius: int = 240) -> None:
        """A round red seal over what is printed; its words are not part of the ground truth."""
        stamp = Image.new("RGB", (2 * radius + 20, 2 * radius + 20), "white")
        ImageDraw.Draw(stamp).ellipse([10, 10, 2 * radius + 10, 2 * radius + 10], outline=self.seal_ink, width=12)
        self._star(stamp, radius)
        for n, char in enumerate(name):
            self._around(stamp, char, radius, -math.pi * 1.16 + math.pi * 1.32 * n / max(1, len(name) - 1))
        page = self.sheets[-1].image
        box = (int(x), int(y), int(x) + stamp.width, int(y) + stamp.height)
        page.paste(ImageChops.multiply(page.crop(box), stamp), box)

    def _star(self, stamp: Image.Image, radius: int) -> None:
        centre, turns = radius + 10, [-math.pi / 2 + n * math.pi / 5 for n in range(10)]
        sizes = [radius * (0.3 if n % 2 == 0 else 0.12) for n in range(10)]
        points = [(centre + s * math.cos(a), centre + s * math.sin(a)) for s, a in zip(sizes, turns, strict=True)]
        ImageDraw.Draw(stamp).polygon(points, fill=self.seal_ink)

    def _around(self, stamp: Image.Image, char: str, radius: int, angle: float) -> None:
        size = max(36, int(radius * 0.24))
        glyph = Image.new("RGB", (size * 2, size * 2), "white")
        ImageDraw.Draw(glyph).text(
            (size, size), char, font=self.fonts.face("head", size), fill=self.seal_ink, anchor="mm"
        )
        glyph = glyph.rotate(-math.degrees(angle) - 90, fillcolor="white", resample=Image.Resampling.BICUBIC)
        x = radius + 10 + radius * 0.78 * math.cos(angle) - size
        y = radius + 10 + radius * 0.78 * math.sin(angle) - size
        box = (int(x), int(y), int(x) + glyph.width, int(y) + glyph.height)
        stamp.paste(ImageChops.multiply(stamp.crop(box), glyph), box)

    def number_pages(self) -> None:
        """Prints the page numbers at the foot of the type area."""
        for number, sheet in enumerate(self.sheets, 1):
            text, face = f"— {number} —", self.fonts.face(self.body, 56)
            ImageDraw.Draw(sheet.image).text(((WIDTH - face.getlength(text)) / 2, 3190), text, font=face, fill=BLACK)
            sheet.lines.append(text)
