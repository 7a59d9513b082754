"""From a scanned page to its text: all samples are read, whatever way they lie, and blank pages stay without text."""

import io
from datetime import UTC, datetime
from pathlib import Path

import pikepdf
import pytest
from PIL import Image

from archive.platform.printing import print_pdf
from ingest.context import PageText
from ingest.pipeline import BORN_DIGITAL, read_page
from ingest.testing import SAMPLES, character_errors, sample_documents
from tests.factories.drawn_pages import drawn_page
from tests.unit.ingest.conftest import Reader
from tests.unit.ingest.scans import jpeg


def test_reads_all_samples(read_sample: Reader) -> None:
    """Simplified, traditional and English, under seals and in tables: less than 1 % of the characters are wrong."""
    wrong = length = 0.0
    for sample in sample_documents():
        for truth, page in zip(sample["pages"], read_sample(sample["file"]), strict=True):
            size = len("".join(truth.split()))
            wrong, length = wrong + character_errors(truth, page.text.text) * size, length + size
    assert wrong / length < 0.01


def test_upside_down_page(tmp_path: Path, read_sample: Reader) -> None:
    """A page fed upside down gives the same text, boxes in the upright picture, and says how far it was turned."""
    file = "2020-sjb-inspection-letter.jpg"
    path = tmp_path / "page"
    with Image.open(SAMPLES / file) as picture:
        path.write_bytes(jpeg(picture.transpose(Image.Transpose.ROTATE_180)))
    result, upright = read_page(path, 1, "page.jpg", "ppocr"), read_sample(file)[0]
    assert (result.rotation, upright.rotation) == (180, 0)
    assert character_errors(upright.text.text, result.text.text) < 0.01
    assert result.text.lines[0].quad[0][1] < result.text.height / 4


@pytest.mark.parametrize("shade", ["white", "black"])
def test_blank_page(tmp_path: Path, shade: str) -> None:
    """A blank page has no text, is said to be blank, and is not turned."""
    path = tmp_path / "page"
    path.write_bytes(jpeg(Image.new("RGB", (1653, 2338), shade)))
    result = read_page(path, 1, "page.jpg", "ppocr")
    assert (result.blank, result.rotation, result.text.text, result.dpi) == (True, 0, "", 200)


def test_null_engine(tmp_path: Path) -> None:
    """Without recognition a page still gets its size and its thumbnail."""
    result = read_page(SAMPLES / "2020-sjb-inspection-letter.jpg", 1, "letter.jpg", "null")
    assert (result.text.width, result.text.height, result.text.lines) == (1653, 2338, ())
    assert result.thumbnail.startswith(b"\xff\xd8")


def test_text_survives_json(read_sample: Reader) -> None:
    """A page's text comes back from JSON as it was."""
    text = read_sample("2020-sjb-inspection-letter.jpg")[0].text
    assert PageText.from_json(text.to_json()) == text


def test_pictures_of_words_on_typeset_pages_are_read(tmp_path: Path) -> None:
    """A page that is the file's own text may bear a picture, such as a stamped mark: its words are read too."""
    stamp, _ = drawn_page(["机密★10年"])
    with Image.open(io.BytesIO(stamp)) as drawn:
        mark = drawn.crop((350, 140, 900, 240))
    template, typed = tmp_path / "typed.typ", tmp_path / "typed.pdf"
    template.write_text('#set text(font: "Noto Sans SC")\n#for n in range(12) [关于做好档案工作的通知\\ ]', "utf-8")
    typed.write_bytes(print_pdf(template, {}, datetime(2021, 3, 5, tzinfo=UTC)))
    made, out = io.BytesIO(), io.BytesIO()
    mark.convert("RGB").save(made, "PDF", resolution=200)
    with pikepdf.open(typed) as document, pikepdf.open(made) as stamped:
        document.pages[0].add_overlay(stamped.pages[0], pikepdf.Rectangle(60, 300, 258, 336))
        document.save(out)
    path = tmp_path / "stamped.pdf"
    path.write_bytes(out.getvalue())
    text = read_page(path, 1, "stamped.pdf").text
    assert text.engine == BORN_DIGITAL
    assert text.lines[0].text == "关于做好档案工作的通知"
    assert "机密★10年" in text.text
