"""Repair: a copy that is damaged is mended from the other one, and it is written down what was done, and what not."""

import io
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import select, update

from archive.catalogue.events import EventOutcome, EventType
from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Item
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.leases import LeaseHeldError, item_lease
from archive.platform.outbox import StoreOutbox
from archive.platform.parts import Location
from archive.preservation.copying import keep_copies
from archive.preservation.models import CopyState, ObjectCopy
from archive.preservation.repair import repair
from storage.errors import StoreUnavailableError
from storage.layout import Outcome, Repository
from storage.object_paths import ObjectPaths
from storage.testing.judge import assert_valid_repository
from tests.factories.small_archive import SmallArchive
from tests.factories.two_stores import TwoStores

FIRST, SECOND = Location


def _damage(archive: TwoStores, location: Location, item: str = "safety") -> str:
    """Flip a bit of an original; returns its path in the object. The copy is known to be damaged."""
    key = archive.keys(item)[0]
    archive.damage(archive.parts.stores[location], key)
    with archive.parts.database.writing() as session:
        ours = (ObjectCopy.item_id == archive.items[item], ObjectCopy.location == location)
        session.execute(update(ObjectCopy).where(*ours).values(state=CopyState.DAMAGED, locked_until=archive.clock()))
    return key.removeprefix(ObjectPaths.of(archive.items[item]).root)


def _describe(archive: TwoStores, item_id: str) -> None:
    with archive.parts.database.writing() as session:
        session.add(StoreOutbox(item_id=item_id, created_at=archive.clock()))
    write_descriptions(archive.parts)


def _announced(archive: TwoStores) -> list[str]:
    with archive.parts.database.reading() as session:
        return list(session.scalars(select(StoreOutbox.item_id)))


def _repairs_in_the_trail(archive: TwoStores) -> list[AuditEntry]:
    with archive.parts.database.reading() as session:
        wanted = select(AuditEntry).where(AuditEntry.action == AuditAction.OBJECT_REPAIRED.value)
        return list(session.scalars(wanted))


@pytest.mark.parametrize("location", list(Location))
def test_a_copy_is_mended(copied: TwoStores, location: Location, tmp_path: Path) -> None:
    """A damaged file of either copy is replaced; row, event, trail and the item's own record tell of it."""
    item, whole = copied.items["safety"], copied.lies_in(copied.first, "ocfl/")
    path = _damage(copied, location)
    assert repair(copied.parts, item, location)
    assert copied.lies_in(copied.first, "ocfl/") == copied.lies_in(copied.second, "ocfl/") == whole
    copy = copied.copies(location)[item]
    assert (copy.state, copy.checked_at, copy.locked_until) == (CopyState.OK, copied.clock(), None)
    (event,) = copied.events(EventType.RECOVERY)
    assert (event.item_id, event.location, event.outcome) == (item, location, EventOutcome.SUCCESS)
    assert event.details == {"version": 1, "paths": [path]}
    (entry,) = _repairs_in_the_trail(copied)
    assert (entry.subject_id, entry.details) == (item, {"location": location.value, "paths": [path]})
    assert _announced(copied) == [item]
    for store in (copied.first, copied.second):
        assert_valid_repository(store, tmp_path / f"judged-{store is copied.first}")


def test_a_sound_copy_tells_nothing(copied: TwoStores) -> None:
    """Repairing what is whole writes its state, and no event."""
    assert repair(copied.parts, copied.items["safety"], FIRST)
    assert copied.copies(FIRST)[copied.items["safety"]].state is CopyState.OK
    assert not copied.events(EventType.RECOVERY)
    assert not _announced(copied)


def test_both_are_damaged(copied: TwoStores) -> None:
    """A file that is good in neither copy is named, once and not again at every try; the state stays."""
    item = copied.items["safety"]
    path = _damage(copied, FIRST)
    _damage(copied, SECOND)
    for _ in range(2):
        assert not repair(copied.parts, item, FIRST)
    (event,) = copied.events(EventType.RECOVERY)
    assert event.outcome is EventOutcome.FAILURE
    assert event.details["paths"] == [path]
    assert "whole neither in" in event.details["reason"]
    assert copied.copies(FIRST)[item].state is CopyState.DAMAGED
    assert not _repairs_in_the_trail(copied)


def test_there_is_no_second_copy(small: SmallArchive) -> None:
    """Without a second store nothing can be mended, which is said."""
    archive = TwoStores(small.parts, small.clock, small.items)
    _damage(archive, FIRST)
    assert not repair(small.parts, small.items["safety"], FIRST)
    (event,) = archive.events(EventType.RECOVERY)
    assert event.details == {"paths": [], "reason": "there is no second copy"}


def test_a_strange_file_is_named(copied: TwoStores) -> None:
    """A file that belongs to no version is not touched; the copy is not called whole."""
    item = copied.items["safety"]
    key = f"{ObjectPaths.of(item).root}v1/content/strange.bin"
    copied.second.put(key, io.BytesIO(b"?"), sha256=sha256(b"?").hexdigest())
    assert not repair(copied.parts, item, SECOND)
    assert copied.second.exists(key)
    assert copied.events(EventType.RECOVERY)[0].details["paths"] == ["v1/content/strange.bin"]


def test_while_somebody_writes(copied: TwoStores) -> None:
    """An object that is being written is not repaired beside its writer."""
    item = copied.items["safety"]
    with item_lease(copied.parts.database, copied.clock, item), pytest.raises(LeaseHeldError):
        repair(copied.parts, item, FIRST)


def test_a_lost_object_comes_back(copied: TwoStores) -> None:
    """An object that is gone from the first store comes back, and its next version can be written."""
    item = copied.items["lathe"]
    for stored in list(copied.first.list(ObjectPaths.of(item).root)):
        copied.first.delete(stored.key)
    assert repair(copied.parts, item, FIRST)
    write_descriptions(copied.parts)
    keep_copies(copied.parts)
    for store in (copied.first, copied.second):
        assert Repository(store).inventory(item).head == 2
        assert {check.outcome for check in Repository(store).verify(item)} == {Outcome.OK}
    assert b"recovery" in copied.parts.repository.read(item, "metadata/premis.xml")


def test_an_older_copy_is_better_than_none(copied: TwoStores) -> None:
    """When the only newer version is lost, the older one comes back from the second store and is described anew."""
    item = copied.items["lathe"]
    _describe(copied, item)
    for stored in list(copied.first.list(ObjectPaths.of(item).root)):
        copied.first.delete(stored.key)
    assert repair(copied.parts, item, FIRST)
    assert copied.copies(FIRST)[item].version == 1
    write_descriptions(copied.parts)
    keep_copies(copied.parts)
    with copied.parts.database.reading() as session:
        assert session.get_one(Item, item).stored_version == 2
    assert copied.lies_in(copied.first, "ocfl/") == copied.lies_in(copied.second, "ocfl/")


def test_a_store_that_is_not_mounted(copied: TwoStores, tmp_path: Path) -> None:
    """A store without any repository is away, and nothing is written there: its disk may not be mounted."""
    (tmp_path / "second").rename(tmp_path / "unmounted")
    (tmp_path / "second").mkdir()
    with pytest.raises(StoreUnavailableError, match="mount its disk"):
        repair(copied.parts, copied.items["safety"], SECOND)
    assert list((tmp_path / "second").iterdir()) == []
