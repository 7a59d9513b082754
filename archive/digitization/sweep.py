"""Clears away what nobody needs any more: intake bytes after filing, objects without a row, half-written versions."""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from archive.catalogue.models import Item
from archive.digitization.intake import INTAKE
from archive.digitization.models import Batch, BatchFile, BatchState, Draft, DraftPage, DraftState, FileState, PageRole
from archive.digitization.reasons import is_ours
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.journal.writer import check_age, last_segment
from archive.platform.leases import LeaseHeldError, item_lease
from archive.platform.parts import Parts
from storage.errors import LayoutError, NotStoredError, ObjectLockedError

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
    swept = 0
    for stored in parts.store.list(INTAKE):
        name = stored.key.rpartition("/")[2].removesuffix(".jpg")
        if _is_needed(parts, name, stored.modified):
            continue
        parts.store.delete(stored.key)
        swept += 1
    return swept


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


def _is_needed(parts: Parts, name: str, modified: datetime) -> bool:
    with parts.database.reading() as session:
        if file := session.get(BatchFile, name):
            if file.batch.state is BatchState.QUARANTINED:
                return True  # whoever isolates it takes it away
            return _may_be_opened(file) or _has_living_page(session, DraftPage.file_id == file.id)
        if session.get(DraftPage, name):
            return _has_living_page(session, DraftPage.id == name)
        if draft := session.get(Draft, name.partition(".")[0]):  # pages of a file that are being filed
            return draft.state in _LIVING
        return modified > parts.clock() - ORPHAN_DELAY


def _has_living_page(session: Session, which: ColumnElement[bool]) -> bool:
    """Whether any of these pages may still become part of an item."""
    pages = select(DraftPage.id).join(Batch, DraftPage.batch_id == Batch.id)
    pages = pages.outerjoin(Draft, DraftPage.draft_id == Draft.id).where(which)
    undivided = and_(Draft.id.is_(None), DraftPage.role != PageRole.SEPARATOR, Batch.state.in_(_OPEN))
    return session.scalar(pages.where(or_(Draft.state.in_(_LIVING), undivided)).limit(1)) is not None


def _may_be_opened(file: BatchFile) -> bool:
    """It waits for it, or it was given up for a fault of ours: then its bytes are not lost."""
    if file.batch.state not in _OPEN:
        return False
    ours = file.state is FileState.REFUSED and is_ours(file.reason)
    return ours or file.state is FileState.RECEIVED
