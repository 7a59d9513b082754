"""Turns a page upright."""

from functools import cache
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest import models
from ingest.engines.runtime import Model, open_model
from ingest.engines.scaling import scaled
from ingest.steps.blank import paper_of
from ingest.steps.reduction import reduced

__all__ = ["clockwise_turn", "turned"]

#: the model looks at the middle of the page: short side to the first, centre of the second
SHORT_SIDE, CENTRE = 256, 224
MEAN = np.array([0.485, 0.456, 0.406], np.float32)
DEVIATION = np.array([0.229, 0.224, 0.225], np.float32)
#: a page stays as it is unless the model is this sure
SURE = 0.7
#: parts of a page are squares of this side where the page is about 800 px wide, or of all its ink, but no smaller
PART, LEAST = 448, 150
#: where further parts lie, off the middle of the ink, as shares of the height and width of what is written
SHIFTS = ((-0.25, 0.0), (0.0, 0.25), (0.2, -0.2))
#: what the parts say on the average must be so likely
LIKELY = 0.4
#: ink differs from paper by so many levels of 255; the edges of a sheet lie in this share of its shorter side
CONTRAST, MARGIN = 36, 0.03


class _Ink(NamedTuple):
    """What is written on a page: its box, and the column and row of pixels in the middle of all ink."""

    left: int
    top: int
    right: int
    bottom: int
    column: int
    row: int


def clockwise_turn(image: NDArray[np.uint8]) -> int:
    """Degrees (0, 90, 180, 270) by which the RGB page has to be turned clockwise to stand upright.

    The model takes columns for lines that lie, and sees nothing of a page with few words. So the page and a part of it,
    in which characters are larger, must say the same; where they do not, more parts with ink on them are asked.
    """
    image = reduced(image)
    seen, ink = _chances(image), _inked(image)
    if ink is None:
        return 0
    if min(image.shape[:2]) < PART:  # no scan of a page is so small: nothing in it could be seen more closely
        return _back(int(seen.argmax())) if seen.max() >= SURE else 0
    closer = _chances(_part(image, ink, 0.0, 0.0))
    if seen.argmax() == closer.argmax() and seen.max() >= SURE:
        return _back(int(seen.argmax()))
    parts = [_whole(image, ink), *(_part(image, ink, *shift) for shift in SHIFTS)]
    chances = np.exp(np.mean([np.log(closer), *(np.log(_chances(part)) for part in parts)], axis=0))
    return _back(int(chances.argmax())) if chances.max() >= LIKELY * chances.sum() else 0


def _back(quarters: int) -> int:
    """What brings a page back that was turned clockwise by so many quarters."""
    return (360 - quarters * 90) % 360


def _chances(image: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How likely the picture was turned clockwise by 0, 1, 2 or 3 quarters."""
    tall, wide = image.shape[:2]
    scale = SHORT_SIDE / min(tall, wide)
    size = (max(CENTRE, round(wide * scale)), max(CENTRE, round(tall * scale)))
    small = scaled(image, *size)
    y, x = (small.shape[0] - CENTRE) // 2, (small.shape[1] - CENTRE) // 2
    middle = small[y : y + CENTRE, x : x + CENTRE].astype(np.float32)
    tensor = ((middle / 255 - MEAN) / DEVIATION).astype(np.float32).transpose(2, 0, 1)[None]
    chances: NDArray[np.float32] = _model()(np.ascontiguousarray(tensor))[0][0]
    return chances


def _inked(image: NDArray[np.uint8]) -> _Ink | None:
    """Where something is written on the page, its edges left out; None for an empty one."""
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8)
    ink = cv2.absdiff(grey, paper_of(grey)) > CONTRAST
    edge = int(min(ink.shape) * MARGIN)
    ink[:edge], ink[-edge:], ink[:, :edge], ink[:, -edge:] = False, False, False, False
    rows, columns = (np.flatnonzero(ink.sum(axis=axis) >= 2) for axis in (1, 0))
    if not len(rows) or not len(columns):
        return None
    row, column = (_middle(ink.sum(axis=axis)) for axis in (1, 0))
    return _Ink(int(columns[0]), int(rows[0]), int(columns[-1]) + 1, int(rows[-1]) + 1, column, row)


def _middle(profile: NDArray[np.int64]) -> int:
    """Where half of the ink lies on either side: near something written, also on a page with little at its top."""
    return int(np.searchsorted(np.cumsum(profile), profile.sum() / 2))


def _part(image: NDArray[np.uint8], ink: _Ink, down: float, right: float) -> NDArray[np.uint8]:
    """A square of the page, so large that its characters are seen well, off the middle of the ink by these shares."""
    side = min(PART, *image.shape[:2])
    top = ink.row + down * (ink.bottom - ink.top) - side / 2
    left = ink.column + right * (ink.right - ink.left) - side / 2
    return _square(image, top, left, side)


def _whole(image: NDArray[np.uint8], ink: _Ink) -> NDArray[np.uint8]:
    """The square around all ink."""
    side = min(int(max(ink.right - ink.left, ink.bottom - ink.top, LEAST) * 1.1), *image.shape[:2])
    return _square(image, (ink.top + ink.bottom - side) / 2, (ink.left + ink.right - side) / 2, side)


def _square(image: NDArray[np.uint8], top: float, left: float, side: int) -> NDArray[np.uint8]:
    y = int(np.clip(top, 0, image.shape[0] - side))
    x = int(np.clip(left, 0, image.shape[1] - side))
    return image[y : y + side, x : x + side]


def turned(image: NDArray[np.uint8], degrees: int) -> NDArray[np.uint8]:
    """The image turned clockwise by 0, 90, 180 or 270 degrees."""
    return np.ascontiguousarray(np.rot90(image, -degrees // 90)) if degrees else image


@cache
def _model() -> Model:
    return open_model(models.model_path(models.ORIENTATION))
