"""Reading pages: a job takes some pages of one file; a worker fetches and opens it once for all jobs that follow.

Each page is kept as soon as it is read. A job that dies begins again at the first page that is not: that is the one to
set aside when a job has killed its workers too often, and the others go on without it.
"""

import hashlib
import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from archive.digitization.correction import turn_corrected
from archive.digitization.intake import local_copy, thumbnail_key
from archive.digitization.models import Batch, BatchFile, BatchState, Draft, DraftPage, DraftState, PageRole, PageState
from archive.digitization.proposing import settle_file
from archive.digitization.quarantine import MarkedPage, bears_mark, is_let_through, quarantine
from archive.digitization.service import TRIES
from archive.platform.jobs.errors import JobInterruptedError, PermanentJobError
from archive.platform.jobs.kept import keep, let_go
from archive.platform.jobs.service import JobQueue
from archive.platform.jobs.worker import got_further
from archive.platform.parts import Parts
from archive.platform.scratch import purge_scratch
from ingest.context import PageResult
from ingest.engines.interface import OcrEngine
from ingest.errors import IngestError, UnreadableSourceError
from ingest.official_document import propose
from ingest.pipeline import engine_named, process_page
from ingest.sources import Source, open_source

__all__ = ["PAGES_A_JOB", "queue_pages", "read_pages", "set_page_aside"]

#: More make the start of a job cheaper; fewer lose less when a worker dies, and spread a document over the workers.
PAGES_A_JOB = 8

#: what people did to a batch that ends the reading of its pages
_STOPPED = (BatchState.CANCELLED, BatchState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class _Page:
    """A page to read. `source_page` counts from 0; `turn` is the clockwise turn a person chose."""

    id: str
    batch_id: str
    source_page: int
    turn: int | None


def queue_pages(queue: JobQueue, file: BatchFile, first: int, end: int, mark: str = "") -> None:
    """Have the pages from `first` up to `end` (not included, from 0) of a file read, in the caller's transaction.

    `mark` sets these jobs apart from earlier ones for the same pages.
    """
    for start in range(first, end, PAGES_A_JOB):
        queue.enqueue(
            "pages",
            {"file": file.id, "first": start, "end": min(end, start + PAGES_A_JOB)},
            key=f"pages:{file.id}:{start}{mark}",
            group=file.batch_id,
            priority=file.batch.priority,
            max_attempts=TRIES,
        )


def read_pages(parts: Parts, payload: Mapping[str, Any]) -> None:
    """The job `pages`: read what is not read yet of the pages payload["first"] up to payload["end"] of a file."""
    with parts.database.reading() as session:
        file = session.get_one(BatchFile, payload["file"])
        waiting = _waiting(session, payload)
    if waiting and not _read_all(parts, file, waiting):
        let_go()  # nothing of a stopped batch stays on this machine
        return
    settle_file(parts, file.id)


def set_page_aside(parts: Parts, payload: Mapping[str, Any], reason: str) -> None:
    """The job was given up: so is the page at which it died; the pages after it get a job of their own."""
    with parts.database.writing() as session:
        waiting = _waiting(session, payload)
        if waiting:
            page = session.get_one(DraftPage, waiting[0].id, with_for_update=True)
            page.state, page.reason = PageState.FAILED, reason[:64]
            file = session.get_one(BatchFile, payload["file"])
            if len(waiting) > 1:
                queue = JobQueue(session, parts.clock)
                queue_pages(queue, file, waiting[1].source_page, payload["end"], mark=f":after:{page.source_page}")
    settle_file(parts, payload["file"])


def _waiting(session: Session, payload: Mapping[str, Any]) -> list[_Page]:
    """The pages of a job that nobody read yet, in order; none once their batch, or their draft, was stopped."""
    wanted = (
        select(DraftPage)
        .join(Batch, DraftPage.batch_id == Batch.id)
        .outerjoin(Draft, DraftPage.draft_id == Draft.id)
        .where(
            DraftPage.file_id == payload["file"],
            DraftPage.source_page >= payload["first"],
            DraftPage.source_page < payload["end"],
            DraftPage.state == PageState.WAITING,
            Batch.state.not_in(_STOPPED),
            or_(Draft.id.is_(None), Draft.state == DraftState.RECOGNISING),
        )
        .order_by(DraftPage.source_page)
    )
    return [_Page(page.id, page.batch_id, page.source_page, _turn_of(page)) for page in session.scalars(wanted)]


def _turn_of(page: DraftPage) -> int | None:
    """The clockwise turn a person chose; it may change while the page is read, which is then read once more."""
    return page.rotation if page.turned_by_hand else None


def _read_all(parts: Parts, file: BatchFile, pages: Sequence[_Page]) -> bool:
    """False if the batch was stopped: by a mark of secrecy that was met, or by a person.

    Raises PermanentJobError where no page can be read at all, JobInterruptedError when the batch was paused.
    """
    try:
        engine = engine_named(parts.settings.engine)
        source = keep((parts.settings.folder, file.intake_key), lambda: _opened(parts, file))
        for page in pages:
            state = _read(parts, file, source, page, engine)
            if state in _STOPPED:
                return False
            if state is BatchState.PAUSED and page is not pages[-1]:
                raise JobInterruptedError
    except IngestError as error:
        raise PermanentJobError(error.reason) from error
    return True


@contextmanager
def _opened(parts: Parts, file: BatchFile) -> Iterator[Source]:
    with local_copy(parts, file.intake_key) as path, open_source(path, file.name) as source:
        yield source


def _read(parts: Parts, file: BatchFile, source: Source, page: _Page, engine: OcrEngine) -> BatchState:
    """Read one page and keep it; returns what people want of the batch by now."""
    try:
        result = process_page(source, page.source_page + 1, engine, page.turn)
    except UnreadableSourceError as error:
        return _fail(parts, page, error.reason)
    if bears_mark(propose([result.text]), parts.settings.max_secrecy) and not _let_through(parts, file, page):
        quarantine(parts, MarkedPage(page.batch_id, file.id, page.source_page + 1))
        purge_scratch(parts.settings, page.batch_id)
        return BatchState.QUARANTINED
    return _keep(parts, page, result)


def _let_through(parts: Parts, file: BatchFile, page: _Page) -> bool:
    with parts.database.reading() as session:
        return is_let_through(session, MarkedPage(page.batch_id, file.id, page.source_page + 1))


def _fail(parts: Parts, page: _Page, reason: str) -> BatchState:
    with parts.database.writing() as session:
        batch = session.get_one(Batch, page.batch_id, with_for_update={"read": True, "key_share": True})
        row = session.get_one(DraftPage, page.id, with_for_update=True)
        if row.state is PageState.WAITING:
            row.state, row.reason = PageState.FAILED, reason
        got_further(session)
        return batch.state


def _keep(parts: Parts, page: _Page, result: PageResult) -> BatchState:
    """Keep what was read, once; if the batch or the draft was stopped meanwhile nothing of it stays."""
    key = thumbnail_key(page.batch_id, page.id)
    digest = hashlib.sha256(result.thumbnail).hexdigest()
    parts.store.replace(key, io.BytesIO(result.thumbnail), sha256=digest)
    with parts.database.writing() as session:
        batch = session.get_one(Batch, page.batch_id, with_for_update={"read": True, "key_share": True})
        row = session.get_one(DraftPage, page.id, with_for_update=True)
        draft = session.get(Draft, row.draft_id, with_for_update=True) if row.draft_id else None
        wanted = batch.state not in _STOPPED and (draft is None or draft.state is DraftState.RECOGNISING)
        if wanted and row.state is PageState.WAITING and _turn_of(row) == page.turn:
            _fill(row, result, key)
            row.read_at = parts.clock()
        got_further(session)
        state, is_kept = batch.state, row.thumbnail_key == key and batch.state not in _STOPPED
    # Another worker may have read the page meanwhile, and brought its draft to review: that picture stays.
    if not wanted and not is_kept:
        parts.store.delete(key)
    return state


def _fill(row: DraftPage, result: PageResult, key: str) -> None:
    row.state, row.reason = PageState.DONE, ""
    if result.sheet and result.sheet.is_certain and row.draft_id is None and not row.placed_by_hand:
        row.role = PageRole.SEPARATOR
    if result.rotation != row.rotation and row.corrected:
        row.corrected = turn_corrected(row.corrected, result.rotation - row.rotation)
    row.rotation, row.dpi, row.blank = result.rotation, result.dpi, result.blank
    row.width, row.height = result.text.width, result.text.height
    row.content, row.thumbnail_key = result.text.to_json(), key
    row.sheet = asdict(result.sheet) if result.sheet else None
    row.findings = [asdict(finding) for finding in result.findings]
    row.fingerprint = result.fingerprint
    row.colour, row.numbers = result.colour, list(result.numbers)
