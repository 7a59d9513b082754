"""The second copy: everything kept comes to the second store, in its own time, and stays what it is there."""

import io
import shutil
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.borrowing.signed_forms import keep_scan
from archive.catalogue.destruction import destroy
from archive.catalogue.events import EventOutcome, EventType
from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Item
from archive.cli.checks import diagnose
from archive.cli.init import initialise
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.sealer import seal_all
from archive.platform.audit.service import record
from archive.platform.delivery import DeliveryError
from archive.platform.journal.snapshot import take_snapshot
from archive.platform.journal.writer import write_journal_now
from archive.platform.outbox import CopyOutbox, StoreOutbox
from archive.platform.parts import Location, open_parts
from archive.preservation.copying import Lag, compare, copy_shared, keep_copies, lag, reconcile_copies
from archive.preservation.models import CopyState
from storage.errors import LayoutError, StoreUnavailableError
from storage.layout import Outcome, Repository
from storage.testing.judge import assert_valid_repository
from tests.factories.small_archive import SmallArchive
from tests.factories.two_stores import TwoStores, second_store, two_stores

FIRST, SECOND = Location


def _lag(archive: TwoStores) -> Lag:
    with archive.parts.database.reading() as session:
        return lag(session)


def _title(archive: TwoStores, item: str, title: str) -> None:
    """Change an item, and have it described."""
    with archive.parts.database.writing() as session:
        session.get_one(Item, archive.items[item]).title = title
        session.add(StoreOutbox(item_id=archive.items[item], created_at=archive.clock()))
    write_descriptions(archive.parts)


def test_every_object_is_copied(archive: TwoStores, tmp_path: Path) -> None:
    """What is announced is copied byte for byte, noted for both stores, told as an event, and then nothing waits."""
    assert reconcile_copies(archive.parts) == len(archive.items)
    assert _lag(archive) == Lag(len(archive.items), archive.clock())
    assert keep_copies(archive.parts) == len(archive.items)
    assert archive.lies_in(archive.second, "ocfl/") == archive.lies_in(archive.first, "ocfl/")
    for location in Location:
        copies = archive.copies(location)
        assert set(copies) == set(archive.items.values())
        assert {(copy.version, copy.state) for copy in copies.values()} == {(1, CopyState.UNCHECKED)}
    events = archive.events(EventType.REPLICATION)
    assert {event.item_id for event in events} == set(archive.items.values())
    assert {(event.location, event.outcome) for event in events} == {(SECOND, EventOutcome.SUCCESS)}
    assert _lag(archive) == Lag(0, None)
    assert all(compare(archive.parts, item) for item in archive.items.values())
    assert_valid_repository(archive.second, tmp_path / "judged")


def test_copying_again_changes_nothing(copied: TwoStores) -> None:
    """An item that is announced although both copies are up to date is done at once, without another event."""
    before = copied.lies_in(copied.second, "")
    copied.announce("safety", "safety", "lathe")
    assert keep_copies(copied.parts) == 2
    assert copied.lies_in(copied.second, "") == before
    assert len(copied.events(EventType.REPLICATION)) == len(copied.items)
    assert _lag(copied).items == 0


def test_a_new_version_is_copied(copied: TwoStores) -> None:
    """A version that comes later is announced by the filing itself, and follows."""
    _title(copied, "lathe", "关于购置数控铣床的请示")
    assert not compare(copied.parts, copied.items["lathe"])
    assert _lag(copied).items == 1
    assert keep_copies(copied.parts) == 1
    assert compare(copied.parts, copied.items["lathe"])
    assert {copied.copies(location)[copied.items["lathe"]].version for location in Location} == {2}
    assert {check.outcome for check in Repository(copied.second).verify(copied.items["lathe"])} == {Outcome.OK}


def test_one_item_does_not_hold_up_the_others(archive: TwoStores) -> None:
    """An item that cannot be copied, because it is damaged, waits; all others are copied, and it is when mended."""
    key = archive.keys("lathe")[0]
    whole = archive.first.read(key)
    archive.damage(archive.first, key)
    reconcile_copies(archive.parts)
    with pytest.raises(DeliveryError) as refused:
        keep_copies(archive.parts)
    assert refused.value.items == [archive.items["lathe"]]
    assert _lag(archive).items == 1
    assert set(archive.copies(SECOND)) == set(archive.items.values()) - {archive.items["lathe"]}
    archive.first.replace(key, io.BytesIO(whole), sha256=sha256(whole).hexdigest())
    assert keep_copies(archive.parts) == 1
    assert archive.lies_in(archive.second, "ocfl/") == archive.lies_in(archive.first, "ocfl/")


def test_a_second_store_that_is_away(archive: TwoStores, tmp_path: Path) -> None:
    """While the second store is away the first is noted all the same, the rest waits, and goes on when it is back."""
    (tmp_path / "second").rename(tmp_path / "unmounted")
    reconcile_copies(archive.parts)
    with pytest.raises(StoreUnavailableError, match="mount its disk"):
        keep_copies(archive.parts)
    assert set(archive.copies(FIRST)) == set(archive.items.values())
    assert not archive.copies(SECOND)
    assert not (tmp_path / "second").exists()
    assert _lag(archive).items == len(archive.items)
    (tmp_path / "unmounted").rename(tmp_path / "second")
    assert keep_copies(archive.parts) == len(archive.items)
    assert archive.lies_in(archive.second, "ocfl/") == archive.lies_in(archive.first, "ocfl/")


def test_a_second_store_is_set_later(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> None:
    """Without a second store only the first is noted; one that is set later gets everything; another one, again."""
    folder, made = pattern
    copy = shutil.copytree(folder, tmp_path / "archive")
    with two_stores(copy, made.items) as alone:
        reconcile_copies(alone.parts)
        assert keep_copies(alone.parts) == len(made.items)
        assert not alone.copies(SECOND)
        assert reconcile_copies(alone.parts) == 0
    for name in ("second", "third"):
        with two_stores(copy, made.items, second_storage=second_store(tmp_path / name)) as archive:
            copy_shared(archive.parts)
            keep_copies(archive.parts)
            assert archive.lies_in(archive.second, "ocfl/") == archive.lies_in(archive.first, "ocfl/")
            assert set(archive.copies(SECOND)) == set(made.items.values())
            assert reconcile_copies(archive.parts) == 0
    with two_stores(copy, made.items) as alone:
        reconcile_copies(alone.parts)
        assert not alone.copies(SECOND)


def test_what_was_destroyed_is_removed(copied: TwoStores, tmp_path: Path) -> None:
    """A destroyed item is gone from the second store, too, and both copies are forgotten; the others stay."""
    item = copied.items["cadres"]
    with copied.parts.database.writing() as session:
        destroy(session, copied.clock, SYSTEM, session.get_one(Item, item), "销毁清册〔2021〕1号")
    write_descriptions(copied.parts)
    keep_copies(copied.parts)
    assert not any(
        item in key for store in (copied.first, copied.second) for key in copied.lies_in(store, "ocfl/", "staging/")
    )
    assert item not in copied.copies(FIRST) | copied.copies(SECOND)
    (event,) = [event for event in copied.events(EventType.DELETION) if event.location is SECOND]
    assert event.item_id == item
    assert reconcile_copies(copied.parts) == 0
    assert len(copied.copies(SECOND)) == len(copied.items) - 1
    assert_valid_repository(copied.second, tmp_path / "judged")


def _act(archive: TwoStores) -> None:
    """Something that the trail and the journal tell of."""
    with archive.parts.database.writing() as session:
        record(session, archive.clock, SYSTEM, AuditAction.STORE_VERIFIED, "store", "store")
        session.scalars(select(Person)).first().name += "长"  # type: ignore[union-attr]
    seal_all(archive.parts)
    write_journal_now(archive.parts)


def test_the_trail_and_the_journal_are_copied(archive: TwoStores) -> None:
    """Segments of the audit trail and of the journal come to the second store as they lie, and new ones follow."""
    for _ in range(2):
        _act(archive)
        assert copy_shared(archive.parts) == 2
        kept = archive.lies_in(archive.first, "audit/", "journal/")
        assert archive.lies_in(archive.second, "audit/", "journal/") == kept
    assert copy_shared(archive.parts) == 0


def test_evidence_is_copied(archive: TwoStores) -> None:
    """The scan of a signed form comes to the second store as it lies."""
    copy_shared(archive.parts)
    keep_scan(archive.parts.store, BytesIO(b"%PDF-1.7 signed"))
    assert copy_shared(archive.parts) == 1
    kept = archive.lies_in(archive.first, "evidence/")
    assert archive.lies_in(archive.second, "evidence/") == kept
    assert len(kept) == 1


def test_compaction_is_followed(archive: TwoStores) -> None:
    """What snapshots made needless goes from the second store, too, when they are there; what was lost never does."""
    for _ in range(3):
        _act(archive)
        copy_shared(archive.parts)
    lost = archive.lies_in(archive.first, "journal/")
    for key in lost:
        archive.first.delete(key)
    copy_shared(archive.parts)
    assert archive.lies_in(archive.second, "journal/") == lost
    for key, data in lost.items():
        archive.first.put(key, io.BytesIO(data), sha256=sha256(data).hexdigest())
    for _ in range(3):
        take_snapshot(archive.parts)
        _act(archive)
    copy_shared(archive.parts)
    kept = archive.lies_in(archive.first, "journal/")
    assert archive.lies_in(archive.second, "journal/") == kept
    assert not lost.keys() & kept.keys()


def test_a_changed_segment_is_not_taken_over(archive: TwoStores) -> None:
    """A segment of the trail that was cut in the first store is named; the second keeps the one it has."""
    seal_all(archive.parts)
    copy_shared(archive.parts)
    (key, data), *_ = archive.lies_in(archive.second, "audit/").items()
    cut = data[: len(data) // 2]
    archive.first.replace(key, io.BytesIO(cut), sha256=sha256(cut).hexdigest())
    with pytest.raises(LayoutError, match=key):
        copy_shared(archive.parts)
    assert archive.second.read(key) == data


def test_a_second_store_with_another_archive_is_refused(archive: TwoStores) -> None:
    """An object that lies there with another history is not overwritten, and the error says so."""
    item = archive.items["lathe"]
    note = {"message": "another", "user": "李四", "address": "mailto:lisi@example.org", "created": archive.clock()}
    Repository(archive.second).initialise()
    Repository(archive.second).commit(item, 1, {}, **note)  # type: ignore[arg-type]
    before = archive.lies_in(archive.second, "ocfl/")
    archive.announce("lathe")
    with pytest.raises(DeliveryError):
        keep_copies(archive.parts)
    assert archive.lies_in(archive.second, "ocfl/") == before


def test_the_doctor_tells(archive: TwoStores, tmp_path: Path) -> None:
    """The doctor says how far the second copy is, that its folder is gone, and whether objects are locked."""
    settings, gone = archive.parts.settings, tmp_path / "not" / "mounted"
    found = {finding.part: finding for finding in diagnose(settings)}
    assert found["second copy"].says == "complete"
    assert found["locks"].says == "store: offers none, second store: offers none"
    archive.announce("lathe")
    found = {finding.part: finding for finding in diagnose(settings)}
    assert found["second copy"].says.startswith("1 changes wait")
    found = {finding.part: finding for finding in diagnose(replace(settings, second_storage=gone.as_uri()))}
    assert not found["second copy"].ok
    assert "mount its disk" in found["second copy"].says
    assert not gone.exists()
    found = {finding.part: finding for finding in diagnose(replace(settings, second_storage="", lock="off"))}
    assert found["second copy"].says.startswith("none is set")
    assert found["locks"].says == "off"


def test_an_older_row_of_a_copy_is_renewed(copied: TwoStores) -> None:
    """Rows that say less than is there, as after a restore of the database, are brought up to date."""
    item = copied.items["lathe"]
    _title(copied, "lathe", "关于购置数控铣床的请示")
    with copied.parts.database.writing() as session:
        session.query(CopyOutbox).delete()
    copied.clock.pass_time(timedelta(hours=1))
    assert reconcile_copies(copied.parts) == 1
    with copied.parts.database.reading() as session:
        assert session.scalars(select(CopyOutbox.item_id)).all() == [item]
    assert keep_copies(copied.parts) == 1
    assert {copied.copies(location)[item].version for location in Location} == {2}


def test_the_same_on_a_server(archive: TwoStores, postgres_database: str) -> None:
    """The queries of copying hold on PostgreSQL, too."""
    with open_parts(replace(archive.parts.settings, database=postgres_database), archive.clock) as parts:
        initialise(parts)
        assert reconcile_copies(parts) == 0
        assert keep_copies(parts) == 0
