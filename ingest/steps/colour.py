"""Tells how a page was scanned: black and white, in shades of grey, or in colour."""

import numpy as np
from numpy.typing import NDArray

from ingest.context import ColourMode

__all__ = ["colour_mode"]

#: the page is looked at in about so many places
PLACES = 60_000
#: channels of a grey scan differ by no more, of 255: compression brings so much
GREY = 6
#: a page is in colour, or in shades, if so large a share of the places is
SHARE = 0.002
#: levels this near to black or white are black or white
PURE = 8


def colour_mode(image: NDArray[np.uint8]) -> ColourMode:
    """The mode of an RGB page of shape (height, width, 3), by its pixels: files often say colour and hold none."""
    step = max(1, round((image.shape[0] * image.shape[1] / PLACES) ** 0.5))
    red, green, blue = (image[::step, ::step, channel].astype(np.int16) for channel in range(3))
    coloured = (np.abs(red - green) > GREY) | (np.abs(blue - green) > GREY)
    if float(coloured.mean()) > SHARE:
        return ColourMode.COLOUR
    shades = (green > PURE) & (green < 255 - PURE)
    return ColourMode.GREY if float(shades.mean()) > SHARE else ColourMode.BILEVEL
