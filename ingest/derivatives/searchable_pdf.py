"""One PDF/A-2b of scanned pages with their text invisibly on top; it copies as continuous Chinese."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray
from PIL import ImageCms

from ingest.context import PageText
from ingest.derivatives.glyphless import GlyphlessFont
from ingest.derivatives.page_picture import add_jpeg, add_pixels
from ingest.derivatives.pdf_file import PdfFile
from ingest.derivatives.text_layer import text_layer
from ingest.sources import Source
from ingest.steps.orientation import turned

__all__ = ["PdfPage", "searchable_pdf"]

POINTS = 72
#: a scan of unknown resolution is shown as if it were as long as A4
A4_INCHES = 11.69
#: where a picture (a unit square) lands on a page of w x h points when it is turned clockwise
PLACES = {
    0: "{w} 0 0 {h} 0 0",
    90: "0 -{h} {w} 0 0 {h}",
    180: "-{w} 0 0 -{h} {w} {h}",
    270: "0 {h} -{w} 0 {w} 0",
}


@dataclass(frozen=True)
class PdfPage:
    """One page to show: page `number` (from 1) of an opened source, its clockwise turn, its text in upright pixels.

    `dpi` is what the source says of it, 0 if that is nothing.
    """

    source: Source
    number: int
    rotation: int
    text: PageText
    dpi: int


def searchable_pdf(pages: Iterable[PdfPage], out: BinaryIO, title: str = "") -> None:
    """Writes the pages to `out`, one after the other; only one is in memory. Raises UnreadableSourceError."""
    file, font = PdfFile(out), GlyphlessFont()
    tree, fonts = file.reserve(), file.reserve()
    kids = [_add_page(file, page, tree, fonts, font) for page in pages]
    font.write(file, fonts)
    file.add(f"<< /Type /Pages /Count {len(kids)} /Kids [{' '.join(f'{kid} 0 R' for kid in kids)}] >>", tree)
    file.finish(_add_catalogue(file, tree, title))


def _add_page(file: PdfFile, page: PdfPage, tree: int, fonts: int, font: GlyphlessFont) -> int:
    # A page that came as a JPEG is passed through: it need not even be decoded.
    jpeg = page.source.jpeg(page.number)
    picture = add_jpeg(file, jpeg) if jpeg else add_pixels(file, _upright(page))
    scale = POINTS / (page.dpi or max(page.text.width, page.text.height) / A4_INCHES)
    width, height = f"{page.text.width * scale:.2f}", f"{page.text.height * scale:.2f}"
    place = PLACES[page.rotation if jpeg else 0].format(w=width, h=height)
    drawing = f"q {place} cm /P Do Q\n{text_layer(page.text, scale, font)}"
    content = file.add_packed(drawing.encode("ascii"))
    resources = f"<< /XObject << /P {picture} 0 R >> /Font << /F {fonts} 0 R >> >>"
    box = f"/MediaBox [0 0 {width} {height}]"
    return file.add(f"<< /Type /Page /Parent {tree} 0 R {box} /Resources {resources} /Contents {content} 0 R >>")


def _upright(page: PdfPage) -> NDArray[np.uint8]:
    return turned(page.source.image(page.number)[0], page.rotation)


def _add_catalogue(file: PdfFile, tree: int, title: str) -> int:
    """The root object, with what makes the file PDF/A: a colour profile and a statement of conformance."""
    colours = file.add_packed(_colour_profile(), "/N 3")
    name = "/OutputConditionIdentifier (sRGB) /Info (sRGB)"
    intent = file.add(f"<< /Type /OutputIntent /S /GTS_PDFA1 {name} /DestOutputProfile {colours} 0 R >>")
    metadata = file.add_stream(_metadata(title), "/Type /Metadata /Subtype /XML")
    parts = f"/Pages {tree} 0 R /Metadata {metadata} 0 R /OutputIntents [{intent} 0 R]"
    return file.add(f"<< /Type /Catalog {parts} >>")


def _colour_profile() -> bytes:
    """sRGB, without the moment at which it was made."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[24:36] = bytes(12)
    return bytes(profile)


def _metadata(title: str) -> bytes:
    dc = (
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
        if title
        else ""
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        f"<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>{dc}</rdf:Description>"
        '</rdf:RDF></x:xmpmeta>\n<?xpacket end="w"?>'
    ).encode()
