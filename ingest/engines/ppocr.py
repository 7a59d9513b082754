"""The default engine: PP-OCRv6 on onnxruntime. One model for simplified, traditional, English; no system package."""

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest import models
from ingest.context import Line
from ingest.engines.detector import Detector
from ingest.engines.geometry import Quad, height, in_reading_order, lying, width
from ingest.engines.interface import OcrEngine
from ingest.engines.lines import line_from_centres
from ingest.engines.recogniser import FULL, LINE_HEIGHT, SQUEEZED, Reading, Recogniser, shrink
from ingest.engines.runtime import has_int8_instructions

__all__ = ["PpOcrEngine"]

#: below this a line is read again at full width, and the better reading stays
DOUBTFUL = 0.8
#: below this nothing was read: stains, handwriting, pictures
NOISE = 0.2


class PpOcrEngine(OcrEngine):
    """Detects lines, reads them one by one, and sorts them. One thread; about 1 s of processor time a page."""

    def __init__(self) -> None:
        cv2.setNumThreads(1)
        int8 = has_int8_instructions()
        self.name = "ppocr-v6-small-int8/1" if int8 else "ppocr-v6-small/1"
        self._detector = Detector(models.model_path(models.DETECTOR))
        self._recogniser = Recogniser(models.model_path(models.RECOGNISER_INT8 if int8 else models.RECOGNISER))

    def recognise(self, image: NDArray[np.uint8], *, dpi: int) -> tuple[Line, ...]:  # noqa: ARG002  # any size will do
        """See OcrEngine."""
        quads = [lying(quad) for quad in self._detector.find(image)]
        readings = [self._read(part, scaled) for part, scaled in fitted(image, quads)]
        read = [(reading, quad) for reading, quad in zip(readings, quads, strict=True) if reading.confidence >= NOISE]
        lines = [
            line_from_centres(reading, quad) for reading, quad in in_reading_order(read, [quad for _, quad in read])
        ]
        return tuple(line for line in lines if line.text)

    def _read(self, image: NDArray[np.uint8], quad: Quad) -> Reading:
        quick = self._recogniser.read(image, quad, SQUEEZED)
        if quick.confidence >= DOUBTFUL:
            return quick
        return max(quick, self._recogniser.read(image, quad, FULL), key=lambda reading: reading.confidence)


def fitted(image: NDArray[np.uint8], quads: list[Quad]) -> list[tuple[NDArray[np.uint8], Quad]]:
    """For each line the copy of the page it is best cut from, and its box there: large print is shrunk well first."""
    if not quads:
        return []
    sizes = [min(height(quad), width(quad)) for quad in quads]
    common, scale = shrink(image, float(np.median(sizes)))
    parts = []
    for quad, size in zip(quads, sizes, strict=True):
        if size * scale >= LINE_HEIGHT * 0.8 and size * scale <= LINE_HEIGHT * 2:
            parts.append((common, quad * np.float32(scale)))
        else:
            parts.append(_own_part(image, quad, size))
    return parts


def _own_part(image: NDArray[np.uint8], quad: Quad, size: float) -> tuple[NDArray[np.uint8], Quad]:
    """The surroundings of one line whose size is unlike the others', shrunk for it alone."""
    x, y, wide, tall = cv2.boundingRect(quad)
    left, top = max(0, x - 8), max(0, y - 8)
    part, scale = shrink(image[top : max(y + tall + 8, top + 1), left : max(x + wide + 8, left + 1)], size)
    return part, (quad - np.array([left, top], np.float32)) * np.float32(scale)
