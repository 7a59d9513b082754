"""Pages drawn from known lines of text, so that what stands where is certain without any recognition."""

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from archive.discovery.watermark import FONT
from ingest.context import Line, PageText

__all__ = ["HEIGHT", "WIDTH", "drawn_page"]

#: A4 at 150 dpi
WIDTH, HEIGHT = 1240, 1754
_LEFT, _TOP, _PITCH = 150, 160, 62
_BODY, _TITLE = 30, 46


def drawn_page(lines: Sequence[str]) -> tuple[bytes, PageText]:
    """A PNG with these lines, the first as a title, and its text with the box of every character."""
    paper = Image.new("L", (WIDTH, HEIGHT), 250)
    draw = ImageDraw.Draw(paper)
    read = [_draw(draw, line, number) for number, line in enumerate(lines) if line]
    stream = io.BytesIO()
    paper.save(stream, "PNG", dpi=(150, 150))
    return stream.getvalue(), PageText(WIDTH, HEIGHT, tuple(read), "drawn 1")


def _draw(draw: ImageDraw.ImageDraw, text: str, number: int) -> Line:
    font = ImageFont.truetype(FONT, _BODY if number else _TITLE)
    wide = font.getlength(text)
    left, top = (_LEFT if number else (WIDTH - wide) / 2), _TOP + number * _PITCH + (40 if number else 0)
    draw.text((left, top), text, fill=30, font=font)
    right, bottom = left + wide, top + font.size * 1.35
    edges = tuple(font.getlength(text[:count]) / wide for count in range(len(text) + 1))
    return Line(text, ((left, top), (right, top), (right, bottom), (left, bottom)), edges, 0.99)
