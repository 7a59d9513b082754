"""Scans for tests, good and bad, made in memory."""

import io
import zipfile

import pikepdf
from PIL import Image, ImageDraw

from archive.catalogue.models import Category
from archive.digitization.intake import stage
from archive.digitization.models import Batch, BatchFile, BatchSource
from archive.digitization.service import IntakeService
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM
from archive.platform.db import new_id
from archive.platform.parts import Parts

__all__ = ["bomb", "broken_jpeg", "locked_pdf", "take_in", "tiff", "zip_archive"]


def tiff(pages: int, mark: str = "a") -> bytes:
    """A small TIFF of that many pages, each with the mark and its number on it."""
    images = [Image.new("L", (300, 420), 255) for _ in range(pages)]
    for number, image in enumerate(images, start=1):
        ImageDraw.Draw(image).text((40, 40), f"{mark} {number}", fill=0)
    stream = io.BytesIO()
    images[0].save(stream, "TIFF", save_all=True, append_images=images[1:], compression="tiff_lzw", dpi=(100, 100))
    return stream.getvalue()


def broken_jpeg() -> bytes:
    """A JPEG that ends in its middle."""
    stream = io.BytesIO()
    Image.effect_noise((400, 400), 80).save(stream, "JPEG")
    return stream.getvalue()[:2000]


def locked_pdf() -> bytes:
    """A PDF that opens with a password only."""
    stream = io.BytesIO()
    with pikepdf.new() as pdf:
        pdf.add_blank_page()
        pdf.save(stream, encryption=pikepdf.Encryption(owner="secret", user="secret"))
    return stream.getvalue()


def bomb() -> bytes:
    """A PNG of 300 million pixels in a few kilobytes."""
    stream = io.BytesIO()
    Image.new("1", (20_000, 15_000)).save(stream, "PNG")
    return stream.getvalue()


def zip_archive() -> bytes:
    """Something that is no scan."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as zipped:
        zipped.writestr("a.txt", "a")
    return stream.getvalue()


def take_in(
    parts: Parts, person: Person, category: Category, files: list[tuple[str, bytes]], *, accept: bool = False
) -> tuple[Batch, list[BatchFile]]:
    """Make a batch of these files, as an upload does; returns it with its rows."""
    batch_id = new_id()
    staged = [stage(parts.store, batch_id, io.BytesIO(data), name) for name, data in files]
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, SYSTEM, parts.settings.zone)
        batch = intake.open_batch(person, category, BatchSource.UPLOAD, batch_id=batch_id, accept=accept)
        return batch, [intake.add_file(batch, file) for file in staged]
