"""Fixity rounds: every copy of every stored object is read again within the period, a little at a time, for ever.

What is due next follows from the rows alone, so a round goes on wherever the last process ended. Each location has its
own round: one that is away or slow does not hold up the other.
"""

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import Session

from archive.catalogue.models import Item, ItemState, Retention
from archive.platform.jobs.keeper import is_stopping
from archive.platform.parts import Location, Parts
from archive.preservation.checking import SUSPECT, check_copy, expect_repository
from archive.preservation.models import CopyState, ObjectCopy

__all__ = ["Pacer", "due", "period", "read_again"]

#: A call lasts about so many seconds; an object that was begun is finished.
_SLICE_SECONDS = 10.0
_BATCH = 200
#: Reading takes time, too: what is due in the last tenth of the period is read now, so that nothing gets overdue.
_AHEAD = 0.1
#: A copy that is bad, and could not be repaired, is looked at again after this time.
_SUSPECT_AGAIN = timedelta(hours=1)


class Pacer:
    """Keeps reading within a budget, by sleeping after each piece."""

    def __init__(
        self, rate: int, now: Callable[[], float] = time.monotonic, sleep: Callable[[float], object] = time.sleep
    ) -> None:
        """`rate` in MB (10^6 bytes) a second."""
        self._rate = rate * 1_000_000
        self._now = now
        self._sleep = sleep
        self._free = now()

    def __call__(self, size: int) -> None:
        """Account for `size` bytes that were read."""
        now = self._now()
        # Time that went by unused is not saved up: there is no burst after a pause.
        self._free = max(self._free, now) + size / self._rate
        if self._free > now:
            self._sleep(self._free - now)


class _StoppedError(Exception):
    """The keeper was told to stop; the object in hand is read anew next time."""


def period(parts: Parts) -> timedelta:
    """Within which every copy is to be read again."""
    return timedelta(days=parts.settings.fixity_days)


def read_again(parts: Parts, location: Location, pacer: Pacer | None = None) -> int:
    """Read again what is due in one location, for about ten seconds; returns how many objects. For the keeper.

    Raises StoreUnavailableError when the store is away.
    """
    if location not in parts.stores:
        return 0
    pacer = pacer or Pacer(parts.settings.fixity_rate)
    end = time.monotonic() + _SLICE_SECONDS
    done, tried = 0, set[str]()

    def pace(size: int) -> None:
        if is_stopping():
            raise _StoppedError
        pacer(size)

    expect_repository(parts, location)
    try:
        while item_ids := [item_id for item_id in _due_now(parts, location) if item_id not in tried]:
            for item_id in item_ids:
                if is_stopping() or time.monotonic() > end:
                    return done
                tried.add(item_id)
                done += check_copy(parts, item_id, location, pace=pace) is not None
    except _StoppedError:
        pass
    return done


def _due_now(parts: Parts, location: Location) -> Sequence[str]:
    with parts.database.reading() as session:
        return due(session, location, parts.clock(), period(parts), _BATCH)


def due(session: Session, location: Location, now: datetime, within: timedelta, limit: int) -> list[str]:
    """Ids of at most `limit` items whose copy is to be read next, the most urgent first."""
    found: dict[str, None] = {}
    for condition in _by_urgency(now, within):
        if len(found) < limit:
            found |= dict.fromkeys(session.scalars(_copies(location, condition).limit(limit)))
    return list(found)[:limit]


def _by_urgency(now: datetime, within: timedelta) -> Sequence[ColumnElement[bool]]:
    old = ObjectCopy.checked_at < now - within * (1 - _AHEAD)
    sound = ObjectCopy.state == CopyState.OK
    return (
        ObjectCopy.state == CopyState.UNCHECKED,
        ObjectCopy.state.in_(CopyState) & ObjectCopy.checked_at.is_(None),  # asked for by a person
        ObjectCopy.state.in_(SUSPECT) & (ObjectCopy.checked_at < now - _SUSPECT_AGAIN),
        sound & old & (Item.retention == Retention.PERMANENT),
        sound & old,
        ObjectCopy.state.in_(CopyState) & (ObjectCopy.checked_at > now),  # written by a clock that was wrong
    )


def _copies(location: Location, condition: ColumnElement[bool]) -> Select[str]:
    wanted = select(ObjectCopy.item_id).join(Item, Item.id == ObjectCopy.item_id)
    wanted = wanted.where(ObjectCopy.location == location, condition, Item.state != ItemState.DESTROYED)
    if location is Location.SECOND:
        wanted = wanted.where(ObjectCopy.version > 0)  # what was never copied is late, not lost
    return wanted.order_by(ObjectCopy.checked_at)
