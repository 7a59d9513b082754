"""The small picture of a page that lists and light tables show."""

import io

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

__all__ = ["thumbnail"]

LONGEST_SIDE = 320
QUALITY = 75


def thumbnail(image: NDArray[np.uint8]) -> bytes:
    """A JPEG of the RGB image whose longest side is 320 px (never enlarged); the same bytes for the same image."""
    tall, wide = image.shape[:2]
    scale = min(1.0, LONGEST_SIDE / max(tall, wide))
    size = (max(1, round(wide * scale)), max(1, round(tall * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    out = io.BytesIO()
    Image.fromarray(small).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()
