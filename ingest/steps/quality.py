"""Judges a page image by DA/T 31: what a person would scan again. Pure; nothing here changes a picture.

Codes of findings, and their values: `low_resolution` dpi; `skew` degrees; `cut_edge` places where print runs into the
border; `dark_border` percent of the page; `blur` width of the strokes' edges in percent of the height of characters;
`too_dark` brightness of the paper in percent; `too_light`, `low_contrast` contrast of the print in percent.
"""

from collections.abc import Iterator

import cv2
import numpy as np
from numpy.typing import NDArray

from ingest.context import ColourMode, Finding, PageText
from ingest.sources.interface import WORKING_PIXELS
from ingest.steps.borders import cut_edges, dark_border
from ingest.steps.colour import colour_mode
from ingest.steps.resolution import estimated_dpi, is_credible
from ingest.steps.sharpness import Print, measured_print
from ingest.steps.skew import skew

__all__ = ["judge"]

#: DA/T 31: at least so many dots per inch; an estimate may be so much too low
LOWEST_DPI, ESTIMATE = 200, 0.9
#: more degrees are seen by everybody
SKEWED = 1.0
#: edges of strokes that take more of the height of characters run into each other
BLURRED = 0.1
#: brightness of paper, of 255
DARK_PAPER, BRIGHT_PAPER = 110, 225
#: contrast of print that is hard to read, as share of 255
FAINT = 0.27
#: so much black on a black and white page has swallowed what was written
BLACK = 0.3


def judge(image: NDArray[np.uint8], dpi: int, text: PageText) -> tuple[Finding, ...]:
    """What is wrong with the upright RGB page; empty if nothing is. `dpi` is 0 if unknown."""
    return tuple(_findings(image, dpi, text))


def _findings(image: NDArray[np.uint8], claimed: int, text: PageText) -> Iterator[Finding]:
    tall, wide = image.shape[:2]
    known = is_credible(claimed, wide, tall)
    dpi = claimed if known else estimated_dpi(text)
    # Larger pages were reduced when they were opened: what they are now says nothing of how they were scanned.
    if dpi < (LOWEST_DPI if known else ESTIMATE * LOWEST_DPI) and wide * tall < 0.95 * WORKING_PIXELS:
        yield Finding("low_resolution", round(dpi))
    if (degrees := skew(text)) > SKEWED:
        yield Finding("skew", round(degrees, 1))
    grey = cv2.cvtColor(image, cv2.COLOR_RGB2GRAY).astype(np.uint8, copy=False)
    seen = measured_print(grey, text, dpi)
    if seen is not None:
        bilevel = colour_mode(image) is ColourMode.BILEVEL
        yield from _of_print(seen, grey, bilevel)
        yield from filter(None, (cut_edges(grey, text, seen, dpi), dark_border(grey, seen.paper, dpi)))


def _of_print(seen: Print, grey: NDArray[np.uint8], bilevel: bool) -> Iterator[Finding]:
    contrast = (seen.paper - seen.ink) / 255
    if seen.paper < DARK_PAPER or (bilevel and float((grey[::8, ::8] < 128).mean()) > BLACK):
        yield Finding("too_dark", round(100 * seen.paper / 255))
    elif contrast < FAINT:
        yield Finding("too_light" if seen.paper > BRIGHT_PAPER else "low_contrast", round(100 * contrast))
    if not bilevel and seen.edge > BLURRED:
        yield Finding("blur", round(100 * seen.edge))
