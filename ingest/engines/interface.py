"""One interface to programs that read text from an image. Chosen by name; each is for one process and one thread."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import NDArray

from ingest.context import Line

__all__ = ["OcrEngine"]


class OcrEngine(ABC):
    """Reads the text lines of an upright page image."""

    #: name and version, kept with each text, e.g. `ppocr-v6-small-int8/1`
    name: str

    @abstractmethod
    def recognise(self, image: NDArray[np.uint8], *, dpi: int) -> tuple[Line, ...]:
        """Lines in reading order of an RGB image of shape (height, width, 3); empty for an empty page.

        `dpi` is 0 if unknown.
        """
