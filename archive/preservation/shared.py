"""What belongs to no item is read again, too: the segments of the audit trail, and the journal.

The database knows the digest of each segment, so that a bad one is mended from the other store, or, where that has no
good one and it is the journal's, made needless by a new snapshot. Of the journal only what a rebuild would read counts.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from sqlalchemy import Select, select

from archive.catalogue.events import EventOutcome, EventType, PreservationEvent, record_event
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditSegment
from archive.platform.audit.sealer import SEGMENTS
from archive.platform.audit.service import record
from archive.platform.jobs.keeper import is_stopping
from archive.platform.journal.models import JournalSegment
from archive.platform.journal.segments import (
    DamagedJournalError,
    LineReader,
    open_snapshot,
    segment_key,
    snapshot_key,
    snapshot_numbers,
)
from archive.platform.journal.snapshot import take_snapshot
from archive.platform.parts import Location, Parts, open_cipher
from archive.preservation.checking import expect_repository
from storage.copies import copy_file
from storage.encryption.store import EncryptedStore
from storage.errors import NotStoredError, SealBrokenError, StoreUnavailableError
from storage.fixity import sha256_of
from storage.interface import ObjectStore
from storage.layout import Outcome

__all__ = ["Shared", "check_shared", "read_shared_again"]

_BATCH = 500


@dataclass(slots=True)
class Shared:
    """What was read in one location: files, and the keys of those that were bad and of those that no longer are."""

    files: int = 0
    damaged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)

    @property
    def bad(self) -> list[str]:
        """What was damaged or missing."""
        return [*self.damaged, *self.missing]

    @property
    def clean(self) -> bool:
        """Nothing is damaged or missing any more."""
        return {*self.bad} <= {*self.repaired}

    def add(self, key: str, outcome: Outcome, *, repaired: bool = False) -> None:
        """Count one file."""
        self.files += 1
        bad = {Outcome.DAMAGED: self.damaged, Outcome.MISSING: self.missing}
        if outcome is not Outcome.OK:
            bad[outcome].append(key)
            self.repaired += [key] * repaired

    def details(self) -> dict[str, Any]:
        """As kept with the event: what was found."""
        return {name: keys for name, keys in (("damaged", self.damaged), ("missing", self.missing)) if keys}


def read_shared_again(parts: Parts) -> int:
    """Read everything once, mend what is bad; returns how many files. For the keeper.

    Raises StoreUnavailableError, KeyMissingError.
    """
    return sum(found.files for found in check_shared(parts, mend=True).values())


def check_shared(parts: Parts, *, mend: bool, actor: Actor = SYSTEM) -> Mapping[Location, Shared]:
    """Read the trail and the journal again in each store, and write down what is found.

    What the second store lacks is not copied yet, and no damage. Raises StoreUnavailableError, KeyMissingError.
    """
    for location in parts.stores:
        expect_repository(parts, location)
    checking = _Checking(parts, mend=mend)
    for key, sha256 in _segments(parts):
        if is_stopping():
            break
        checking.check(key, _has(key, sha256))
    checking.check_journal()
    if is_stopping():
        return checking.found
    for location, found in checking.found.items():
        _write_down(parts, location, found, actor)
    return checking.found


class _Checking:
    """One pass over both stores."""

    def __init__(self, parts: Parts, *, mend: bool) -> None:
        self._parts = parts
        self._mend = mend
        self._first = parts.stores[Location.PRIMARY]
        self._second = parts.stores.get(Location.SECOND)
        self.found = {location: Shared() for location in parts.stores}

    def check(self, key: str, is_whole: Callable[[ObjectStore], bool], *, trusted: bool = True) -> bool:
        """Look at one file in both stores; whether the first has it whole, perhaps by now.

        Only where `is_whole` is `trusted` to know the very bytes, what the second store has is brought back.
        """
        outcome = _outcome(self._parts.store, is_whole)
        mended = outcome is not Outcome.OK and trusted and self._brought_back(key, is_whole)
        self.found[Location.PRIMARY].add(key, outcome, repaired=mended)
        if outcome is Outcome.OK and self._second is not None:
            self._compare(self._second, key)
        return mended or outcome is Outcome.OK

    def check_journal(self) -> None:
        """What a rebuild would read: the newest snapshot, and the segments after it."""
        digests = self._digests()
        newest = max(snapshot_numbers(self._parts.store), default=0)
        whole = not newest or self.check(
            snapshot_key(newest), lambda place: _reads_snapshot(place, newest, digests), trusted=newest in digests
        )
        for number in range(newest + 1, max(digests, default=0) + 1):
            key, sha256 = segment_key(number), digests.get(number)
            if sha256:
                whole &= self.check(key, _has(key, sha256))
            else:  # written before the database was rebuilt
                whole &= self.check(key, partial(_reads_segment, number=number), trusted=False)
        if not whole and self._mend and take_snapshot(self._parts):
            first = self.found[Location.PRIMARY]
            first.repaired = [*dict.fromkeys([*first.repaired, *filter(_is_journal, first.bad)])]

    def _digests(self) -> dict[int, str]:
        """What the database knows of the journal's segments; "" for what could not be read when it was rebuilt."""
        with self._parts.database.reading() as session:
            rows = session.execute(select(JournalSegment.number, JournalSegment.sha256))
            return {row.number: row.sha256 for row in rows}

    def _brought_back(self, key: str, is_whole: Callable[[ObjectStore], bool]) -> bool:
        if not self._mend or self._second is None:
            return False
        cipher = open_cipher(self._parts.settings, self._second)
        view = EncryptedStore(self._second, cipher) if cipher else self._second
        if _outcome(view, is_whole) is not Outcome.OK:
            return False
        copy_file(self._second, self._first, key)
        return _outcome(self._parts.store, is_whole) is Outcome.OK

    def _compare(self, second: ObjectStore, key: str) -> None:
        """The second store's file must be byte for byte that of the first, which is whole."""
        outcome = _outcome(second, _has(key, _digest(self._first, key)))
        if outcome is Outcome.MISSING:
            return
        if outcome is Outcome.DAMAGED and self._mend:
            copy_file(self._first, second, key)
        self.found[Location.SECOND].add(key, outcome, repaired=self._mend)


def _segments(parts: Parts) -> Iterator[tuple[str, str]]:
    """Key and digest of every segment of the trail; some at a time, so that no transaction stays open meanwhile."""
    last, wanted = 0, select(AuditSegment.first, AuditSegment.key, AuditSegment.sha256).order_by(AuditSegment.first)
    while True:
        with parts.database.reading() as session:
            rows = session.execute(wanted.where(AuditSegment.first > last).limit(_BATCH)).all()
        if not rows:
            return
        yield from ((key, sha256) for _, key, sha256 in rows)
        last = rows[-1].first


def _outcome(store: ObjectStore, is_whole: Callable[[ObjectStore], bool]) -> Outcome:
    try:
        return Outcome.OK if is_whole(store) else Outcome.DAMAGED
    except NotStoredError:
        return Outcome.MISSING
    except (SealBrokenError, DamagedJournalError, OSError):
        return Outcome.DAMAGED
    except StoreUnavailableError:
        store.probe()  # so speaks one bad object, too: only where the store is really away, all wait
        return Outcome.DAMAGED


def _has(key: str, sha256: str) -> Callable[[ObjectStore], bool]:
    return lambda store: _digest(store, key) == sha256


def _digest(store: ObjectStore, key: str) -> str:
    with store.open(key) as stream:
        return sha256_of(stream)


def _reads_snapshot(store: ObjectStore, number: int, digests: Mapping[int, str]) -> bool:
    """Whether a snapshot can be read to its end, where its digest stands, and is of this history."""
    with open_snapshot(store, number) as reader:
        header = reader.header
        for _ in reader:
            pass
    return header.snapshot and header.number == number and header.previous == (digests.get(number) or header.previous)


def _reads_segment(store: ObjectStore, number: int) -> bool:
    with store.open(segment_key(number)) as stream:
        reader = LineReader(stream)
        for _ in reader:
            pass
        return (reader.header.number, reader.header.snapshot) == (number, False)


def _is_journal(key: str) -> bool:
    return not key.startswith(SEGMENTS)


# --- writing it down ---


def _write_down(parts: Parts, location: Location, found: Shared, actor: Actor) -> None:
    """An event for each look; the trail hears of damage that is new, and of each repair."""
    details = found.details()
    outcome = EventOutcome.FAILURE if details else EventOutcome.SUCCESS
    here: dict[str, Any] = {"location": location}
    with parts.database.writing() as session:
        last = session.scalar(_last_check(location))
        record_event(session, parts.clock, EventType.FIXITY_CHECK, outcome, **here, files=found.files, **details)
        if details and (last is None or last.details | details != last.details):
            facts = here | {"paths": found.bad}
            record(session, parts.clock, actor, AuditAction.OBJECT_DAMAGED, "store", "store", **facts)
        if found.repaired:
            facts = here | {"paths": found.repaired}
            record(session, parts.clock, actor, AuditAction.OBJECT_REPAIRED, "store", "store", **facts)
            record_event(session, parts.clock, EventType.RECOVERY, EventOutcome.SUCCESS, **facts)


def _last_check(location: Location) -> Select[PreservationEvent]:
    wanted = select(PreservationEvent).where(
        PreservationEvent.item_id.is_(None),
        PreservationEvent.location == location,
        PreservationEvent.type == EventType.FIXITY_CHECK,
    )
    return wanted.order_by(PreservationEvent.at.desc(), PreservationEvent.id.desc()).limit(1)
