"""Pages drawn for engines: what stands on them is known, and how hard it is to read."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter, ImageFont

from tests.servers.missing import missing

__all__ = ["in_columns", "photograph", "sealed", "table"]

NOTO = Path("/usr/share/fonts/opentype/noto/NotoSerifCJK-Regular.ttc")
SIMPLIFIED, TRADITIONAL = 2, 3
SIZE, PITCH = 50, 84
Page = NDArray[np.uint8]


def in_columns(columns: list[str]) -> Page:
    """Vertical traditional Chinese, from the right."""
    picture, draw = _sheet()
    for n, column in enumerate(columns):
        for m, char in enumerate(column):
            draw.text((1400 - n * PITCH, 200 + m * SIZE * 1.1), char, font=_font(TRADITIONAL), fill="black")
    return np.asarray(picture, np.uint8)


def table(rows: list[list[str]]) -> Page:
    """A ruled table."""
    picture, draw = _sheet()
    for n, row in enumerate(rows):
        for m, cell in enumerate(row):
            left, top = 150 + m * 320, 300 + n * 110
            draw.rectangle([left, top, left + 320, top + 110], outline="black", width=3)
            draw.text((left + 30, top + 20), cell, font=_font(SIMPLIFIED), fill="black")
    return np.asarray(picture, np.uint8)


def sealed(lines: list[str], ink: tuple[int, int, int]) -> Page:
    """Lines under a round seal of this ink."""
    picture, draw = _sheet()
    for n, line in enumerate(lines):
        draw.text((400, 600 + n * PITCH), line, font=_font(SIMPLIFIED), fill=(30, 30, 30))
    seal = Image.new("RGB", picture.size, "white")
    stamp = ImageDraw.Draw(seal)
    stamp.ellipse([600, 500, 990, 890], outline=ink, width=10)
    for x, y, char in ((650, 590, "江"), (770, 540, "海"), (880, 590, "局")):
        stamp.text((x, y), char, font=_font(SIMPLIFIED), fill=ink)
    return np.minimum(np.asarray(picture, np.uint8), np.asarray(seal, np.uint8))


def photograph() -> Page:
    """Hills, a sun and grain: nothing to read."""
    rng = np.random.default_rng(5)
    down, across = np.mgrid[0:750:1.25, 0:1000:1.25].astype(np.float32)
    hills = 90 * np.sin(across / 210) + 60 * np.sin(across / 77) + 450
    grey = np.where(down > hills, 70 + 30 * np.sin(down / 31 + across / 53), 190 - down / 12)
    grey[(down - 250) ** 2 + (across - 700) ** 2 < 90**2] = 245
    picture = Image.fromarray((grey + rng.normal(0, 14, grey.shape)).clip(0, 255).astype(np.uint8)).convert("RGB")
    return np.asarray(picture.filter(ImageFilter.GaussianBlur(1.2)))


def _sheet() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", (1654, 2339), "white")
    return picture, ImageDraw.Draw(picture)


def _font(language: int) -> ImageFont.FreeTypeFont:
    if not NOTO.exists():
        missing("the font Noto Serif CJK is not installed: apt-get install fonts-noto-cjk")
    return ImageFont.truetype(NOTO, SIZE, index=language)
