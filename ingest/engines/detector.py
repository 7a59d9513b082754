"""Finds where lines of text stand on a page image."""

from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.engines.geometry import Quad, clockwise
from ingest.engines.runtime import open_model
from ingest.engines.scaling import scaled

__all__ = ["Detector"]

#: the page is searched at this size: smaller loses small print, larger breaks long lines
LONGEST_SIDE = 960
MEAN = np.array([0.485, 0.456, 0.406], np.float32).reshape(1, 3, 1, 1)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32).reshape(1, 3, 1, 1)
#: a pixel belongs to text from this probability on, a region is kept from the second one on
PIXEL, REGION = 0.3, 0.5
#: regions are cores of lines: they grow by area / perimeter times this
GROWTH = 1.6


class Detector:
    """The text detector; one image a call, about 0.1 s."""

    def __init__(self, path: Path) -> None:
        self._model = open_model(path)

    def find(self, image: NDArray[np.uint8]) -> list[Quad]:
        """Boxes around the lines of an RGB image of shape (height, width, 3), in its pixels, in no order."""
        tall, wide = image.shape[:2]
        scale = min(1.0, LONGEST_SIDE / max(tall, wide))
        size = (max(32, round(wide * scale / 32) * 32), max(32, round(tall * scale / 32) * 32))
        chances = self._chances(scaled(image, *size))
        back = np.array([wide / size[0], tall / size[1]], np.float32)
        return [quad * back for quad in _regions(chances)]

    def _chances(self, small: NDArray[np.uint8]) -> NDArray[np.float32]:
        # the models were trained on pictures read by OpenCV, blue first
        planes = np.asarray(cv2.dnn.blobFromImage(small, 1 / 255, swapRB=True), np.float32)
        chances: NDArray[np.float32] = self._model((planes - MEAN) / DEVIATION)[0][0, 0]
        return chances


def _regions(chances: NDArray[np.float32]) -> list[Quad]:
    mask = (chances > PIXEL).astype(np.uint8)
    contours, _ = cv2.findContours(mask, cv2.RETR_LIST, cv2.CHAIN_APPROX_SIMPLE)
    quads = (_region(np.asarray(contour, np.int32), chances) for contour in contours if len(contour) >= 4)
    return [quad for quad in quads if quad is not None]


def _region(contour: NDArray[np.int32], chances: NDArray[np.float32]) -> Quad | None:
    centre, (wide, tall), angle = cv2.minAreaRect(contour)
    if min(wide, tall) < 3 or _mean_inside(contour, chances) < REGION:
        return None
    more = wide * tall * GROWTH / (wide + tall)
    return clockwise(cv2.boxPoints((centre, (wide + more, tall + more), angle)).astype(np.float32))


def _mean_inside(contour: NDArray[np.int32], chances: NDArray[np.float32]) -> float:
    x, y, wide, tall = cv2.boundingRect(contour)
    inside = np.zeros((tall, wide), np.uint8)
    cv2.fillPoly(inside, [contour - (x, y)], (1,))
    return float(cv2.mean(chances[y : y + tall, x : x + wide], inside)[0])
