"""One page between the database and the pipeline: what to read, and keeping what was read."""

import hashlib
import io
from dataclasses import dataclass

from archive.digitization.intake import thumbnail_key
from archive.digitization.models import BatchFile, Draft, DraftPage, DraftState, PageState
from archive.platform.parts import Parts
from ingest.context import PageResult

__all__ = ["PageToRead", "keep_page", "page_to_read"]


@dataclass(frozen=True, slots=True)
class PageToRead:
    """Where a page lies. `source_page` counts from 0; `waiting` is False when it was read, or given up, before."""

    id: str
    draft_id: str
    batch_id: str
    key: str
    name: str
    source_page: int
    waiting: bool


def page_to_read(parts: Parts, page_id: str) -> PageToRead:
    """Look a page up."""
    with parts.database.reading() as session:
        page = session.get_one(DraftPage, page_id)
        draft = page.draft
        file = session.get_one(BatchFile, draft.file_id)
        waiting = page.state is PageState.WAITING and draft.state is DraftState.RECOGNISING
        return PageToRead(page.id, draft.id, draft.batch_id, file.intake_key, file.name, page.source_page, waiting)


def keep_page(parts: Parts, page: PageToRead, result: PageResult) -> None:
    """Keep what was read, once; if the draft was stopped meanwhile nothing of it stays."""
    key = thumbnail_key(page.batch_id, page.id)
    digest = hashlib.sha256(result.thumbnail).hexdigest()
    parts.store.replace(key, io.BytesIO(result.thumbnail), sha256=digest)
    with parts.database.writing() as session:
        draft = session.get_one(Draft, page.draft_id, with_for_update=True)
        row = session.get_one(DraftPage, page.id, with_for_update=True)
        wanted = draft.state is DraftState.RECOGNISING
        if wanted and row.state is PageState.WAITING:
            _fill(row, result, key)
    if not wanted:
        parts.store.delete(key)


def _fill(row: DraftPage, result: PageResult, key: str) -> None:
    row.state = PageState.DONE
    row.rotation, row.dpi, row.blank = result.rotation, result.dpi, result.blank
    row.width, row.height = result.text.width, result.text.height
    row.content, row.thumbnail_key = result.text.to_json(), key
