"""Fixity rounds: every copy is read again in time, every damage is found, named and mended, and nothing else is."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from threading import Event, Thread

import pytest
from sqlalchemy import func, select

from archive.catalogue.events import EventOutcome, EventType, PreservationEvent
from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Item, ItemState, Retention
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.jobs.keeper import KEEPER_LOCK, Keeper, Task
from archive.platform.leases import item_lease
from archive.platform.locks import exclusive
from archive.platform.outbox import announce
from archive.platform.parts import Location, Parts, open_parts
from archive.preservation.checking import check_copy
from archive.preservation.copying import keep_copies
from archive.preservation.models import CopyState, ObjectCopy
from archive.preservation.rounds import Pacer, due, read_again
from archive.preservation.state import Preservation
from archive.settings import Settings
from storage.errors import StoreUnavailableError
from storage.layout import Outcome, Repository
from storage.object_paths import ObjectPaths
from tests.factories.clock import SetClock
from tests.factories.kept_archive import kept_archive, object_folder, stored_file
from tests.factories.small_archive import SmallArchive

FIRST, SECOND = Location
ORIGINAL = "v1/content/**/*.png"

Damage = Callable[[Path], None]


@pytest.fixture
def single(kept_pattern: tuple[Path, SmallArchive], tmp_path: Path) -> Iterator[SmallArchive]:
    """The archive without its second store."""
    folder, made = kept_pattern
    copy, clock = shutil.copytree(folder, tmp_path / "single"), SetClock()
    with open_parts(Settings.load(copy, environment={}), clock) as parts:
        yield replace(made, parts=parts, clock=clock)


def round_of(archive: SmallArchive) -> int:
    """What one turn of the keeper reads in both locations."""
    return sum(read_again(archive.parts, location) for location in archive.parts.stores)


def copies(archive: SmallArchive) -> dict[tuple[str, Location], ObjectCopy]:
    """The rows of all copies, by the item's short name."""
    names = {item_id: name for name, item_id in archive.items.items()}
    with archive.parts.database.reading() as session:
        return {(names[copy.item_id], copy.location): copy for copy in session.scalars(select(ObjectCopy))}


def events(archive: SmallArchive, kind: EventType, outcome: EventOutcome) -> Sequence[PreservationEvent]:
    """What was written down, oldest first."""
    wanted = select(PreservationEvent).where(PreservationEvent.type == kind, PreservationEvent.outcome == outcome)
    with archive.parts.database.reading() as session:
        return session.scalars(wanted.order_by(PreservationEvent.id)).all()


def alarms(archive: SmallArchive) -> Sequence[AuditEntry]:
    """Damage in the audit trail."""
    wanted = select(AuditEntry).where(AuditEntry.action == AuditAction.OBJECT_DAMAGED)
    with archive.parts.database.reading() as session:
        return session.scalars(wanted.order_by(AuditEntry.id)).all()


def is_whole(archive: SmallArchive, item: str, location: Location) -> bool:
    """What the storage itself says of a copy."""
    checks = Repository(archive.parts.stores[location]).verify(archive.items[item])
    return all(check.outcome is Outcome.OK for check in checks)


# --- a healthy archive ---


@pytest.mark.parametrize("database", ["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def test_everything_is_read_once_a_period(database: str, tmp_path: Path, request: pytest.FixtureRequest) -> None:
    """Each copy is read, noted and left alone until it is due again; then it is read again, before it is overdue."""
    other = {} if database == "sqlite" else {"database": request.getfixturevalue("postgres_database")}
    with kept_archive(tmp_path / "archive", **other) as archive:
        assert [read_again(archive.parts, location) for location in Location] == [4, 4]
        assert {(copy.state, copy.checked_at) for copy in copies(archive).values()} == {(CopyState.OK, archive.clock())}
        assert all(copy.size > 0 for copy in copies(archive).values())
        archive.clock.pass_time(timedelta(days=archive.parts.settings.fixity_days * 0.89))
        assert round_of(archive) == 0
        archive.clock.pass_time(timedelta(days=archive.parts.settings.fixity_days * 0.02))
        assert round_of(archive) == 8
        damaged = stored_file(archive, "lathe", ORIGINAL)
        flip_a_bit(damaged)
        archive.clock.pass_time(timedelta(days=archive.parts.settings.fixity_days))
        assert round_of(archive) == 8
        assert is_whole(archive, "lathe", FIRST)
        assert [event.details["files"] for event in events(archive, EventType.FIXITY_CHECK, EventOutcome.SUCCESS)]
        assert len(events(archive, EventType.FIXITY_CHECK, EventOutcome.FAILURE)) == len(alarms(archive)) == 1
        with archive.parts.database.reading() as session:
            state = Preservation(session, archive.clock, archive.parts.settings).state()
        assert {(copies.checked, copies.overdue, copies.bad) for copies in state.copies.values()} == {(4, 0, 0)}
        assert [repair.item_id for repair in state.repairs] == [archive.items["lathe"]]


def test_nothing_is_reported_while_records_are_written(kept: SmallArchive) -> None:
    """Descriptions are written and copied all the while the same objects are read: not one is called damaged."""
    done = Event()

    def describe() -> None:
        for number in range(5):
            with kept.parts.database.writing() as session:
                for item_id in kept.items.values():
                    session.get_one(Item, item_id).issuer = f"第{number}次更正"
                    announce(session, item_id, kept.clock())
            write_descriptions(kept.parts)
            keep_copies(kept.parts)
        done.set()

    writer = Thread(target=describe)
    writer.start()
    read = 0
    while not done.is_set():
        for item_id in kept.items.values():
            read += sum(check_copy(kept.parts, item_id, location) is not None for location in Location)
    writer.join()
    assert read > 8
    assert [(e.location, e.details) for e in events(kept, EventType.FIXITY_CHECK, EventOutcome.FAILURE)] == []
    assert {copy.state for copy in copies(kept).values()} == {CopyState.OK}
    assert kept.parts.repository.inventory(kept.items["lathe"]).head == 7


def test_what_a_dead_writer_left_is_no_damage(kept: SmallArchive) -> None:
    """Files of a version that was begun and never committed are cleared away, not reported."""
    paths = ObjectPaths.of(kept.items["lathe"])
    root = Path(kept.parts.stores[FIRST].url.removeprefix("file://"))
    begun, left = root / paths.begun(3), object_folder(kept, "lathe") / "v3" / "content" / "metadata" / "item.json"
    for file in (begun, left):
        file.parent.mkdir(parents=True)
        file.write_bytes(b"{}")
    assert round_of(kept) == 8
    assert events(kept, EventType.FIXITY_CHECK, EventOutcome.FAILURE) == []
    assert not left.exists()


def test_an_item_that_is_being_written_is_left_for_later(kept: SmallArchive) -> None:
    """Whatever is found while somebody holds the item's lease is not believed; afterwards it is."""
    flip_a_bit(stored_file(kept, "lathe", ORIGINAL))
    with item_lease(kept.parts.database, kept.clock, kept.items["lathe"]):
        assert read_again(kept.parts, FIRST) == 3
    assert copies(kept)["lathe", FIRST].state is CopyState.UNCHECKED
    assert read_again(kept.parts, FIRST) == 1
    assert [event.item_id for event in events(kept, EventType.FIXITY_CHECK, EventOutcome.FAILURE)] == [
        kept.items["lathe"]
    ]


def test_what_was_destroyed_is_not_missed(kept: SmallArchive) -> None:
    """A destroyed item has no copy to be read."""
    with kept.parts.database.writing() as session:
        session.get_one(Item, kept.items["lathe"]).state = ItemState.DESTROYED
    kept.parts.repository.remove(kept.items["lathe"])
    assert round_of(kept) == 6
    assert events(kept, EventType.FIXITY_CHECK, EventOutcome.FAILURE) == []


# --- damage ---


def flip_a_bit(path: Path) -> None:
    """One bit is another."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def cut_short(path: Path) -> None:
    """The end is gone."""
    path.write_bytes(path.read_bytes()[:-1])


def empty(path: Path) -> None:
    """Nothing is left in it."""
    path.write_bytes(b"")


def take_away(path: Path) -> None:
    """The file is gone."""
    path.unlink()


DAMAGES = [
    (ORIGINAL, flip_a_bit),
    (ORIGINAL, cut_short),
    (ORIGINAL, take_away),
    ("v1/content/**/*.pdf", empty),
    ("v2/content/**/*premis.xml", flip_a_bit),
    ("v1/inventory.json", flip_a_bit),
    ("v2/inventory.json.sha512", take_away),
    ("inventory.json", take_away),
    ("0=ocfl_object_1.1", cut_short),
]


@pytest.mark.parametrize("location", Location)
@pytest.mark.parametrize(("path", "damage"), DAMAGES)
def test_damage_is_found_named_and_mended(path: str, damage: Damage, location: Location, kept: SmallArchive) -> None:
    """Whatever happens to a file in one copy: one round names it, mends it from the other, and reads it once more."""
    file = stored_file(kept, "lathe", path, location)
    stored = file.read_bytes()
    damage(file)
    assert round_of(kept) == 8
    assert file.read_bytes() == stored
    (found,) = events(kept, EventType.FIXITY_CHECK, EventOutcome.FAILURE)
    assert (found.item_id, found.location) == (kept.items["lathe"], location)
    named = [*found.details.get("damaged", []), *found.details.get("missing", [])]
    assert str(file.relative_to(object_folder(kept, "lathe", location))) in named
    (alarm,) = alarms(kept)
    assert (alarm.subject_id, alarm.details["location"]) == (kept.items["lathe"], location)
    assert len(events(kept, EventType.RECOVERY, EventOutcome.SUCCESS)) == 1
    assert {copy.state for copy in copies(kept).values()} == {CopyState.OK}
    assert is_whole(kept, "lathe", location)


@pytest.mark.parametrize("location", Location)
def test_object_that_is_gone_comes_back(location: Location, kept: SmallArchive) -> None:
    """A whole object deleted behind our back is missed and restored."""
    shutil.rmtree(object_folder(kept, "lathe", location))
    assert round_of(kept) == 8
    (found,) = events(kept, EventType.FIXITY_CHECK, EventOutcome.FAILURE)
    assert found.details["missing"] == ["."]
    assert is_whole(kept, "lathe", location)


def test_older_state_of_a_store_is_noticed(kept: SmallArchive) -> None:
    """An object that is whole in itself, but lacks the version that was stored last, is no sound copy."""
    folder = object_folder(kept, "lathe")
    shutil.rmtree(folder / "v2")
    for name in ("inventory.json", "inventory.json.sha512"):
        stored_file(kept, "lathe", name).write_bytes((folder / "v1" / name).read_bytes())
    read_again(kept.parts, FIRST)
    (found,) = events(kept, EventType.FIXITY_CHECK, EventOutcome.FAILURE)
    assert found.details["missing"] == ["v2/inventory.json"]
    assert is_whole(kept, "lathe", FIRST)
    assert kept.parts.repository.inventory(kept.items["lathe"]).head == 2


def test_a_file_that_does_not_belong_there_is_named(kept: SmallArchive) -> None:
    """Nobody deletes what nobody knows: it is named, and stays an alarm until a person has looked."""
    strange = object_folder(kept, "lathe") / "v1" / "content" / "strange.bin"
    strange.parent.chmod(0o700)
    strange.write_bytes(b"?")
    read_again(kept.parts, FIRST)
    assert copies(kept)["lathe", FIRST].state is CopyState.DAMAGED
    assert alarms(kept)[0].details["paths"] == ["v1/content/strange.bin"]
    assert strange.exists()


def test_without_a_second_copy_damage_is_kept_in_sight(single: SmallArchive) -> None:
    """What cannot be mended is reported once, looked at again every hour, and cleared when the bytes are back."""
    file = stored_file(single, "lathe", ORIGINAL)
    stored = file.read_bytes()
    take_away(file)
    assert round_of(single) == 4
    assert copies(single)["lathe", FIRST].state is CopyState.MISSING
    assert round_of(single) == 0
    single.clock.pass_time(timedelta(hours=1, seconds=1))
    assert round_of(single) == 1
    assert len(alarms(single)) == 1
    file.write_bytes(stored)
    single.clock.pass_time(timedelta(hours=1, seconds=1))
    assert round_of(single) == 1
    assert copies(single)["lathe", FIRST].state is CopyState.OK


# --- order, pace, interruptions ---


def test_the_most_urgent_comes_first(kept: SmallArchive) -> None:
    """Never read, asked for, suspect; then what is kept for ever before the rest; the oldest check first."""
    now = kept.clock()
    days = {"safety": 200, "lathe": 190, "accounts": 170, "cadres": 300}
    with kept.parts.database.writing() as session:
        for name, item_id in kept.items.items():
            copy = session.scalars(select(ObjectCopy).where(ObjectCopy.item_id == item_id)).first()
            assert copy is not None
            copy.location, copy.state, copy.checked_at = FIRST, CopyState.OK, now - timedelta(days=days[name])
        session.get_one(Item, kept.items["cadres"]).retention = Retention.TEN_YEARS

    def order() -> list[str]:
        names = {item_id: name for name, item_id in kept.items.items()}
        with kept.parts.database.reading() as session:
            return [names[item_id] for item_id in due(session, FIRST, now, timedelta(days=180), 9)]

    assert order() == ["safety", "lathe", "accounts", "cadres"]
    for name, state, checked_at in (
        ("cadres", CopyState.DAMAGED, now - timedelta(hours=2)),
        ("lathe", CopyState.OK, None),
        ("accounts", CopyState.UNCHECKED, None),
    ):
        with kept.parts.database.writing() as session:
            wanted = select(ObjectCopy).where(ObjectCopy.item_id == kept.items[name], ObjectCopy.location == FIRST)
            copy = session.scalars(wanted).one()
            copy.state, copy.checked_at = state, checked_at
    assert order() == ["accounts", "lathe", "cadres", "safety"]


def test_a_check_in_the_future_counts_as_due(kept: SmallArchive) -> None:
    """A clock that was wrong once does not save anything from being read."""
    kept.clock.pass_time(timedelta(days=4000))
    assert round_of(kept) == 8
    kept.clock.pass_time(-timedelta(days=4000))
    assert round_of(kept) == 8
    assert {copy.checked_at for copy in copies(kept).values()} == {kept.clock()}
    assert round_of(kept) == 0


class Watch:
    """A clock that runs only while somebody sleeps."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        """Let time pass."""
        self.now += seconds


def test_reading_keeps_to_its_budget(kept: SmallArchive) -> None:
    """Every byte of content is paid for with sleep: 20 MB a second and no more."""
    watch = Watch()
    assert read_again(kept.parts, FIRST, Pacer(20, watch, watch.sleep)) == 4
    root = Path(kept.parts.stores[FIRST].url.removeprefix("file://")) / "ocfl"
    size = sum(file.stat().st_size for file in root.rglob("content/**/*") if file.is_file())
    assert watch.now == pytest.approx(size / 20_000_000)


def test_time_that_went_by_is_not_made_up_for() -> None:
    """After a pause reading goes on at its pace, not in a burst."""
    watch = Watch()
    pace = Pacer(1, watch, watch.sleep)
    pace(1_000_000)
    watch.now += 60
    pace(500_000)
    pace(500_000)
    assert watch.now == pytest.approx(62)


def test_a_location_that_is_away_does_not_hold_up_the_other(kept: SmallArchive) -> None:
    """With the second store's disk not mounted nothing is called missing there, and the first is read as ever."""
    second = Path(kept.parts.stores[SECOND].url.removeprefix("file://"))
    second.rename(second.with_name("elsewhere"))
    with pytest.raises(StoreUnavailableError, match="is its disk mounted"):
        read_again(kept.parts, SECOND)
    flip_a_bit(stored_file(kept, "lathe", ORIGINAL))
    assert read_again(kept.parts, FIRST) == 4
    assert copies(kept)["lathe", FIRST].state is CopyState.DAMAGED
    second.with_name("elsewhere").rename(second)
    kept.clock.pass_time(timedelta(hours=1, seconds=1))
    assert (read_again(kept.parts, FIRST), read_again(kept.parts, SECOND)) == (1, 4)
    assert is_whole(kept, "lathe", FIRST)


def test_stops_with_the_keeper_in_the_middle_of_an_object(kept: SmallArchive) -> None:
    """Told to stop, a round gives up the object in hand at the next piece; it is read from its start another time."""
    begun, stopped = Event(), Event()

    def sleep(_seconds: float) -> None:
        begun.set()
        stopped.wait(20)

    def round_once(parts: Parts) -> int:
        return read_again(parts, FIRST, Pacer(1, sleep=sleep))

    with exclusive(kept.parts.database, kept.parts.settings.folder, KEEPER_LOCK) as lock:
        keeper = Keeper(kept.parts, [Task("round", round_once)], lock)
        thread = Thread(target=keeper.run)
        thread.start()
        assert begun.wait(20)
        keeper.stop()
        stopped.set()
        thread.join()
    assert {copy.state for copy in copies(kept).values()} == {CopyState.UNCHECKED}
    assert round_of(kept) == 8


def test_goes_on_after_the_keeper_was_killed(kept: SmallArchive) -> None:
    """Killed in the middle of a round, what was read stays read, each with its one event; the rest is read later."""
    command = [sys.executable, "-m", "archive.cli", "keeper"]
    ours = {name: value for name, value in os.environ.items() if not name.startswith("DANGGUI_")}
    named = {f"DANGGUI_{name.upper()}": str(value) for name, value in ours_of(kept).items()}
    keeper = subprocess.Popen(command, env={**ours, **named, "DANGGUI_FIXITY_RATE": "1"}, stdin=subprocess.DEVNULL)
    try:
        while not 0 < checks(kept) < 8:
            assert keeper.poll() is None
            time.sleep(0.005)
    finally:
        keeper.send_signal(signal.SIGKILL)
        keeper.wait()
    read = {key for key, copy in copies(kept).items() if copy.state is CopyState.OK}
    assert 0 < len(read) == checks(kept)
    kept.clock.now = datetime.now(tz=kept.clock().tzinfo)
    assert round_of(kept) == 8 - len(read)
    assert checks(kept) == 8
    assert {copy.state for copy in copies(kept).values()} == {CopyState.OK}


def ours_of(archive: SmallArchive) -> dict[str, object]:
    """The settings that name this archive's parts."""
    settings = archive.parts.settings
    return {**Settings.embedded(settings.folder), "second_storage": settings.second_storage}


def checks(archive: SmallArchive) -> int:
    """How many checks of items were written down."""
    with archive.parts.database.reading() as session:
        wanted = select(func.count()).where(
            PreservationEvent.type == EventType.FIXITY_CHECK, PreservationEvent.item_id.is_not(None)
        )
        return session.scalar(wanted) or 0
