"""Copying and repair killed anywhere: what is there is true, and doing it again finishes it."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.catalogue.destruction import destroy
from archive.catalogue.events import EventType
from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Item
from archive.platform.actor import SYSTEM
from archive.platform.db import utc_now
from archive.platform.outbox import CopyOutbox
from archive.platform.parts import Location
from archive.preservation.copying import keep_copies, reconcile_copies
from archive.preservation.models import CopyState, copy_row
from archive.preservation.repair import repair
from storage import open_store
from storage.copies import copy_object, repair_object
from storage.interface import ObjectStore
from storage.layout import Outcome, Repository
from storage.object_paths import ObjectPaths
from storage.testing.judge import assert_valid_repository
from tests.crash.storage_writer import ITEM, commit
from tests.factories.small_archive import small_archive
from tests.factories.two_stores import TwoStores, second_store, two_stores
from tests.servers.s3 import S3Bucket

CODE = Path(__file__).parents[2]
ROOT = ObjectPaths.of(ITEM).root

#: each place in a copy of two versions of an object to an empty store, which has five content files and seven others
PLACES = [
    *(f"copies.content:{number}" for number in (1, 3, 5)),
    *(f"copies.small:{number}" for number in range(1, 8)),
    "copies.finished",
]
#: moments of writing a single file
MOMENTS = [f"filesystem.{moment}:{number}" for moment in ("written", "published") for number in (1, 6, 11)]


def _run(fault: str, *arguments: str) -> None:
    """Run a process that is killed at `fault`."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.crash.copying_process", *arguments],
        env={**os.environ, "DANGGUI_FAULT": fault},
        cwd=CODE,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == -signal.SIGKILL, done.stderr


def _all(store: ObjectStore) -> dict[str, bytes]:
    return {stored.key: store.read(stored.key) for stored in store.list("ocfl/")}


@pytest.fixture
def source(tmp_path: Path) -> ObjectStore:
    """A folder with two versions of an object."""
    return _initialised((tmp_path / "source").as_uri(), versions=2)


def _initialised(url: str, versions: int = 0) -> ObjectStore:
    store = open_store(url)
    Repository(store).initialise()
    for version in range(1, versions + 1):
        commit(Repository(store), version)
    return store


def _assert_copied(source: ObjectStore, target: ObjectStore, folder: Path, fault: str) -> None:
    """Kill a copy at `fault`: what shows in the target is whole; done again, it is the same as the source."""
    _run(fault, "copy", source.url, target.url)
    repository = Repository(target)
    if ITEM in repository.object_ids():
        assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}
        assert_valid_repository(target, folder / "killed")
    copy_object(source, target, ITEM)
    assert _all(target) == _all(source)
    assert_valid_repository(target, folder / "judged")


@pytest.mark.parametrize("fault", [*PLACES, *MOMENTS])
def test_a_killed_copy(source: ObjectStore, tmp_path: Path, fault: str) -> None:
    """A copy, killed at any place, shows nothing that is not whole, and is finished by another call."""
    _assert_copied(source, _initialised((tmp_path / "target").as_uri()), tmp_path, fault)


@pytest.mark.servers
@pytest.mark.parametrize("fault", PLACES[::2])
def test_a_killed_copy_to_a_bucket(source: ObjectStore, s3_bucket: S3Bucket, tmp_path: Path, fault: str) -> None:
    """The same for a copy to a bucket."""
    _assert_copied(source, _initialised(s3_bucket.url), tmp_path, fault)


@pytest.mark.parametrize("fault", ["copies.content", *(f"copies.small:{number}" for number in range(1, 5))])
def test_a_killed_next_version(source: ObjectStore, tmp_path: Path, fault: str) -> None:
    """Of an object that grew the version before can be read wherever the copy is killed, and the new one after it.

    Should the first store be lost in this moment, recovery makes the second one a sound archive.
    """
    target = _initialised((tmp_path / "target").as_uri(), versions=1)
    _run(fault, "copy", source.url, target.url)
    repository = Repository(target)
    state = repository.inventory(ITEM).state
    assert {path: repository.read(ITEM, path) for path in state}
    alone = open_store(shutil.copytree(tmp_path / "target", tmp_path / "alone").as_uri())
    assert Repository(alone).recover_all() == 1
    assert {check.outcome for check in Repository(alone).verify(ITEM)} == {Outcome.OK}
    assert_valid_repository(alone, tmp_path / "judged")
    copy_object(source, target, ITEM)
    assert _all(target) == _all(source)
    assert not list(target.list("staging/"))


@pytest.mark.parametrize("fault", ["copies.content:1", "copies.content:2", *PLACES[3:], *MOMENTS[::2]])
def test_a_killed_repair(source: ObjectStore, tmp_path: Path, fault: str) -> None:
    """A repair of many damages, killed at any place, has made nothing worse, and is finished by another call."""
    damaged = _initialised((tmp_path / "damaged").as_uri(), versions=2)
    whole = _all(source)
    for path in (tmp_path / "damaged" / ROOT).rglob("*"):
        if path.is_file():
            path.write_bytes(path.read_bytes()[:-1] if path.stat().st_size % 2 else b"\0" + path.read_bytes()[1:])
    before = _all(damaged)
    _run(fault, "repair", damaged.url, source.url)
    assert all(data in (whole[key], before.get(key)) for key, data in _all(damaged).items())
    repair_object(damaged, source, ITEM)
    assert _all(damaged) == whole
    assert_valid_repository(damaged, tmp_path / "judged")


# --- in a whole archive ---


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """A small archive, made once."""
    folder = tmp_path_factory.mktemp("pattern")
    with small_archive(folder) as made:
        return folder, made.items


def _open(pattern: tuple[Path, dict[str, str]], folder: Path) -> tuple[Path, dict[str, str], str]:
    copy = shutil.copytree(pattern[0], folder / "archive")
    return copy, pattern[1], second_store(folder / "second")


def _waiting(archive: TwoStores) -> int:
    with archive.parts.database.reading() as session:
        return len(session.scalars(select(CopyOutbox.id)).all())


@pytest.mark.parametrize("fault", ["copies.content:3", "copies.small:2", "copying.copied", "copying.copied:3"])
def test_killed_while_copying(pattern: tuple[Path, dict[str, str]], tmp_path: Path, fault: str) -> None:
    """The copier, killed anywhere, goes on where it was: every item is copied, and told of once."""
    folder, items, second = _open(pattern, tmp_path)
    with two_stores(folder, items, second_storage=second) as archive:
        reconcile_copies(archive.parts)
        _run(fault, "keep", str(folder), second)
        assert _waiting(archive) > 0
        keep_copies(archive.parts)
        assert _waiting(archive) == 0
        assert archive.lies_in(archive.second, "ocfl/") == archive.lies_in(archive.first, "ocfl/")
        told = [event.item_id for event in archive.events(EventType.REPLICATION)]
        assert sorted(filter(None, told)) == sorted(items.values())
        assert_valid_repository(archive.second, tmp_path / "judged")


def test_killed_while_removing(pattern: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """A destroyed item goes from the second store although the copier was killed right after removing it."""
    folder, items, second = _open(pattern, tmp_path)
    with two_stores(folder, items, second_storage=second) as archive:
        reconcile_copies(archive.parts)
        keep_copies(archive.parts)
        with archive.parts.database.writing() as session:
            destroy(session, utc_now, SYSTEM, session.get_one(Item, items["cadres"]), "销毁清册〔2021〕1号")
        write_descriptions(archive.parts)
        _run("copying.removed", "keep", str(folder), second)
        keep_copies(archive.parts)
        assert not Repository(archive.second).exists(items["cadres"])
        assert items["cadres"] not in archive.copies(Location.SECOND)
        told = [event for event in archive.events(EventType.DELETION) if event.location is Location.SECOND]
        assert [event.item_id for event in told] == [items["cadres"]]


def test_killed_while_mending(pattern: tuple[Path, dict[str, str]], tmp_path: Path) -> None:
    """A repair that was killed before it was written down is told of by the next, and the copy is sound."""
    folder, items, second = _open(pattern, tmp_path)
    with two_stores(folder, items, second_storage=second) as archive:
        reconcile_copies(archive.parts)
        keep_copies(archive.parts)
        archive.damage(archive.second, archive.keys("safety")[0])
        with archive.parts.database.writing() as session:
            copy_row(session, items["safety"], Location.SECOND).state = CopyState.DAMAGED
        _run("repair.mended", "mend", str(folder), second, items["safety"])
        assert repair(archive.parts, items["safety"], Location.SECOND)
        assert archive.lies_in(archive.second, "ocfl/") == archive.lies_in(archive.first, "ocfl/")
        assert archive.copies(Location.SECOND)[items["safety"]].state is CopyState.OK
        (event,) = archive.events(EventType.RECOVERY)
        assert event.item_id == items["safety"]
