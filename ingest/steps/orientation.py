"""Turns a page upright."""

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest import models
from ingest.engines.runtime import Model, open_model

__all__ = ["clockwise_turn", "turned"]

#: the model looks at the middle of the page: short side to the first, centre of the second
SHORT_SIDE, CENTRE = 256, 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
#: a page stays as it is unless the model is this sure
SURE = 0.7


def clockwise_turn(image: NDArray[np.uint8]) -> int:
    """Degrees (0, 90, 180, 270) by which the RGB page has to be turned clockwise to stand upright."""
    tall, wide = image.shape[:2]
    scale = SHORT_SIDE / min(tall, wide)
    size = (max(CENTRE, round(wide * scale)), max(CENTRE, round(tall * scale)))
    small = cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    y, x = (small.shape[0] - CENTRE) // 2, (small.shape[1] - CENTRE) // 2
    middle = small[y : y + CENTRE, x : x + CENTRE].astype(np.float32)
    tensor = ((middle / 255 - MEAN) / DEVIATION).astype(np.float32).transpose(2, 0, 1)[None]
    chances = _model()(np.ascontiguousarray(tensor))[0][0]
    lies = int(chances.argmax())  # quarters that the page was turned clockwise
    return (360 - lies * 90) % 360 if chances[lies] >= SURE else 0


def turned(image: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """The image turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, -degrees // 90)) if degrees else image


@cache
def _model() -> Model:
    return open_model(models.model_path(models.ORIENTATION))
