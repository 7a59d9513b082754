"""Scanning: makes a printed sheet look as it comes from an office scanner, reproducibly."""

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

__all__ = ["bilevel", "scan"]

PAPER = np.array([250, 248, 241], np.float32) / 255


def scan(sheet: Image.Image, seed: int, *, dpi: int, colour: bool, wear: float = 1.0) -> Image.Image:
    """The sheet on tinted paper, a little turned, blurred, unevenly lit, noisy, at `dpi`. `wear` 0 spotless, 2 bad."""
    rng = np.random.default_rng(seed)
    turned = sheet.rotate(rng.uniform(-0.6, 0.6) * wear, Image.Resampling.BICUBIC, fillcolor="white")
    size = (sheet.width * dpi // 300, sheet.height * dpi // 300)
    soft = turned.filter(ImageFilter.GaussianBlur(1.0 * wear)).resize(size, Image.Resampling.LANCZOS)
    pixels = np.asarray(soft, np.float32) / 255 * PAPER
    pixels *= _light(rng, pixels.shape[1], pixels.shape[0], wear)[:, :, None]
    pixels += _grain(rng, pixels.shape[1], pixels.shape[0], wear)[:, :, None]
    image = Image.fromarray((pixels.clip(0, 1) * 255).astype(np.uint8))
    return image if colour else image.convert("L")


def bilevel(image: Image.Image, seed: int) -> Image.Image:
    """Black and white as a fax or a cheap scanner makes it, with a few specks."""
    rng = np.random.default_rng(seed)
    pixels = np.asarray(image.convert("L")) > 172
    for x, y in rng.integers((0, 0), (image.width - 4, image.height - 4), (60, 2)):
        pixels[y : y + rng.integers(1, 4), x : x + rng.integers(1, 4)] = False
    return Image.fromarray(pixels)


def _light(rng: np.random.Generator, width: int, height: int, wear: float) -> NDArray[np.float32]:
    """Brightness 0.9 to 1 that falls off gently towards one edge, as at the spine."""
    across = np.linspace(0, 1, width, dtype=np.float32)[None, :]
    down = np.linspace(0, 1, height, dtype=np.float32)[:, None]
    edge = np.exp(-across * 30) * 0.25 * wear
    return np.asarray(1 - edge - rng.uniform(0, 0.04) * wear * down, np.float32)


def _grain(rng: np.random.Generator, width: int, height: int, wear: float) -> NDArray[np.float32]:
    """Coarse-grained noise: fine noise would only make the files large."""
    coarse = rng.normal(0, 1, (height // 3 + 1, width // 3 + 1)).astype(np.float32)
    grain = Image.fromarray(coarse).resize((width, height), Image.Resampling.BILINEAR)
    return np.asarray(grain, np.float32) * np.float32(0.012 * wear)
