"""How everything kept is kept, at once: figures from the rows alone, no store is asked."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, case, func, select
from sqlalchemy.orm import Session

from archive.catalogue.events import EventOutcome, EventType, PreservationEvent
from archive.catalogue.models import Item, ItemState
from archive.platform.audit.models import AuditSegment
from archive.platform.db import Clock
from archive.platform.journal.models import JournalOutbox, JournalSegment
from archive.platform.outbox import CopyOutbox
from archive.platform.parts import Location
from archive.preservation.checking import SUSPECT
from archive.preservation.models import CopyState, ObjectCopy
from archive.settings import Settings

__all__ = ["BadCopy", "Copies", "Day", "Preservation", "PreservationState", "Repair"]

#: how many bad copies are listed
LISTED = 50
_REPAIRS = 10
_DAYS = 7
_RATE_OVER = timedelta(minutes=10)
_READ = ObjectCopy.state.in_((CopyState.OK, *SUSPECT))


@dataclass(frozen=True, slots=True)
class Copies:
    """The copies in one location. `size` in bytes as last read.

    `never`: not read again since they were written; `ordered`: to be read again because a person wants it.
    """

    location: Location
    objects: int = 0
    size: int = 0
    checked: int = 0
    overdue: int = 0
    never: int = 0
    ordered: int = 0
    bad: int = 0
    locked: int = 0
    newest_check: datetime | None = None
    #: bytes a second over the last ten minutes
    rate: int = 0
    #: when the copies that are to be read now will have been read, at this rate; None: nothing is read at present
    through_at: datetime | None = None

    @property
    def remaining(self) -> int:
        """How many copies are to be read now."""
        return self.overdue + self.never + self.ordered


@dataclass(frozen=True, slots=True)
class BadCopy:
    """A copy that is not as it was stored. `name` is the item's code, or its running number."""

    id: str
    item_id: str
    name: str
    location: Location
    state: CopyState
    #: None: it waits to be read again
    checked_at: datetime | None
    paths: Sequence[str]
    #: when a repair was last tried in vain; None: never
    failed_at: datetime | None


@dataclass(frozen=True, slots=True)
class Repair:
    """A copy that was repaired from the other one."""

    item_id: str
    name: str
    location: Location
    at: datetime
    paths: Sequence[str]


@dataclass(frozen=True, slots=True)
class Day:
    """Copies last read on one day, by location, and how many of all that were read that day were bad."""

    day: datetime
    read: dict[Location, int]
    bad: int


@dataclass(frozen=True, slots=True)
class PreservationState:
    """Everything the page, the doctor and `danggui verify --state` show."""

    at: datetime
    #: the second is None where no second store is set
    copies: dict[Location, Copies]
    #: objects that are not copied, or whose newest version is not; and since when the first of them waits
    waiting: int = 0
    waiting_since: datetime | None = None
    bad: list[BadCopy] = field(default_factory=list)
    repairs: list[Repair] = field(default_factory=list)
    days: list[Day] = field(default_factory=list)
    #: every change of the catalogue before this moment is also in the store; None: none is yet
    journal_until: datetime | None = None
    journal_waiting: datetime | None = None
    #: number of the last audit entry that the store vouches for, and when it was written there
    audit_reach: int = 0
    audit_reach_at: datetime | None = None


class Preservation:
    """Reads the figures; changes nothing."""

    def __init__(self, session: Session, clock: Clock, settings: Settings) -> None:
        self._session = session
        self._now = clock()
        self._settings = settings

    def state(self) -> PreservationState:
        """Everything at once."""
        waiting, waiting_since = self._one(func.count(CopyOutbox.item_id.distinct()), func.min(CopyOutbox.created_at))
        reach, reach_at = self._one(func.max(AuditSegment.last), func.max(AuditSegment.written_at))
        return PreservationState(
            at=self._now,
            copies=self.copies(),
            waiting=waiting,
            waiting_since=waiting_since,
            bad=self._bad(),
            repairs=self._repairs(),
            days=[self._day(number) for number in range(_DAYS)],
            journal_until=self._one(func.max(JournalSegment.complete_until))[0],
            journal_waiting=self._one(func.min(JournalOutbox.created_at))[0],
            audit_reach=reach or 0,
            audit_reach_at=reach_at,
        )

    def copies(self) -> dict[Location, Copies]:
        """The figures of each location that is set."""
        return {location: self._copies(location) for location in self._locations()}

    def _locations(self) -> Sequence[Location]:
        return tuple(Location) if self._settings.second_storage else (Location.PRIMARY,)

    def _copies(self, location: Location) -> Copies:
        here = (ObjectCopy.location == location, *_stored(location))
        numbers, sizes = {}, {}
        locked, newest = 0, None
        # One pass over the index, in its order, and two ranges of it: quick for millions of copies.
        wanted = select(
            ObjectCopy.state,
            func.count(),
            func.sum(ObjectCopy.size),
            func.sum(case((ObjectCopy.locked_until > self._now, 1), else_=0)),
            func.max(ObjectCopy.checked_at),
        )
        for state, number, size, locks, last in self._session.execute(wanted.where(*here).group_by(ObjectCopy.state)):
            numbers[state], sizes[state], locked = number, int(size), locked + locks
            newest = max(filter(None, (newest, last)), default=None)
        in_time = self._one(func.count(), where=(*here, *self._read_since(timedelta(self._settings.fixity_days))))[0]
        read = self._one(func.sum(ObjectCopy.size), where=(*here, *self._read_since(_RATE_OVER)))[0] or 0
        ordered = self._one(func.count(), where=(*here, _READ, ObjectCopy.checked_at.is_(None)))[0]
        objects, never = sum(numbers.values()), numbers.get(CopyState.UNCHECKED, 0)
        found = Copies(
            location,
            objects=objects,
            size=sum(sizes.values()),
            checked=in_time,
            overdue=objects - never - ordered - in_time,
            ordered=ordered,
            never=never,
            bad=sum(numbers.get(state, 0) for state in SUSPECT),
            locked=locked,
            newest_check=newest,
            rate=int(read) // int(_RATE_OVER.total_seconds()),
        )
        return replace(found, through_at=self._through_at(found))

    def _read_since(self, ago: timedelta) -> Sequence[ColumnElement[bool]]:
        return _READ, ObjectCopy.checked_at.between(self._now - ago, self._now)

    def _through_at(self, copies: Copies) -> datetime | None:
        known = copies.objects - copies.never
        if not copies.rate or not copies.remaining or not known:
            return None
        size = copies.size / known  # of those never read the size is not known
        return self._now + timedelta(seconds=copies.remaining * size / copies.rate)

    def _bad(self) -> list[BadCopy]:
        wanted = (
            select(ObjectCopy, func.coalesce(Item.code, Item.accession))
            .join(Item, Item.id == ObjectCopy.item_id)
            .where(ObjectCopy.state.in_(SUSPECT), Item.state != ItemState.DESTROYED)
            .order_by(ObjectCopy.checked_at.desc(), ObjectCopy.id)
            .limit(LISTED)
        )
        return [self._bad_copy(copy, name) for copy, name in self._session.execute(wanted)]

    def _bad_copy(self, copy: ObjectCopy, name: str) -> BadCopy:
        found = self._last_failure(EventType.FIXITY_CHECK, copy)
        tried = self._last_failure(EventType.RECOVERY, copy)
        paths = _paths(found.details) if found else []
        failed_at = tried.at if tried else None
        return BadCopy(copy.id, copy.item_id, name, copy.location, copy.state, copy.checked_at, paths, failed_at)

    def _last_failure(self, kind: EventType, copy: ObjectCopy) -> PreservationEvent | None:
        wanted = select(PreservationEvent).where(
            PreservationEvent.item_id == copy.item_id,
            PreservationEvent.type == kind,
            PreservationEvent.outcome == EventOutcome.FAILURE,
            PreservationEvent.location == copy.location,
        )
        return self._session.scalar(wanted.order_by(PreservationEvent.at.desc(), PreservationEvent.id.desc()).limit(1))

    def _repairs(self) -> list[Repair]:
        wanted = (
            select(PreservationEvent, func.coalesce(Item.code, Item.accession))
            .join(Item, Item.id == PreservationEvent.item_id)
            .where(
                PreservationEvent.type == EventType.RECOVERY,
                PreservationEvent.outcome == EventOutcome.SUCCESS,
                PreservationEvent.location.is_not(None),
            )
            .order_by(PreservationEvent.at.desc(), PreservationEvent.id.desc())
            .limit(_REPAIRS)
        )
        rows = self._session.execute(wanted)
        return [
            Repair(e.item_id or "", name, e.location or Location.PRIMARY, e.at, _paths(e.details)) for e, name in rows
        ]

    def _day(self, ago: int) -> Day:
        """A day of the organisation's own time, `ago` days before today."""
        zone = self._settings.zone
        date = self._now.astimezone(zone).date() - timedelta(days=ago)
        begin = datetime.combine(date, time.min, zone)
        end = datetime.combine(date + timedelta(days=1), time.min, zone)
        read = (ObjectCopy.state.in_(CopyState), ObjectCopy.checked_at >= begin, ObjectCopy.checked_at < end)
        (bad,) = self._one(
            func.count(PreservationEvent.item_id.distinct()),
            where=(
                PreservationEvent.type == EventType.FIXITY_CHECK,
                PreservationEvent.outcome == EventOutcome.FAILURE,
                PreservationEvent.at >= begin,
                PreservationEvent.at < end,
            ),
        )
        counts = {
            location: self._one(func.count(ObjectCopy.id), where=(ObjectCopy.location == location, *read))[0]
            for location in self._locations()
        }
        return Day(begin, counts, bad)

    def _one(self, *columns: ColumnElement[Any], where: Sequence[ColumnElement[bool]] = ()) -> Any:
        return self._session.execute(select(*columns).where(*where)).one()


def _stored(location: Location) -> Sequence[ColumnElement[bool]]:
    """A second copy that was never made is late, not lost: it is counted as waiting."""
    return (ObjectCopy.version > 0,) if location is Location.SECOND else ()


def _paths(details: dict[str, Any]) -> list[str]:
    return [*details.get("damaged", []), *details.get("missing", []), *details.get("paths", [])]
