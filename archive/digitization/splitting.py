"""Dividing the pages of a batch into items, once all are read, by the batch's rule."""

from collections.abc import Iterator, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.digitization.models import Batch, BatchFile, Draft, DraftPage, FileState, PageRole, PageState, SplitRule
from archive.platform.db import new_id
from archive.platform.parts import Parts

__all__ = ["split"]


def split(parts: Parts, batch_id: str) -> list[str]:
    """Make drafts of the pages that belong to none; returns their ids, none while pages are missing or not read.

    Any number of workers may try.
    """
    with parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        if not batch.complete or _is_waited_for(session, batch_id):
            return []
        wanted = select(DraftPage).join(BatchFile, DraftPage.file_id == BatchFile.id)
        wanted = wanted.where(DraftPage.batch_id == batch_id, DraftPage.draft_id.is_(None))
        wanted = wanted.where(DraftPage.role != PageRole.REMOVED)
        pages = session.scalars(wanted.order_by(BatchFile.position, DraftPage.source_page)).all()
        return [_draft(session, batch, part).id for part in _parts(batch, pages)]


def _is_waited_for(session: Session, batch_id: str) -> bool:
    unopened = select(BatchFile.id).where(BatchFile.batch_id == batch_id, BatchFile.state == FileState.RECEIVED)
    unread = select(DraftPage.id).where(DraftPage.batch_id == batch_id, DraftPage.state == PageState.WAITING)
    return any(session.scalar(wanted.limit(1)) is not None for wanted in (unopened, unread))


def _parts(batch: Batch, pages: Sequence[DraftPage]) -> Iterator[list[DraftPage]]:
    """The pages of one item after the other."""
    part: list[DraftPage] = []
    for page in pages:
        full = batch.split_rule is SplitRule.EVERY and len(part) == batch.split_pages
        if part and (full or page.role is PageRole.SEPARATOR):
            yield part
            part = []
        if page.role is PageRole.CONTENT:
            part.append(page)
    if part:
        yield part


def _draft(session: Session, batch: Batch, pages: Sequence[DraftPage]) -> Draft:
    first, last = pages[0], pages[-1]
    name = f"{first.file.name} ({first.source_page + 1}–{last.source_page + 1})"
    draft = Draft(id=new_id(), batch_id=batch.id, position=len(batch.drafts) + 1, name=name)
    batch.drafts.append(draft)
    session.flush()
    for number, page in enumerate(pages, 1):
        page.draft_id, page.number = draft.id, number
    session.flush()
    return draft
