"""An engine that reads nothing: for tests of everything around recognition, and for scans whose text nobody needs."""

import numpy as np
from numpy.typing import NDArray

from ingest.context import Line
from ingest.engines.interface import OcrEngine

__all__ = ["NullEngine"]


class NullEngine(OcrEngine):
    """Finds no lines on any page, at once."""

    name = "null/1"

    def recognise(self, image: NDArray[np.uint8], *, dpi: int) -> tuple[Line, ...]:  # noqa: ARG002  # it does not look
        """See OcrEngine: always empty."""
        return ()
