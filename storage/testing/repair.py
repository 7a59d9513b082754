"""What the repository promises after a crash and after damage: it finishes, it tidies, and it never hides a loss."""

from datetime import timedelta
from typing import BinaryIO

import pytest

from storage.errors import LayoutError, VersionTakenError
from storage.interface import ObjectStore, StoredObject
from storage.layout import Content, FileCheck, Outcome, Repository
from storage.object_paths import ObjectPaths
from storage.testing.home import put
from storage.testing.repository import ITEM, NOTE, RepositoryHome, text

__all__ = ["RepairContract"]

_MEBIBYTE = 1024 * 1024


class RepairContract(RepositoryHome):
    """Every promise about recovery and verification."""

    def test_recovery_of_a_sound_object_changes_nothing(self, store: ObjectStore, repository: Repository) -> None:
        """Recovering what is sound, or what is not there, leaves everything as it is."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        before = list(store.list())
        repository.recover(ITEM)
        repository.recover("never-was")
        assert repository.recover_all() == 0
        assert list(store.list()) == before

    def test_a_begun_first_version_is_removed(self, store: ObjectStore, repository: Repository) -> None:
        """What was begun and never committed is removed with what was staged for it."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        put(store, ObjectPaths.of("begun").root + "v1/content/0123456789abcdef-a", b"half")
        put(store, "staging/begun/v1/begun", b"")
        put(store, "staging/begun/v1/more", b"half")
        assert repository.recover_all() == 1
        assert self.keys(store, "begun") == []
        assert repository.read(ITEM, "a") == b"1"

    def test_a_begun_next_version_is_removed(self, store: ObjectStore, repository: Repository) -> None:
        """A next version without its inventory is removed; the one before stays the newest."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        before = self.keys(store)
        put(store, self.root(store) + "v2/content/0123456789abcdef-a", b"half")
        put(store, f"staging/{ITEM}/v2/begun", b"")
        assert repository.recover_all() == 1
        assert self.keys(store) == before

    def test_a_committed_version_is_finished(self, store: ObjectStore, repository: Repository) -> None:
        """Once its inventory is there a version counts: recovery brings the root's copies up to it."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        root = self.root(store)
        old = {name: store.read(root + name) for name in ("inventory.json", "inventory.json.sha512")}
        repository.commit(ITEM, 2, {"a": text("2")}, **NOTE)
        for name, data in old.items():
            self.raw_set(store, root + name, data)
        store.delete(root + "v2/inventory.json.sha512")
        assert repository.inventory(ITEM).head == 1
        repository.recover(ITEM)
        assert repository.inventory(ITEM).head == 2
        assert repository.read(ITEM, "a") == b"2"

    def test_a_committed_first_version_is_finished(self, store: ObjectStore, repository: Repository) -> None:
        """Of a first version all that follows the commit point may be missing."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        before = self.keys(store)
        for name in ("inventory.json", "inventory.json.sha512", "v1/inventory.json.sha512", "0=ocfl_object_1.1"):
            store.delete(self.root(store) + name)
        put(store, f"staging/{ITEM}/v1/begun", b"")
        assert repository.recover_all() == 1
        assert self.keys(store) == before

    def test_a_next_commit_finishes_the_one_before(self, store: ObjectStore, repository: Repository) -> None:
        """Without recovery, committing the following version first finishes the one that was interrupted."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        for name in ("inventory.json", "inventory.json.sha512", "0=ocfl_object_1.1"):
            store.delete(self.root(store) + name)
        assert repository.commit(ITEM, 2, {"b": text("2")}, **NOTE).head == 2
        assert repository.read(ITEM, "a") == b"1"

    def test_a_late_writers_files_are_removed(self, store: ObjectStore, repository: Repository) -> None:
        """Files that a writer left who came too late for a version do not stay in it, be it the newest or not."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        repository.commit(ITEM, 2, {"a": text("2")}, **NOTE)
        before = self.keys(store)
        put(store, self.root(store) + "v1/content/0123456789abcdef-a", b"late")
        put(store, self.root(store) + "v2/content/b/0123456789abcdef-c", b"late")
        repository.recover(ITEM)
        assert self.keys(store) == before

    def test_what_lies_there_is_believed_only_after_reading(self, store: ObjectStore, repository: Repository) -> None:
        """What a dead try left where the new files belong is kept if it is right and replaced if it is not."""
        repository.commit(ITEM, 1, {"a": text("one"), "b": text("two"), "c": text("three")}, **NOTE)
        contents = [key for key in self.keys(store) if "/content/" in key]
        whole = {key: store.read(self.root(store) + key) for key in contents}
        root = self.root(store)
        repository.remove(ITEM)
        for key, left in zip(contents, (whole[contents[0]], b"tw", b"thxee"), strict=True):
            put(store, root + key, left)
        repository.commit(ITEM, 1, {"a": text("one"), "b": text("two"), "c": text("three")}, **NOTE)
        assert {key: self.raw_get(store, root + key) for key in contents} == whole
        assert _faults(repository) == {}

    def test_what_anothers_recovery_took_is_put_again(
        self, store: ObjectStore, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A writer whose files a recovery takes away just before he commits puts them again before anybody sees."""
        unwatched = store.put

        def recovered_first(key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
            if key.endswith("v1/inventory.json"):
                Repository(store).recover(ITEM)
                assert [key for key in self.keys(store) if "/content/" in key] == []
            return unwatched(key, source, sha256=sha256)

        monkeypatch.setattr(store, "put", recovered_first)
        repository.commit(ITEM, 1, {"a": text("one"), "b": text("two")}, **NOTE)
        assert _faults(repository) == {}
        assert (repository.read(ITEM, "a"), repository.read(ITEM, "b")) == (b"one", b"two")

    def test_committing_again_brings_back_what_is_gone(self, store: ObjectStore, repository: Repository) -> None:
        """The same version once more, by somebody who has the bytes, mends what is missing or cut."""
        changes = {"a": text("one"), "b": text("two")}
        repository.commit(ITEM, 1, changes, **NOTE)
        first, second = [self.root(store) + key for key in self.keys(store) if "/content/" in key]
        store.delete(first)
        self.raw_set(store, second, b"t")
        repository.commit(ITEM, 1, changes, **NOTE)
        assert _faults(repository) == {}

    def test_who_comes_second_finishes_for_the_first(self, store: ObjectStore, repository: Repository) -> None:
        """A writer who finds the version committed by one that died right then brings it to its end, and is told."""
        repository.commit(ITEM, 1, {"a": text("first")}, **NOTE)
        before = self.keys(store)
        for name in ("inventory.json", "inventory.json.sha512", "v1/inventory.json.sha512", "0=ocfl_object_1.1"):
            store.delete(self.root(store) + name)
        put(store, f"staging/{ITEM}/v1/begun", b"")
        with pytest.raises(VersionTakenError):
            repository.commit(ITEM, 1, {"a": text("second"), "b": text("more")}, **NOTE)
        assert self.keys(store) == before
        assert repository.read(ITEM, "a") == b"first"

    def test_a_begun_removal_is_finished(self, store: ObjectStore, repository: Repository) -> None:
        """A removal that was interrupted goes on, however much is left."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        store.delete(self.root(store) + "inventory.json")
        put(store, f"staging/{ITEM}/removal", b"")
        assert repository.recover_all() == 1
        assert self.keys(store) == []

    def test_names_what_was_begun(self, store: ObjectStore, repository: Repository) -> None:
        """What somebody has written to within the idle time is not named as begun."""
        put(store, "staging/busy/v1/begun", b"")
        assert repository.begun(idle=timedelta(hours=1)) == []
        assert repository.begun(idle=timedelta()) == ["busy"]
        repository.recover("busy")

    @pytest.mark.parametrize("name", ["v1/inventory.json", "v2/inventory.json"])
    def test_recovery_never_hides_a_loss(self, store: ObjectStore, repository: Repository, name: str) -> None:
        """When a committed inventory is gone, that is no crash: recovery refuses and removes nothing."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        repository.commit(ITEM, 2, {"b": text("2")}, **NOTE)
        key = self.root(store) + name
        lost = store.read(key)
        store.delete(key)
        before = self.keys(store)
        with pytest.raises(LayoutError):
            repository.recover(ITEM)
        assert self.keys(store) == before
        self.raw_set(store, key, lost)

    @pytest.mark.parametrize("head", [1, 2])
    def test_recovery_never_takes_a_lost_version_for_a_begun_one(
        self, store: ObjectStore, repository: Repository, head: int
    ) -> None:
        """When the newest version's inventory and the root's are both gone, nobody began it: its bytes stay."""
        for number in range(1, head + 1):
            repository.commit(ITEM, number, {"a": text(str(number))}, **NOTE)
        lost = {key: store.read(key) for key in (self.root(store) + name for name in self.newest(head))}
        for key in lost:
            store.delete(key)
        before = self.keys(store)
        with pytest.raises(LayoutError):
            repository.recover(ITEM)
        assert self.keys(store) == before
        for key, data in lost.items():
            self.raw_set(store, key, data)

    @staticmethod
    def newest(head: int) -> tuple[str, str]:
        """The two inventories that know of the head."""
        return "inventory.json", f"v{head}/inventory.json"

    def test_recovery_never_spreads_damage(self, store: ObjectStore, repository: Repository) -> None:
        """An inventory that its sidecar disowns is not copied over the good one at the root."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        key, good = self.root(store) + "v1/inventory.json", store.read(self.root(store) + "inventory.json")
        self.raw_set(store, key, good.replace(b'"a"', b'"b"'))
        with pytest.raises(LayoutError):
            repository.recover(ITEM)
        assert store.read(self.root(store) + "inventory.json") == good
        self.raw_set(store, key, good)

    def test_verifies_every_file(self, store: ObjectStore, repository: Repository) -> None:
        """Of a sound object every stored file is read and found ok, with the bytes that were read."""
        repository.commit(ITEM, 1, {"a": text("one"), "b/c": text("three")}, **NOTE)
        repository.commit(ITEM, 2, {"a": text("four")}, **NOTE)
        checks = list(repository.verify(ITEM))
        assert sorted(check.path for check in checks) == self.keys(store)
        assert {check.outcome for check in checks} == {Outcome.OK}
        assert sum(check.size for check in checks if "/content/" in check.path) == len("onethreefour")

    def test_tells_of_every_piece(
        self, store: ObjectStore, repository: Repository, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """Who sets the pace hears of all content, in small pieces; a large file is not held open; he may break off."""
        whole = 64 * _MEBIBYTE
        repository.commit(ITEM, 1, {"a": text("small"), "b": Content.of_bytes(bytes(whole))}, **NOTE)
        heard: list[int] = []
        opened: list[int] = []
        unwatched = store.open

        def watched(key: str, *, start: int = 0) -> BinaryIO:
            opened.append(start)
            return unwatched(key, start=start)

        monkeypatch.setattr(store, "open", watched)
        assert {check.outcome for check in repository.verify(ITEM, heard.append)} == {Outcome.OK}
        assert sum(heard) == len("small") + whole
        assert max(heard) <= 16 * _MEBIBYTE
        assert whole in opened
        with pytest.raises(TimeoutError):
            list(repository.verify(ITEM, _break_off))

    def test_finds_a_changed_bit_and_a_cut_end(self, store: ObjectStore, repository: Repository) -> None:
        """One bit of a large file, its lost last byte, one more at its end: each is found, with and without pace."""
        data = bytes(2 * _MEBIBYTE)
        repository.commit(ITEM, 1, {"a": Content.of_bytes(data)}, **NOTE)
        path = next(key for key in self.keys(store) if "/content/" in key)
        flipped = bytearray(data)
        flipped[_MEBIBYTE + 17] ^= 1
        for bad in (bytes(flipped), data[:-1], data + b"\0", b""):
            self.raw_set(store, self.root(store) + path, bad)
            for pace in (None, lambda _size: None):
                found = [check for check in repository.verify(ITEM, pace) if check.outcome is not Outcome.OK]
                assert [(check.path, check.outcome, check.size) for check in found] == [
                    (path, Outcome.DAMAGED, len(bad))
                ]
        self.raw_set(store, self.root(store) + path, data)

    def test_finds_damaged_and_missing_content(self, store: ObjectStore, repository: Repository) -> None:
        """One changed bit and one missing file are found and named, also in an old version."""
        repository.commit(ITEM, 1, {"a": text("one"), "b": text("two"), "c": text("three")}, **NOTE)
        repository.commit(ITEM, 2, {"a": text("four"), "b": None}, **NOTE)
        root = self.root(store)
        a, b = (
            next(key for key in self.keys(store) if key.startswith("v1/") and key.endswith(end)) for end in ("-a", "-b")
        )
        self.raw_set(store, root + a, b"ooe")
        store.delete(root + b)
        assert _faults(repository) == {a: Outcome.DAMAGED, b: Outcome.MISSING}
        self.raw_set(store, root + a, b"one")
        self.raw_set(store, root + b, b"two")

    def test_finds_foreign_files(self, store: ObjectStore, repository: Repository) -> None:
        """A file that no inventory knows is reported, and recovery leaves it to be looked at: we did not write it."""
        repository.commit(ITEM, 1, {"a": text("one")}, **NOTE)
        self.raw_set(store, self.root(store) + "v1/content/foreign", b"x")
        repository.recover(ITEM)
        assert _faults(repository) == {"v1/content/foreign": Outcome.DAMAGED}
        store.delete(self.root(store) + "v1/content/foreign")

    @pytest.mark.parametrize(
        "name",
        [
            "inventory.json",
            "inventory.json.sha512",
            "v1/inventory.json",
            "v1/inventory.json.sha512",
            "v2/inventory.json",
            "v2/inventory.json.sha512",
            "0=ocfl_object_1.1",
        ],
    )
    def test_finds_damage_of_its_own_files(self, store: ObjectStore, repository: Repository, name: str) -> None:
        """Damage to an inventory, a sidecar or the declaration is found, and the content is checked all the same."""
        repository.commit(ITEM, 1, {"a": text("one")}, **NOTE)
        repository.commit(ITEM, 2, {"b": text("two")}, **NOTE)
        key = self.root(store) + name
        good = store.read(key)
        self.raw_set(store, key, good[:-2] + b"\n")
        checks = list(repository.verify(ITEM))
        assert name.removesuffix(".sha512") in {check.path for check in checks if check.outcome is Outcome.DAMAGED}
        assert {check.outcome for check in checks if "/content/" in check.path} == {Outcome.OK}
        store.delete(key)
        assert _faults(repository)[name] is Outcome.MISSING
        self.raw_set(store, key, good)
        assert _faults(repository) == {}

    def test_finds_a_version_gone_altogether(self, store: ObjectStore, repository: Repository) -> None:
        """When a whole version's folder is gone, every file of it is missed."""
        repository.commit(ITEM, 1, {"a": text("one")}, **NOTE)
        repository.commit(ITEM, 2, {"b": text("two")}, **NOTE)
        lost = {stored.key: store.read(stored.key) for stored in store.list(self.root(store) + "v1/")}
        for key in lost:
            store.delete(key)
        missing = {
            self.root(store) + path for path, outcome in _faults(repository).items() if outcome is Outcome.MISSING
        }
        assert missing == set(lost)
        for key, data in lost.items():
            self.raw_set(store, key, data)


def _faults(repository: Repository) -> dict[str, Outcome]:
    checks: list[FileCheck] = list(repository.verify(ITEM))
    return {check.path: check.outcome for check in checks if check.outcome is not Outcome.OK}


def _break_off(_size: int) -> None:
    raise TimeoutError
