"""Makes page images smaller, several times faster than in one step."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["scaled"]


def scaled(image: NDArray[np.uint8], width: int, height: int) -> NDArray[np.uint8]:
    """The image at that size: averaged to a whole fraction first, which is quick; interpolated if it is above half."""
    factor = max(1, min(image.shape[1] // width, image.shape[0] // height))
    if factor == 1:
        return np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_LINEAR), np.uint8)
    whole = image[: image.shape[0] // factor * factor, : image.shape[1] // factor * factor]
    fraction = cv2.resize(whole, (whole.shape[1] // factor, whole.shape[0] // factor), interpolation=cv2.INTER_AREA)
    return np.asarray(cv2.resize(fraction, (width, height), interpolation=cv2.INTER_AREA), np.uint8)
