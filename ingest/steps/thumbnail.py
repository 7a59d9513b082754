"""The small picture of a page that lists and light tables show."""

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.engines.scaling import scaled

__all__ = ["thumbnail"]

LONGEST_SIDE = 320
QUALITY = 75


def thumbnail(image: NDArray[np.uint8]) -> bytes:
    """A JPEG of the RGB image whose longest side is 320 px (never enlarged); the same bytes for the same image."""
    tall, wide = image.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(tall, wide))
    size = (max(1, round(wide * scale)), max(1, round(tall * scale)))
    small = scaled(image, *size)
    out = io.BytesIO()
    Image.fromarray(small).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
