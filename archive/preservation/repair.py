"""Mends one copy of an item's stored object from the other copy, and writes it down."""

import time
from contextlib import suppress
from typing import Any

from sqlalchemy import select

from archive.catalogue.events import EventOutcome, EventType, PreservationEvent, record_event
from archive.catalogue.models import Item, ItemState
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.leases import Lease, item_lease
from archive.platform.outbox import StoreOutbox
from archive.platform.parts import Location, Parts
from archive.preservation.models import CopyState, copy_row
from storage.copies import Repair, copy_file, repair_object
from storage.encryption.data_keys import check_key, copy_key
from storage.encryption.paths import item_key
from storage.errors import DamagedError, LayoutError, NotStoredError, SealBrokenError, StoreUnavailableError
from storage.faults import fault_point
from storage.interface import ObjectStore
from storage.layout import Outcome, Repository

__all__ = ["repair"]

_RENEW_SECONDS = 60.0


def repair(parts: Parts, item_id: str, location: Location, actor: Actor = SYSTEM) -> bool:
    """Mend the copy in `location` from the other one; True if it is now whole, which was seen by reading all of it.

    Files that are good in neither copy, or that no inventory knows, are named in the event; all others are mended.
    False, too, for an item without a second copy, and for one that was destroyed.
    Raises LeaseHeldError, LeaseLostError (somebody else writes the object: later), StoreUnavailableError.
    """
    with item_lease(parts.database, parts.clock, item_id) as lease:
        if not _is_kept(parts, item_id):
            return False
        if len(parts.stores) < len(Location):
            _write_failure(parts, lease, location, [], "there is no second copy")
            return False
        try:
            repairs = _mend(parts, lease, location)
        except (LayoutError, NotStoredError) as error:
            paths = error.paths if isinstance(error, DamagedError) else []
            _write_failure(parts, lease, location, paths, str(error))
            return False
        fault_point("repair.mended")
        if strange := [found.path for found in repairs if not found.mended]:
            _write_failure(parts, lease, location, strange, "no inventory knows these files")
            return False
        _write_success(parts, lease, location, [found.path for found in repairs], actor)
        return True


def _is_kept(parts: Parts, item_id: str) -> bool:
    with parts.database.reading() as session:
        item = session.get(Item, item_id)
        return item is not None and item.state is not ItemState.DESTROYED


def _mend(parts: Parts, lease: Lease, location: Location) -> list[Repair]:
    damaged = parts.stores[location]
    for store in parts.stores.values():
        if not Repository(store).is_initialised():
            raise StoreUnavailableError(f"{store.url} holds no repository: mount its disk, or look where it went")
    good = next(store for place, store in parts.stores.items() if place is not location)
    key = item_key(lease.item_id)
    found = _mend_key(damaged, good, lease.item_id, location)
    renewed = time.monotonic()

    def renew() -> None:
        nonlocal renewed
        if time.monotonic() - renewed > _RENEW_SECONDS:
            lease.renew()
            renewed = time.monotonic()

    repairs = repair_object(damaged, good, lease.item_id, renew=renew)
    if check_key(damaged, lease.item_id) is not Outcome.OK:
        mended = [repair.path for repair in repairs if repair.mended]
        raise DamagedError(lease.item_id, [key], "the key is good in neither store", mended)
    return [*repairs, Repair(key, found, mended=True)] if found is not Outcome.OK else repairs


def _mend_key(damaged: ObjectStore, good: ObjectStore, item_id: str, location: Location) -> Outcome:
    """Bring the right key to the damaged copy, as far as the other has it; says what was found."""
    key, found = item_key(item_id), check_key(damaged, item_id)
    if found is not Outcome.OK and good.exists(key) and check_key(good, item_id) is Outcome.OK:
        copy_file(good, damaged, key)
    # Of two sound keys the first store's is the newer one; one that is not sound is mended from the other.
    newer, older = (good, damaged) if location is Location.SECOND or not damaged.exists(key) else (damaged, good)
    with suppress(NotStoredError, SealBrokenError):  # there is none; it is broken in both, of which the copier tells
        copy_key(newer, older, key)
    return found


def _write_success(parts: Parts, lease: Lease, location: Location, paths: list[str], actor: Actor) -> None:
    """The copy is whole. Unless it was known to be, that is told, without paths where a killed repair did the work."""
    item_id, version = lease.item_id, Repository(parts.stores[location]).inventory(lease.item_id).head
    with parts.database.writing() as session:
        lease.check(session)
        copy = copy_row(session, item_id, location)
        known_bad = copy.state in (CopyState.DAMAGED, CopyState.MISSING)
        copy.state, copy.checked_at, copy.version = CopyState.OK, parts.clock(), version
        item = session.get_one(Item, item_id)
        if location is Location.PRIMARY and version < item.stored_version:
            item.stored_version = version  # neither store has a newer one any more: it is described anew from here
        if not paths and not known_bad:
            return
        copy.locked_until = None  # what was written anew is not locked yet
        facts = {"location": location, "paths": paths}
        record(session, parts.clock, actor, AuditAction.OBJECT_REPAIRED, "item", item_id, **facts)
        record_event(
            session,
            parts.clock,
            EventType.RECOVERY,
            EventOutcome.SUCCESS,
            item_id=item_id,
            location=location,
            version=version,
            paths=paths,
        )
        session.add(StoreOutbox(item_id=item_id, created_at=parts.clock()))


def _write_failure(parts: Parts, lease: Lease, location: Location, paths: list[str], reason: str) -> None:
    """Tell why it cannot be mended, unless that was the last that was told: it is tried again and again."""
    details: dict[str, Any] = {"paths": paths, "reason": reason}
    last = (
        select(PreservationEvent)
        .where(
            PreservationEvent.item_id == lease.item_id,
            PreservationEvent.location == location,
            PreservationEvent.type == EventType.RECOVERY,
        )
        .order_by(PreservationEvent.at.desc(), PreservationEvent.id.desc())
        .limit(1)
    )
    with parts.database.writing() as session:
        lease.check(session)
        told = session.scalar(last)
        if told is None or told.outcome is EventOutcome.SUCCESS or told.details != details:
            record_event(
                session,
                parts.clock,
                EventType.RECOVERY,
                EventOutcome.FAILURE,
                item_id=lease.item_id,
                location=location,
                **details,
            )
