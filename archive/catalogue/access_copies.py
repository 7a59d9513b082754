"""What is derived from an item's originals and texts when it is filed: searchable PDF, ALTO, page texts."""

import hashlib
import io
import zipfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

from archive.catalogue.models import TextOrigin
from archive.catalogue.new_item import NewItem
from archive.catalogue.stored_object import ACCESS_PDF, ALTO, PAGE_TEXTS, page_texts
from ingest.derivatives import PdfPage, alto, searchable_pdf
from ingest.sources import open_source
from storage.layout import Content

__all__ = ["make_access_copies"]

#: zip entries need a time; the same input must give the same bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)


def make_access_copies(new: NewItem, folder: Path) -> dict[str, Content]:
    """Derivatives by logical path. `folder` holds each original under its number and takes what is large.

    Pages whose recognition failed are left out of the PDF: they could not be opened. Raises UnreadableSourceError.
    """
    read = [(page.number, 1, TextOrigin.MACHINE, page.text.to_json()) for _, page in new.pages if page.text is not None]
    copies = {PAGE_TEXTS: Content.of_bytes(page_texts(read))}
    if read:
        copies[ACCESS_PDF] = _pdf(new, folder)
        copies[ALTO] = Content.of_bytes(_alto_archive(new))
    return copies


def _pdf(new: NewItem, folder: Path) -> Content:
    target = folder / "access.pdf"
    with ExitStack() as stack, target.open("wb") as out:
        searchable_pdf(_pdf_pages(new, folder, stack), out, new.title)
    with target.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Content(target, digest, target.stat().st_size)


def _pdf_pages(new: NewItem, folder: Path, stack: ExitStack) -> Iterator[PdfPage]:
    for file in new.files:
        source = stack.enter_context(open_source(folder / str(file.number), file.name))
        for page in file.pages:
            if page.text is not None:
                yield PdfPage(source, page.source_page + 1, page.rotation, page.text)


def _alto_archive(new: NewItem) -> bytes:
    """One zip of one ALTO file a page."""
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as zipped:
        for file, page in new.pages:
            if page.text is not None:
                entry = zipfile.ZipInfo(f"{page.number:04}.xml", _EPOCH)
                entry.compress_type = zipfile.ZIP_DEFLATED
                zipped.writestr(entry, alto(page.text, page.number, file.path))
    return archive.getvalue()
