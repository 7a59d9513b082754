"""Copies everything kept to the second store, and notes which version each copy has reached.

A row of the copy outbox is written with each new version of an item's object, and deleted when that version is noted,
locked and, where a second store is set, copied. The bytes are copied as they lie: an encrypted archive needs no key for
it, as its wrapped keys are copied, too. Fault points: `copying.copied`, `copying.removed`.
"""

import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from sqlalchemy import ColumnElement, and_, delete, func, or_, select
from sqlalchemy.orm import Session

from archive.catalogue.events import EventOutcome, EventType, record_event
from archive.catalogue.models import Item, ItemState
from archive.platform.audit.sealer import SEGMENTS
from archive.platform.away import is_away
from archive.platform.db import change
from archive.platform.delivery import DeliveryError
from archive.platform.evidence import EVIDENCE
from archive.platform.jobs.keeper import is_stopping
from archive.platform.journal.segments import segment_key, snapshot_key, stored_journal
from archive.platform.leases import LeaseHeldError, LeaseLostError, item_lease
from archive.platform.outbox import CopyOutbox
from archive.platform.parts import Location, Parts
from archive.preservation.locking import lock_copy
from archive.preservation.models import ObjectCopy, copy_row
from storage.copies import copy_object, copy_prefix
from storage.encryption.data_keys import copy_key, same_key
from storage.encryption.paths import ARCHIVE_KEY, item_key
from storage.errors import LayoutError, NotStoredError, SealBrokenError, StoreUnavailableError
from storage.faults import fault_point
from storage.interface import ObjectStore
from storage.layout import Repository
from storage.object_paths import ObjectPaths
from storage.parallel import in_parallel

__all__ = ["Lag", "compare", "copy_shared", "expect_folder", "keep_copies", "lag", "reconcile_copies"]

log = logging.getLogger(__name__)

_BATCH = 100
#: items on their way together, each with several files
_AT_ONCE = 4
_ANNOUNCED_AT_ONCE = 1000
_JOURNAL = "journal/"


@dataclass(frozen=True, slots=True)
class Lag:
    """How far the copies are behind: items that wait, and since when (aware) the first of them does."""

    items: int
    oldest: datetime | None


def lag(session: Session) -> Lag:
    """What waits to be locked and copied."""
    items, oldest = session.execute(
        select(func.count(CopyOutbox.item_id.distinct()), func.min(CopyOutbox.created_at))
    ).one()
    return Lag(items, oldest)


def compare(parts: Parts, item_id: str) -> bool:
    """Whether both copies of an item's object are of the same history: the same newest inventory, the same key.

    Quick, and no check of the content. Raises StoreUnavailableError.
    """
    inventory = ObjectPaths.of(item_id).inventory
    first, second = (parts.stores[location] for location in Location)
    return _read(first, inventory) == _read(second, inventory) and same_key(first, second, item_key(item_id))


def _read(store: ObjectStore, key: str) -> bytes | None:
    try:
        return store.read(key)
    except NotStoredError:
        return None


# --- items ---


def keep_copies(parts: Parts) -> int:
    """Work off the copy outbox, oldest first; returns how many items are done. For the keeper.

    A second store that is away does not hold up what is to be done in the first; an item that cannot be copied does not
    hold up the others: when they are done, DeliveryError tells of it. Raises what `is_away` knows.
    """
    failed: dict[str, None] = {}
    done, last, noted = 0, "", ""
    while not is_stopping():
        # What was filed while a great many were copied is noted and locked before the next of them is copied.
        noted = _note_all(parts, noted, failed)
        waiting = _waiting(parts, last)
        if not waiting:
            break
        if not last:
            _prepare_second(parts)
        last = waiting[-1][0]
        done += _try_each(parts, waiting, _keep, failed)
    if failed:
        raise DeliveryError(list(failed))
    return done


def _waiting(parts: Parts, after: str, *conditions: ColumnElement[bool]) -> list[tuple[str, str]]:
    """The next rows of the outbox: their own ids, and the items'."""
    primary = and_(ObjectCopy.item_id == CopyOutbox.item_id, ObjectCopy.location == Location.PRIMARY)
    wanted = (
        select(CopyOutbox.id, CopyOutbox.item_id)
        .outerjoin(Item, Item.id == CopyOutbox.item_id)
        .outerjoin(ObjectCopy, primary)
        .where(CopyOutbox.id > after, *conditions)
    )
    with parts.database.reading() as session:
        return [(row, item_id) for row, item_id in session.execute(wanted.order_by(CopyOutbox.id).limit(_BATCH))]


def _note_all(parts: Parts, after: str, failed: dict[str, None]) -> str:
    """Note and lock the first copy of what waits; returns the last row that was looked at."""
    newer = func.coalesce(ObjectCopy.version, 0) < Item.stored_version
    while waiting := _waiting(parts, after, newer, Item.state != ItemState.DESTROYED):
        _try_each(parts, waiting, _note_primary, failed)
        after = waiting[-1][0]
    return after


def _try_each(
    parts: Parts, waiting: Sequence[tuple[str, str]], act: Callable[[Parts, str], bool], failed: dict[str, None]
) -> int:
    """Do something for every item that has not failed yet, a few at a time; returns for how many it was done."""
    done = 0
    item_ids = list(dict.fromkeys(item_id for _, item_id in waiting if item_id not in failed))
    for start in range(0, len(item_ids), _AT_ONCE):
        if is_stopping():
            break
        some = item_ids[start : start + _AT_ONCE]
        for item_id, outcome in zip(some, in_parallel(lambda item_id: _try(parts, act, item_id), some), strict=True):
            if outcome is None:
                failed[item_id] = None
            done += outcome is True
    return done


def _try(parts: Parts, act: Callable[[Parts, str], bool], item_id: str) -> bool | None:
    """Whether it was done; None when it cannot be. Raises what `is_away` knows, but for the lease of one item."""
    try:
        return act(parts, item_id)
    except (LeaseHeldError, LeaseLostError):
        return False  # somebody writes it now; its row waits
    except Exception as error:
        if isinstance(error, StoreUnavailableError):
            # So speaks a bad sector, too. Only where a store is really away, which its probe says, all wait.
            for store in parts.stores.values():
                expect_folder(store.url)
                store.probe()
        elif is_away(error):
            raise
        log.exception("item %s cannot be copied", item_id)
        return None


def _keep(parts: Parts, item_id: str) -> bool:
    with parts.database.reading() as session:
        # The rows first, the state after: what changes in between has a row of its own that stays.
        rows = list(session.scalars(select(CopyOutbox.id).where(CopyOutbox.item_id == item_id)))
        item = session.get(Item, item_id)
    if item is not None and item.state is ItemState.DESTROYED:
        _remove(parts, item_id)
    elif item is not None:
        _note_primary(parts, item_id)
        if Location.SECOND in parts.stores:
            _copy(parts, item)
    with parts.database.writing() as session:
        change(session, delete(CopyOutbox).where(CopyOutbox.id.in_(rows)))
    return True


def _note_primary(parts: Parts, item_id: str) -> bool:
    """Whether there was something to note."""
    with parts.database.reading() as session:
        item = session.get_one(Item, item_id)
        copy = _known(session, item_id, Location.PRIMARY)
    if copy is not None and copy.version >= item.stored_version:
        return False
    until = lock_copy(parts, item_id, Location.PRIMARY, copy.locked_until if copy else None)
    with parts.database.writing() as session:
        noted = copy_row(session, item_id, Location.PRIMARY)
        noted.version, noted.locked_until = item.stored_version, until
    return True


def _known(session: Session, item_id: str, location: Location) -> ObjectCopy | None:
    wanted = select(ObjectCopy).where(ObjectCopy.item_id == item_id, ObjectCopy.location == location)
    return session.scalar(wanted)


def _copy(parts: Parts, item: Item) -> None:
    """Bring the newest version to the second store, the key first: what shows there can also be read."""
    source, target = parts.stores[Location.PRIMARY], parts.stores[Location.SECOND]
    if not Repository(target).is_initialised():  # it was a moment ago: its disk is gone
        raise StoreUnavailableError(f"{target.url} holds no repository any more: mount its disk")
    with suppress(NotStoredError):  # without encryption there is no key
        copy_key(source, target, item_key(item.id))
    sent = copy_object(source, target, item.id)
    version = Repository(target).inventory(item.id).head
    if version < item.stored_version:
        raise LayoutError(
            f"{source.url} holds only v{version} of {item.id}, of which v{item.stored_version} was stored"
        )
    fault_point("copying.copied")
    with parts.database.reading() as session:
        known = _known(session, item.id, Location.SECOND)
    until = lock_copy(parts, item.id, Location.SECOND, known.locked_until if known else None)
    with parts.database.writing() as session:
        copy = copy_row(session, item.id, Location.SECOND)
        if copy.version < version:
            _record(session, parts, EventType.REPLICATION, item.id, version=version, bytes=sent)
        copy.version, copy.locked_until = version, until


def _remove(parts: Parts, item_id: str) -> None:
    """Remove what was destroyed from the second store, and forget both copies."""
    with item_lease(parts.database, parts.clock, item_id):
        if Location.SECOND in parts.stores:
            Repository(parts.stores[Location.SECOND]).remove(item_id, unlock=True)
        fault_point("copying.removed")
        with parts.database.writing() as session:
            if _known(session, item_id, Location.SECOND) is not None:
                _record(session, parts, EventType.DELETION, item_id)
            change(session, delete(ObjectCopy).where(ObjectCopy.item_id == item_id))


def _record(session: Session, parts: Parts, kind: EventType, item_id: str, **details: Any) -> None:
    record_event(session, parts.clock, kind, EventOutcome.SUCCESS, item_id=item_id, location=Location.SECOND, **details)


def reconcile_copies(parts: Parts) -> int:
    """Announce every item that lacks a copy which nobody announced; returns how many. For the keeper.

    So it is after a second store was set, and after a rebuild.
    """
    announced = 0
    if Location.SECOND not in parts.stores:
        _forget_second(parts)
    while number := _announce_some(parts):
        announced += number
    return announced


def _announce_some(parts: Parts) -> int:
    copies = select(ObjectCopy.id).where(ObjectCopy.item_id == Item.id)
    up_to_date = copies.where(ObjectCopy.version >= Item.stored_version)
    lacking = or_(*(~up_to_date.where(ObjectCopy.location == location).exists() for location in parts.stores))
    destroyed = Item.state == ItemState.DESTROYED
    silent = ~select(CopyOutbox.id).where(CopyOutbox.item_id == Item.id).exists()
    wanted = select(Item.id).where(silent, or_(and_(~destroyed, lacking), and_(destroyed, copies.exists())))
    with parts.database.writing() as session:
        found = session.scalars(wanted.where(Item.stored_version > 0).limit(_ANNOUNCED_AT_ONCE)).all()
        session.add_all(CopyOutbox(item_id=item_id, created_at=parts.clock()) for item_id in found)
    return len(found)


def _forget_second(parts: Parts) -> None:
    with parts.database.writing() as session:
        change(session, delete(ObjectCopy).where(ObjectCopy.location == Location.SECOND))


# --- the rest ---


def copy_shared(parts: Parts) -> int:
    """Copy to the second store what belongs to no item: trail, journal, evidence, the key to them. For the keeper.

    Returns how many objects. What the first store lost stays in the second: only what the journal's compaction took
    away is deleted there. Raises StoreUnavailableError; LayoutError, when all else is done, naming objects that differ.
    """
    if Location.SECOND not in parts.stores:
        return 0
    first, second = parts.stores[Location.PRIMARY], parts.stores[Location.SECOND]
    _prepare_second(parts)
    copied, different = 0, []
    try:
        copied += _copy_archive_key(first, second)
    except SealBrokenError as error:
        different.append(str(error))
    for prefix in (SEGMENTS, _JOURNAL, EVIDENCE):
        try:
            copied += len(copy_prefix(first, second, prefix))
        except LayoutError as error:
            different.append(str(error))
    _forget_compacted(first, second)
    if different:
        raise LayoutError("; ".join(different))
    return copied


def _copy_archive_key(first: ObjectStore, second: ObjectStore) -> bool:
    """Nobody ever removes it: where the first store lacks it, and is no empty mount point, it was lost."""
    lost = not first.exists(ARCHIVE_KEY) and Repository(first).is_initialised()
    with suppress(NotStoredError):  # without encryption there is none
        return copy_key(second, first, ARCHIVE_KEY) if lost else copy_key(first, second, ARCHIVE_KEY)
    return False


def expect_folder(url: str) -> None:
    """Raise StoreUnavailableError when a store is to lie in a folder that is not there: its disk may not be mounted."""
    address = urlsplit(url)
    if address.scheme == "file" and not Path(unquote(address.path)).is_dir():
        raise StoreUnavailableError(f"there is no folder {unquote(address.path)}: mount its disk, or make the folder")


def _prepare_second(parts: Parts) -> None:
    """Declare the second store's repository. Where there is none, the store is new, whatever was noted of another."""
    if Location.SECOND not in parts.stores:
        return
    expect_folder(parts.settings.second_storage)
    second = Repository(parts.stores[Location.SECOND])
    if not second.is_initialised():
        _forget_second(parts)
        second.initialise()
        reconcile_copies(parts)


def _forget_compacted(first: ObjectStore, second: ObjectStore) -> None:
    """Delete in the second store what a snapshot, which both stores hold, made superfluous in the first."""
    here, there = stored_journal(first), stored_journal(second)
    # As where it is compacted: should the newest snapshot be damaged, what came after the one before is still there.
    *_, newest, _last = [0, 0, *sorted({*here.snapshots} & {*there.snapshots})]
    for number in there.segments:
        if number <= newest and number not in here.segments:
            second.delete(segment_key(number))
    for number in there.snapshots:
        if number < newest and number not in here.snapshots:
            second.delete(snapshot_key(number))
