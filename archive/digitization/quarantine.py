"""A secrecy mark was read in intake: the batch stops, its content is purged, the fact is kept without the words."""

import logging
from collections.abc import Sequence

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from archive.digitization.intake import INTAKE
from archive.digitization.models import (
    Batch,
    BatchFile,
    BatchState,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageState,
)
from archive.digitization.reasons import SECRECY
from archive.platform.actor import SYSTEM
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import change
from archive.platform.jobs.service import JobQueue
from archive.platform.parts import Parts
from ingest.context import Proposal

__all__ = ["bears_mark", "quarantine"]

log = logging.getLogger(__name__)

#: stands where a name or title was
UNNAMED = "涉密题名不录"
_MARKS = ("绝密", "機密", "机密", "秘密", "絕密")
#: where an item is filed already, its copy in intake is all that can go
_STAYS = (DraftState.ACCEPTED,)


def bears_mark(proposals: Sequence[Proposal]) -> bool:
    """Whether a mark of state secrecy was read. Control marks such as 内部 are none."""
    return any(proposal.field == "secrecy" and proposal.value.startswith(_MARKS) for proposal in proposals)


def quarantine(parts: Parts, batch_id: str) -> None:
    """Stop a batch and purge what it brought, from database and store. Done again, it goes on where it stopped."""
    with parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        JobQueue(session, parts.clock).cancel_group(batch.id)
        if batch.state is not BatchState.QUARANTINED:
            batch.state = BatchState.QUARANTINED
            _purge_rows(session, batch.id)
            record(session, parts.clock, SYSTEM, AuditAction.BATCH_QUARANTINED, "batch", batch.id)
    log.warning("batch %s bears a mark of secrecy and was purged", batch_id)
    for stored in list(parts.store.list(f"{INTAKE}{batch_id}/")):
        parts.store.delete(stored.key)


def _purge_rows(session: Session, batch_id: str) -> None:
    """Blank whatever the batch holds that is not filed."""
    wanted = select(Draft).where(Draft.batch_id == batch_id, Draft.state.not_in((*_STAYS, DraftState.QUARANTINED)))
    for draft in session.scalars(wanted.with_for_update()):
        draft.state, draft.reason = DraftState.QUARANTINED, SECRECY
        draft.proposals, draft.fields, draft.findings, draft.name, draft.separator = [], {}, [], UNNAMED, ""
    filed_drafts = select(Draft.id).where(Draft.batch_id == batch_id, Draft.state.in_(_STAYS))
    stays = DraftPage.draft_id.in_(filed_drafts)
    pages = update(DraftPage).where(DraftPage.batch_id == batch_id, or_(DraftPage.draft_id.is_(None), ~stays))
    words: dict[str, object] = {"content": None, "corrected": None, "sheet": None, "findings": [], "fingerprint": ""}
    change(session, pages.values(**words, thumbnail_key="", state=PageState.FAILED, reason=SECRECY))
    filed = select(DraftPage.file_id).where(DraftPage.batch_id == batch_id, stays)
    files = update(BatchFile).where(BatchFile.batch_id == batch_id, BatchFile.id.not_in(filed))
    # A name often repeats the title; the digest stays, so that the same file is known again.
    change(session, files.values(name=UNNAMED, state=FileState.REFUSED, reason=SECRECY))
