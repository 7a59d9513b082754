"""A store on a disk that is full, a real one: what was committed stays, and the room of what was not comes back."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage import open_store
from storage.errors import StoreFullError
from storage.interface import ObjectStore
from storage.inventory import Inventory
from storage.layout import Content, Outcome, Repository
from storage.testing.judge import assert_valid_repository
from tests.servers.small_disk import small_disk

_MIB = 1 << 20
_DISK = 6 * _MIB
ITEM = "0190b1f2-7c3a-7def-8abc-0123456789ab"


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of our own."""
    with small_disk(tmp_path / "disk", _DISK) as place:
        yield place


@pytest.fixture
def store(disk: Path) -> ObjectStore:
    """A store that lies on it."""
    return open_store((disk / "store").as_uri())


def _free(disk: Path) -> int:
    status = os.statvfs(disk)
    return status.f_bavail * status.f_frsize


def _commit(store: ObjectStore, version: int, mebibytes: int) -> Inventory:
    """Add as many originals of 1 MiB."""
    changes: dict[str, Content | None] = {
        f"v{version}/{number}.tif": Content.of_bytes(bytes([version, number]) * (_MIB // 2))
        for number in range(mebibytes)
    }
    return Repository(store).commit(
        ITEM, version, changes, message="made", user="张三", address="urn:a", created=datetime.now(UTC)
    )


def test_a_version_without_room(store: ObjectStore, disk: Path, tmp_path: Path) -> None:
    """A version that finds no room is refused as that, again and again; recovery frees its room; a smaller one fits."""
    repository = Repository(store)
    repository.initialise()
    _commit(store, 1, 2)
    free = _free(disk)
    for _ in range(3):
        with pytest.raises(StoreFullError):
            _commit(store, 2, 8)
        assert repository.inventory(ITEM).head == 1
        assert {check.outcome for check in repository.verify(ITEM) if check.path.startswith("v1/")} == {Outcome.OK}
        assert repository.recover_all() == 1
        assert _free(disk) == pytest.approx(free, abs=64 * 1024)
    assert _commit(store, 2, 2).head == 2
    assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}
    assert_valid_repository(store, tmp_path / "judged")


@pytest.mark.parametrize("kibibytes", [0, 4, 8, 16, 24, 32, 40, 48])
def test_room_ends_anywhere(store: ObjectStore, disk: Path, tmp_path: Path, kibibytes: int) -> None:
    """Wherever in a commit the room ends, the version is there or not, whole; with room again it is committed."""
    repository = Repository(store)
    repository.initialise()
    _commit(store, 1, 1)
    ballast = disk / "ballast"
    ballast.write_bytes(bytes(_free(disk) - _MIB - kibibytes * 1024))
    try:
        _commit(store, 2, 1)
    except StoreFullError:
        ballast.unlink()
        repository.recover_all()
        assert repository.inventory(ITEM).head in {1, 2}
    assert _commit(store, 2, 1).head == 2
    assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}
    assert [stored.key for stored in store.list("staging/")] == []
    assert_valid_repository(store, tmp_path / "judged")
