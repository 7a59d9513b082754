"""Object locks: what is stored is locked for the days that the setting says, where the store offers it.

A lock is set when a version has been filed or copied, and renewed when less than half of its days are left: what is
kept is always locked, what is to be destroyed need not wait for long. Locked are the items' objects and the segments of
the audit trail, which are never deleted; not the journal, which is compacted, nor the keys, whose erasure is part of a
disposal.
"""

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from archive.platform.audit.models import AuditSegment
from archive.platform.away import is_away
from archive.platform.db import change
from archive.platform.delivery import DeliveryError
from archive.platform.jobs.keeper import is_stopping
from archive.platform.parts import Location, Parts
from archive.preservation.models import ObjectCopy
from archive.settings import LockRule
from storage.errors import NotStoredError
from storage.layout import Repository
from storage.locks import ObjectLocks

__all__ = ["lock_copy", "renew_locks"]

log = logging.getLogger(__name__)

_BATCH = 500


def lock_copy(parts: Parts, item_id: str, location: Location, locked_until: datetime | None) -> datetime | None:
    """Lock the newest version of one copy; returns until when, None where the store was not seen to lock anything.

    `locked_until` is how long its earlier versions are locked: as long as that lasts, only new files are.
    Raises NotStoredError, LayoutError, StoreUnavailableError.
    """
    rule = parts.settings.lock_rule
    store = parts.stores[location]
    if rule is None or store.locks() is None:
        return None
    now = parts.clock()
    until = locked_until if locked_until and not _ends_soon(locked_until, rule, now) else _end(rule, now)
    Repository(store).lock(item_id, until, rule.mode)
    return until


def renew_locks(parts: Parts) -> int:
    """Lock what is not locked, or not for long; returns how many copies and segments. For the keeper.

    A location that is away does not hold up the other. Raises what `is_away` knows, DeliveryError.
    """
    rule = parts.settings.lock_rule
    if rule is None:
        return 0
    done, away = 0, None
    for location in parts.stores:
        try:
            locks = parts.stores[location].locks()
            if locks is not None:
                done += _renew(parts, location, rule) + _lock_trail(parts, locks, rule)
        except Exception as error:
            if not is_away(error):
                raise
            away = error
    if away is not None:
        raise away
    return done


def _renew(parts: Parts, location: Location, rule: LockRule) -> int:
    done, failed = 0, []
    for item_id, locked_until in _due(parts, location, rule):
        try:
            until = lock_copy(parts, item_id, location, locked_until)
        except Exception as error:
            if is_away(error):
                raise
            log.exception("the %s copy of item %s cannot be locked", location, item_id)
            failed.append(item_id)
            continue
        with parts.database.writing() as session:
            ours = (ObjectCopy.item_id == item_id, ObjectCopy.location == location)
            done += change(session, update(ObjectCopy).where(*ours).values(locked_until=until))
    if failed:
        raise DeliveryError(failed)
    return done


def _due(parts: Parts, location: Location, rule: LockRule) -> Iterator[tuple[str, datetime | None]]:
    last = ""
    soon = parts.clock() + timedelta(days=rule.days) / 2
    ends = or_(ObjectCopy.locked_until.is_(None), ObjectCopy.locked_until < soon)
    wanted = select(ObjectCopy.id, ObjectCopy.item_id, ObjectCopy.locked_until).order_by(ObjectCopy.id).limit(_BATCH)
    while not is_stopping():
        with parts.database.reading() as session:
            found = session.execute(
                wanted.where(ObjectCopy.id > last, ObjectCopy.location == location, ObjectCopy.version > 0, ends)
            ).all()
        if not found:
            return
        yield from ((item_id, locked_until) for _, item_id, locked_until in found)
        last = found[-1].id


def _lock_trail(parts: Parts, locks: ObjectLocks, rule: LockRule) -> int:
    """Lock the segments of the audit trail: new ones, and each again four times in its days.

    No row says how long a segment is locked, as rows of the trail never change; its age says when it is its turn.
    """
    now, turn, done = parts.clock(), max(1, rule.days // 4), 0
    # The same all day long, so that a segment whose turn it is is locked once and then only looked at.
    until = _end(rule, now).replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)
    for key, written_at in _segments(parts):
        if (now - written_at).days % turn == 0:
            try:
                locks.lock(key, until, rule.mode)
            except NotStoredError:
                continue  # not copied yet
            done += 1
    return done


def _segments(parts: Parts) -> Iterator[tuple[str, datetime]]:
    last = 0
    wanted = select(AuditSegment.first, AuditSegment.key, AuditSegment.written_at).order_by(AuditSegment.first)
    while not is_stopping():
        with parts.database.reading() as session:
            found = session.execute(wanted.where(AuditSegment.first > last).limit(_BATCH)).all()
        if not found:
            return
        yield from ((key, written_at) for _, key, written_at in found)
        last = found[-1].first


def _end(rule: LockRule, now: datetime) -> datetime:
    return now + timedelta(days=rule.days)


def _ends_soon(until: datetime, rule: LockRule, now: datetime) -> bool:
    return until < now + timedelta(days=rule.days) / 2
