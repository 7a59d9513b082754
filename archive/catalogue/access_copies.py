"""What is derived from an item's originals and texts: searchable PDF, ALTO, page texts.

Made when an item is filed, and again when somebody corrected the text of a page.
"""

import hashlib
import shutil
import zipfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from archive.catalogue.item_facts import ItemFacts, Reading, readings_of, text_of
from archive.catalogue.models import TextOrigin
from archive.catalogue.new_item import NewItem
from archive.catalogue.stored_object import ACCESS_PDF, ALTO, PAGE_TEXTS, page_texts
from archive.platform.parts import Parts
from ingest.context import PageText
from ingest.derivatives import PdfPage, alto, searchable_pdf
from ingest.sources import open_source
from storage.layout import Content

__all__ = ["make_access_copies", "renew_access_copies"]

#: zip entries need a time; the same input must give the same bytes
_EPOCH = (1980, 1, 1, 0, 0, 0)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page to show, with the text that counts: page `source_page` (from 0) of the original at `original`.

    `path` is the original's logical path, `name` what its sender called it.
    """

    number: int
    original: Path
    path: str
    name: str
    source_page: int
    rotation: int
    dpi: int
    text: PageText


#: goes over the pages of an item in their order, as often as it is asked to
_Pages = Callable[[], Iterator[_Page]]


def make_access_copies(new: NewItem, folder: Path) -> dict[str, Content]:
    """Derivatives by logical path. `folder` holds each original under its number and takes what is large.

    Pages whose recognition failed are left out of the PDF: they could not be opened. Raises UnreadableSourceError.
    """

    def pages() -> Iterator[_Page]:
        for file, page in sorted(new.pages, key=lambda pair: pair[1].number):
            if page.text is not None:
                text = page.corrected or page.text
                original = folder / str(file.number)
                place = (page.source_page, page.rotation, page.dpi)
                yield _Page(page.number, original, file.path, file.name, *place, text)

    return _copies(pages, _readings(new), new.title, folder)


def renew_access_copies(parts: Parts, facts: ItemFacts, folder: Path) -> dict[str, Content]:
    """The same for an item that is described, from its rows and stored originals, into the empty `folder`.

    Raises NotStoredError, LayoutError, UnreadableSourceError.
    """
    originals = {file.id: folder / str(file.number) for file in facts.item.files}
    for file in facts.item.files:
        with parts.repository.open(facts.item.id, file.path) as source, originals[file.id].open("wb") as target:
            shutil.copyfileobj(source, target, 1 << 20)
    files = {file.id: file for file in facts.item.files}

    def pages() -> Iterator[_Page]:
        for page in facts.item.pages:
            with parts.database.reading() as session:
                text = text_of(session, facts, page)
            if text is not None:
                path, name, original = files[page.file_id].path, files[page.file_id].name, originals[page.file_id]
                yield _Page(page.number, original, path, name, page.source_page, page.rotation, page.dpi, text)

    with parts.database.reading() as session:
        readings = readings_of(session, facts)
    return _copies(pages, readings, facts.item.title, folder)


def _readings(new: NewItem) -> Iterator[Reading]:
    for _, page in sorted(new.pages, key=lambda pair: pair[1].number):
        if page.text is not None:
            yield page.number, 1, TextOrigin.MACHINE, page.text.to_json()
        if page.corrected is not None:
            yield page.number, 2, TextOrigin.HUMAN, page.corrected.to_json()


def _copies(pages: _Pages, readings: Iterable[Reading], title: str, folder: Path) -> dict[str, Content]:
    copies = {PAGE_TEXTS: Content.of_bytes(page_texts(readings))}
    if next(pages(), None) is not None:
        copies[ACCESS_PDF] = _pdf(pages, title, folder / "access.pdf")
        copies[ALTO] = _alto_archive(pages, folder / "alto.zip")
    return copies


def _pdf(pages: _Pages, title: str, target: Path) -> Content:
    with ExitStack() as stack, target.open("wb") as out:
        searchable_pdf(_pdf_pages(pages, stack), out, title)
    return _content(target)


def _pdf_pages(pages: _Pages, stack: ExitStack) -> Iterator[PdfPage]:
    opened = {}
    for page in pages():
        if page.original not in opened:
            opened[page.original] = stack.enter_context(open_source(page.original, page.name))
        yield PdfPage(opened[page.original], page.source_page + 1, page.rotation, page.text, page.dpi)


def _alto_archive(pages: _Pages, target: Path) -> Content:
    """One zip of one ALTO file a page."""
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as zipped:
        for page in pages():
            entry = zipfile.ZipInfo(f"{page.number:04}.xml", _EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            zipped.writestr(entry, alto(page.text, page.number, page.path))
    return _content(target)


def _content(path: Path) -> Content:
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    return Content(path, digest, path.stat().st_size)
