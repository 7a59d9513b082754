"""Opening a file: its pages become rows, and jobs to read them; where each file is one item, a draft too."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from archive.digitization.intake import local_copy
from archive.digitization.media_types import media_type
from archive.digitization.models import Batch, BatchFile, Draft, DraftPage, FileState, SplitRule
from archive.digitization.reading import queue_pages
from archive.platform.db import new_id
from archive.platform.jobs.service import JobQueue
from archive.platform.parts import Parts
from ingest.errors import UnreadableSourceError
from ingest.sources import open_source

__all__ = ["open_file", "refuse_file"]


def open_file(parts: Parts, payload: Mapping[str, Any]) -> None:
    """The job `open`: count the pages of payload["file"], and have them read."""
    with parts.database.reading() as session:
        file = session.get_one(BatchFile, payload["file"])
    if file.state is not FileState.RECEIVED:
        return
    try:
        with local_copy(parts, file.intake_key) as path:
            kind = media_type(path)
            with open_source(path, file.name) as source:
                count = source.page_count
    except UnreadableSourceError as error:
        refuse_file(parts, payload, error.reason)
    else:
        with parts.database.writing() as session:
            # The batch first, as whoever cancels it does.
            session.get_one(Batch, file.batch_id, with_for_update={"read": True, "key_share": True})
            file = session.get_one(BatchFile, file.id, with_for_update=True)
            if file.state is FileState.RECEIVED:
                file.state, file.media_type = FileState.OPENED, kind
                _enter_pages(session, file, count)
                queue_pages(JobQueue(session, parts.clock), file, 0, count)


def refuse_file(parts: Parts, payload: Mapping[str, Any], reason: str) -> None:
    """Say on the file's row that it cannot be opened."""
    with parts.database.writing() as session:
        file = session.get_one(BatchFile, payload["file"], with_for_update=True)
        if file.state is FileState.RECEIVED:
            file.state, file.reason = FileState.REFUSED, reason[:64]


def _enter_pages(session: Session, file: BatchFile, count: int) -> None:
    draft_id = None
    if file.batch.split_rule is SplitRule.FILE:
        # One id leads from the file over the draft to the item and its stored object.
        draft_id = file.id
        session.add(Draft(id=draft_id, batch_id=file.batch_id, position=_free_position(session, file), name=file.name))
    session.flush()
    of_page = {"batch_id": file.batch_id, "file_id": file.id, "draft_id": draft_id}
    session.execute(
        insert(DraftPage),
        [{"id": new_id(), **of_page, "source_page": n, "number": n + 1 if draft_id else None} for n in range(count)],
    )


def _free_position(session: Session, file: BatchFile) -> int:
    """The file's own place among the drafts; the last where drafts that were divided by hand took it."""
    drafts = select(Draft.position).where(Draft.batch_id == file.batch_id)
    if session.scalar(drafts.where(Draft.position == file.position)) is None:
        return file.position
    return (session.scalar(drafts.order_by(Draft.position.desc()).limit(1)) or 0) + 1
