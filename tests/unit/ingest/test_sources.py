"""Scans of every kind are opened, told apart by content, and shown upright."""

import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from ingest.sources import WORKING_PIXELS, open_source
from ingest.testing import SAMPLES
from tests.unit.ingest.scans import jpeg, page, pdf, png, tiff


def _kept(folder: Path, data: bytes) -> Path:
    path = folder / "0001"
    path.write_bytes(data)
    return path


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF", "BMP", "JPEG2000"])
def test_opens_every_form(tmp_path: Path, form: str) -> None:
    """Each image format is opened without a name to go by, as RGB pixels."""
    out = io.BytesIO()
    page().save(out, form)
    with open_source(_kept(tmp_path, out.getvalue()), "") as source:
        image, _ = source.image(1)
        assert source.page_count == 1
        assert image.shape == (420, 300, 3)
        assert image.dtype == np.uint8


@pytest.mark.parametrize("mode", ["1", "L", "P", "CMYK", "LA", "RGBA", "I;16"])
def test_opens_every_mode(tmp_path: Path, mode: str) -> None:
    """Black and white, grey, palette, press colours, transparent and deep pictures become RGB on white paper."""
    if mode == "I;16":
        picture = Image.fromarray(np.asarray(page().convert("L"), np.uint16) * 257)
    else:
        picture = page().convert("L").convert(mode) if mode == "LA" else page().convert(mode)
    with open_source(_kept(tmp_path, tiff([picture])), "scan.tif") as source:
        image, dpi = source.image(1)
    assert dpi == 300
    assert image[5, 5].max() < 60
    assert image[-5, -5].min() > 200


def test_counts_pages_of_a_tiff(tmp_path: Path) -> None:
    """A TIFF of several pages gives each by its number, in any order."""
    with open_source(_kept(tmp_path, tiff([page(300, 400), page(310, 400), page(320, 400)])), "a.tif") as source:
        assert source.page_count == 3
        assert [source.image(number)[0].shape[1] for number in (3, 1, 2)] == [320, 300, 310]


def test_obeys_exif_of_deep_scans(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Scans of 16 bits a pixel are turned as well; one that is too large is made smaller, strip by strip."""
    monkeypatch.setattr("ingest.sources.image_file.WORKING_PIXELS", 1_000_000)
    shades = np.zeros((1400, 1200), np.uint16)
    shades[-140:, -120:] = 65_535
    exif = Image.Exif()
    exif[0x0112] = 6
    file = io.BytesIO()
    Image.fromarray(shades).save(file, "PNG", exif=exif)
    with open_source(_kept(tmp_path, file.getvalue()), "a.png") as source:
        pixels, _ = source.image(1)
    tall, wide = pixels.shape[:2]
    assert tall * wide == pytest.approx(1_000_000, rel=1e-3)
    assert tall / wide == pytest.approx(6 / 7, rel=2e-3)
    white = np.zeros((tall, wide), bool)
    white[round(tall * 0.9) :, : round(wide * 0.1)] = True
    assert (pixels[white] > 200).mean() > 0.98
    assert (pixels[~white] > 50).mean() < 0.01


@pytest.mark.parametrize("orientation", range(1, 9))
def test_obeys_exif(tmp_path: Path, orientation: int) -> None:
    """The black corner comes to the top left however the camera was held."""
    stored = {
        1: page(),
        2: page().transpose(Image.Transpose.FLIP_LEFT_RIGHT),
        3: page().transpose(Image.Transpose.ROTATE_180),
        4: page().transpose(Image.Transpose.FLIP_TOP_BOTTOM),
        5: page().transpose(Image.Transpose.TRANSPOSE),
        6: page().transpose(Image.Transpose.ROTATE_90),
        7: page().transpose(Image.Transpose.TRANSVERSE),
        8: page().transpose(Image.Transpose.ROTATE_270),
    }
    with open_source(_kept(tmp_path, jpeg(stored[orientation], orientation)), "a.jpg") as source:
        image, dpi = source.image(1)
    assert dpi == 200
    assert image.shape == (420, 300, 3)
    assert image[5, 5].max() < 60


def test_reduces_large_pages(tmp_path: Path) -> None:
    """A page above the working size is opened smaller, and its resolution with it."""
    picture = Image.new("1", (9000, 8000), 1)
    with open_source(_kept(tmp_path, tiff([picture], "group4")), "plan.tif") as source:
        image, dpi = source.image(1)
    assert image.shape[0] * image.shape[1] <= WORKING_PIXELS * 1.01
    assert dpi == round(300 * image.shape[1] / 9000)


def test_draws_pdf_at_the_scans_resolution() -> None:
    """A PDF page that is one scan has exactly the pixels of the scan."""
    name = "2021-sjb-lathe-contract.pdf"
    with open_source(SAMPLES / name, name) as source:
        image, dpi = source.image(2)
        assert (source.page_count, image.shape, dpi) == (3, (2338, 1653, 3), 200)


@pytest.mark.parametrize("size", [(333, 471), (401, 563), (668, 1046)])
@pytest.mark.parametrize("rotate", [0, 90, 180, 270])
def test_a_black_and_white_scan_in_a_pdf_stays_as_it_is(tmp_path: Path, size: tuple[int, int], rotate: int) -> None:
    """The pixels are those of the scan, turned as the page says, whatever the rounding of its size in points."""
    scan = page(*size).convert("1")
    with open_source(_kept(tmp_path, pdf(scan, rotate, dpi=(600, 600))), "a.pdf") as source:
        image, dpi = source.image(1)
    assert dpi == 600
    assert np.array_equal(image[:, :, 0], np.asarray(scan.rotate(-rotate, expand=True)).astype(np.uint8) * 255)


def test_fax_in_a_pdf_is_not_squeezed(tmp_path: Path) -> None:
    """Where a scan has other resolutions across and down the page is drawn with square pixels."""
    with open_source(_kept(tmp_path, pdf(page(408, 200).convert("1"), dpi=(204, 100))), "a.pdf") as source:
        image, _ = source.image(1)
    assert image.shape[0] == image.shape[1]


def test_what_lies_on_a_scan_is_seen(tmp_path: Path) -> None:
    """A note that somebody drew on the page of a PDF is part of what is shown."""
    import pikepdf

    marked = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf(Image.new("1", (300, 300), 1)))) as document:
        document.pages[0].contents_add(b" 1 0 0 rg 10 10 20 20 re f")
        document.save(marked)
    with open_source(_kept(tmp_path, marked.getvalue()), "a.pdf") as source:
        image, _ = source.image(1)
    assert image[216, 83].tolist() == [255, 0, 0]


@pytest.mark.parametrize("number", [-1, 0, 2])
@pytest.mark.parametrize("make", [jpeg, png, pdf, lambda picture: tiff([picture])])
def test_pages_that_are_not_there_are_refused(
    tmp_path: Path, make: Callable[[Image.Image], bytes], number: int
) -> None:
    """Pages count from 1 to the last: asking for any other is a mistake of the caller, in every kind of file."""
    with open_source(_kept(tmp_path, make(page())), "") as source:
        with pytest.raises(IndexError):
            source.image(number)
        with pytest.raises(IndexError):
            source.jpeg(number)


@pytest.mark.parametrize("name", ["2019-bgs-scanner-reply.jpg", "2021-sjb-lathe-contract.pdf"])
def test_passes_jpeg_through(name: str) -> None:
    """A page kept as one JPEG, alone or in a PDF, gives that JPEG."""
    with open_source(SAMPLES / name, name) as source:
        data = source.jpeg(1)
        assert data is not None
        with Image.open(io.BytesIO(data)) as kept:
            assert (kept.height, kept.width, 3) == source.image(1)[0].shape


def test_turned_jpeg_is_not_passed_through(tmp_path: Path) -> None:
    """A JPEG that is to be shown turned is not handed on as it is."""
    with open_source(_kept(tmp_path, jpeg(page(), 6)), "a.jpg") as source:
        assert source.jpeg(1) is None


def test_name_does_not_matter(tmp_path: Path) -> None:
    """A picture under a wrong ending is still the picture it is."""
    with open_source(_kept(tmp_path, png(page())), "scan.pdf") as source:
        assert source.image(1)[0].shape == (420, 300, 3)
