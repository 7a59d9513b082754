"""One copy of a stored object is read again; what is found becomes the copy's state, an event, and a repair.

A copy is called bad only after it was read once more under the item's lease: what is being written now is no damage.
"""

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.events import EventOutcome, EventType, record_event
from archive.catalogue.models import Item, ItemState
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.leases import Lease, LeaseHeldError, LeaseLostError, item_lease
from archive.platform.outbox import CopyOutbox, StoreOutbox
from archive.platform.parts import Location, Parts
from archive.preservation.copying import compare
from archive.preservation.models import CopyState, ObjectCopy, copy_row
from archive.preservation.repair import repair
from storage.encryption.data_keys import check_key
from storage.encryption.paths import item_key
from storage.errors import LayoutError, NotStoredError, StoreUnavailableError
from storage.interface import ObjectStore
from storage.layout import FileCheck, Outcome, Pace, Repository
from storage.object_paths import INVENTORY, ObjectPaths, version_of

__all__ = ["SUSPECT", "WHOLE", "Reading", "check_copy", "expect_repository"]

SUSPECT = (CopyState.DAMAGED, CopyState.MISSING)
#: stands for the object as a whole among the paths inside it
WHOLE = "."


@dataclass(frozen=True, slots=True)
class Reading:
    """What reading one copy gave: files looked at, bytes read, newest version seen, and what is wrong, by path."""

    files: int = 0
    bytes: int = 0
    version: int = 0
    damaged: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def good(self) -> bool:
        """Everything is as it was stored."""
        return not self.damaged and not self.missing

    @property
    def ok(self) -> int:
        """How many files are as they were stored."""
        return self.files - len([path for path in (*self.damaged, *self.missing) if path != WHOLE])

    @property
    def state(self) -> CopyState:
        """What the copy is to be called."""
        if self.damaged:
            return CopyState.DAMAGED
        return CopyState.MISSING if self.missing else CopyState.OK

    def details(self) -> dict[str, Any]:
        """As kept with the event."""
        faults = {"damaged": list(self.damaged), "missing": list(self.missing)}
        numbers = {"files": self.files, "bytes": self.bytes, "version": self.version}
        return numbers | {name: paths for name, paths in faults.items() if paths}


@dataclass(frozen=True, slots=True)
class Checked:
    """What was found at first, and whether it is as stored again by now."""

    reading: Reading
    repaired: bool = False


def expect_repository(parts: Parts, location: Location) -> None:
    """Raise StoreUnavailableError when the store holds no repository at all: nothing is lost, it is another place."""
    store = parts.stores[location]
    if not Repository(store).is_initialised():
        raise StoreUnavailableError(f"{store.url} holds no repository: is its disk mounted, is this the right bucket?")


def check_copy(
    parts: Parts,
    item_id: str,
    location: Location,
    *,
    pace: Pace | None = None,
    mend: bool = True,
    actor: Actor = SYSTEM,
) -> Checked | None:
    """Read one copy again and write down what is found; with `mend` a bad one is repaired from the other copy.

    None: nothing was settled, because the item is being written or copied now, or there need not be a copy (any more).
    Raises StoreUnavailableError when the store as a whole is away, and whatever `pace` raises.
    """
    expected = _expected(parts, item_id, location)
    if expected is None:
        return None
    reading = _read(parts.stores[location], item_id, expected, pace)
    if reading.good and (location is Location.PRIMARY or compare(parts, item_id)):
        _settle(parts, item_id, location, reading, actor)
        return Checked(reading)
    found = _check_alone(parts, item_id, location, pace, actor)
    if found is None:
        return None
    return Checked(found, not found.good and mend and _mended(parts, item_id, location, pace, actor))


def _expected(parts: Parts, item_id: str, location: Location) -> int | None:
    """The version that this copy must have; None if there need not be one."""
    with parts.database.reading() as session:
        item = session.get(Item, item_id)
        if item is None or item.state is ItemState.DESTROYED:
            return None
        if location is Location.PRIMARY:
            return item.stored_version
        copied = select(ObjectCopy.version).where(ObjectCopy.item_id == item_id, ObjectCopy.location == location)
        return session.scalar(copied) or None


def _check_alone(parts: Parts, item_id: str, location: Location, pace: Pace | None, actor: Actor) -> Reading | None:
    """Read while nobody else writes the object; None if somebody does, or will in a moment."""
    try:
        with item_lease(parts.database, parts.clock, item_id) as lease:
            expected = _expected(parts, item_id, location)
            if expected is None:
                return None
            # Asked before anything is read: a copy under way may be finished by the time that all is read.
            copying = location is Location.SECOND and _is_being_copied(parts, item_id)
            if not copying:  # the copier holds no lease: recovery would take away what it has just put
                _finish_begun(parts.stores[location], item_id)
            reading = _read(parts.stores[location], item_id, expected, pace)
            if copying:
                reading = _settled_part(reading, expected)
                if reading.good:
                    return None
            elif location is Location.SECOND and reading.good and not _agrees(parts, item_id, pace):
                reading = replace(reading, damaged=(INVENTORY,))
            _settle(parts, item_id, location, reading, actor, lease)
            return reading
    except (LeaseHeldError, LeaseLostError):
        return None


def _agrees(parts: Parts, item_id: str, pace: Pace | None) -> bool:
    """Whether a second copy that is whole in itself is also a copy of the first, as far as that one is sound."""
    if compare(parts, item_id):
        return True
    expected = _expected(parts, item_id, Location.PRIMARY) or 1
    return not _read(parts.stores[Location.PRIMARY], item_id, expected, pace).good


def _settled_part(reading: Reading, version: int) -> Reading:
    """Only what is wrong with the versions that were copied whole: of a later one some files may be there already."""

    def settled(path: str) -> bool:
        return path == WHOLE or 0 < version_of(path) <= version

    damaged, missing = filter(settled, reading.damaged), filter(settled, reading.missing)
    return replace(reading, damaged=tuple(damaged), missing=tuple(missing))


def _is_being_copied(parts: Parts, item_id: str) -> bool:
    with parts.database.reading() as session:
        return session.scalar(select(CopyOutbox.id).where(CopyOutbox.item_id == item_id).limit(1)) is not None


def _finish_begun(store: ObjectStore, item_id: str) -> None:
    """A writer that died leaves files behind that are no damage: recovery, and only where something was begun."""
    if any(True for _ in store.list(ObjectPaths.of(item_id).staging)):
        with suppress(LayoutError):  # recovery leaves a damaged object alone; reading it says what is wrong
            Repository(store).recover(item_id)


def _read(store: ObjectStore, item_id: str, expected: int, pace: Pace | None) -> Reading:
    try:
        checks = list(Repository(store).verify(item_id, pace))
        key = check_key(store, item_id)
    except NotStoredError:
        return Reading(missing=(WHOLE,))
    except StoreUnavailableError:
        store.probe()  # so speaks one bad object, too: only where the store is really away, all wait
        return Reading(damaged=(WHOLE,))
    if key is not Outcome.OK:  # as bad as a lost file: without it nothing of the object can be read
        checks.append(FileCheck(item_key(item_id), 0, key))
    return _reading(checks, expected)


def _reading(checks: Sequence[FileCheck], expected: int) -> Reading:
    version = max(version_of(check.path) for check in checks)
    missing = [check.path for check in checks if check.outcome is Outcome.MISSING]
    if version < expected:  # whole in itself, but older than what was stored here
        missing.append(f"v{expected}/{INVENTORY}")
    return Reading(
        len(checks) + (version < expected),
        sum(check.size for check in checks),
        version,
        tuple(check.path for check in checks if check.outcome is Outcome.DAMAGED),
        tuple(missing),
    )


def _settle(
    parts: Parts, item_id: str, location: Location, reading: Reading, actor: Actor, lease: Lease | None = None
) -> None:
    """Write down, in one transaction, what was found; damage that is new also goes to the audit trail."""
    with parts.database.writing() as session:
        if lease is not None:
            lease.check(session)
        item = session.get(Item, item_id)
        if item is None or item.state is ItemState.DESTROYED:
            return
        copy = copy_row(session, item_id, location)
        if not reading.good and copy.state not in SUSPECT:
            _report(session, parts, item_id, location, reading, actor)
        copy.state, copy.size, copy.checked_at = reading.state, reading.bytes, parts.clock()
        outcome = EventOutcome.SUCCESS if reading.good else EventOutcome.FAILURE
        details = reading.details()
        record_event(
            session, parts.clock, EventType.FIXITY_CHECK, outcome, item_id=item_id, location=location, **details
        )


def _report(session: Session, parts: Parts, item_id: str, location: Location, reading: Reading, actor: Actor) -> None:
    facts: dict[str, Any] = {"location": location, "paths": [*reading.damaged, *reading.missing]}
    record(session, parts.clock, actor, AuditAction.OBJECT_DAMAGED, "item", item_id, **facts)
    # The object tells its own events. One that has lost inventory or key must be repaired first, which announces it.
    silenced = {WHOLE, INVENTORY, item_key(item_id)} & {*facts["paths"]}
    if location is not Location.PRIMARY or not silenced:
        session.add(StoreOutbox(item_id=item_id, created_at=parts.clock()))


def _mended(parts: Parts, item_id: str, location: Location, pace: Pace | None, actor: Actor) -> bool:
    """Repair the copy from the other one, and read it again. A busy item, or a good copy that is away, waits."""
    if len(parts.stores) < len(Location):
        return False
    try:
        if not repair(parts, item_id, location, actor):
            return False
    except (LeaseHeldError, LeaseLostError):
        return False
    except StoreUnavailableError:
        parts.stores[location].probe()
        return False
    again = _check_alone(parts, item_id, location, pace, actor)
    return again is None or again.good  # the repair itself has read all of it, too
