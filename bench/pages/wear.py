"""Scanning with ground truth: makes a printed sheet look scanned, clean to hardly readable, and says where it went."""

import io
import random
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["DIFFICULTIES", "Scan", "scan"]

#: clean: an office scanner; mild: a worn one; bad: old paper, poor copies; fax: black and white, with lost lines
DIFFICULTIES = ("clean", "mild", "bad", "fax")
PAPERS = ((255, 255, 255), (250, 248, 241), (244, 238, 222), (232, 222, 196), (238, 238, 236))
Pixels = NDArray[np.uint8]


@dataclass(frozen=True)
class Wear:
    """How much of each fault at most; what one page gets is drawn from it."""

    skew: float
    blur: float
    grain: float
    quality: tuple[int, int]
    bleed: float
    gutter: float
    unevenness: float
    loss: float


WEARS = {
    "clean": Wear(0.3, 0.4, 2, (75, 85), 0, 0, 0.02, 0),
    "mild": Wear(1.0, 0.9, 5, (50, 75), 0.06, 0.25, 0.08, 0.05),
    "bad": Wear(2.0, 1.4, 10, (30, 50), 0.22, 0.6, 0.22, 0.3),
    "fax": Wear(1.2, 0.8, 6, (75, 75), 0, 0, 0.05, 0.15),
}


@dataclass(frozen=True)
class Scan:
    """A scanned page as a file, and the matrix (2 x 3) from pixels of the sheet to pixels of the page."""

    data: bytes
    suffix: str
    matrix: NDArray[np.float64]


def scan(sheet: Image.Image, back: Image.Image, difficulty: str, rng: random.Random, *, dpi: int, grey: bool) -> Scan:
    """The sheet, printed at 300 dpi, as a scanner gives it at `dpi`; `back` is what stands on its other side."""
    wear, noise = WEARS[difficulty], np.random.default_rng(rng.getrandbits(32))
    pixels = _worn(np.asarray(sheet, np.uint8), wear, noise)
    matrix, size = _placed(sheet.size, rng.uniform(-wear.skew, wear.skew), dpi / 300)
    if rng.random() < 0.7 and wear.bleed:
        pixels = _bled(pixels, back, rng.uniform(0.3, 1) * wear.bleed)
    softened = cv2.GaussianBlur(pixels, (0, 0), max(0.3, rng.uniform(0.4, 1) * wear.blur * 1.2))
    turned = cv2.warpAffine(softened, matrix, size, flags=cv2.INTER_AREA, borderValue=(255, 255, 255))
    page = _lit(np.asarray(turned, np.uint8), rng.choice(PAPERS[: 3 if difficulty == "clean" else 5]), wear, rng)
    page = _grained(page, wear.grain * rng.uniform(0.4, 1), noise)
    if difficulty == "fax":
        return Scan(*_faxed(page, dpi, noise), matrix)
    return Scan(_as_jpeg(page, rng.randint(*wear.quality), dpi, grey=grey), ".jpg", matrix)


def _placed(size: tuple[int, int], degrees: float, scale: float) -> tuple[NDArray[np.float64], tuple[int, int]]:
    """The sheet turned a little about its middle and scaled."""
    width, height = size
    matrix = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 1.0) * scale
    return np.asarray(matrix, np.float64), (round(width * scale), round(height * scale))


def _worn(sheet: Pixels, wear: Wear, noise: np.random.Generator) -> Pixels:
    """Ink that is missing in patches, as from a worn type, a tired ribbon or an old photocopier."""
    if not wear.loss:
        return sheet.copy()
    tall, wide = sheet.shape[:2]
    coarse = noise.normal(0, 1, (tall // 6 + 1, wide // 6 + 1)).astype(np.float32)
    patches = cv2.resize(coarse, (wide, tall), interpolation=cv2.INTER_LINEAR)
    lost = np.clip((patches - (1.9 - 1.6 * wear.loss)) * 2, 0, 0.85)[:, :, None]
    return np.asarray(sheet + (255 - sheet.astype(np.float32)) * lost, np.uint8)


def _bled(page: Pixels, back: Image.Image, strength: float) -> Pixels:
    """The other side shows through, mirrored and soft."""
    through = cv2.GaussianBlur(np.asarray(back, np.uint8)[:, ::-1], (0, 0), 3.0).astype(np.float32) / 255
    return (page * (1 - strength * (1 - through))).astype(np.uint8)


def _lit(page: Pixels, paper: tuple[int, int, int], wear: Wear, rng: random.Random) -> Pixels:
    """The colour of the paper, light that falls off to one corner, and the shadow of the gutter on one side."""
    tall, wide = page.shape[:2]
    across, down = (
        np.linspace(0, 1, wide, dtype=np.float32)[None, :],
        np.linspace(0, 1, tall, dtype=np.float32)[:, None],
    )
    corner = across if rng.random() < 0.5 else 1 - across
    light = 1 - rng.uniform(0.3, 1) * wear.unevenness * (corner + down) / 2
    if rng.random() < 0.6:
        spine = across if rng.random() < 0.5 else 1 - across
        light = light * (1 - rng.uniform(0.4, 1) * wear.gutter * np.exp(-spine * 26))
    shade = np.array(paper, np.float32) / 255
    return (page * light[:, :, None] * shade).clip(0, 255).astype(np.uint8)


def _grained(page: Pixels, grain: float, noise: np.random.Generator) -> Pixels:
    """Noise of a sensor: fine, with some of it over several pixels."""
    tall, wide = page.shape[:2]
    fine = noise.normal(0, grain, (tall // 2 + 1, wide // 2 + 1)).astype(np.float32)
    grains = cv2.resize(fine, (wide, tall), interpolation=cv2.INTER_LINEAR)
    return (page + grains[:, :, None]).clip(0, 255).astype(np.uint8)


def _faxed(page: Pixels, dpi: int, noise: np.random.Generator) -> tuple[bytes, str]:
    """Black and white with specks and lines that did not arrive."""
    grey = cv2.cvtColor(page, cv2.COLOR_RGB2GRAY)
    white = grey > float(np.percentile(grey, 60)) * 0.72
    tall, wide = white.shape
    for x, y in noise.integers((0, 0), (wide - 4, tall - 4), (90, 2)):
        white[y : y + noise.integers(1, 4), x : x + noise.integers(1, 4)] = False
    for y in noise.integers(0, tall - 3, 7):
        start, length = noise.integers(0, wide), noise.integers(wide // 4, wide)
        white[y : y + noise.integers(1, 3), start : start + length] = True
    out = io.BytesIO()
    Image.fromarray(white).save(out, "TIFF", compression="group4", dpi=(dpi, dpi))
    return out.getvalue(), ".tif"


def _as_jpeg(page: Pixels, quality: int, dpi: int, *, grey: bool) -> bytes:
    image = Image.fromarray(page)
    out = io.BytesIO()
    (image.convert("L") if grey else image).save(out, "JPEG", quality=quality, dpi=(dpi, dpi))
    return out.getvalue()
