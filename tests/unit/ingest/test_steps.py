"""The steps on a page: blank pages are told, turned pages set upright, seals lifted, thumbnails small."""

import io

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from ingest.fonts import FONT
from ingest.sources import open_source
from ingest.steps.blank import is_blank
from ingest.steps.orientation import clockwise_turn, turned
from ingest.steps.seals import without_seals
from ingest.steps.thumbnail import thumbnail
from ingest.testing import SAMPLES
from tests.unit.ingest.scans import page

SHAPE = (1754, 1240, 3)


@pytest.mark.parametrize("shade", [0, 128, 255])
def test_one_shade_is_blank(shade: int) -> None:
    """White, grey and black sheets are blank."""
    assert is_blank(np.full(SHAPE, shade, np.uint8))


def test_grain_is_blank() -> None:
    """The noise and the shadow of a scanner are not writing."""
    grain = np.random.default_rng(1).normal(235, 7, SHAPE)
    shadow = np.linspace(0.7, 1, SHAPE[1])[None, :, None]
    assert is_blank((grain * shadow).clip(0, 255).astype(np.uint8))


@pytest.mark.parametrize("ink", ["black", (200, 30, 30), (110, 110, 110)])
def test_a_page_number_is_writing(ink: str | tuple[int, int, int]) -> None:
    """A page with nothing but its number, in any ink, is not blank."""
    picture = Image.new("RGB", (1240, 1754), "white")
    ImageDraw.Draw(picture).text((600, 1600), "- 2 -", fill=ink, font_size=34)
    assert not is_blank(np.asarray(picture))


@pytest.mark.parametrize("lying", [0, 90, 180, 270])
@pytest.mark.parametrize("file", ["2019-cwb-scanner-request.jpg", "2020-sjb-inspection-letter.jpg"])
def test_sets_pages_upright(file: str, lying: int) -> None:
    """However a page was laid on the glass, it is turned back."""
    with open_source(SAMPLES / file, file) as source:
        image, _ = source.image(1)
    assert (clockwise_turn(turned(image, lying)) + lying) % 360 == 0


@pytest.mark.parametrize("lying", [0, 90, 180, 270])
def test_sets_nearly_empty_pages_upright(lying: int) -> None:
    """One line left over at the top, and a page number at the foot, tell how a page lay."""
    picture = Image.new("RGB", (1654, 2339), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((300, 290), "记录：伍超", fill="black", font=ImageFont.truetype(FONT, 44))
    draw.text((780, 2130), "— 2 —", fill="black", font=ImageFont.truetype(FONT, 38))
    assert (clockwise_turn(turned(np.asarray(picture), lying)) + lying) % 360 == 0


def test_turns_clockwise() -> None:
    """A quarter turn clockwise brings the top left corner to the top right."""
    image = np.asarray(page())
    assert turned(image, 90)[5, -5].max() < 60
    assert np.array_equal(turned(turned(image, 90), 270), image)


def test_lifts_a_red_seal_and_nothing_else() -> None:
    """Black print under a seal stays, the seal goes, red print elsewhere stays red."""
    picture = Image.new("RGB", (1240, 1754), "white")
    draw = ImageDraw.Draw(picture)
    draw.text((200, 200), "RED HEAD", fill=(206, 24, 30), font_size=90)
    draw.ellipse([700, 1300, 940, 1540], outline=(222, 62, 66), width=8)
    draw.rectangle([760, 1410, 880, 1430], fill="black")
    lifted = without_seals(np.asarray(picture))[0].astype(np.int16)
    assert lifted[1420, 820].max() < 30
    assert lifted[1300:1310, 815:825].min() > 200
    assert (lifted[200:300, 200:700, 0] - lifted[200:300, 200:700, 1]).max() > 150


def test_page_without_seal_is_not_copied() -> None:
    """Most pages pass as they are."""
    image = np.asarray(page(1240, 1754))
    assert without_seals(image)[0] is image


@pytest.mark.parametrize(
    ("size", "shown"), [((1240, 1754), (226, 320)), ((1754, 1240), (320, 226)), ((20, 30), (20, 30))]
)
def test_thumbnail(size: tuple[int, int], shown: tuple[int, int]) -> None:
    """A thumbnail is a JPEG of at most 320 pixels a side, never enlarged, and always the same."""
    image = np.asarray(Image.new("RGB", size, "white"))
    with Image.open(io.BytesIO(thumbnail(image))) as small:
        assert (small.format, small.size) == ("JPEG", shown)
    assert thumbnail(image) == thumbnail(image)
