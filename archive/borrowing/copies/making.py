"""Makes the PDF of a checked paper, keeps it in the store, and says in the register which it is.

Killed anywhere, it is done again with the same result: the bytes follow from the paper alone. Fault point:
`copies.kept`.
"""

from collections.abc import Iterator

from PIL import Image
from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from archive.borrowing.copies.models import CopyKind, IssuedCopy
from archive.borrowing.copies.printing import PRINT_WIDTH, paper_pdf
from archive.borrowing.copies.queries import CopyQueries
from archive.borrowing.copies.service import CopyService
from archive.catalogue.models import Page
from archive.catalogue.scans import PageSource, ScanCache
from archive.platform.actor import Actor
from archive.platform.evidence import keep_evidence
from archive.platform.parts import Parts
from storage.faults import fault_point

__all__ = ["drawn", "make_paper"]


def make_paper(parts: Parts, scans: ScanCache, actor: Actor, copy_id: str, address: str) -> None:
    """Make and keep the PDF of a checked paper, unless it was. `address`: of the page that verifies codes.

    Not inside a transaction. Raises NotFoundError, UnreadableSourceError, NotStoredError, StoreUnavailableError.
    """
    with parts.database.reading() as session:
        made = CopyQueries(session, parts.clock).paper(copy_id)
        if made.sha256 is not None or made.number is None:
            return
        sources = _sources(session, made)
    pdf, page_count = _drawn(parts, scans, made, sources, address)
    sha256 = keep_evidence(parts.store, pdf)
    fault_point("copies.kept")
    with parts.database.writing() as session:
        CopyService(session, parts.clock, actor, parts.settings.zone).stored(copy_id, sha256, page_count)


def drawn(parts: Parts, scans: ScanCache, session: Session, made: IssuedCopy, address: str) -> bytes:
    """The PDF of a draft, to be compared with the original; it says that it is one. Raises as `make_paper`."""
    return _drawn(parts, scans, made, _sources(session, made), address)[0]


def _drawn(
    parts: Parts, scans: ScanCache, made: IssuedCopy, sources: list[PageSource], address: str
) -> tuple[bytes, int]:
    settings = parts.settings
    pictures = _pictures(scans, sources)
    return paper_pdf(made, pictures, organisation=settings.organisation, address=address, zone=settings.zone)


def _pictures(scans: ScanCache, sources: list[PageSource]) -> Iterator[Image.Image]:
    return (scans.page(source, PRINT_WIDTH) for source in sources)


def _sources(session: Session, made: IssuedCopy) -> list[PageSource]:
    """Where the pictures of a copy come from, page by page; a text has none."""
    if made.kind is not CopyKind.COPY:
        return []
    wanted = select(Page).where(Page.item_id.in_({part.item_id for part in made.parts})).options(joinedload(Page.file))
    pages = {(page.item_id, page.number): page for page in session.scalars(wanted)}
    return [PageSource.of(pages[part.item_id, part.page]) for part in made.parts]
