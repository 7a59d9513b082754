"""Clears away what nobody needs any more: intake bytes after filing, objects without a row, half-written versions."""

import logging
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import groupby

from sqlalchemy import ColumnElement, and_, false, func, null, or_, select, update
from sqlalchemy.orm import Session

from archive.catalogue.models import Item
from archive.digitization.intake import INTAKE
from archive.digitization.models import (
    RECOVERABLE,
    Batch,
    BatchFile,
    BatchState,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageRole,
)
from archive.digitization.reasons import is_ours
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.db import change
from archive.platform.journal.writer import check_age, last_segment
from archive.platform.leases import LeaseHeldError, item_lease
from archive.platform.parts import Parts
from storage.errors import LayoutError, NotStoredError, ObjectLockedError
from storage.interface import StoredObject

__all__ = ["ORPHAN_DELAY", "orphans", "recover_begun", "sweep_intake", "sweep_orphans"]

log = logging.getLogger(__name__)

#: how long something without a row is left alone: its row may still be on the way
ORPHAN_DELAY = timedelta(days=1)

#: what was written to more recently is most likely still being written
_IDLE = timedelta(minutes=15)

_OPEN = (BatchState.ACTIVE, BatchState.PAUSED)
_LIVING = (DraftState.RECOGNISING, DraftState.READY, DraftState.ACCEPTING)


def sweep_intake(parts: Parts) -> int:
    """Delete intake bytes that no living file or draft needs; returns how many objects. Idempotent.

    Bytes of which no row knows are an upload under way, or one that broke off: they go after a delay.
    """
    of_batches = groupby(parts.store.list(INTAKE), key=lambda stored: stored.key.split("/")[1])
    return sum(_sweep_batch(parts, batch_id, stored) for batch_id, stored in of_batches)


def _sweep_batch(parts: Parts, batch_id: str, stored: Iterable[StoredObject]) -> int:
    now = parts.clock()
    with parts.database.reading() as session:
        intake = _intake_of(session, batch_id, now - RECOVERABLE)
        over = [one.key for one in stored if not _is_needed(session, intake, one, now)]
    for key in over:
        parts.store.delete(key)
    if over:
        with parts.database.writing() as session:
            _forget(session, batch_id, now - RECOVERABLE)
    return len(over)


def orphans(parts: Parts) -> Iterator[str]:
    """Ids of stored objects that are neither an item nor a draft that may become one."""
    return (object_id for object_id in parts.repository.object_ids() if _is_orphan(parts, object_id))


def sweep_orphans(parts: Parts) -> int:
    """Remove stored objects without a row that are older than the delay; returns how many.

    Only those that were never described: a second version says that a database knew the item once. If this one does
    not, it was restored from an older backup or lost rows, and the object is what is left of a record; so is one that
    lay there before the archive was rebuilt or restored, which did not enter it.
    Raises OlderCopyError, and removes nothing, when the store's journal knows more than this database.
    """
    made_again = (AuditAction.ARCHIVE_REBUILT, AuditAction.ARCHIVE_RESTORED)
    with parts.database.reading() as session:
        last = last_segment(session)
        made_again_at = session.scalar(select(func.max(AuditEntry.at)).where(AuditEntry.action.in_(made_again)))
    since = made_again_at or datetime.min.replace(tzinfo=UTC)
    check_age(parts.store, last.number if last else 0)
    before = parts.clock() - ORPHAN_DELAY
    return sum(_remove(parts, object_id, since, before) for object_id in list(orphans(parts)))


def recover_begun(parts: Parts) -> int:
    """Finish or remove the versions at which writers died; returns how many objects.

    One that is damaged stays as it is, for fixity to name, and does not hold up the others.
    """
    return sum(_recover(parts, object_id) for object_id in parts.repository.begun(idle=_IDLE))


def _recover(parts: Parts, object_id: str) -> bool:
    try:
        with item_lease(parts.database, parts.clock, object_id):
            parts.repository.recover(object_id)
    except LeaseHeldError:
        return False
    except LayoutError:
        log.exception("object %s cannot be recovered", object_id)
        return False
    return True


def _remove(parts: Parts, object_id: str, since: datetime, before: datetime) -> bool:
    try:
        inventory = parts.repository.inventory(object_id)
        if inventory.head > 1 or not since < inventory.versions[0].created <= before:
            return False
        with item_lease(parts.database, parts.clock, object_id):
            # Asked again under the lease: it may have become an item a moment ago.
            if not _is_orphan(parts, object_id):
                return False
            parts.repository.remove(object_id)
    except LeaseHeldError:
        return False
    except ObjectLockedError:  # locks are laid after filing only: it was a record once
        log.exception("object %s has no row, but is locked", object_id)
        return False
    except (LayoutError, NotStoredError):  # nobody can say what it was
        log.exception("object %s has no row, and is damaged", object_id)
        return False
    return True


def _is_orphan(parts: Parts, object_id: str) -> bool:
    with parts.database.reading() as session:
        draft = session.get(Draft, object_id)
        return session.get(Item, object_id) is None and (draft is None or draft.state not in _LIVING)


@dataclass(frozen=True, slots=True)
class _Intake:
    """What the rows of a batch say about objects: names they know, and those of them that are still needed."""

    known: Set[str]
    needed: Set[str]


def _intake_of(session: Session, batch_id: str, since: datetime) -> _Intake:
    """Bytes of each file lie under its id, of small pictures under that of their page."""
    batch = session.get(Batch, batch_id)
    if batch is None:
        return _Intake(set(), set())
    files = session.scalars(select(BatchFile).where(BatchFile.batch_id == batch_id)).all()
    if batch.state is BatchState.QUARANTINED:  # whoever isolates it takes it away
        return _Intake(set(), {file.id for file in files})
    columns = select(DraftPage.id, DraftPage.file_id, _is_living(batch, since))
    pages = session.execute(columns.outerjoin(Draft, DraftPage.draft_id == Draft.id).where(_of(batch_id))).all()
    living = {name for page, file, lives in pages if lives for name in (page, file)}
    sheets = set(session.scalars(select(DraftPage.id).where(_of(batch_id), DraftPage.role == PageRole.SEPARATOR)))
    if living:  # beside what is still arranged, the sheets between are seen
        living |= sheets
    opened = {file.id for file in files if _may_be_opened(file)}
    return _Intake({file.id for file in files} | {page.id for page in pages}, living | opened)


def _of(batch_id: str) -> ColumnElement[bool]:
    return DraftPage.batch_id == batch_id


def _is_living(batch: Batch, since: datetime) -> ColumnElement[bool]:
    """Whether a page may still become part of an item: by itself, or put back by a person."""
    living = Draft.state.in_(_LIVING)
    if batch.state not in _OPEN:
        return living
    given_up = and_(Draft.state == DraftState.DISCARDED, Draft.discarded_at > since)
    removed = and_(DraftPage.role == PageRole.REMOVED, DraftPage.removed_at > since)
    undivided = and_(Draft.id.is_(None), or_(DraftPage.role == PageRole.CONTENT, removed))
    return func.coalesce(or_(living, given_up, undivided), false())


def _is_needed(session: Session, intake: _Intake, stored: StoredObject, now: datetime) -> bool:
    name = stored.key.rpartition("/")[2].removesuffix(".jpg")
    if name in intake.known or name in intake.needed:
        return name in intake.needed
    if draft := session.get(Draft, name.partition(".")[0]):  # pages of a file that are being filed
        return draft.state in _LIVING
    return stored.modified > now - ORPHAN_DELAY


def _forget(session: Session, batch_id: str, since: datetime) -> None:
    """No words stay of what can no longer be put back."""
    given_up = and_(Draft.batch_id == batch_id, Draft.state == DraftState.DISCARDED, Draft.discarded_at <= since)
    over = or_(
        and_(DraftPage.role == PageRole.REMOVED, DraftPage.removed_at <= since),
        DraftPage.draft_id.in_(select(Draft.id).where(given_up)),
    )
    words = {"content": null(), "corrected": null(), "thumbnail_key": ""}
    change(session, update(DraftPage).where(_of(batch_id), over).values(words))
    change(session, update(Draft).where(given_up).values(fields={}, proposals=[], typed=[], notes=[]))


def _may_be_opened(file: BatchFile) -> bool:
    """It waits for it, or it was given up for a fault of ours: then its bytes are not lost."""
    if file.batch.state not in _OPEN:
        return False
    ours = file.state is FileState.REFUSED and is_ours(file.reason)
    return ours or file.state is FileState.RECEIVED
