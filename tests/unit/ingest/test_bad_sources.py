"""Files that are no readable scans are refused with the reason that the archivist can act on."""

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import ImageCms

from ingest.errors import PasswordNeededError, TooLargeError, UnreadableSourceError
from ingest.sources import MAX_PIXELS, open_source
from ingest.testing import SAMPLES
from tests.unit.ingest.scans import huge_png, jpeg, locked_pdf, page, png, tiff


def _refusal(folder: Path, data: bytes, name: str) -> UnreadableSourceError:
    path = folder / "0001"
    path.write_bytes(data)
    with pytest.raises(UnreadableSourceError) as refused, open_source(path, name) as source:
        source.image(source.page_count)
    return refused.value


def _zip() -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("data", "name", "reason"),
    [
        (b"", "a.jpg", "empty"),
        (_zip(), "a.pdf", "misnamed"),
        (_zip(), "a.docx", "not_supported"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "a.doc", "not_supported"),
        (b"<html><body>404</body></html>", "a.jpg", "misnamed"),
        (b"only words", "a.txt", "not_supported"),
        (b"\0" * 500, "a.tif", "damaged"),
        (b"%PDF-1.7\nThis is not a PDF\n%%EOF", "a.pdf", "damaged"),
        (b"\xff\xd8\xff\xe0", "a.jpg", "damaged"),
    ],
)
def test_says_why(tmp_path: Path, data: bytes, name: str, reason: str) -> None:
    """Each kind of bad file has its own reason."""
    assert _refusal(tmp_path, data, name).reason == reason


@pytest.mark.parametrize("whole", [jpeg(page()), png(page()), tiff([page(), page()])], ids=["jpeg", "png", "tiff"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.9])
def test_cut_off_files_are_damaged(tmp_path: Path, whole: bytes, share: float) -> None:
    """A picture whose end is missing is damaged, never half a page."""
    assert _refusal(tmp_path, whole[: int(len(whole) * share)], "a").reason in ("damaged", "not_supported")


@pytest.mark.parametrize("ending", [".tif", ".png", ".jp2"])
@pytest.mark.parametrize("mode", ["L", "RGB"])
def test_deep_pictures_are_shown(tmp_path: Path, ending: str, mode: str) -> None:
    """Pictures of 16 bits a colour are shown with the usual 8, black black and white white."""
    deep = np.asarray(page().convert(mode)).astype(np.uint16) * 257
    assert _shows_black_and_white(tmp_path, cv2.imencode(ending, deep)[1].tobytes())


def test_pictures_in_fractions_are_shown(tmp_path: Path) -> None:
    """Shades as fractions of 1, as scientific programs write them, are shades."""
    fractions = np.asarray(page().convert("L")).astype(np.float32) / 255
    assert _shows_black_and_white(tmp_path, cv2.imencode(".tif", fractions)[1].tobytes())


def _shows_black_and_white(folder: Path, data: bytes) -> bool:
    (folder / "0001").write_bytes(data)
    with open_source(folder / "0001", "") as source:
        image, _ = source.image(1)
    return bool(image[5, 5].max() < 60 and image[-5, -5].min() > 200)


@pytest.mark.parametrize("form", ["JPEG", "PNG", "TIFF"])
def test_colour_profiles_that_are_none(tmp_path: Path, form: str) -> None:
    """A colour profile of nonsense does no harm to the picture that has it."""
    out = io.BytesIO()
    page().save(out, form, icc_profile=b"nonsense" * 40)
    (tmp_path / "0001").write_bytes(out.getvalue())
    with open_source(tmp_path / "0001", "") as source:
        assert source.image(1)[0].shape == (420, 300, 3)


def test_colours_for_print(tmp_path: Path) -> None:
    """Pictures in the four colours of a press, and in those of the eye, are shown right."""
    seen = ImageCms.buildTransform(ImageCms.createProfile("sRGB"), ImageCms.createProfile("LAB"), "RGB", "LAB")
    lab = ImageCms.applyTransform(page(), seen)
    assert lab is not None
    for form, picture in (("JPEG", page().convert("CMYK")), ("TIFF", page().convert("CMYK")), ("TIFF", lab)):
        out = io.BytesIO()
        picture.save(out, form)
        assert _shows_black_and_white(tmp_path, out.getvalue())
        with open_source(tmp_path / "0001", "") as source:
            assert source.jpeg(1) is None


def test_cut_off_pdf_is_damaged(tmp_path: Path) -> None:
    """A PDF whose beginning alone arrived is damaged."""
    whole = (SAMPLES / "2021-sjb-lathe-contract.pdf").read_bytes()
    assert _refusal(tmp_path, whole[:1000], "a.pdf").reason == "damaged"


def test_password(tmp_path: Path) -> None:
    """A locked PDF asks for one without a password."""
    assert isinstance(_refusal(tmp_path, locked_pdf(), "a.pdf"), PasswordNeededError)


@pytest.mark.parametrize("size", [(20_000, 15_000), (100_000, 100_000)])
def test_bombs_are_refused_before_they_are_decoded(tmp_path: Path, size: tuple[int, int]) -> None:
    """What declares more pixels than are safe is refused by its size alone."""
    assert size[0] * size[1] > MAX_PIXELS
    assert isinstance(_refusal(tmp_path, huge_png(*size), "a.png"), TooLargeError)


def test_bomb_inside_a_pdf(tmp_path: Path) -> None:
    """A PDF page is refused for the size of the picture in it."""
    import pikepdf

    out = io.BytesIO()
    with pikepdf.new() as document:
        sheet = document.add_blank_page(page_size=(200, 200))
        picture = document.make_stream(
            b"\0", Type=pikepdf.Name.XObject, Subtype=pikepdf.Name.Image, Width=30_000, Height=30_000,
            ColorSpace=pikepdf.Name.DeviceGray, BitsPerComponent=1,
        )  # fmt: skip
        sheet.Resources = pikepdf.Dictionary(XObject=pikepdf.Dictionary(P=picture))
        sheet.Contents = document.make_stream(b"200 0 0 200 0 0 cm /P Do")
        document.save(out)
    assert isinstance(_refusal(tmp_path, out.getvalue(), "a.pdf"), TooLargeError)


def test_missing_file(tmp_path: Path) -> None:
    """A file that is gone is an error of ours, not a crash."""
    with pytest.raises(UnreadableSourceError) as refused:
        open_source(tmp_path / "gone", "a.jpg")
    assert refused.value.reason == "damaged"
