"""Reads the characters of one line that was found on a page image."""

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest import models
from ingest.engines.geometry import Quad, height, width
from ingest.engines.runtime import open_model
from ingest.engines.scaling import scaled

__all__ = ["FULL", "LINE_HEIGHT", "SQUEEZED", "Reading", "Recogniser", "as_tensor", "cut_line", "full_width", "shrink"]

#: the models read lines of this height
LINE_HEIGHT = 48
#: reading narrowed lines costs a quarter less and misses nothing that full width would see, but for poor print
SQUEEZED, FULL = 0.7, 1.0
#: a line whose characters have the mean chance p has the confidence logistic(BASE + SLOPE * logit(p)), fitted on lines
#: of made pages to the share of right characters; chances are taken from within these bounds
BASE, SLOPE = -0.89, 1.10
SURE = 0.9995


@dataclass(frozen=True)
class Reading:
    """What stands in a line: characters, where each has its centre (0..1 along the line), the chance of each (0..1)."""

    text: str
    centres: tuple[float, ...]
    chances: tuple[float, ...]

    @property
    def weakest(self) -> float:
        """The smallest chance of a character, 0 if there is none."""
        return min(self.chances, default=0.0)

    @property
    def confidence(self) -> float:
        """The share of these characters that is expected to be right, 0 if there is none."""
        if not self.chances:
            return 0.0
        mean = min(SURE, max(1 - SURE, sum(self.chances) / len(self.chances)))
        return 1 / (1 + math.exp(-BASE - SLOPE * math.log(mean / (1 - mean))))


class Recogniser:
    """A text recogniser. One line a run: no padding, and all of it stays in the processor's cache."""

    def __init__(self, model: str, characters: str) -> None:
        self._model = open_model(models.model_path(model))
        self._characters = models.characters(characters)

    def read(self, image: NDArray[np.uint8], quad: Quad, squeeze: float) -> Reading:
        """Reads the line inside `quad` (start to end along its first side), narrowed by `squeeze`."""
        tensor, share = as_tensor(cut_line(image, quad, squeeze))
        scores = self._model(tensor)[0][0]
        classes = scores.argmax(axis=1)
        seen = np.flatnonzero((classes != 0) & np.r_[True, classes[1:] != classes[:-1]])
        chances = _chances(scores[seen])
        text = "".join(self._characters[classes[step]] for step in seen)
        centres = tuple(min(1.0, (step + 0.5) / len(classes) / share) for step in seen.tolist())
        return Reading(text, centres, tuple(chances.tolist()))


def _chances(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Of each row of scores the chance of the best, as softmax has it."""
    chances: NDArray[np.float32] = 1 / np.exp(scores - scores.max(axis=1, keepdims=True)).sum(axis=1)
    return chances


def cut_line(image: NDArray[np.uint8], quad: Quad, squeeze: float) -> NDArray[np.uint8]:
    """The line inside `quad` as an RGB image LINE_HEIGHT pixels high, narrowed by `squeeze`."""
    wide = max(16, math.ceil(full_width(quad) * squeeze))
    target = np.array([[0, 0], [wide, 0], [wide, LINE_HEIGHT]], np.float32)
    matrix = cv2.getAffineTransform(np.ascontiguousarray(quad[:3]), target)
    return cv2.warpAffine(image, matrix, (wide, LINE_HEIGHT), borderMode=cv2.BORDER_REPLICATE).astype(np.uint8)


def full_width(quad: Quad) -> float:
    """How many pixels a line that was scaled to LINE_HEIGHT would have to be wide."""
    return width(quad) * LINE_HEIGHT / max(1.0, height(quad))


def as_tensor(line: NDArray[np.uint8]) -> tuple[NDArray[np.float32], float]:
    """An RGB image LINE_HEIGHT pixels high as the models take it, and which share of the tensor's width it fills."""
    wide = line.shape[1]
    padded = max(64, (wide + 7) // 8 * 8)
    tensor = np.zeros((1, 3, LINE_HEIGHT, padded), np.float32)
    for n in range(3):
        plane = tensor[0, n, :, :wide]
        np.multiply(line[:, :, 2 - n], np.float32(2 / 255), out=plane, dtype=np.float32)
        plane -= 1
    return tensor, wide / padded


def shrink(image: NDArray[np.uint8], line_height: float) -> tuple[NDArray[np.uint8], float]:
    """The image made so small that lines of `line_height` pixels just fit the model, and the scale; never enlarged."""
    scale = LINE_HEIGHT * 1.1 / line_height
    if scale > 0.85:
        return image, 1.0
    tall, wide = (max(1, round(side * scale)) for side in image.shape[:2])
    return scaled(image, wide, tall), scale
