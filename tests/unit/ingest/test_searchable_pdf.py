"""The searchable PDF shows the scan, and its text comes out continuous and in place with three independent readers."""

import io
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pikepdf
import pypdf
import pypdfium2
import pytest
from PIL import Image, ImageDraw

from ingest.context import Line, PageText
from ingest.derivatives import PdfPage, searchable_pdf
from ingest.sources import open_source
from ingest.testing import SAMPLES
from tests.servers.missing import missing
from tests.unit.ingest.conftest import Reader
from tests.unit.ingest.scans import jpeg, page, pdf, png

FILES = ["2021-bgs-checklist-notice.pdf", "2020-sjb-inspection-letter.jpg", "2021-sjb-hongkong-letter.jpg"]


def _written(file: str, read_sample: Reader) -> bytes:
    out = io.BytesIO()
    with open_source(SAMPLES / file, file) as source:
        pages = (
            PdfPage(source, n, result.rotation, result.text, result.dpi)
            for n, result in enumerate(read_sample(file), 1)
        )
        searchable_pdf(pages, out, "题名 <&>")
    return out.getvalue()


def _one_page(folder: Path, data: bytes, rotation: int, lines: tuple[Line, ...] = ()) -> bytes:
    path, out = folder / "page", io.BytesIO()
    path.write_bytes(data)
    with open_source(path, "page") as source:
        tall, wide = source.image(1)[0].shape[:2]
        text = PageText(*((tall, wide) if rotation % 180 else (wide, tall)), lines, "test/1")
        searchable_pdf([PdfPage(source, 1, rotation, text, source.image(1)[1])], out)
    return out.getvalue()


def _line(text: str, quad: tuple[tuple[float, float], ...]) -> Line:
    return Line(text, quad, tuple(n / len(text) for n in range(len(text) + 1)), 1.0)


def _with_pypdf(data: bytes) -> str:
    return "\n".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(data)).pages)


def _with_pdfium(data: bytes) -> str:
    return "\n".join(sheet.get_textpage().get_text_range() for sheet in pypdfium2.PdfDocument(data))


def _with_poppler(data: bytes) -> str:
    if not (program := shutil.which("pdftotext")):
        missing("pdftotext is missing: apt-get install poppler-utils")
    return subprocess.run([program, "-", "-"], input=data, capture_output=True, check=True).stdout.decode()


@pytest.mark.parametrize("file", FILES)
@pytest.mark.parametrize("extract", [_with_pypdf, _with_pdfium, _with_poppler])
def test_copies_as_continuous_text(file: str, extract: Callable[[bytes], str], read_sample: Reader) -> None:
    """Each reader gives each line as it was recognised, with no blank between its characters."""
    copied = extract(_written(file, read_sample))
    missing = [line.text for result in read_sample(file) for line in result.text.lines if line.text not in copied]
    assert missing == []


def test_is_the_same_every_time(read_sample: Reader) -> None:
    """The same pages give the same bytes: no dates, no chance."""
    assert _written(FILES[2], read_sample) == _written(FILES[2], read_sample)


def test_is_sound(read_sample: Reader) -> None:
    """The file is well formed and says what it is: PDF/A-2b with its title."""
    with pikepdf.open(io.BytesIO(_written(FILES[0], read_sample))) as document:
        assert document.check_pdf_syntax() == []
        assert len(document.pages) == 2
        metadata = document.open_metadata()
        assert (metadata["pdfaid:part"], metadata["pdfaid:conformance"]) == ("2", "B")
        assert metadata["dc:title"] == "题名 <&>"


def test_keeps_the_jpeg_as_it_came(read_sample: Reader) -> None:
    """A JPEG scan lies in the PDF byte by byte, on a page of the paper's size."""
    file = FILES[2]
    assert (SAMPLES / file).read_bytes() in _written(file, read_sample)
    width, height = pypdfium2.PdfDocument(_written(file, read_sample))[0].get_size()
    assert (round(width), round(height)) == (595, 842)


def test_black_and_white_stays_small(read_sample: Reader) -> None:
    """A black and white scan is kept without loss, and not larger than it came."""
    file = "2020-rlb-training-report.tif"
    data = _written(file, read_sample)
    assert len(data) < (SAMPLES / file).stat().st_size * 1.3
    shown = pypdfium2.PdfDocument(data)[0].render(scale=0.5).to_numpy()
    assert shown.mean() > 200
    with Image.open(SAMPLES / file) as scan, pikepdf.open(io.BytesIO(data)) as document:
        (picture,) = document.pages[0].get_images().values()
        assert isinstance(picture, pikepdf.Stream)
        kept = pikepdf.PdfImage(picture).as_pil_image()
        assert np.array_equal(np.asarray(kept), np.asarray(scan))


def _picture(data: bytes) -> tuple[str, str, int]:
    """Filter, colour space and length of the one picture on the first page."""
    with pikepdf.open(io.BytesIO(data)) as document:
        (picture,) = document.pages[0].get_images().values()
        assert isinstance(picture, pikepdf.Stream)
        return str(picture.Filter), str(picture.ColorSpace), len(picture.read_raw_bytes())


def _smooth_page() -> Image.Image:
    """A page drawn four times as large and reduced: grey where black and white meet."""
    large = Image.new("L", (4000, 5600), 255)
    ImageDraw.Draw(large).ellipse((800, 800, 3200, 3200), outline=0, width=50)
    return large.resize((1000, 1400), Image.Resampling.BOX)


def test_black_and_white_from_a_pdf_stays_small(tmp_path: Path) -> None:
    """A page of a PDF that is one black and white scan takes a hundredth of its pixels, the same bytes each time."""
    scan = page(1336, 2092, "Danggui").convert("1")
    data = _one_page(tmp_path, pdf(scan), 0)
    assert _picture(data)[:2] == ("/CCITTFaxDecode", "/DeviceGray")
    assert len(data) < scan.width * scan.height / 100
    assert data == _one_page(tmp_path, pdf(scan), 0)


def test_grey_edges_become_black_and_white(tmp_path: Path) -> None:
    """Grey that lies only where black and white meet does not make a photograph of a page."""
    assert _picture(_one_page(tmp_path, png(_smooth_page()), 0))[0] == "/CCITTFaxDecode"


def test_pale_marks_are_kept(tmp_path: Path) -> None:
    """A small pale stamp keeps its page grey: it would vanish from a black and white one."""
    stamped = _smooth_page()
    ImageDraw.Draw(stamped).ellipse((700, 900, 760, 960), outline=200, width=3)
    kept, colours, size = _picture(_one_page(tmp_path, png(stamped), 0))
    assert (kept, colours) == ("/DCTDecode", "/DeviceGray")
    assert size < stamped.width * stamped.height / 10


@pytest.mark.parametrize("rotation", [0, 90, 180, 270])
@pytest.mark.parametrize("kept", [jpeg, png])
def test_shows_pages_upright(tmp_path: Path, kept: Callable[[Image.Image], bytes], rotation: int) -> None:
    """A page that was scanned lying shows its black corner at the top left, passed through or encoded anew."""
    lying = page().rotate(rotation, expand=True)
    data = _one_page(tmp_path, kept(lying), rotation)
    shown = pypdfium2.PdfDocument(data)[0].render(scale=1).to_numpy()
    assert shown[4, 4].max() < 80
    assert min(shown[4, -4].min(), shown[-4, 4].min(), shown[-4, -4].min()) > 200


def test_text_lies_on_the_print(tmp_path: Path) -> None:
    """What is found at a place in the PDF is what was recognised there, also down a column."""
    across = _line("江海实业", ((40, 100), (240, 100), (240, 150), (40, 150)))
    down = _line("档案馆", ((280, 200), (280, 350), (230, 350), (230, 200)))
    sheet = pypdfium2.PdfDocument(_one_page(tmp_path, jpeg(page(), dpi=72), 0, (across, down)))[0]
    text = sheet.get_textpage()
    assert text.get_text_bounded(left=140, bottom=420 - 155, right=245, top=420 - 95).strip() == "实业"
    assert text.get_text_bounded(left=225, bottom=420 - 360, right=285, top=420 - 195).split() == ["档案馆"]


def test_rare_characters(tmp_path: Path) -> None:
    """Characters beyond the basic plane and signs of any kind come back."""
    line = _line("𠮷野家〔2021〕№12 é", ((20, 100), (280, 100), (280, 130), (20, 130)))
    assert line.text in _with_pypdf(_one_page(tmp_path, jpeg(page()), 0, (line,)))
