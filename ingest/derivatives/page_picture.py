"""The picture of a page inside a PDF: a JPEG as it came, black and white as fax code, anything else as JPEG."""

import io
import math

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.derivatives.pdf_file import PdfFile

__all__ = ["add_jpeg", "add_pixels"]

#: high enough that print shows no halos at 300 dpi; the original is kept beside it anyway
QUALITY = 85
#: channels that differ less are grey
COLOURLESS = 10
#: what differs less from black or white is seen as black or white
NEAR = 8
#: grey that does not lie where black and white meet may fill this share of a page: one square millimetre of A4
SPECKS = 1 / 60_000


def add_jpeg(file: PdfFile, data: bytes) -> int:
    """Adds grey or colour JPEG data untouched; returns the number of the picture object."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
        colours = "/DeviceGray" if opened.mode == "L" else "/DeviceRGB"
        return file.add_stream(data, _entries(*opened.size, colours, 8) + " /Filter /DCTDecode")


def add_pixels(file: PdfFile, image: NDArray[np.uint8]) -> int:
    """Adds an RGB array in the form that suits it; returns the number of the picture object."""
    grey = image[:, :, 1]
    if int(np.ptp(image[::4, ::4].astype(np.int16), axis=2).max()) > COLOURLESS:
        return add_jpeg(file, _jpeg(Image.fromarray(image)))
    if _is_bilevel(grey):
        return _add_bilevel(file, Image.fromarray(grey > 127))
    return add_jpeg(file, _jpeg(Image.fromarray(grey)))


def _is_bilevel(grey: NDArray[np.uint8]) -> bool:
    """Whether there is nothing but black and white, and grey only where they meet, as drawing makes it, or in specks.

    Pale stamps, pencil and photographs have grey that touches no black or no white: they are never flattened.
    """
    between = (grey > NEAR) & (grey < 255 - NEAR)
    if not between.any():
        return True
    around = np.ones((5, 5), np.uint8)
    meets_black = cv2.erode(grey, around) <= NEAR
    meets_white = cv2.dilate(grey, around) >= 255 - NEAR
    specks = between & ~(meets_black & meets_white)
    return int(specks.sum()) <= grey.size * SPECKS


def _jpeg(picture: Image.Image) -> bytes:
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


def _add_bilevel(file: PdfFile, picture: Image.Image) -> int:
    """Fax code group 4, which libtiff writes as one strip when asked to."""
    out, (wide, tall) = io.BytesIO(), picture.size
    picture.save(out, "TIFF", compression="group4", strip_size=math.ceil(wide / 8) * tall)
    with Image.open(out) as tiff:
        tags = tiff.tag_v2  # type: ignore[attr-defined]  # only TIFF images have it
        (offset,), (length,) = tags[273], tags[279]
    code = out.getvalue()[offset : offset + length]
    fax = f"/Filter /CCITTFaxDecode /DecodeParms << /K -1 /BlackIs1 true /Columns {wide} /Rows {tall} >>"
    return file.add_stream(code, f"{_entries(wide, tall, '/DeviceGray', 1)} {fax}")


def _entries(wide: int, tall: int, colours: str, bits: int) -> str:
    size = f"/Width {wide} /Height {tall}"
    return f"/Type /XObject /Subtype /Image {size} /ColorSpace {colours} /BitsPerComponent {bits}"
