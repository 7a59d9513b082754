"""Another try of what a batch could not take in through a fault of ours: files that were not opened, pages not read."""

from collections.abc import Iterator, Sequence

from sqlalchemy import and_, or_, select, union
from sqlalchemy.orm import Session

from archive.digitization.models import Batch, BatchFile, BatchState, Draft, DraftPage, DraftState, FileState, PageState
from archive.digitization.reading import PAGES_A_JOB, queue_pages
from archive.digitization.reasons import is_ours
from archive.digitization.service import IntakeService
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError
from archive.platform.i18n import _
from archive.platform.jobs.service import JobQueue

__all__ = ["RetryService", "retryable"]

_OPEN = (BatchState.ACTIVE, BatchState.PAUSED)
_REVIEWED = frozenset({DraftState.RECOGNISING, DraftState.READY})


def retryable(session: Session, batch: Batch) -> bool:
    """Whether anything of the batch could be tried again; asked often, so only reasons are looked at."""
    if batch.state not in _OPEN:
        return False
    files = select(BatchFile.reason).where(BatchFile.batch_id == batch.id, BatchFile.state == FileState.REFUSED)
    pages = select(DraftPage.reason).outerjoin(Draft, DraftPage.draft_id == Draft.id)
    pages = pages.where(DraftPage.batch_id == batch.id, DraftPage.state == PageState.FAILED)
    reviewed = and_(Draft.state.in_(_REVIEWED), Draft.accepted_by.is_(None))
    wanted = union(files, pages.where(or_(DraftPage.draft_id.is_(None), reviewed)))
    return any(is_ours(reason) for reason in session.scalars(wanted))


class RetryService:
    """Resets files and pages and queues their jobs again, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, intake: IntakeService) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._intake = intake
        self._queue = JobQueue(session, clock)

    def retry(self, batch: Batch) -> None:
        """Try again all that failed through a fault of ours. Raises ConflictError if there is nothing (any more)."""
        self._session.refresh(batch, with_for_update=True)
        files = [file for file in list(_files(self._session, batch)) if self._reopen(file)]
        pages = [page for page in list(_pages(self._session, batch)) if self._reread(page)]
        if not files and not pages:
            raise ConflictError(_("没有可以重试的文件或页面，请刷新页面查看最新情况。"))
        self._queue_pages(pages)
        counts = {"files": len(files), "pages": len(pages)}
        record(self._session, self._clock, self._actor, AuditAction.BATCH_RETRIED, "batch", batch.id, **counts)

    def _reopen(self, file: BatchFile) -> bool:
        self._session.refresh(file, with_for_update=True)
        # The feature is told before the job is closed: until then the job itself may still say it again.
        if not (_may_reopen(file) and self._queue.retry(f"open:{file.id}")):
            return False
        self._intake.reopen(file)
        return True

    def _reread(self, page: DraftPage) -> bool:
        if page.draft is not None:
            self._session.refresh(page.draft, with_for_update=True)
        self._session.refresh(page, with_for_update=True)
        if not _may_reread(page):
            return False
        page.state, page.reason = PageState.WAITING, ""
        if page.draft is not None:
            page.draft.state = DraftState.RECOGNISING
        return True

    def _queue_pages(self, pages: Sequence[DraftPage]) -> None:
        self._session.flush()
        for file, job in sorted({(page.file, page.source_page // PAGES_A_JOB) for page in pages}, key=_place):
            first = job * PAGES_A_JOB
            queue_pages(self._queue, file, first, first + PAGES_A_JOB, mark=f":again:{new_id()}")


def _place(job: tuple[BatchFile, int]) -> tuple[int, int]:
    return job[0].position, job[1]


def _files(session: Session, batch: Batch) -> Iterator[BatchFile]:
    refused = select(BatchFile).where(BatchFile.batch_id == batch.id, BatchFile.state == FileState.REFUSED)
    return (file for file in session.scalars(refused) if _may_reopen(file))


def _pages(session: Session, batch: Batch) -> Iterator[DraftPage]:
    failed = select(DraftPage).where(DraftPage.batch_id == batch.id, DraftPage.state == PageState.FAILED)
    return (page for page in session.scalars(failed) if _may_reread(page))


def _may_reopen(file: BatchFile) -> bool:
    return file.batch.state in _OPEN and file.state is FileState.REFUSED and is_ours(file.reason)


def _may_reread(page: DraftPage) -> bool:
    """Not once somebody accepted the draft: what he wrote would be overwritten by what is read."""
    draft = page.draft
    open_still = draft is None or (draft.state in _REVIEWED and draft.accepted_by is None)
    open_still &= page.file.batch.state in _OPEN
    return open_still and page.state is PageState.FAILED and is_ours(page.reason)
