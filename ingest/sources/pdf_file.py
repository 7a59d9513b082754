"""PDF through pypdfium2, page by page."""

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from PIL import Image

from ingest.errors import PasswordNeededError, TooLargeError, UnreadableSourceError
from ingest.sources.interface import MAX_PIXELS, WORKING_PIXELS, Source

__all__ = ["PdfSource"]

#: pages are drawn at the resolution of the scan in them, up to this; pages without a scan at this
HIGHEST_DPI = 300
LOWEST_DPI = 72
POINTS = 72
#: sides are rounded up to whole pixels: a hair less leaves a scan the number it has
HAIR = 1e-6


class PdfSource(Source):
    """A PDF file. Pages are drawn one at a time and not kept."""

    def __init__(self, path: Path) -> None:
        try:
            self._document = pypdfium2.PdfDocument(path)
        except pypdfium2.PdfiumError as error:
            if error.err_code == pdfium.FPDF_ERR_PASSWORD:
                raise PasswordNeededError from error
            raise UnreadableSourceError("damaged", str(error)) from error
        self.page_count = len(self._document)
        if not self.page_count:
            self._document.close()
            raise UnreadableSourceError("damaged", "no pages")

    def image(self, number: int) -> tuple[NDArray[np.uint8], int]:
        """See Source; drawn on white, turned as the page says."""
        try:
            page = self._document[number - 1]
        except pypdfium2.PdfiumError as error:
            raise UnreadableSourceError("damaged", str(error)) from error
        try:
            dpi = _drawing_dpi(page)
            drawn = page.render(scale=dpi / POINTS * (1 - HAIR), rev_byteorder=True).to_numpy()
            return np.array(drawn[:, :, :3], order="C"), round(dpi)
        except pypdfium2.PdfiumError as error:
            raise UnreadableSourceError("damaged", str(error)) from error
        finally:
            page.close()

    def jpeg(self, number: int) -> bytes | None:
        """See Source: pages that are nothing but one JPEG, as most scanners write them."""
        page = self._document[number - 1]
        try:
            parts = list(page.get_objects(max_depth=1))
            if len(parts) != 1 or page.get_rotation() or not _fills(parts[0], page):
                return None
            return _plain_jpeg(bytes(parts[0].get_data(decode_simple=False)))
        finally:
            page.close()

    def close(self) -> None:
        """See Source."""
        self._document.close()


def _drawing_dpi(page: Any) -> float:
    """The resolution to draw at: that of its largest scan where it has one, lowered for huge pages."""
    wide, tall = page.get_size()
    found = [dpi for dpi in _scan_resolutions(page) if dpi >= LOWEST_DPI]
    dpi = min(HIGHEST_DPI, max(found, default=HIGHEST_DPI))
    return float(min(dpi, POINTS * math.sqrt(WORKING_PIXELS / max(1.0, wide * tall))))


def _scan_resolutions(page: Any) -> Iterator[float]:
    """Resolution of each picture on the page as it is shown. Raises TooLargeError for one that is unsafe to decode."""
    for picture in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,)):
        wide, tall = picture.get_px_size()
        if wide * tall > MAX_PIXELS:
            raise TooLargeError(f"a picture of {wide} x {tall} pixels")
        a, b, *_ = picture.get_matrix().get()
        if (shown := math.hypot(a, b)) > 0:
            yield wide * POINTS / shown


def _fills(part: Any, page: Any) -> bool:
    """Whether the object is an upright JPEG over the whole page."""
    if part.type != pdfium.FPDF_PAGEOBJ_IMAGE or part.get_filters() != ["DCTDecode"]:
        return False
    a, b, c, d, e, f = part.get_matrix().get()
    wide, tall = page.get_size()
    shown = (a - wide, b, c, d - tall, e - page.get_mediabox()[0], f - page.get_mediabox()[1])
    return all(abs(difference) < 1 for difference in shown)


def _plain_jpeg(data: bytes) -> bytes | None:
    """The data if it is grey or RGB; colours for a printing press need their profile."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
        return data if opened.mode in ("L", "RGB") else None
