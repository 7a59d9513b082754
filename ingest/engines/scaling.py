"""Makes page images smaller, several times faster than in one step."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["scaled"]


def scaled(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The image at that size: averaged to halves while that is possible, which is quick, then interpolated."""
    while image.shape[1] >= 2 * width and image.shape[0] >= 2 * height:
        even = image[: image.shape[0] // 2 * 2, : image.shape[1] // 2 * 2]
        half = (even.shape[1] // 2, even.shape[0] // 2)
        image = cv2.resize(even, half, interpolation=cv2.INTER_AREA).astype(np.uint8, copy=False)
    return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
