"""What the repository promises on any store: versions, once committed, stay; what is half done never shows."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from storage.errors import (
    ChecksumMismatchError,
    InvalidKeyError,
    LayoutError,
    NotStoredError,
    VersionTakenError,
)
from storage.interface import ObjectStore
from storage.inventory import Inventory
from storage.layout import Content, Outcome, Repository
from storage.testing.home import StoreHome, digest, put
from storage.testing.judge import assert_valid_repository

__all__ = ["ITEM", "NOTE", "RepositoryHome", "VersionsContract"]

ITEM = "0190b1f2-7c3a-7def-8abc-0123456789ab"
NOTE: dict[str, Any] = {
    "message": "归档",
    "user": "张三",
    "address": "mailto:zhangsan@example.org",
    "created": datetime(2025, 3, 1, 9, 30, tzinfo=UTC),
}


def text(words: str) -> Content:
    """Content of a few words."""
    return Content.of_bytes(words.encode())


class RepositoryHome(StoreHome):
    """A repository for each test, and a judge for what every test leaves."""

    @pytest.fixture
    def repository(self, store: ObjectStore, tmp_path: Path) -> Iterator[Repository]:
        """An initialised repository; after the test it must be valid OCFL with nothing staged."""
        repository = Repository(store)
        repository.initialise()
        yield repository
        assert [stored.key for stored in store.list("staging/")] == []
        assert_valid_repository(store, tmp_path / "judged")

    def keys(self, store: ObjectStore, object_id: str = ITEM) -> list[str]:
        """What lies in the object's root, relative to it."""
        return [stored.key.split(f"{object_id}/", 1)[1] for stored in store.list("ocfl/") if object_id in stored.key]

    def root(self, store: ObjectStore, object_id: str = ITEM) -> str:
        """Key of the object's root, ending in a slash."""
        found = next(stored.key for stored in store.list("ocfl/") if f"/{object_id}/" in stored.key)
        return found[: found.index(object_id)] + f"{object_id}/"


class VersionsContract(RepositoryHome):
    """Every promise about committing and reading versions."""

    def test_initialising_again_changes_nothing(self, store: ObjectStore) -> None:
        """A repository may be initialised by several at once, and again."""
        with ThreadPoolExecutor(4) as threads:
            list(threads.map(lambda _: Repository(store).initialise(), range(4)))
        before = list(store.list())
        Repository(store).initialise()
        assert list(store.list()) == before
        assert len(before) == 3

    def test_refuses_a_repository_of_another_layout(self, store: ObjectStore) -> None:
        """A store that holds somebody else's OCFL repository is not taken over."""
        put(store, "ocfl/ocfl_layout.json", b'{"extension": "another"}')
        with pytest.raises(LayoutError):
            Repository(store).initialise()

    def test_keeps_a_first_version(self, repository: Repository) -> None:
        """What is committed can be read by its logical path, and the inventory says who, when and why."""
        made = repository.commit(ITEM, 1, {"original/0001.tif": text("scan"), "metadata.json": text("{}")}, **NOTE)
        assert repository.read(ITEM, "original/0001.tif") == b"scan"
        assert repository.exists(ITEM)
        assert repository.inventory(ITEM) == made
        assert made.state_sha256(1) == {"original/0001.tif": digest(b"scan"), "metadata.json": digest(b"{}")}
        version = made.versions[0]
        assert (version.message, version.user, version.address) == ("归档", "张三", "mailto:zhangsan@example.org")
        assert version.created == NOTE["created"]

    def test_builds_on_the_version_before(self, repository: Repository) -> None:
        """A version is the one before with the changes: added, replaced, taken away."""
        repository.commit(ITEM, 1, {"a": text("1"), "b": text("1"), "c": text("1")}, **NOTE)
        made = repository.commit(ITEM, 2, {"b": text("2"), "c": None, "d/e": text("2")}, **NOTE)
        assert made.head == 2
        assert {path: repository.read(ITEM, path) for path in made.state} == {"a": b"1", "b": b"2", "d/e": b"2"}
        assert set(made.state_sha256(1)) == {"a", "b", "c"}
        with pytest.raises(NotStoredError):
            repository.open(ITEM, "c")

    def test_stores_the_same_bytes_once(self, store: ObjectStore, repository: Repository) -> None:
        """Bytes the object has already, under whatever name, are not stored again."""
        repository.commit(ITEM, 1, {"a": text("same"), "b": text("same")}, **NOTE)
        repository.commit(ITEM, 2, {"c": text("same"), "a": None}, **NOTE)
        assert len([key for key in self.keys(store) if "/content/" in key]) == 1
        assert repository.read(ITEM, "c") == b"same"

    def test_a_version_may_change_nothing(self, repository: Repository) -> None:
        """A version that only says something is a version, and so is one that takes everything away."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        assert repository.commit(ITEM, 2, {}, **NOTE).state_sha256(2) == {"a": digest(b"1")}
        assert repository.commit(ITEM, 3, {"a": None}, **NOTE).state_sha256(3) == {}

    def test_takes_content_from_everywhere(self, store: ObjectStore, repository: Repository, tmp_path: Path) -> None:
        """Content comes from memory, from a file or from the intake of the store, and stays where it came from."""
        file = tmp_path / "扫描 1.tif"
        file.write_bytes(b"of a file")
        put(store, "intake/42/page", b"of the store")
        changes = {
            "memory": text("of memory"),
            "file": Content(file, digest(b"of a file"), 9),
            "stored": Content("intake/42/page", digest(b"of the store"), 12),
        }
        repository.commit(ITEM, 1, changes, **NOTE)
        assert {path: repository.read(ITEM, path) for path in changes} == {
            "memory": b"of memory",
            "file": b"of a file",
            "stored": b"of the store",
        }
        assert store.read("intake/42/page") == b"of the store"
        assert file.exists()

    def test_the_same_version_again_is_the_same(self, store: ObjectStore, repository: Repository) -> None:
        """Committing a version again, even at another time, returns the stored one and changes nothing."""
        changes = {"a": text("1"), "b": text("2")}
        first = repository.commit(ITEM, 1, changes, **NOTE)
        before = list(store.list("ocfl/"))
        later = {**NOTE, "created": NOTE["created"] + timedelta(days=1)}
        assert repository.commit(ITEM, 1, changes, **later) == first
        assert list(store.list("ocfl/")) == before
        second = repository.commit(ITEM, 2, {"a": None}, **NOTE)
        assert repository.commit(ITEM, 1, changes, **NOTE) == second

    def test_a_version_is_never_another(self, repository: Repository) -> None:
        """A committed version cannot be committed with other content, be it the newest or not."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        for changes in ({"a": text("other")}, {"b": text("1")}, {"a": text("1"), "b": text("1")}, {}):
            with pytest.raises(VersionTakenError):
                repository.commit(ITEM, 1, changes, **NOTE)
        repository.commit(ITEM, 2, {"a": text("2")}, **NOTE)
        with pytest.raises(VersionTakenError):
            repository.commit(ITEM, 1, {"a": text("2")}, **NOTE)
        assert repository.read(ITEM, "a") == b"2"

    def test_a_clock_may_run_backwards(self, repository: Repository) -> None:
        """A version dated before the one it follows is kept as it is dated; which is newer says the number."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        yesterday = {**NOTE, "created": NOTE["created"] - timedelta(days=1)}
        made = repository.commit(ITEM, 2, {"a": text("2")}, **yesterday)
        assert [version.created for version in made.versions] == [NOTE["created"], yesterday["created"]]
        repository.recover(ITEM)
        assert repository.inventory(ITEM).head == 2
        assert repository.read(ITEM, "a") == b"2"
        assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}

    def test_versions_have_no_gaps(self, store: ObjectStore, repository: Repository) -> None:
        """Only the next version can be committed; a refused one leaves nothing."""
        for version in (0, 2, -1):
            with pytest.raises(LayoutError):
                repository.commit(ITEM, version, {"a": text("1")}, **NOTE)
        assert self.keys(store) == []
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        with pytest.raises(LayoutError):
            repository.commit(ITEM, 3, {"a": text("1")}, **NOTE)
        assert repository.inventory(ITEM).head == 1

    def test_refuses_other_bytes_than_announced(self, store: ObjectStore, repository: Repository) -> None:
        """Content that is not what was announced stops the version; nothing of it shows, and recovery removes it."""
        wrong = [Content(b"bytes", digest(b"others"), 5), Content(b"bytes", digest(b"bytes"), 4)]
        for content in wrong:
            with pytest.raises(ChecksumMismatchError):
                repository.commit(ITEM, 1, {"a": text("good"), "z": content}, **NOTE)
            assert not repository.exists(ITEM)
            assert list(repository.object_ids()) == []
        assert repository.recover_all() == 1
        assert self.keys(store) == []
        assert repository.commit(ITEM, 1, {"a": text("good")}, **NOTE).head == 1

    def test_refuses_missing_sources(self, store: ObjectStore, repository: Repository, tmp_path: Path) -> None:
        """Content whose source is gone stops the version; nothing of it shows, and recovery removes it."""
        with pytest.raises(NotStoredError):
            repository.commit(ITEM, 1, {"a": text("1"), "z": Content("intake/gone", digest(b""), 0)}, **NOTE)
        with pytest.raises(FileNotFoundError):
            repository.commit(ITEM, 1, {"a": text("1"), "z": Content(tmp_path / "gone", digest(b""), 0)}, **NOTE)
        assert not repository.exists(ITEM)
        assert repository.recover_all() == 1
        assert self.keys(store) == []

    def test_refuses_tricks(self, repository: Repository) -> None:
        """Paths and identifiers that lead elsewhere, or a file that is a folder too, are refused."""
        for path in ("../a", "/a", "a//b", "", "a/..", "档", "a" * 250):
            with pytest.raises(InvalidKeyError):
                repository.commit(ITEM, 1, {path: text("1")}, **NOTE)
        for object_id in ("", "../a", "a/b", "a.b", "档", "a" * 101):
            with pytest.raises(InvalidKeyError):
                repository.commit(object_id, 1, {"a": text("1")}, **NOTE)
        with pytest.raises(LayoutError):
            repository.commit(ITEM, 1, {"a": text("1"), "a/b": text("2")}, **NOTE)
        with pytest.raises(NotStoredError):
            repository.commit(ITEM, 1, {"a": None}, **NOTE)
        with pytest.raises(ValueError, match="time zone"):
            repository.commit(ITEM, 1, {"a": text("1")}, **{**NOTE, "created": datetime(2025, 3, 1)})  # noqa: DTZ001

    def test_one_of_many_writers_wins(self, repository: Repository) -> None:
        """Of several that commit one version with different content, one wins and the others are told."""
        with ThreadPoolExecutor(6) as threads:
            made = list(threads.map(lambda number: _try(repository, f"writer {number}"), range(6)))
        won = [inventory for inventory in made if inventory is not None]
        assert len(won) == 1
        assert won[0] == repository.inventory(ITEM)
        assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}

    def test_writers_of_the_same_agree(self, repository: Repository) -> None:
        """Several that commit one version with the same content all succeed, and there is one version."""
        with ThreadPoolExecutor(6) as threads:
            made = list(threads.map(lambda _: _try(repository, "the same"), range(6)))
        assert [inventory and inventory.head for inventory in made] == [1] * 6
        assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}

    def test_missing_is_said(self, repository: Repository) -> None:
        """What was never committed is not there, whichever way one asks."""
        assert not repository.exists(ITEM)
        with pytest.raises(NotStoredError):
            repository.inventory(ITEM)
        with pytest.raises(NotStoredError):
            repository.read(ITEM, "a")
        with pytest.raises(NotStoredError):
            list(repository.verify(ITEM))

    def test_names_all_objects(self, repository: Repository) -> None:
        """Every object is found again from the store alone."""
        names = {f"item-{number}" for number in range(12)}
        for name in names:
            repository.commit(name, 1, {"a": text(name)}, **NOTE)
        found = list(repository.object_ids())
        assert set(found) == names
        assert len(found) == len(names)

    def test_removes_whole_objects(self, store: ObjectStore, repository: Repository) -> None:
        """A removed object is gone with all its versions; its neighbours stay; removing again is no error."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        repository.commit(ITEM, 2, {"a": text("2")}, **NOTE)
        repository.commit("neighbour", 1, {"a": text("1")}, **NOTE)
        for _ in range(2):
            repository.remove(ITEM)
        assert not repository.exists(ITEM)
        assert self.keys(store) == []
        assert list(repository.object_ids()) == ["neighbour"]


def _try(repository: Repository, words: str) -> Inventory | None:
    """Commit version 1 made of these words; None when another was first."""
    try:
        return repository.commit(ITEM, 1, {"a": text(words), "b": text(f"{words}, again")}, **NOTE)
    except VersionTakenError:
        return None
