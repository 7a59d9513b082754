"""PDF files for tests: typeset pages with an embedded Chinese font, and what scanning programs make of paper."""

import io
from collections.abc import Callable

import pikepdf
import typst
from PIL import Image

from ingest.fonts import FONT

__all__ = ["changed", "scan_with_text", "typeset"]

_SETUP = '#set page(width: 300pt, height: 400pt, margin: 30pt)\n#set text(font: "Noto Sans SC", size: 14pt)\n'


def typeset(markup: str) -> bytes:
    """Pages of 300 x 400 points with this markup of Typst, in a subset of the shipped font."""
    source: bytes = (_SETUP + markup).encode()
    return typst.compile(
        source, format="pdf", font_paths=typst.Fonts(include_system_fonts=False, font_paths=[FONT.parent])
    )


def changed(pdf: bytes, change: Callable[[pikepdf.Pdf], object], **saving: object) -> bytes:
    """The PDF after `change` was done to it."""
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as document:
        change(document)
        document.save(out, **saving)  # type: ignore[arg-type]  # as its caller knows them
    return out.getvalue()


def scan_with_text(pdf: bytes, picture: Image.Image, *, over: bool = False, mode: int = 3) -> bytes:
    """The PDF with a picture on the whole of its pages, under their text or `over` it.

    `mode`: how the text is drawn, 3 is invisibly, as a recognition program leaves it.
    """
    scan = io.BytesIO()
    picture.convert("RGB").save(scan, "JPEG", quality=90)

    def lay(document: pikepdf.Pdf) -> None:
        stream = document.make_stream(
            scan.getvalue(), Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=picture.width,
            Height=picture.height, ColorSpace=pikepdf.Name.DeviceRGB, BitsPerComponent=8, Filter=pikepdf.Name.DCTDecode,
        )  # fmt: skip
        for page in document.pages:
            page.Resources.XObject = pikepdf.Dictionary(Scan=stream)
            page.contents_coalesce()
            drawn = page.Contents.read_bytes().replace(b"BT", b"BT %d Tr" % mode)
            shown = b"q 300 0 0 400 0 0 cm /Scan Do Q"
            page.Contents = document.make_stream(drawn + b"\n" + shown if over else shown + b"\n" + drawn)

    return changed(pdf, lay)
