"""Planted defects are caught, each at several strengths; clean pages of every kind are left alone."""

from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from ingest.context import ColourMode, Line, PageText
from ingest.sources import open_source
from ingest.steps.colour import colour_mode
from ingest.steps.page_number import printed_numbers
from ingest.steps.quality import judge
from ingest.testing import SAMPLES, sample_documents
from tests.factories.scans_with_defects import (
    Scan,
    bilevel,
    blurred,
    bordered,
    clean_scan,
    coarse,
    cut,
    darkened,
    faded,
    skewed,
)


@cache
def clean(print_mm: float = 5.6) -> Scan:
    """A page as it should be, with print of this size; made once."""
    return clean_scan(3, dpi=200, print_mm=print_mm)


def found(scan: Scan) -> dict[str, float]:
    """Codes and values of what is wrong with a scan."""
    return {finding.code: finding.value for finding in judge(scan.image, scan.dpi, scan.text)}


def unread(scan: Scan) -> Scan:
    """The same scan after an engine that reads nothing."""
    return Scan(scan.image, scan.dpi, PageText(scan.text.width, scan.text.height, (), "null/1"))


@pytest.mark.parametrize("print_mm", [2.5, 3.5, 5.6])
def test_leaves_clean_pages_alone(print_mm: float) -> None:
    """Large print and small, read or not, at 200 dpi and as a clean fax: nothing is wrong, only the coarse one is."""
    page = clean(print_mm)
    assert found(page) == found(unread(page)) == found(bilevel(page)) == {}
    assert found(skewed(page, 0.5)) == found(darkened(page, 0.7)) == found(faded(page, 0.5)) == {}
    assert found(bilevel(coarse(page, 100))) == {"low_resolution": 100}


def test_leaves_the_samples_alone() -> None:
    """The first page of each sample of the archive, unread: none is called bad."""
    for document in sample_documents():
        with open_source(SAMPLES / document["file"], document["file"]) as source:
            image, dpi = source.image(1)
        assert judge(image, dpi, PageText(image.shape[1], image.shape[0], (), "null/1")) == (), document["file"]


@pytest.mark.parametrize("degrees", [1.3, 2.5, 4.0, -6.0])
def test_catches_skew(degrees: float) -> None:
    """A page that lies askew, either way, and by how much."""
    assert found(skewed(clean(), degrees)) == {"skew": pytest.approx(abs(degrees), abs=0.2)}


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
@pytest.mark.parametrize("millimetres", [1.5, 2.0, 3.0])
def test_catches_cut_print(side: str, millimetres: float) -> None:
    """A picture that ends in the middle of its print, on any side."""
    assert found(cut(clean(), side, millimetres)).keys() == {"cut_edge"}


@pytest.mark.parametrize("millimetres", [2, 5, 12])
def test_catches_black_borders(millimetres: int) -> None:
    """Black around the sheet, narrow and wide; it is not called cut print."""
    assert found(bordered(clean(), millimetres)).keys() == {"dark_border"}


BLURS: list[Callable[[Scan], Scan]] = [
    lambda page: blurred(page, 0.3),
    lambda page: blurred(page, 0.5),
    lambda page: blurred(page, 0.3, along=True),
    lambda page: blurred(page, 0.5, along=True),
]


@pytest.mark.parametrize("blur", BLURS)
@pytest.mark.parametrize("print_mm", [3.5, 5.6])
def test_catches_blur(blur: Callable[[Scan], Scan], print_mm: float) -> None:
    """Print out of focus or moved, in large print and small, and also where nothing could be read any more."""
    page = blur(clean(print_mm))
    assert "blur" in found(page)
    assert "blur" in found(unread(page))


@pytest.mark.parametrize("share", [0.4, 0.3])
def test_catches_darkness(share: float) -> None:
    """A page far too dark."""
    assert found(darkened(clean(), share)).keys() == {"too_dark"}


def test_catches_black_swallowing_print() -> None:
    """A black and white page whose threshold made half of it black."""
    page = clean()
    black = np.where(np.indices(page.image.shape[:2])[1] % 5 < 3, 0, 255).astype(np.uint8)
    swallowed = Scan(np.repeat(black[:, :, None], 3, axis=2), page.dpi, page.text)
    assert "too_dark" in found(swallowed)


@pytest.mark.parametrize("share", [0.25, 0.2])
def test_catches_faint_print(share: float) -> None:
    """Print that is nearly gone: on white paper too light, on grey paper without contrast."""
    assert found(faded(clean(), share)).keys() == {"too_light"}
    assert found(faded(clean(), share, paper=180)).keys() == {"low_contrast"}


@pytest.mark.parametrize("dpi", [100, 150, 190])
def test_catches_coarse_scans(dpi: int) -> None:
    """Fewer dots than the standard wants, said by the file; and guessed from sheet and print where it says nothing."""
    assert found(coarse(clean(), dpi)) == {"low_resolution": dpi}
    guessed = found(coarse(clean(), dpi, said=False))
    assert guessed == ({"low_resolution": pytest.approx(dpi, rel=0.1)} if dpi < 180 else {})


def test_doubts_what_cameras_claim() -> None:
    """A photograph of a sheet says 72 dpi and has enough of them."""
    page = clean()
    assert found(Scan(page.image, 72, page.text)) == {}


def test_knows_how_a_page_was_scanned() -> None:
    """Black and white, grey and colour are told by the pixels."""
    page = clean()
    tinted = page.image.copy()
    tinted[100:300, 100:300] = (206, 24, 30)
    assert colour_mode(page.image) is ColourMode.GREY
    assert colour_mode(bilevel(page).image) is ColourMode.BILEVEL
    assert colour_mode(tinted) is ColourMode.COLOUR


@pytest.mark.parametrize(
    ("written", "numbers"),
    [
        ("— 3 —", (3,)),
        ("-12-", (12,)),
        ("· 7 ·", (7,)),
        ("第 5 页 共 9 页", (5,)),
        ("第5頁", (5,)),
        ("Page 4 of 10", (4,)),
        ("2/6", (2,)),
        ("8", (8,)),
        ("2021", ()),
        ("2021年3月5日", ()),
        ("第三章", ()),
        ("0", ()),
    ],
)
def test_reads_printed_page_numbers(written: str, numbers: tuple[int, ...]) -> None:
    """Numbers in all usual forms, at the foot and at the head; no years, no dates, none from the middle of a page."""

    def at(top: int) -> PageText:
        quad = ((1100.0, top), (1300.0, top), (1300.0, top + 60.0), (1100.0, top + 60.0))
        return PageText(2480, 3508, (Line(written, quad, (0.0, 1.0), 0.9),), "made/1")

    assert printed_numbers(at(3200)) == printed_numbers(at(100)) == numbers
    assert printed_numbers(at(1700)) == ()


def test_keeps_every_number_that_a_page_may_have() -> None:
    """A page with its own number and that of the volume keeps both; which one counts its neighbours tell."""
    quads = [
        ((x, y), (x + 90.0, y), (x + 90.0, y + 50.0), (x, y + 50.0)) for x, y in ((1200.0, 3300.0), (2300.0, 60.0))
    ]
    lines = tuple(Line(text, quad, (0.0, 1.0), 0.9) for text, quad in zip(("- 13 -", "441"), quads, strict=True))
    assert printed_numbers(PageText(2480, 3508, lines, "made/1")) == (13, 441)
