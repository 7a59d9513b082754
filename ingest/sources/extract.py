"""Takes some pages of a file into a file of their own, as they are: no picture is encoded anew with any loss."""

from collections.abc import Sequence
from pathlib import Path
from typing import BinaryIO

import pikepdf
from PIL import Image
from PIL.TiffImagePlugin import AppendingTiffWriter

from ingest.errors import UnreadableSourceError
from ingest.sources import PDF_HEAD, open_source
from ingest.sources.image_file import BROKEN
from ingest.sources.mail_message import HEAD_BYTES, looks_like_mail

__all__ = ["extract"]

#: how TIFF pages may be compressed without loss; anything else becomes the last one
LOSSLESS = ("group3", "group4", "tiff_lzw", "tiff_adobe_deflate")


def extract(path: Path, numbers: Sequence[int], out: BinaryIO) -> None:
    """Writes the pages `numbers` (from 1) of the file at `path` to the empty file `out`: PDF of PDF, else TIFF.

    The same pages always give the same bytes. Raises UnreadableSourceError.
    """
    with path.open("rb") as file:
        head = file.read(HEAD_BYTES)
    if looks_like_mail(head):
        _of_mail(path, numbers, out)
    elif b"%PDF-" in head[:PDF_HEAD]:
        _of_pdf(path, numbers, out)
    else:
        _of_tiff(path, numbers, out)


def _of_pdf(path: Path, numbers: Sequence[int], out: BinaryIO) -> None:
    try:
        with pikepdf.open(path) as whole, pikepdf.new() as part:
            part.pages.extend(whole.pages[number - 1] for number in numbers)
            part.save(out, deterministic_id=True)
    except pikepdf.PdfError as error:
        raise UnreadableSourceError("damaged", str(error)) from error


def _of_mail(path: Path, numbers: Sequence[int], out: BinaryIO) -> None:
    """A message cannot be divided: its pages are kept as they are shown."""
    with open_source(path, path.name) as whole, AppendingTiffWriter(out, new=True) as part:
        for number in numbers:
            image, dpi = whole.image(number)
            facts = {"dpi": (dpi, dpi)} if dpi else {}
            Image.fromarray(image).save(part, "TIFF", compression=LOSSLESS[-1], **facts)
            part.newFrame()


def _of_tiff(path: Path, numbers: Sequence[int], out: BinaryIO) -> None:
    with Image.open(path, formats=("TIFF",)) as whole, AppendingTiffWriter(out, new=True) as part:
        for number in numbers:
            try:
                whole.seek(number - 1)
                kept = whole.info.get("compression")
                facts = {name: whole.info[name] for name in ("dpi", "icc_profile") if name in whole.info}
                compression = kept if kept in LOSSLESS else LOSSLESS[-1]
                whole.save(part, "TIFF", compression=compression, **facts)
            except BROKEN as error:
                raise UnreadableSourceError("damaged", str(error)) from error
            part.newFrame()
