"""Every searchable PDF is a valid PDF/A-2b, judged by veraPDF, whatever scan it was made of and whatever was read."""

import io
from collections.abc import Callable
from pathlib import Path

import pikepdf
import pytest
from PIL import Image, ImageCms
from pypdfium2 import PdfDocument

from ingest.context import Line, PageText
from ingest.derivatives import PdfPage, searchable_pdf
from ingest.sources import open_source
from tests.servers.missing import missing
from tests.servers.process import ServerMissingError
from tests.servers.verapdf import broken_rules
from tests.unit.ingest.scans import jpeg, page, pdf, png, tiff

#: what recognition may say: nothing, both scripts, rare characters beyond the first plane, a smile, private use,
#: controls, halves of pairs, a very long line
_TEXTS = (
    "",
    "关于做好2021年度工作的通知",
    "關於辦理情形的函 and English words",
    "\U00020000\U0002a6df 㐀 \U0001f600 \ue000 \u3000",
    "a\x00b\x0bc\ud800d",
    "长" * 400,
)


def _saved(picture: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, kind, **options)
    return out.getvalue()


def _profiled() -> bytes:
    """A JPEG with a colour profile of another space than sRGB."""
    lab = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    return _saved(page(), "JPEG", icc_profile=lab, dpi=(200, 200))


def _fax() -> bytes:
    """A page of a fax machine: black and white, twice as fine across as down."""
    return _saved(page(800, 560).convert("1"), "TIFF", compression="group4", dpi=(204, 98))


_SCANS: dict[str, Callable[[], bytes]] = {
    "colour.jpg": lambda: jpeg(page()),
    "turned.jpg": lambda: jpeg(page(), orientation=6),
    "grey.jpg": lambda: jpeg(page().convert("L")),
    "press.jpg": lambda: _saved(page().convert("CMYK"), "JPEG", dpi=(200, 200)),
    "profile.jpg": _profiled,
    "progressive.jpg": lambda: _saved(page(), "JPEG", progressive=True),
    "alpha.png": lambda: png(page().convert("RGBA")),
    "palette.png": lambda: png(page().convert("P")),
    "deep.png": lambda: png(Image.new("I;16", (200, 300), 40000)),
    "tiny.png": lambda: png(Image.new("RGB", (1, 1), "red")),
    "group4.tif": lambda: tiff([page().convert("1")], "group4"),
    "colour.tif": lambda: tiff([page()]),
    "fax.tif": _fax,
    "colour.jp2": lambda: _saved(page(), "JPEG2000"),
    "scan.pdf": lambda: pdf(page(), rotate=90),
    "bilevel.pdf": lambda: pdf(page().convert("1")),
}


def _lines(text: str, tall: int, *, standing: bool) -> tuple[Line, ...]:
    """One line along the head of the page, or down its right side."""
    if not text:
        return ()
    lying = ((5.0, 5.0), (195.0, 5.0), (195.0, 25.0), (5.0, 25.0))
    column = ((195.0, 5.0), (195.0, tall - 5.0), (175.0, tall - 5.0), (175.0, 5.0))
    edges = tuple(n / len(text) for n in range(len(text) + 1))
    return (Line(text, column if standing else lying, edges, 0.9),)


def test_whatever_was_scanned_and_read(tmp_path: Path) -> None:
    """Each kind of scan, with each kind of text, upright and turned, lying and standing, under a difficult title."""
    made = []
    for number, (name, scan) in enumerate(_SCANS.items()):
        path = tmp_path / name
        path.write_bytes(scan())
        with open_source(path, name) as source:
            tall, wide = source.image(1)[0].shape[:2]
            for turn, text in enumerate(_TEXTS):
                rotation = turn * 90 % 360
                size = (tall, wide) if rotation % 180 else (wide, tall)
                lines = _lines(text, size[1], standing=turn % 2 == 1)
                target = tmp_path / f"{number}-{turn}.pdf"
                with target.open("wb") as out:
                    page_text = PageText(*size, lines, "test/1")
                    pages = [PdfPage(source, 1, rotation, page_text, source.image(1)[1])] * 2
                    searchable_pdf(pages, out, "题名 <&> ]]> \u202e\x07\U0001f600")
                made.append(target)
    try:
        broken = broken_rules(made)
    except ServerMissingError as error:
        missing(str(error))
    assert {path.name: rules for path, rules in broken.items() if rules} == {}


@pytest.mark.parametrize("text", [text for text in _TEXTS if text and "\x00" not in text])
def test_words_are_what_was_read(tmp_path: Path, text: str) -> None:
    """Text of every plane of Unicode is copied as it was read."""
    path = tmp_path / "a.png"
    path.write_bytes(png(page()))
    out = io.BytesIO()
    with open_source(path, "a.png") as source:
        lines = _lines(text, 420, standing=False)
        searchable_pdf([PdfPage(source, 1, 0, PageText(300, 420, lines, "test/1"), 200)], out)
    with pikepdf.open(io.BytesIO(out.getvalue())) as document:
        assert document.check_pdf_syntax() == []
    copied = PdfDocument(out.getvalue())[0].get_textpage().get_text_range()
    assert copied.replace("\r\n", "").split() == text.split()
