"""One small copy of a page for all steps that need no detail: to reduce a page takes longer than most of them."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["reduced"]

#: no step looks at a page wider than this
WIDTH = 800


def reduced(image: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """The RGB page at a whole fraction of its size, at least 800 pixels wide; never enlarged.

    Whole fractions are averaged several times faster than others.
    """
    tall, wide = image.shape[:2]
    factor = wide // WIDTH
    if factor < 2:
        return image
    whole = image[: tall // factor * factor, : wide // factor * factor]
    size = (whole.shape[1] // factor, max(1, whole.shape[0] // factor))
    return cv2.resize(whole, size, interpolation=cv2.INTER_AREA).astype(np.uint8)
