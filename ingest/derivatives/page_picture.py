"""The picture of a page inside a PDF: a JPEG as it came, black and white as fax code, anything else as JPEG."""

import io
import math

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from ingest.derivatives.pdf_file import PdfFile

__all__ = ["add_jpeg", "add_pixels"]

#: high enough that print shows no halos at 300 dpi; the original is kept beside it anyway
QUALITY = 80
#: channels that differ less are grey
COLOURLESS = 10


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
    if bool(((grey == 0) | (grey == 255)).all()):
        return _add_bilevel(file, Image.fromarray(grey > 0))
    return add_jpeg(file, _jpeg(Image.fromarray(grey)))


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
