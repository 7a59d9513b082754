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
MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
#: a cell of the page so many pixels wide and high has ink if its edges are so much steeper than those of the paper;
#: the detector sees so many cells around all ink
CELL, EDGE, MARGIN = 16, 8, 2
#: a pixel belongs to text from this probability on, a region is kept from the second one on
PIXEL, REGION = 0.3, 0.5
#: regions are cores of lines: they grow by area / perimeter times this
GROWTH = 1.6


class Detector:
    """The text detector; one image a call, about 0.1 s."""

    def __init__(self, path: Path) -> None:
        # 50 MB kept save a third of its time; the other models, whose pictures are small, lose nothing without
        self._model = open_model(path, keeps_memory=True)

    def find(self, image: NDArray[np.uint8]) -> list[Quad]:
        """Boxes around the lines of an RGB image of shape (height, width, 3), in its pixels, in no order."""
        tall, wide = image.shape[:2]
        scale = min(1.0, LONGEST_SIDE / max(tall, wide))
        size = (max(32, round(wide * scale / 32) * 32), max(32, round(tall * scale / 32) * 32))
        small = scaled(image, *size)
        left, top, right, bottom = _inked(small)
        back = np.array([wide / size[0], tall / size[1]], np.float32)
        corner = np.array([left, top], np.float32)
        chances = self._model(_tensor(small[top:bottom, left:right]))[0][0, 0]
        return [(quad + corner) * back for quad in _regions(chances)]


def _inked(small: NDArray[np.uint8]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of a page without its empty margins; its sides are multiples of 32."""
    grey = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    edges = cv2.morphologyEx(grey, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8))
    cells = cv2.resize(edges, (small.shape[1] // CELL, small.shape[0] // CELL), interpolation=cv2.INTER_AREA)
    ink = cells > np.percentile(cells, 20) + EDGE
    top, bottom = _span(ink.any(axis=1))
    left, right = _span(ink.any(axis=0))
    return left, top, right, bottom


def _span(ink: NDArray[np.bool_]) -> tuple[int, int]:
    """From where to where there is ink along a side of so many cells, a margin included, in pixels."""
    if not ink.any():
        return 0, len(ink) * CELL
    cells = np.flatnonzero(ink)
    start, end = max(0, int(cells[0]) - MARGIN), min(len(ink), int(cells[-1]) + 1 + MARGIN)
    if (end - start) % 2:
        start, end = (start - 1, end) if start else (start, end + 1)
    return start * CELL, end * CELL


def _tensor(small: NDArray[np.uint8]) -> NDArray[np.float32]:
    planes = np.empty((1, 3, *small.shape[:2]), np.float32)
    # the models were trained on pictures read by OpenCV, blue first
    for n in range(3):
        np.multiply(small[:, :, 2 - n], np.float32(1 / 255 / DEVIATION[n]), out=planes[0, n], dtype=np.float32)
        planes[0, n] -= np.float32(MEAN[n] / DEVIATION[n])
    return planes


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
