"""Locks: what is filed and copied is locked as the setting says, is never without a lock, and goes only by disposal."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from archive.catalogue.destruction import destroy
from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Item
from archive.platform.actor import SYSTEM
from archive.platform.audit.sealer import seal_all
from archive.platform.outbox import StoreOutbox
from archive.platform.parts import Location
from archive.preservation.copying import copy_shared, keep_copies, reconcile_copies
from archive.preservation.locking import renew_locks
from archive.preservation.models import ObjectCopy
from archive.preservation.repair import repair
from storage.errors import ObjectLockedError
from storage.layout import Repository
from storage.locks import LockMode
from storage.object_paths import ObjectPaths
from storage.testing.judge import assert_valid_repository
from tests.factories.small_archive import SmallArchive
from tests.factories.two_stores import TwoStores, two_stores
from tests.servers.s3 import S3Bucket, S3Server

pytestmark = pytest.mark.servers

FIRST, SECOND = Location
DAYS = 30


@pytest.fixture
def locked(
    pattern: tuple[Path, SmallArchive], tmp_path: Path, s3_server: S3Server, s3_bucket: S3Bucket
) -> Iterator[TwoStores]:
    """An archive in a folder, its second copy, complete, in a bucket that locks; the clock tells the real time."""
    folder, made = pattern
    bucket = s3_server.create_bucket(object_lock=True)
    copy = shutil.copytree(folder, tmp_path / "archive")
    with two_stores(copy, made.items, second_storage=bucket.url, lock=f"governance:{DAYS}") as archive:
        archive.clock.now = datetime.now(UTC)
        archive.second.probe()
        seal_all(archive.parts)
        copy_shared(archive.parts)
        reconcile_copies(archive.parts)
        keep_copies(archive.parts)
        yield archive


def _untils(archive: TwoStores, *keys: str) -> set[int]:
    """In how many days the locks of some objects end; 0 for one that is not locked."""
    locks = archive.second.locks()
    assert locks is not None
    found = [locks.status(key) for key in keys]
    return {round((lock.until - archive.clock()) / timedelta(days=1)) if lock.until else 0 for lock in found}


def _unchanging(archive: TwoStores, item: str) -> list[str]:
    return [key for key in archive.keys(item, "/v") if "/v" in key]


def test_a_copy_is_locked(locked: TwoStores) -> None:
    """Every file that is never written again is locked in the store that can; rows say so; keys are not locked."""
    for item in locked.items:
        assert _untils(locked, *_unchanging(locked, item)) == {DAYS}
    assert {copy.locked_until for copy in locked.copies(SECOND).values()} == {locked.clock() + timedelta(days=DAYS)}
    assert {copy.locked_until for copy in locked.copies(FIRST).values()} == {None}
    with pytest.raises(ObjectLockedError):
        locked.second.delete(_unchanging(locked, "lathe")[0])


def test_a_next_version_is_locked(locked: TwoStores) -> None:
    """A later version is locked as long as those before, while enough of their days are left."""
    locked.clock.pass_time(timedelta(days=5))
    with locked.parts.database.writing() as session:
        session.add(StoreOutbox(item_id=locked.items["lathe"], created_at=locked.clock()))
    write_descriptions(locked.parts)
    keep_copies(locked.parts)
    assert _untils(locked, *_unchanging(locked, "lathe")) == {DAYS - 5}
    assert any("/v2/" in key for key in _unchanging(locked, "lathe"))


def test_locks_are_renewed(locked: TwoStores) -> None:
    """When less than half of the days are left a lock is laid for all of them again; before, nothing is done."""
    locked.clock.pass_time(timedelta(days=DAYS // 2 - 2))
    assert renew_locks(locked.parts) == 0
    locked.clock.pass_time(timedelta(days=3))
    assert renew_locks(locked.parts) == len(locked.items)
    assert _untils(locked, *_unchanging(locked, "safety")) == {DAYS}
    assert renew_locks(locked.parts) == 0


def test_locks_come_later(locked: TwoStores) -> None:
    """What was copied before locks were set, or could be tried out, is locked in its turn."""
    with locked.parts.database.writing() as session:
        session.execute(update(ObjectCopy).values(locked_until=None))
    assert renew_locks(replace(locked.parts, settings=replace(locked.parts.settings, lock="off"))) == 0
    assert renew_locks(locked.parts) >= len(locked.items)
    assert None not in {copy.locked_until for copy in locked.copies(SECOND).values()}


def test_the_trail_is_locked(locked: TwoStores) -> None:
    """Segments of the audit trail are locked on the day they are written, and again, often enough, ever after."""
    keys = list(locked.lies_in(locked.second, "audit/"))
    assert keys
    for day in range(3 * DAYS):
        renew_locks(locked.parts)
        assert all(days >= DAYS * 3 // 4 for days in _untils(locked, *keys)), f"day {day}"
        locked.clock.pass_time(timedelta(days=1))


def test_damage_behind_a_lock_is_covered(locked: TwoStores, tmp_path: Path) -> None:
    """A locked file that another program wrote over is covered by the good bytes, which are locked then."""
    item, key = locked.items["safety"], locked.keys("safety")[0]
    locked.damage(locked.second, key)
    assert repair(locked.parts, item, SECOND)
    assert locked.second.read(key) == locked.first.read(key)
    assert locked.copies(SECOND)[item].locked_until is None
    assert renew_locks(locked.parts) > 0
    assert _untils(locked, key) == {DAYS}
    assert_valid_repository(locked.second, tmp_path / "judged")


def test_disposal_lifts_the_lock(locked: TwoStores) -> None:
    """What is destroyed by order goes from the locked store, too, with every version of it."""
    item = locked.items["cadres"]
    with locked.parts.database.writing() as session:
        destroy(session, locked.clock, SYSTEM, session.get_one(Item, item), "销毁清册〔2021〕1号")
    write_descriptions(locked.parts)
    keep_copies(locked.parts)
    assert not Repository(locked.second).exists(item)
    assert list(locked.second.list(ObjectPaths.of(item).root)) == []


def test_compliance_is_never_lifted(locked: TwoStores) -> None:
    """With the compliance that was asked for in so many words, a disposal waits for the date."""
    settings = replace(locked.parts.settings, lock="compliance:1:nobody-can-delete-before-the-date")
    parts = replace(locked.parts, settings=settings)
    with parts.database.writing() as session:
        session.execute(update(ObjectCopy).values(locked_until=None))
    renew_locks(parts)
    locks = locked.second.locks()
    assert locks is not None
    key = locked.keys("lathe")[0]
    assert locks.status(key).mode is LockMode.COMPLIANCE
    with pytest.raises(ObjectLockedError):
        locked.second.delete(key, unlock=True)
