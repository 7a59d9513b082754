"""JPEG 2000 in colours of more than 8 bits, which Pillow rounds beyond white, into black."""

import cv2
import numpy as np
from PIL import Image

from ingest.errors import UnreadableSourceError

__all__ = ["bits_of", "deep_colours"]

#: the marker before the sizes, and where behind it the depth of the first component stands
_SIZES, _DEPTH = b"\xff\x51", 40


def bits_of(head: bytes) -> int:
    """Bits of each colour in the JPEG 2000 that begins so; 8 where it does not say."""
    start = head.find(b"\xff\x4f" + _SIZES)
    place = start + 2 + _DEPTH
    return (head[place] & 0x7F) + 1 if start >= 0 and place < len(head) else 8


def deep_colours(data: bytes, bits: int) -> Image.Image:
    """The picture as RGB of 8 bits. Raises UnreadableSourceError."""
    decoded = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
    if decoded is None or decoded.ndim != 3:
        raise UnreadableSourceError("damaged", "no colours")
    eight = np.right_shift(decoded, bits - 8).clip(0, 255).astype(np.uint8)
    return Image.fromarray(np.ascontiguousarray(eight[:, :, 2::-1]))
