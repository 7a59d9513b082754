"""PDF through pypdfium2, page by page."""

import io
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pikepdf
import pypdfium2
import pypdfium2.raw as pdfium
from numpy.typing import NDArray
from PIL import Image

from ingest.context import Line
from ingest.errors import PasswordNeededError, TooLargeError, UnreadableSourceError
from ingest.sources.interface import MAX_PIXELS, WORKING_PIXELS, Source
from ingest.sources.pdf_text import WIDTH, Matrix, text_of_page

__all__ = ["PdfSource"]

#: pages that are not one scan are drawn at the resolution of the pictures in them, up to this, or at this
HIGHEST_DPI = 300
LOWEST_DPI = 72
POINTS = 72
#: a scan whose resolutions across and down differ more was made by a fax machine: its pixels are no squares
SQUARE = 0.01
#: Pixels that a page is drawn smaller on each side. PDFium rounds the sides of pictures up: without it rounding errors
#: stretch a scan by one pixel, which makes its edges grey.
INSET = 0.2


class PdfSource(Source):
    """A PDF file. Pages are drawn one at a time and not kept."""

    def __init__(self, file: Path | bytes) -> None:
        try:
            self._document = pypdfium2.PdfDocument(file)
        except pypdfium2.PdfiumError as error:
            if error.err_code == pdfium.FPDF_ERR_PASSWORD and _locked(file):
                raise PasswordNeededError from error
            raise UnreadableSourceError("damaged", str(error)) from error
        self.page_count = len(self._document)
        if not self.page_count:
            self._document.close()
            raise UnreadableSourceError("damaged", "no pages")

    def image(self, number: int) -> tuple[NDArray[np.uint8], int]:
        """See Source; drawn on white, turned as the page says. A page that is one scan has the pixels of the scan."""
        index = self._index(number)
        try:
            page = self._document[index]
        except pypdfium2.PdfiumError as error:
            raise UnreadableSourceError("damaged", str(error)) from error
        try:
            dpi, size = _drawing_size(page)
            return _drawn(page, size), round(dpi)
        except pypdfium2.PdfiumError as error:
            raise UnreadableSourceError("damaged", str(error)) from error
        finally:
            page.close()

    def jpeg(self, number: int) -> bytes | None:
        """See Source: pages that are nothing but one JPEG, as most scanners write them."""
        page = self._document[self._index(number)]
        try:
            parts = list(page.get_objects(max_depth=1))
            if len(parts) != 1 or page.get_rotation() or not _covers(parts[0], page):
                return None
            if parts[0].get_filters() != ["DCTDecode"]:
                return None
            return _plain_jpeg(bytes(parts[0].get_data(decode_simple=False)))
        finally:
            page.close()

    def lines(self, number: int) -> tuple[Line, ...] | None:
        """See Source: of pages that were never on paper."""
        page = self._document[self._index(number)]
        try:
            _, size = _drawing_size(page)
            scale = WIDTH / size[0]
            small = WIDTH, max(1, round(size[1] * scale))
            return text_of_page(page, lambda: _drawn(page, small), scale, _to_pixels(page, size))
        except pypdfium2.PdfiumError as error:
            raise UnreadableSourceError("damaged", str(error)) from error
        finally:
            page.close()

    def close(self) -> None:
        """See Source."""
        self._document.close()


def _locked(file: Path | bytes) -> bool:
    """Whether it opens with a password only.

    The error code of PDFium does not tell: for a file without pages it is that of whatever failed before.
    """
    try:
        pikepdf.open(io.BytesIO(file) if isinstance(file, bytes) else file).close()
    except pikepdf.PasswordError:
        return True
    except pikepdf.PdfError:
        return False
    return False


def _drawing_size(page: Any) -> tuple[float, tuple[int, int]]:
    """Resolution and (width, height) to draw at. Drawn at any other size than its own a black and white scan gets grey.

    Raises TooLargeError for a page with a picture that is unsafe to decode.
    """
    wide, tall = page.get_size()
    pictures = list(_scan_resolutions(page))
    for across, down in _covering_scans(page):
        dpi = across * POINTS / wide
        square = abs(down * POINTS / tall / dpi - 1) < SQUARE
        if dpi >= LOWEST_DPI and square and across * down <= WORKING_PIXELS:
            return dpi, (across, down)
    found = [dpi for dpi in pictures if dpi >= LOWEST_DPI]
    dpi = min(HIGHEST_DPI, max(found, default=HIGHEST_DPI), POINTS * math.sqrt(WORKING_PIXELS / max(1.0, wide * tall)))
    return dpi, (math.ceil(wide * dpi / POINTS), math.ceil(tall * dpi / POINTS))


def _covering_scans(page: Any) -> list[tuple[int, int]]:
    """Sizes in pixels, as they are shown, of upright pictures over the whole page; the finest first."""
    scans = [part.get_px_size() for part in page.get_objects(max_depth=1) if _covers(part, page)]
    shown = [(tall, wide) if page.get_rotation() % 180 else (wide, tall) for wide, tall in scans]
    return sorted(shown, key=math.prod, reverse=True)


def _drawn(page: Any, size: tuple[int, int]) -> NDArray[np.uint8]:
    """The page on exactly so many pixels. A scan that has as many comes out bit by bit."""
    (wide, tall), (across, down) = page.get_size(), size
    matrix = pdfium.FS_MATRIX((across - 2 * INSET) / wide, 0, 0, (down - 2 * INSET) / tall, INSET, INSET)
    bitmap = pypdfium2.PdfBitmap.new_native(across, down, pdfium.FPDFBitmap_BGR, rev_byteorder=True)
    try:
        bitmap.fill_rect((255, 255, 255, 255), 0, 0, across, down)
        flags = pdfium.FPDF_ANNOT | pdfium.FPDF_REVERSE_BYTE_ORDER
        pdfium.FPDF_RenderPageBitmapWithMatrix(bitmap, page, matrix, pdfium.FS_RECTF(0, 0, across, down), flags)
        return np.array(bitmap.to_numpy(), order="C")
    finally:
        bitmap.close()


def _to_pixels(page: Any, size: tuple[int, int]) -> Matrix:
    """Brings a point of the page to where `_drawn` draws it on so many pixels."""
    left, bottom, right, top = page.get_bbox()
    shown = {  # in points from the top left corner of the page as it is turned
        0: (1, 0, 0, -1, -left, top),
        90: (0, 1, 1, 0, -bottom, -left),
        180: (-1, 0, 0, 1, right, -bottom),
        270: (0, -1, -1, 0, top, right),
    }
    a, b, c, d, e, f = shown[page.get_rotation()]
    (wide, tall), (across, down) = page.get_size(), size
    x, y = (across - 2 * INSET) / wide, (down - 2 * INSET) / tall
    return a * x, b * y, c * x, d * y, e * x + INSET, f * y + INSET


def _scan_resolutions(page: Any) -> Iterator[float]:
    """Resolution of each picture on the page as it is shown. Raises TooLargeError for one that is unsafe to decode."""
    for picture in page.get_objects(filter=(pdfium.FPDF_PAGEOBJ_IMAGE,)):
        wide, tall = picture.get_px_size()
        if wide * tall > MAX_PIXELS:
            raise TooLargeError(f"a picture of {wide} x {tall} pixels")
        a, b, *_ = picture.get_matrix().get()
        if (shown := math.hypot(a, b)) > 0:
            yield wide * POINTS / shown


def _covers(part: Any, page: Any) -> bool:
    """Whether the object is an upright picture over the whole page, before the page is turned."""
    if part.type != pdfium.FPDF_PAGEOBJ_IMAGE:
        return False
    a, b, c, d, e, f = part.get_matrix().get()
    wide, tall = reversed(page.get_size()) if page.get_rotation() % 180 else page.get_size()
    shown = (a - wide, b, c, d - tall, e - page.get_mediabox()[0], f - page.get_mediabox()[1])
    return all(abs(difference) < 1 for difference in shown)


def _plain_jpeg(data: bytes) -> bytes | None:
    """The data if it is grey or RGB; colours for a printing press need their profile."""
    with Image.open(io.BytesIO(data), formats=("JPEG",)) as opened:
        return data if opened.mode in ("L", "RGB") else None
