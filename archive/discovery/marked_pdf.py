"""A copy to take away: a searchable PDF of pages, each with the mark burned into its picture."""

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from archive.catalogue.models import Page
from archive.catalogue.scans import PageSource, ScanCache
from archive.catalogue.service import current_text
from archive.discovery.watermark import mark, mark_unseen
from ingest.context import PageText
from ingest.derivatives import PdfPage, searchable_pdf
from ingest.sources import Source

__all__ = ["marked_pdf"]

#: pixels across: 300 dpi of A4
_WIDTH = 2480
#: at that resolution the letters of the mark have to be twice as large to be read on paper
_SCALE = 2
_QUALITY = 85


def marked_pdf(
    pages: Iterable[Page], scans: ScanCache, lines: Sequence[str], name: str, out: BinaryIO, title: str
) -> None:
    """Write the pages to `out`, each bearing `lines` and, unseen, `name`.

    Raises FontMissingError, and what `ScanCache.page` raises.
    """
    searchable_pdf(_pdf_pages(pages, scans, lines, name), out, title)


def _pdf_pages(pages: Iterable[Page], scans: ScanCache, lines: Sequence[str], name: str) -> Iterator[PdfPage]:
    for page in pages:
        seen = mark(scans.page(PageSource.of(page), _WIDTH), lines, scale=_SCALE)
        picture = mark_unseen(seen, name, scale=_SCALE)
        text = current_text(page) or PageText(page.width, page.height, (), "")
        yield PdfPage(_Marked(picture), 1, 0, text, page.dpi)


class _Marked(Source):
    """One marked page as a file of its own."""

    page_count = 1

    def __init__(self, picture: Image.Image) -> None:
        self._picture = picture

    def image(self, number: int) -> tuple[NDArray[np.uint8], int]:
        """The marked page; its resolution is said with the page."""
        self._index(number)
        return np.asarray(self._picture), 0

    def jpeg(self, number: int) -> bytes:
        """The marked page as it is to stand in the file."""
        self._index(number)
        stream = io.BytesIO()
        self._picture.save(stream, "JPEG", quality=_QUALITY)
        return stream.getvalue()

    def close(self) -> None:
        """Nothing is open."""
