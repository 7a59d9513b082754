"""A fingerprint of how a page looks, by which a second scan of it is known."""

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["fingerprint"]


def fingerprint(image: NDArray[np.uint8]) -> str:
    """64 bits as 16 hexadecimal digits: whether each of 8 x 8 fields of the RGB page is darker than the next one."""
    small = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (9, 8), interpolation=cv2.INTER_AREA).astype(np.int16)
    bits = (small[:, 1:] < small[:, :-1]).ravel()
    return f"{int(''.join('1' if bit else '0' for bit in bits), 2):016x}"
