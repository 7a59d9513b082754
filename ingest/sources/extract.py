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

#: what makes a PDF page; the rest, such as what other programs hid there, may hold other pages
_OF_PAGE = {"/Type", "/Parent", "/Resources", "/Contents", "/Annots", "/Rotate", "/Group", "/UserUnit"} | {
    f"/{box}Box" for box in ("Media", "Crop", "Bleed", "Trim", "Art")
}
#: what leads from a note on a page to somewhere else: to its form, to other pages, to scripts
_ELSEWHERE = {"/Parent", "/P", "/A", "/AA", "/Dest", "/IRT", "/StructParent"}


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
            pages = [whole.pages[number - 1] for number in numbers]
            for page in pages:
                _keep_to_itself(page)
            part.pages.extend(pages)
            if "/OCProperties" in whole.Root:  # which layers are hidden: without it all would be shown
                part.Root.OCProperties = part.copy_foreign(whole.make_indirect(whole.Root.OCProperties))
            # Pages often share one list of all pictures of the file.
            part.remove_unreferenced_resources()
            part.save(out, deterministic_id=True)
    except pikepdf.PdfError as error:
        raise UnreadableSourceError("damaged", str(error)) from error


def _keep_to_itself(page: pikepdf.Page) -> None:
    """Cuts what ties a page to others: through it, their contents would come along."""
    for name in page.obj.keys() - _OF_PAGE:
        del page.obj[name]
    notes = page.obj.get("/Annots")
    for note in notes if isinstance(notes, pikepdf.Array) else ():
        if not isinstance(note, pikepdf.Dictionary):
            continue
        if note.get("/Subtype") == "/Widget":  # it is shown as before, and no more part of a form over many pages
            note.Subtype = pikepdf.Name.Stamp
        for name in note.keys() & _ELSEWHERE:
            del note[name]


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
