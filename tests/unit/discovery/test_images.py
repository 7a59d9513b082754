"""Pieces of pages: what may be asked for, in which size it is offered, and the mark that every piece bears."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from archive.discovery import watermark
from archive.discovery.iiif import VIEW_ONLY_WIDTH, image_information, offered_size, parse
from archive.discovery.watermark import REGION, FontMissingError, mark
from archive.platform.errors import InvalidError

_LINES = ("欧阳文成", "党群工作部（纪检监察室）", "2021-03-05 10:00", "2021-0012-01")
_PAGE = (1600, 2200)


@pytest.mark.parametrize(
    ("region", "size", "expected"),
    [
        ("full", "max", (0, 0, 1600, 2200, 1600, 2200)),
        ("full", "!120,160", (0, 0, 1600, 2200, 116, 160)),
        ("full", "800,", (0, 0, 1600, 2200, 800, 1100)),
        ("512,1024,512,512", "256,256", (512, 1024, 512, 512, 256, 256)),
        ("1500,2100,512,512", "100,", (1500, 2100, 100, 100, 100, 100)),
        ("pct:50,50,50,50", "pct:50", (800, 1100, 800, 1100, 400, 550)),
        ("square", ",160", (0, 300, 1600, 1600, 160, 160)),
    ],
)
def test_addresses_are_understood(region: str, size: str, expected: tuple[int, ...]) -> None:
    """Region and size mean what the IIIF Image API says they mean; regions are cut at the edges of the page."""
    wanted = parse(region, size, "0", _PAGE)
    frame = wanted.region
    assert (frame.left, frame.top, frame.width, frame.height, wanted.width, wanted.height) == expected


@pytest.mark.parametrize(
    ("region", "size", "rotation"),
    [
        ("full", "1601,", "0"),
        ("0,0,100,100", "pct:200", "0"),
        ("1600,0,10,10", "max", "0"),
        ("0,0,0,10", "max", "0"),
        ("full", "max", "45"),
        ("full", ",", "0"),
        ("full", "0,0", "0"),
        ("pct:0,0,x,1", "max", "0"),
        ("1,2,3", "max", "0"),
        ("full", "nan", "0"),
        ("pct:nan,0,10,10", "max", "0"),
    ],
)
def test_what_cannot_be_delivered_is_refused(region: str, size: str, rotation: str) -> None:
    """Enlargements, turns by other than quarters and nonsense are refused in words, not by a fault."""
    with pytest.raises(InvalidError):
        parse(region, size, rotation, _PAGE)


def test_view_only_is_offered_smaller() -> None:
    """Who may only look never gets more pixels than the cap; who may take a copy gets all of them."""
    assert offered_size(4960, 7016, view_only=True) == (VIEW_ONLY_WIDTH, 2829)
    assert offered_size(4960, 7016, view_only=False) == (4960, 7016)
    assert image_information("https://a/iiif/x/1", 2000, 2829)["maxWidth"] == 2000


def test_a_small_piece_is_no_thumbnail() -> None:
    """Only the whole page, shrunk beyond reading, goes without mark and register; small pieces of it do not."""
    assert parse("full", "!120,160", "0", _PAGE).is_thumbnail(_PAGE, 160)
    assert not parse("0,0,100,100", "max", "0", _PAGE).is_thumbnail(_PAGE, 160)
    assert not parse("full", "400,", "0", _PAGE).is_thumbnail(_PAGE, 160)


@given(left=st.integers(0, 5000), top=st.integers(0, 5000), paper=st.sampled_from(["white", "black", "gray"]))
def test_every_piece_shows_the_whole_mark(left: int, top: int, paper: str) -> None:
    """Any 256 × 256 pixels, wherever they lie on the page and whatever is on it, hold every drop of the mark's ink."""
    plain = Image.new("RGB", (REGION, REGION), paper)
    shown = np.asarray(mark(plain, _LINES, left=left, top=top)) != np.asarray(plain)
    whole = np.asarray(mark(Image.new("RGB", (1024, 1024), paper), _LINES)) != np.asarray(
        Image.new("RGB", (1024, 1024), paper)
    )
    cells = 1024 * 1024 / (REGION * REGION)
    assert shown.any(axis=2).sum() >= whole.any(axis=2).sum() / cells / 2
    text = watermark._text(_LINES)
    assert text.width + watermark._cell(_LINES, 1).width <= REGION
    assert text.height + watermark._cell(_LINES, 1).height <= REGION


def test_pieces_join_without_a_seam() -> None:
    """The mark of two tiles side by side is the mark of the piece that covers both."""
    plain = Image.new("RGB", (1024, 512), "white")
    whole = np.asarray(mark(plain, _LINES, left=300, top=70))
    left = np.asarray(mark(plain.crop((0, 0, 512, 512)), _LINES, left=300, top=70))
    right = np.asarray(mark(plain.crop((512, 0, 1024, 512)), _LINES, left=812, top=70))
    assert np.array_equal(np.concatenate([left, right], axis=1), whole)


def test_without_its_font_nothing_is_delivered(monkeypatch: pytest.MonkeyPatch) -> None:
    """A missing font stops delivery with a clear error instead of letting a page out unmarked."""
    monkeypatch.setattr(watermark, "FONT", watermark.FONT.with_name("missing.ttf"))
    watermark._font.cache_clear()
    watermark._cell.cache_clear()
    try:
        with pytest.raises(FontMissingError, match="make assets"):
            mark(Image.new("RGB", (300, 300)), ("某人",))
    finally:
        watermark._font.cache_clear()
