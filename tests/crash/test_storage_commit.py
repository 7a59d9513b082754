"""A commit killed anywhere leaves the version before or the whole new one, and can always be done again."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from storage import open_store
from storage.commit import COMMIT_FAULTS
from storage.interface import ObjectStore
from storage.layout import Outcome, Repository
from storage.testing.judge import assert_valid_repository
from tests.crash.storage_writer import ITEM, STATES, commit
from tests.servers.s3 import S3Bucket

ROOT = Path(__file__).parents[2]

#: each place in the commit, and again where a commit passes it several times
PLACES = [*COMMIT_FAULTS, "ocfl.content:2"]
COMMITTED = COMMIT_FAULTS[COMMIT_FAULTS.index("ocfl.committed") :]
#: each moment of writing a single file
MOMENTS = [
    *(f"filesystem.written:{number}" for number in (1, 3, 5, 7)),
    *(f"filesystem.published:{number}" for number in range(1, 10)),
]


def _write(url: str, version: int, fault: str = "", *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "tests.crash.storage_writer", url, str(version), *arguments],
        env={**os.environ, "DANGGUI_FAULT": fault},
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def _assert_sound(store: ObjectStore, version: int, folder: Path) -> None:
    """The object holds exactly what it held after this version, no byte is wrong, and nothing waits in staging."""
    repository = Repository(store)
    assert repository.exists(ITEM) == (version > 0)
    if version:
        assert repository.inventory(ITEM).head == version
        assert {path: repository.read(ITEM, path) for path in repository.inventory(ITEM).state} == STATES[version]
        assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}
    assert [stored.key for stored in store.list("staging/")] == []
    assert_valid_repository(store, folder)


def _assert_survives(store: ObjectStore, version: int, fault: str, folder: Path) -> None:
    """Kill a commit at `fault`; recover; commit again; each time the object is sound."""
    repository = Repository(store)
    killed = _write(store.url, version, fault)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    repository.recover_all()
    reached = repository.inventory(ITEM).head if repository.exists(ITEM) else 0
    _assert_sound(store, reached, folder / "recovered")
    if fault in PLACES:
        assert reached == (version if fault in COMMITTED else version - 1)
    assert commit(repository, version).head == version
    _assert_sound(store, version, folder / "again")


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    """A folder with an initialised repository."""
    store = open_store((tmp_path / "store").as_uri())
    Repository(store).initialise()
    return store


@pytest.mark.parametrize("fault", [*PLACES, *MOMENTS])
def test_a_killed_first_version(store: ObjectStore, tmp_path: Path, fault: str) -> None:
    """The first version, killed at any place and recovered, is there or not there, and is committed the second time."""
    _assert_survives(store, 1, fault, tmp_path)


@pytest.mark.parametrize("fault", PLACES)
def test_a_killed_next_version(store: ObjectStore, tmp_path: Path, fault: str) -> None:
    """A next version, killed at any place and recovered, is the one before or the new one, and is then committed."""
    commit(Repository(store), 1)
    _assert_survives(store, 2, fault, tmp_path)


@pytest.mark.parametrize("fault", PLACES)
def test_committing_again_needs_no_recovery(store: ObjectStore, tmp_path: Path, fault: str) -> None:
    """Who simply does the killed commit again gets a sound object, without recovery in between."""
    assert _write(store.url, 1, fault).returncode == -signal.SIGKILL
    assert commit(Repository(store), 1).head == 1
    _assert_sound(store, 1, tmp_path / "judged")


@pytest.mark.servers
@pytest.mark.parametrize("fault", PLACES)
def test_a_killed_version_in_a_bucket(s3_bucket: S3Bucket, tmp_path: Path, fault: str) -> None:
    """In a bucket, too, a killed next version is the one before or the new one, and is then committed."""
    store = open_store(s3_bucket.url)
    Repository(store).initialise()
    commit(Repository(store), 1)
    _assert_survives(store, 2, fault, tmp_path)


def test_a_full_disk(store: ObjectStore, tmp_path: Path) -> None:
    """Without room for a file the commit says so and shows nothing; recovery gives the room back; then it goes on."""
    full = _write(store.url, 1, "", "65536")
    assert full.returncode == 1
    assert "StoreFullError" in full.stderr
    assert "has no room left" in full.stderr
    assert not Repository(store).exists(ITEM)
    assert Repository(store).recover_all() == 1
    _assert_sound(store, 0, tmp_path / "full")
    assert list((tmp_path / "store" / "~incoming").iterdir()) == []
    assert _write(store.url, 1).returncode == 0
    _assert_sound(store, 1, tmp_path / "with room")
