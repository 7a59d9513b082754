"""The PDF/A of a copy, an extract or a certificate: set with Typst, the pictures of pages laid into its frames."""

import io
from collections.abc import Iterable
from datetime import tzinfo
from pathlib import Path
from typing import Any

import pikepdf
from PIL import Image

from archive.borrowing.copies.codes import grouped
from archive.borrowing.copies.models import CopyKind, IssuedCopy
from archive.catalogue.models import Item
from archive.platform.page_ranges import written
from archive.platform.printing import print_pdf, qr_code

__all__ = ["PRINT_WIDTH", "paper_pdf"]

#: pixels across of a page that is printed: 300 dpi of A4
PRINT_WIDTH = 2480
_TEMPLATE = Path(__file__).with_name("paper.typ")
#: left, top, width and height of what lies between head and foot of an A4 page, in millimetres
_FRAME = (14, 18, 182, 232)
_POINTS = 72 / 25.4
_PAGE_HEIGHT = 297 * _POINTS
_QUALITY = 88
# Prints are in the language of the archive, simplified Chinese.
_KINDS = {CopyKind.COPY: "档案复制件", CopyKind.EXTRACT: "档案摘录", CopyKind.CERTIFICATE: "档案证明"}
_UNCHECKED = "草稿，未经核对，不得使用"


def paper_pdf(
    made: IssuedCopy, pictures: Iterable[Image.Image], *, organisation: str, address: str, zone: tzinfo
) -> tuple[bytes, int]:
    """The PDF and the number of its pages: the same bytes for the same paper.

    `pictures`: for a copy each page's picture, in order. `address`: of the page that verifies codes. What is not
    checked yet bears neither number nor code, and says so.
    """
    pdf = print_pdf(_TEMPLATE, _data(made, organisation, address, zone), made.checked_at or made.written_at)
    if made.kind is CopyKind.COPY:
        pdf = _laid_in(pdf, pictures)
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        return pdf, len(opened.pages)


def _data(made: IssuedCopy, organisation: str, address: str, zone: tzinfo) -> dict[str, Any]:
    checked, code = made.checker, grouped(made.code or "")
    texts = [part for part in made.parts if part.text]
    return {
        "frame": _FRAME,
        "organisation": organisation,
        "kind": _KINDS[made.kind],
        "number": made.number or "草稿",
        "heading": made.heading,
        "statement": "与原件核对无误" if checked else _UNCHECKED,
        "rows": [row for row in _rows(made, zone) if row[1]],
        "pages": len(made.parts),
        "sentences": [{"text": one.text, "source": f"{_code(one.item)}，第 {one.page} 页"} for one in texts],
        "stamp": "盖章处（加盖印章方为有效）",
        "qr": qr_code(f"{address}?code={code}") if code else "",
        "code": [code[:9], code[10:]],
        "address": address,
    }


def _rows(made: IssuedCopy, zone: tzinfo) -> list[tuple[str, str]]:
    at = f"{made.checked_at.astimezone(zone):%Y年%m月%d日}" if made.checked_at else ""
    names = f"{made.writer.name}　核对 {made.checker.name}" if made.checker else made.writer.name
    return [("档号", _sources(made)), ("制作", names), ("日期", at)]


def _sources(made: IssuedCopy) -> str:
    """The codes of the records and, of a copy, which of their pages."""
    if made.kind is not CopyKind.COPY:
        return "、".join(_code(item) for item in made.items)
    pages = {item.id: written(part.page for part in made.parts if part.item_id == item.id) for item in made.items}
    return "；".join(f"{_code(item)} 第 {pages[item.id]} 页" for item in made.items)


def _code(item: Item) -> str:
    return item.code or item.accession


def _laid_in(pdf: bytes, pictures: Iterable[Image.Image]) -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf)) as opened:
        for page, picture in zip(opened.pages, pictures, strict=True):
            _lay(opened, page, picture)
        opened.save(out, deterministic_id=True)
    return out.getvalue()


def _lay(pdf: pikepdf.Pdf, page: pikepdf.Page, picture: Image.Image) -> None:
    """Lay a picture into the frame of a page, as large as it fits, in the middle."""
    name = page.add_resource(_jpeg(pdf, picture.convert("RGB")), pikepdf.Name.XObject)
    left, top, width, height = (side * _POINTS for side in _FRAME)
    scale = min(width / picture.width, height / picture.height)
    wide, tall = picture.width * scale, picture.height * scale
    x, y = left + (width - wide) / 2, _PAGE_HEIGHT - top - (height + tall) / 2
    page.contents_add(f"q {wide:.3f} 0 0 {tall:.3f} {x:.3f} {y:.3f} cm {name} Do Q".encode("ascii"), prepend=True)


def _jpeg(pdf: pikepdf.Pdf, picture: Image.Image) -> pikepdf.Stream:
    stream = io.BytesIO()
    picture.save(stream, "JPEG", quality=_QUALITY)
    entries: dict[str, Any] = {"/Type": "/XObject", "/Subtype": "/Image", "/ColorSpace": "/DeviceRGB"}
    names = {key: pikepdf.Name(value) for key, value in entries.items()}
    sizes = {"/Width": picture.width, "/Height": picture.height, "/BitsPerComponent": 8}
    return pikepdf.Stream(pdf, stream.getvalue(), {**names, **sizes, "/Filter": pikepdf.Name.DCTDecode})
