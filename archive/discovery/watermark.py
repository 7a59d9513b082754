"""The marks on every delivered picture: who reads, from which unit, when, by which leave; and one nobody sees.

It is laid in a lattice anchored at the page's own corner, so tiles join without a seam, and so close that a piece of
256 × 256 pixels anywhere holds the whole mark at least once.
"""

from collections.abc import Sequence
from functools import lru_cache

import cv2
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from archive.discovery.mark_pattern import gain
from ingest.fonts import FONT

__all__ = ["FONT", "REGION", "FontMissingError", "mark", "mark_unseen"]

#: any delivered piece of at least this many pixels a side shows the mark
REGION = 256

_SIZE = 13
_SMALLEST = 8
_WIDEST = 112
_LEADING = 17
_ANGLE = 18
_INK = (52, 74, 110, 76)


class FontMissingError(Exception):
    """The font of the mark is not installed; no page may be delivered without its mark. `make assets` brings it."""


def mark(picture: Image.Image, lines: Sequence[str], *, left: int = 0, top: int = 0, scale: int = 1) -> Image.Image:
    """The picture with `lines` burned in. `left`, `top`: where its corner lies on the page, in its own pixels.

    `scale`: how much larger than on a screen the mark is, for print. Raises FontMissingError.
    """
    cell = _cell(tuple(lines), scale)
    layer = Image.new("RGBA", picture.size)
    for x in range(-(left % cell.width), picture.width, cell.width):
        for y in range(-(top % cell.height), picture.height, cell.height):
            layer.paste(cell, (x, y))
    return Image.alpha_composite(picture.convert("RGBA"), layer).convert("RGB")


def mark_unseen(picture: Image.Image, name: str, *, left: int = 0, top: int = 0, scale: int = 1) -> Image.Image:
    """The picture with the faint pattern of `name`, by which it is known again when the other mark was painted over.

    `left`, `top`, `scale`: as for `mark`.
    """
    cell = gain(name, scale)
    down, across = top % len(cell), left % len(cell)
    repeats = (-(-(picture.height + down) // len(cell)), -(-(picture.width + across) // len(cell)))
    factors = np.tile(cell, repeats)[down : down + picture.height, across : across + picture.width]
    pixels = np.asarray(picture.convert("RGB"))
    return Image.fromarray(cv2.multiply(pixels, cv2.merge([factors] * 3), dtype=cv2.CV_8U))


@lru_cache(maxsize=256)
def _cell(lines: tuple[str, ...], scale: int) -> Image.Image:
    """One cell of the lattice. Cell and text together are no larger than REGION, so no piece can miss a whole text."""
    text = _text(lines)
    cell = Image.new("RGBA", (max(text.width, REGION - text.width), max(text.height, REGION - text.height)))
    cell.paste(text, ((cell.width - text.width) // 2, (cell.height - text.height) // 2))
    if scale == 1:
        return cell
    return cell.resize((cell.width * scale, cell.height * scale), Image.Resampling.LANCZOS)


def _text(lines: tuple[str, ...]) -> Image.Image:
    block = Image.new("RGBA", (_WIDEST, _LEADING * len(lines)))
    draw = ImageDraw.Draw(block)
    for number, line in enumerate(lines):
        middle = (_WIDEST / 2, _LEADING * (number + 0.5))
        shown, font = _fitted(line)
        draw.text(middle, shown, font=font, fill=_INK, anchor="mm")
    turned = block.rotate(_ANGLE, Image.Resampling.BICUBIC, expand=True)
    return turned.crop(turned.getbbox())


def _fitted(line: str) -> tuple[str, ImageFont.FreeTypeFont]:
    """The line in the largest letters that fit; one that fits in none is cut."""
    for size in range(_SIZE, _SMALLEST, -1):
        if _font(size).getlength(line) <= _WIDEST:
            return line, _font(size)
    smallest = _font(_SMALLEST)
    while smallest.getlength(line) > _WIDEST:
        line = line[:-2] + "…"
    return line, smallest


@lru_cache(maxsize=16)
def _font(size: int) -> ImageFont.FreeTypeFont:
    try:
        return ImageFont.truetype(FONT, size)
    except OSError as error:
        raise FontMissingError("the font of the watermark is missing: run `make assets`") from error
