"""What people do to a batch under way: pause it, go on, put it before or behind others, give it up."""

import enum

from sqlalchemy import ColumnElement, null, or_, select, update
from sqlalchemy.orm import Session

from archive.digitization.models import Batch, BatchFile, BatchState, Draft, DraftPage, DraftState, FileState
from archive.digitization.reasons import CANCELLED
from archive.digitization.review import visible_batches
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change
from archive.platform.errors import ConflictError, NotFoundError
from archive.platform.i18n import _
from archive.platform.jobs.service import JobQueue

__all__ = ["BatchControl", "Priority"]

#: jobs that end what a person accepted: they are not called off with the rest, and keep their place
_FILING = ("file",)
#: drafts that are, or become, records
_ACCEPTED = (DraftState.ACCEPTING, DraftState.ACCEPTED)


class Priority(enum.IntEnum):
    """When the pages of a batch are read; filing comes before all of them."""

    FIRST = -5
    NORMAL = 0
    LAST = 5


class BatchControl:
    """Each act is made, and recorded, in the caller's transaction. What is so already is not done once more."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._queue = JobQueue(session, clock)

    def batch(self, batch_id: str, person: Person) -> Batch:
        """A batch this person may see. Raises NotFoundError."""
        batch = self._session.scalar(visible_batches(person).where(Batch.id == batch_id))
        if batch is None:
            raise NotFoundError(_("没有这个批次。"))
        return batch

    def pause(self, batch: Batch) -> None:
        """Begin nothing more of it; a page that is being read is still kept. Raises ConflictError."""
        if self._take(batch) is BatchState.ACTIVE:
            batch.state = BatchState.PAUSED
            self._queue.pause_group(batch.id)
            self._record(AuditAction.BATCH_PAUSED, batch)

    def resume(self, batch: Batch) -> None:
        """Go on where it was paused. Raises ConflictError."""
        if self._take(batch) is BatchState.PAUSED:
            batch.state = BatchState.ACTIVE
            self._queue.resume_group(batch.id)
            self._record(AuditAction.BATCH_RESUMED, batch)

    def prioritise(self, batch: Batch, priority: Priority) -> None:
        """Read its pages before or after those of other batches. Raises ConflictError."""
        self._take(batch)
        if batch.priority != priority:
            batch.priority = priority
            self._queue.prioritise(batch.id, priority, but=_FILING)
            self._record(AuditAction.BATCH_PRIORITISED, batch, priority=priority.name.lower())

    def cancel(self, batch: Batch) -> None:
        """Give up what nobody accepted yet, for good; its bytes are swept. What was accepted is still filed.

        Raises ConflictError.
        """
        self._take(batch)
        batch.state = BatchState.CANCELLED
        self._queue.cancel_group(batch.id, but=_FILING)
        files = self._refuse_files(batch)
        drafts = self._discard_drafts(batch)
        self._forget_words(batch)
        self._record(AuditAction.BATCH_CANCELLED, batch, files=files, drafts=drafts)

    def _take(self, batch: Batch) -> BatchState:
        """Lock the batch as it is now, and make sure that it is still to be worked on."""
        self._session.refresh(batch, with_for_update=True)
        if batch.state is BatchState.CANCELLED:
            raise ConflictError(_("这个批次已被取消，不能再更改。需要时请重新上传。"))
        if batch.state is BatchState.QUARANTINED:
            raise ConflictError(_("这个批次因国家秘密标志已被隔离，不能再更改。"))
        return batch.state

    def _refuse_files(self, batch: Batch) -> int:
        """Files that nobody opened yet are not opened any more; returns how many."""
        unopened = (BatchFile.batch_id == batch.id, BatchFile.state == FileState.RECEIVED)
        refused = {"state": FileState.REFUSED, "reason": CANCELLED}
        return change(self._session, update(BatchFile).where(*unopened).values(**refused))

    def _discard_drafts(self, batch: Batch) -> int:
        open_still = Draft.state.in_((DraftState.RECOGNISING, DraftState.READY))
        drafts = update(Draft).where(Draft.batch_id == batch.id, open_still)
        gone = {"state": DraftState.DISCARDED, "reason": CANCELLED}
        return change(self._session, drafts.values(**gone, revision=Draft.revision + 1))

    def _forget_words(self, batch: Batch) -> None:
        """No words stay of drafts and pages that become no record."""
        drafts = update(Draft).where(Draft.batch_id == batch.id, Draft.state == DraftState.DISCARDED)
        change(self._session, drafts.values(fields={}, proposals=[], typed=[], notes=[]))
        pages = update(DraftPage).where(DraftPage.batch_id == batch.id, _is_of_no_record(batch))
        words = {"content": null(), "corrected": null(), "sheet": null(), "fingerprint": "", "numbers": []}
        change(self._session, pages.values(words))

    def _record(self, action: AuditAction, batch: Batch, **details: int | str) -> None:
        self._session.flush()
        record(self._session, self._clock, self._actor, action, "batch", batch.id, **details)


def _is_of_no_record(batch: Batch) -> ColumnElement[bool]:
    kept = select(Draft.id).where(Draft.batch_id == batch.id, Draft.state.in_(_ACCEPTED))
    return or_(DraftPage.draft_id.is_(None), DraftPage.draft_id.not_in(kept))
