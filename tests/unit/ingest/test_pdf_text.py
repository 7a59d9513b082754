"""Text that a PDF holds itself is taken from it exactly, and only where it is what a reader of the page sees."""

import re
from pathlib import Path

import numpy as np
import pikepdf
import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.context import Line
from ingest.engines.null import NullEngine
from ingest.errors import PasswordNeededError, UnreadableSourceError
from ingest.fonts import FONT
from ingest.pipeline import BORN_DIGITAL, process_page
from ingest.sources import open_source
from tests.unit.ingest.pdfs import changed, scan_with_text, typeset
from tests.unit.records.scans import locked_pdf

TITLE, NUMBER = "关于开展档案检查的通知", "江海办〔2021〕31号"
BODY = "各部门、各分公司：根据有关规定，现将检查事项通知如下，请遵照执行。The quick brown fox jumps over 3.5 lazy dogs."
NOTICE = f"#align(center)[= {TITLE}]\n{NUMBER}\n\n{BODY}\n"
CENTRE = (0.35, 0.65)


def _written(folder: Path, pdf: bytes) -> Path:
    path = folder / "0001"
    path.write_bytes(pdf)
    return path


def _lines(folder: Path, pdf: bytes, number: int = 1) -> tuple[Line, ...] | None:
    with open_source(_written(folder, pdf), "a.pdf") as source:
        return source.lines(number)


def _text(lines: tuple[Line, ...] | None) -> str:
    assert lines is not None
    return "".join(line.text for line in lines)


def _scan() -> Image.Image:
    """A page of other words than those of the notice, as a scanner saw it."""
    picture = Image.new("RGB", (600, 800), "white")
    font = ImageFont.truetype(str(FONT), 26)
    for row in range(14):
        ImageDraw.Draw(picture).text((60, 60 + 48 * row), "这是扫描得到的一页文字共有很多行", 20, font)
    return picture


def _cell(line: Line, index: int) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of a character of an upright or standing line."""
    start, end = line.edges[index], line.edges[index + 1]
    (ax, ay), (bx, by), (cx, cy), (dx, dy) = line.quad
    corners = [(ax + (bx - ax) * part, ay + (by - ay) * part) for part in (start, end)]
    corners += [(dx + (cx - dx) * part, dy + (cy - dy) * part) for part in (start, end)]
    return (
        min(x for x, _ in corners),
        min(y for _, y in corners),
        max(x for x, _ in corners),
        max(y for _, y in corners),
    )


def test_lines_come_in_reading_order(tmp_path: Path) -> None:
    """Title, number and body as they stand, without blanks beside Han characters, with those between English words."""
    lines = _lines(tmp_path, typeset(NOTICE))
    assert lines is not None
    assert [line.text for line in lines[:2]] == [TITLE, NUMBER]
    assert re.sub(r"\s", "", _text(lines[2:])) == re.sub(r"\s", "", BODY)
    assert "quick brown fox" in " ".join(line.text for line in lines)
    assert all(line.confidence == 1 and len(line.edges) == len(line.text) + 1 for line in lines)


@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
@pytest.mark.parametrize("cropped", [False, True])
def test_each_character_lies_in_its_cell(tmp_path: Path, rotate: int, cropped: bool) -> None:
    """The one red character is found in its own cell of the drawn page, however the page is turned and cropped."""

    def turn(document: pikepdf.Pdf) -> None:
        document.pages[0].rotate(rotate, relative=False)
        if cropped:
            document.pages[0].cropbox = pikepdf.Rectangle(17, 150, 290, 390)

    pdf = changed(typeset(f"{NUMBER}\n\n关于档#text(fill: red)[案]的 fox\n"), turn)
    with open_source(_written(tmp_path, pdf), "a.pdf") as source:
        (image, _), lines = source.image(1), source.lines(1)
    assert lines is not None
    assert lines[1].text == "关于档案的fox"
    left, top, right, bottom = _cell(lines[1], 3)
    rows, columns = np.nonzero((image[:, :, 0] > 200) & (image[:, :, 1] < 100))
    assert left - 1 <= columns.min() <= columns.max() <= right + 1
    assert top - 1 <= rows.min() <= rows.max() <= bottom + 1
    assert (right - left, bottom - top) < (image.shape[1] / 5, image.shape[0] / 5)


def test_a_table_keeps_its_cells_apart(tmp_path: Path) -> None:
    """Words of different cells are different lines."""
    lines = _lines(tmp_path, typeset("#table(columns: 3, [序号], [名称], [金额], [1], [档案柜], [1,200.00])"))
    assert lines is not None
    assert [line.text for line in lines] == ["序号", "名称", "金额", "1", "档案柜", "1,200.00"]


def test_a_table_laid_across_the_page(tmp_path: Path) -> None:
    """Lines that run up the page are read along it, one after the other."""
    lines = _lines(
        tmp_path, typeset(f"#rotate(-90deg, reflow: true, block(width: 300pt)[{TITLE}#text(fill: red)[一]\n\n{BODY}])")
    )
    assert lines is not None
    assert lines[0].text == f"{TITLE}一"
    assert re.sub(r"\s", "", _text(lines[1:])) == re.sub(r"\s", "", BODY)


def test_slanting_words_are_read(tmp_path: Path) -> None:
    """A mark laid across the page is a line that slants."""
    lines = _lines(tmp_path, typeset(f"{NOTICE}#place(center + bottom, rotate(-30deg)[内部资料])"))
    assert lines is not None
    (ax, ay), (bx, by), *_ = next(line for line in lines if line.text == "内部资料").quad
    assert (by - ay) / (bx - ax) == pytest.approx(np.tan(np.radians(-30)), abs=0.02)


@pytest.mark.parametrize("over", [False, True])
def test_a_scan_is_recognised_whatever_text_lies_with_it(tmp_path: Path, over: bool) -> None:
    """Text of another recognition program, invisible on the scan or hidden beneath it, is not relied upon."""
    pdf = scan_with_text(typeset(NOTICE), _scan(), over=over, mode=0 if over else 3)
    assert _lines(tmp_path, pdf) is None


def test_a_stamp_on_a_scan_is_not_its_text(tmp_path: Path) -> None:
    """A scan on which some program wrote a line of its own is recognised: the page shows more than the file says."""
    assert _lines(tmp_path, scan_with_text(typeset("第1页"), _scan(), mode=0)) is None


def test_a_picture_behind_the_words_does_no_harm(tmp_path: Path) -> None:
    """The words on a tinted ground, which is a picture of the whole page, are the page's own."""
    pdf = scan_with_text(typeset(NOTICE), Image.new("RGB", (300, 400), "#fff6e8"), mode=0)
    assert TITLE in _text(_lines(tmp_path, pdf))


def test_words_that_are_not_seen_do_not_count(tmp_path: Path) -> None:
    """A page whose words are white on white says nothing that a reader could see."""
    assert _lines(tmp_path, typeset(f"#set text(fill: white)\n{NOTICE}")) is None


@pytest.mark.parametrize("wrong", ["private", "latin"])
def test_garbage_is_recognised(tmp_path: Path, wrong: str) -> None:
    """A file that names its characters by secret numbers, or takes Chinese bytes for Latin letters, is not believed."""

    first = {"private": 0xE000, "latin": 0xC0}[wrong]

    def spoil(document: pikepdf.Pdf) -> None:
        for entry in document.objects:
            if isinstance(entry, pikepdf.Stream) and b"begincmap" in (named := entry.read_bytes()):
                entry.write(re.sub(rb"> <([0-9A-Fa-f]{4})>", renamed, named))

    def renamed(found: re.Match[bytes]) -> bytes:
        return b"> <%04X>" % (first + int(found[1], 16) % 60)

    assert _lines(tmp_path, changed(typeset(NOTICE), spoil)) is None


def test_the_decision_is_made_page_by_page(tmp_path: Path) -> None:
    """Of a file with typeset, scanned and empty pages only the typeset ones give text; so does the pipeline."""
    own = typeset(f"{NOTICE}#pagebreak()\n#rect()\n#pagebreak()\n第三页的正文")
    scanned = scan_with_text(typeset("被识别的旧文字"), _scan())

    def insert(document: pikepdf.Pdf) -> None:
        with pikepdf.open(_written(tmp_path, scanned)) as other:
            document.pages.insert(1, other.pages[0])

    with open_source(_written(tmp_path, changed(own, insert)), "a.pdf") as source:
        assert [source.lines(number) is not None for number in (1, 2, 3, 4)] == [True, False, False, True]
        results = [process_page(source, number, NullEngine(), turn=0).text for number in (1, 2)]
    assert [text.engine == BORN_DIGITAL for text in results] == [True, False]
    assert results[0].text.startswith(TITLE)


def test_encrypted_without_a_password_to_open(tmp_path: Path) -> None:
    """A PDF that only forbids printing or copying opens, and gives its text."""
    locked = changed(typeset(NOTICE), lambda _: None, encryption=pikepdf.Encryption(owner="secret", user=""))
    assert TITLE in _text(_lines(tmp_path, locked))


def test_scripts_are_not_run(tmp_path: Path) -> None:
    """A script that would change the document on opening it changes nothing."""

    def add(document: pikepdf.Pdf) -> None:
        run = pikepdf.Dictionary(S=pikepdf.Name.JavaScript, JS="while (true) { this.insertPages(); }")
        document.Root.OpenAction = run

    pdf = changed(typeset(NOTICE), add)
    with open_source(_written(tmp_path, pdf), "a.pdf") as source:
        assert source.page_count == 1
        assert TITLE in _text(source.lines(1))


def test_no_pages(tmp_path: Path) -> None:
    """A PDF without a page is damaged, also after one that needs a password."""
    with pytest.raises(PasswordNeededError):
        open_source(_written(tmp_path, locked_pdf()), "b.pdf")
    empty = _written(tmp_path, changed(typeset("一"), lambda document: document.pages.remove(p=1)))
    with pytest.raises(UnreadableSourceError) as refused:
        open_source(empty, "a.pdf")
    assert refused.value.reason == "damaged"


def test_thousands_of_pages(tmp_path: Path) -> None:
    """Of a PDF of 5,000 pages any one is read without the others."""

    def multiply(document: pikepdf.Pdf) -> None:
        last = dict(document.pages[1].obj.items())
        document.Root.Pages.Kids.extend([document.make_indirect(pikepdf.Dictionary(last)) for _ in range(4998)])
        document.Root.Pages.Count = 5000

    pdf = changed(typeset(f"第一页\n#pagebreak()\n{NOTICE}"), multiply)
    with open_source(_written(tmp_path, pdf), "a.pdf") as source:
        assert source.page_count == 5000
        assert (_text(source.lines(1)), TITLE in _text(source.lines(5000))) == ("第一页", True)
