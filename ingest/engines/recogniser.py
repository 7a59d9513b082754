"""Reads the characters of one line that was found on a page image."""

import math
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.engines.geometry import Quad, height, width
from ingest.engines.runtime import open_model
from ingest.models import characters

__all__ = ["Reading", "Recogniser", "line_tensor", "shrink"]

#: the model reads lines of this height
LINE_HEIGHT = 48
#: reading narrowed lines costs a quarter less and misses nothing that full width would see, but for poor print
SQUEEZED, FULL = 0.7, 1.0
#: the mean score (logit) that counts as confidence 0.5, and the step to 0.73: set by eye on the samples, not calibrated
EVEN_SCORE, SCORE_SPREAD = 9.0, 1.5


@dataclass(frozen=True)
class Reading:
    """What stands in a line: characters, where each has its centre (0..1 along the line), how sure that is (0..1)."""

    text: str
    centres: tuple[float, ...]
    confidence: float


class Recogniser:
    """The text recogniser. One line a run: no padding, and all of it stays in the processor's cache."""

    def __init__(self, path: Path) -> None:
        self._model = open_model(path)
        self._characters = characters()

    def read(self, image: NDArray[np.uint8], quad: Quad, squeeze: float) -> Reading:
        """Reads the line inside `quad` (start to end along its first side), narrowed by `squeeze`."""
        tensor, share = line_tensor(image, quad, squeeze)
        classes, scores = (output[0] for output in self._model(tensor))
        seen = np.flatnonzero((classes != 0) & np.r_[True, classes[1:] != classes[:-1]])
        if not len(seen):
            return Reading("", (), 0.0)
        text = "".join(self._characters[classes[step]] for step in seen)
        centres = tuple(min(1.0, (step + 0.5) / len(classes) / share) for step in seen.tolist())
        return Reading(text, centres, _confidence(float(scores[seen].mean())))


def line_tensor(image: NDArray[np.uint8], quad: Quad, squeeze: float) -> tuple[NDArray[np.float32], float]:
    """The line cut out, straightened and scaled for the model, and which share of the tensor's width it fills."""
    wide = max(16, math.ceil(width(quad) * LINE_HEIGHT / max(1.0, height(quad)) * squeeze))
    target = np.array([[0, 0], [wide, 0], [wide, LINE_HEIGHT]], np.float32)
    matrix = cv2.getAffineTransform(np.ascontiguousarray(quad[:3]), target)
    line = cv2.warpAffine(image, matrix, (wide, LINE_HEIGHT), borderMode=cv2.BORDER_REPLICATE)
    padded = max(64, (wide + 7) // 8 * 8)
    tensor = np.zeros((1, 3, LINE_HEIGHT, padded), np.float32)
    tensor[0, :, :, :wide] = (line[:, :, ::-1].astype(np.float32) * np.float32(2 / 255) - 1).transpose(2, 0, 1)
    return tensor, wide / padded


def shrink(image: NDArray[np.uint8], line_height: float) -> tuple[NDArray[np.uint8], float]:
    """The image made so small that lines of `line_height` pixels just fit the model, and the scale; never enlarged."""
    scale = LINE_HEIGHT * 1.1 / line_height
    if scale > 0.85:
        return image, 1.0
    return cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA).astype(np.uint8), scale


def _confidence(score: float) -> float:
    return 1 / (1 + math.exp(-(score - EVEN_SCORE) / SCORE_SPREAD))
