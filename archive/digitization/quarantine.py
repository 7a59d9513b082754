"""A secrecy mark was read in intake: the batch stops, what was made of it is purged, the fact stays without words."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import exists, func, null, or_, select, update
from sqlalchemy.orm import Session

from archive.catalogue.models import Secrecy
from archive.catalogue.secrecy import level_of
from archive.digitization.models import Batch, BatchFile, BatchState, Draft, DraftPage, DraftState, PageState
from archive.digitization.reasons import SECRECY
from archive.digitization.secrecy.isolation import UNNAMED, isolate
from archive.digitization.secrecy.models import IncidentState, SecrecyIncident
from archive.digitization.secrecy.records import next_incident_number
from archive.platform.actor import SYSTEM
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import change, new_id
from archive.platform.jobs.service import JobQueue
from archive.platform.parts import Parts
from archive.platform.secrecy_levels import exceeds
from ingest.context import Proposal

__all__ = ["MarkedPage", "bears_mark", "is_let_through", "quarantine"]

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class MarkedPage:
    """Where a mark stands: page `page` (from 1) of a file of a batch."""

    batch_id: str
    file_id: str
    page: int


def bears_mark(proposals: Sequence[Proposal], limit: str = Secrecy.NONE) -> bool:
    """Whether a mark of state secrecy above `limit` was read. Control marks such as 内部 are none."""
    return exceeds(level_of(proposals), limit)


def is_let_through(session: Session, marked: MarkedPage) -> bool:
    """Whether two people said of this very page, when it came before, that its mark is none."""
    sha256 = select(BatchFile.sha256).where(BatchFile.id == marked.file_id).scalar_subquery()
    same = (SecrecyIncident.file_sha256 == sha256, SecrecyIncident.page == marked.page)
    return bool(session.scalar(select(exists().where(*same, SecrecyIncident.state == IncidentState.RELEASED))))


def quarantine(parts: Parts, marked: MarkedPage) -> None:
    """Stop the batch of the page, purge what was made of it, and isolate its scans.

    Done again, it goes on where it stopped; so does the keeper. Raises StorageError, OSError.
    """
    with parts.database.writing() as session:
        batch = session.get_one(Batch, marked.batch_id, with_for_update=True)
        JobQueue(session, parts.clock).cancel_group(batch.id)
        if batch.state is not BatchState.QUARANTINED:
            batch.state = BatchState.QUARANTINED
            _purge_rows(session, batch.id)
            _enter(parts, session, batch, marked)
        incident_id = session.scalars(
            select(SecrecyIncident.id).where(SecrecyIncident.batch_id == marked.batch_id)
        ).one()
    log.warning("batch %s bears a mark of secrecy and is isolated", marked.batch_id)
    # A worker elsewhere leaves it to the keeper, whose folder is the archive's.
    if not parts.settings.is_clustered:
        isolate(parts, incident_id)


def _enter(parts: Parts, session: Session, batch: Batch, marked: MarkedPage) -> None:
    """The incident, with the place of the page and nothing that stands on it."""
    file = session.get_one(BatchFile, marked.file_id)
    incident = SecrecyIncident(
        id=new_id(),
        number=next_incident_number(session, parts.clock, parts.settings.zone),
        found_at=parts.clock(),
        batch_id=batch.id,
        batch_number=batch.number,
        source=batch.source,
        brought_by=batch.created_by,
        file_position=file.position,
        file_sha256=file.sha256,
        page=marked.page,
        file_count=session.scalar(select(func.count()).where(BatchFile.batch_id == batch.id)) or 0,
    )
    session.add(incident)
    session.flush()
    facts = {"incident": incident.number, "file": file.position, "page": marked.page}
    record(session, parts.clock, SYSTEM, AuditAction.BATCH_QUARANTINED, "batch", batch.id, **facts)


def _purge_rows(session: Session, batch_id: str) -> None:
    """Blank whatever was made of the pages of a batch, but of those that are records already."""
    stays = (DraftState.ACCEPTED, DraftState.QUARANTINED)
    for draft in session.scalars(
        select(Draft).where(Draft.batch_id == batch_id, Draft.state.not_in(stays)).with_for_update()
    ):
        draft.state, draft.reason = DraftState.QUARANTINED, SECRECY
        draft.proposals, draft.fields, draft.findings, draft.name, draft.separator = [], {}, [], UNNAMED, ""
        draft.notes = []
    session.flush()
    filed = select(Draft.id).where(Draft.batch_id == batch_id, Draft.state == DraftState.ACCEPTED)
    pages = update(DraftPage).where(DraftPage.batch_id == batch_id)
    pages = pages.where(or_(DraftPage.draft_id.is_(None), DraftPage.draft_id.not_in(filed)))
    words: dict[str, object] = {"content": null(), "corrected": null(), "sheet": null(), "colour": None}
    words |= {"numbers": [], "findings": [], "fingerprint": ""}
    change(session, pages.values(**words, thumbnail_key="", state=PageState.FAILED, reason=SECRECY))
    session.get_one(Batch, batch_id).findings = []
