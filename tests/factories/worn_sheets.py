"""Printed sheets as they come from a scanner after much use: turned, stained, written on, badly copied."""

import io
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import cv2
import numpy as np
import pypdfium2
from numpy.typing import NDArray
from PIL import Image

from archive.digitization.separators.printing import print_sheets
from ingest.steps.separators import SheetCode

__all__ = ["MODES", "drawn_patch", "printed", "scanned"]

Picture = NDArray[np.uint8]

WORDS = {
    "title": "分隔页",
    "heading": "分隔页",
    "warning": "请勿归档",
    "advice": "放在每件最前面一起扫描。",
    "made": "王芳",
}
LABELS = {"plain": "仅分隔", "box": "档案盒", "code": "档号", "entry": "清单条目"}

#: how a scanner may be set
MODES = ("colour", "grey", "bilevel", "jpeg30")

#: bars of a patch code and the spaces between them in units of 0.08 inch
_PATCHES = {"2": (2.5, 1, 1, 1, 1, 1, 2.5), "T": (1, 1, 2.5, 1, 1, 1, 2.5)}


def printed(sheets: Sequence[SheetCode], dpi: int) -> list[Picture]:
    """The printed sheets as RGB pictures."""
    pdf = pypdfium2.PdfDocument(print_sheets(sheets, WORDS, LABELS, datetime(2026, 1, 1, tzinfo=UTC)))
    try:
        return [np.ascontiguousarray(page.render(scale=dpi / 72).to_numpy()[:, :, :3]) for page in pdf]
    finally:
        pdf.close()


def scanned(sheet: Picture, rng: np.random.Generator, dpi: int, mode: str, wear: float = 1.0) -> Picture:
    """The sheet turned by up to 3 degrees, shifted, stained, with strokes of a pen through it, and in this mode.

    `wear` 0 is a clean sheet that lies straight. At 1 every seventh lies upside down and every seventh on its side.
    """
    worn = _stained(sheet, rng, dpi, wear)
    worn = _struck(worn, rng, dpi, wear)
    worn = _laid(worn, rng, dpi, wear)
    return _exposed(worn, rng, mode, wear)


def drawn_patch(kind: str, dpi: int, places: int = 2) -> Picture:
    """An A4 page with patch code `kind` near its upper edge and, with two `places`, along its left one."""
    tall, wide = round(297 / 25.4 * dpi), round(210 / 25.4 * dpi)
    page = np.full((tall, wide, 3), 255, np.uint8)
    top = left = round(0.5 * dpi)
    for index, units in enumerate(_PATCHES[kind]):
        size = round(units * 0.08 * dpi)
        if not index % 2:
            cv2.rectangle(page, (wide // 3, top), (wide // 3 + round(2.5 * dpi), top + size - 1), (0, 0, 0), -1)
            if places > 1:
                cv2.rectangle(page, (left, tall // 2), (left + size - 1, tall // 2 + round(2.5 * dpi)), (0, 0, 0), -1)
        top, left = top + size, left + size
    cv2.putText(page, f"Patch {kind} - document separator", (wide // 4, tall // 3), 0, dpi / 150, (0, 0, 0), 2)
    return page


def _stained(sheet: Picture, rng: np.random.Generator, dpi: int, wear: float) -> Picture:
    """Rings and blots of coffee, which darken paper and print alike; drawn small, for they have no sharp edges."""
    tall, wide = sheet.shape[0] // 8, sheet.shape[1] // 8
    tint = np.ones((tall, wide, 3), np.float32)
    for _ in range(round(4 * wear)):
        centre = int(rng.integers(0, wide)), int(rng.integers(0, tall))
        radius, thick = round(dpi / 8 * rng.uniform(0.3, 1.3)), int(rng.choice([-1, max(1, dpi // 96)]))
        blot = np.zeros((tall, wide), np.float32)
        cv2.circle(blot, centre, radius, (1.0,), thick)
        blot = cv2.GaussianBlur(blot, (0, 0), dpi / 320)[:, :, None]
        tint *= 1 - blot * np.array([0.25, 0.4, 0.6], np.float32) * np.float32(rng.uniform(0.4, 1.0))
    full = cv2.resize((tint * 255).astype(np.uint8), (sheet.shape[1], sheet.shape[0]), interpolation=cv2.INTER_LINEAR)
    return np.asarray(cv2.multiply(sheet, full, scale=1 / 255), np.uint8)


def _struck(sheet: Picture, rng: np.random.Generator, dpi: int, wear: float) -> Picture:
    """Strokes of pens, white creases, and a hole of a punch."""
    drawn = sheet.copy()
    tall, wide = sheet.shape[:2]
    for _ in range(round(5 * wear)):
        ends = [(int(rng.integers(0, wide)), int(rng.integers(0, tall))) for _ in range(2)]
        colour = [(20, 30, 160), (0, 0, 0), (200, 20, 30), (255, 255, 255)][int(rng.integers(0, 4))]
        cv2.line(drawn, ends[0], ends[1], colour, max(1, round(dpi * rng.uniform(0.01, 0.04))))
    if wear:
        cv2.circle(drawn, (round(0.45 * dpi), tall // 2), round(0.12 * dpi), (0, 0, 0), -1)
    return drawn


def _laid(sheet: Picture, rng: np.random.Generator, dpi: int, wear: float) -> Picture:
    """Turned a little, shifted by some millimetres, on the dark or white bed; sometimes upside down or on its side."""
    tall, wide = sheet.shape[:2]
    turn = cv2.getRotationMatrix2D((wide / 2, tall / 2), rng.uniform(-3, 3) * wear, 1.0)
    turn = turn + np.array([[0, 0, shift] for shift in rng.uniform(-0.15, 0.15, 2) * dpi * wear])
    bed = int(rng.choice([255, 255, 30])) if wear else 255
    laid = cv2.warpAffine(sheet, turn, (wide, tall), flags=cv2.INTER_LINEAR, borderValue=(bed, bed, bed))
    quarters = int(rng.choice([0, 0, 0, 0, 0, 2, 1])) if wear else 0
    return np.ascontiguousarray(np.rot90(laid, quarters))


def _exposed(sheet: Picture, rng: np.random.Generator, mode: str, wear: float) -> Picture:
    """Unevenly lit, out of focus, noisy; then as the scanner keeps it."""
    tall, wide = sheet.shape[:2]
    light = np.linspace(255 - 38 * wear, (255 - 38 * wear) * (1 - 0.25 * wear * rng.uniform(0, 1)), wide)
    shade = np.repeat(np.repeat(light.astype(np.uint8)[None, :, None], tall, axis=0), 3, axis=2)
    lit = cv2.multiply(cv2.GaussianBlur(sheet, (0, 0), 0.3 + 0.5 * wear), shade, scale=1 / 255)
    grain = np.clip(rng.normal(20 * wear, 6 * wear, (512, 512, 1)), 0, 255).astype(np.uint8)
    tiled = np.tile(grain, (tall // 512 + 1, wide // 512 + 1, 3))[:tall, :wide]
    image: Any = cv2.add(lit, np.ascontiguousarray(tiled))
    if mode == "jpeg30":
        return _jpeg(image)
    if mode in ("grey", "bilevel"):
        grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY)
        if mode == "bilevel":
            grey = cv2.threshold(grey, 0, 255, cv2.THRESH_BINARY | cv2.THRESH_OTSU)[1]
        return np.repeat(np.asarray(grey, np.uint8)[:, :, None], 3, axis=2)
    return np.ascontiguousarray(image)


def _jpeg(image: Picture) -> Picture:
    """What is left of it after a strong compression."""
    out = io.BytesIO()
    Image.fromarray(image).save(out, "JPEG", quality=30)
    return np.asarray(Image.open(out).convert("RGB"))
