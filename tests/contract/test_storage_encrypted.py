"""An encrypted store keeps what every object store promises, and so does a repository whose content is sealed."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from storage import open_store
from storage.encryption.cipher import Cipher
from storage.encryption.key_file import KeyFile
from storage.encryption.paths import ARCHIVE_KEY, item_key
from storage.encryption.store import EncryptedStore
from storage.errors import ChecksumMismatchError, InvalidKeyError, NotStoredError, SealBrokenError
from storage.interface import ObjectStore
from storage.layout import Content, Outcome, Repository
from storage.testing import ObjectStoreContract
from storage.testing.home import digest, put
from storage.testing.judge import assert_valid_repository
from storage.testing.repository import ITEM, NOTE, VersionsContract, text
from tests.contract.test_storage_filesystem import Folder
from tests.contract.test_storage_s3 import Bucket
from tests.factories.sealed import opened_by_hand, unwrapped


class Sealed(ObjectStoreContract):
    """The object-store contract on a home whose bytes are all sealed."""

    def by_hand(self, sealed: bytes | None, wrapped: bytes | None) -> bytes | None:
        """The bytes that lie somewhere, opened without any help of the store."""
        return opened_by_hand(sealed, unwrapped(wrapped, ARCHIVE_KEY, self.key_file)) if sealed and wrapped else None

    def encrypted(self, place: ObjectStore, folder: Path) -> ObjectStore:
        """The place with a key file of its own."""
        self.key_file = folder / "danggui.keys"
        return EncryptedStore(place, Cipher(place, KeyFile.create(self.key_file)))

    def test_wrapped_keys_are_not_seen(self, store: ObjectStore) -> None:
        """Through the encrypted store nobody reads, writes or lists wrapped keys."""
        put(store, "a")
        assert [stored.key for stored in store.list()] == ["a"]
        with pytest.raises(InvalidKeyError):
            store.read("keys/archive")
        with pytest.raises(InvalidKeyError):
            store.delete("keys/archive")


@pytest.mark.servers
class TestEncryptedBucket(Sealed, Bucket):
    """The object-store contract on a bucket that holds sealed bytes only."""

    def raw_get(self, store: ObjectStore, key: str) -> bytes | None:
        """The bytes that lie there, opened."""
        return self.by_hand(super().raw_get(store, key), super().raw_get(store, ARCHIVE_KEY))

    def raw_names(self, store: ObjectStore) -> set[str]:
        """All that lies there, but for the key that is made with the first of them."""
        return {name for name in super().raw_names(store) if not name.endswith(ARCHIVE_KEY)}

    @pytest.fixture
    def store(self, place: ObjectStore, tmp_path: Path) -> ObjectStore:
        """A bucket that holds something else already, and a key file."""
        return self.encrypted(place, tmp_path)


class TestEncryptedStore(Sealed, Folder):
    """The object-store contract on a folder that holds sealed bytes only."""

    def raw_get(self, store: ObjectStore, key: str) -> bytes | None:
        """The bytes that lie there, opened."""
        return self.by_hand(super().raw_get(store, key), super().raw_get(store, ARCHIVE_KEY))

    def raw_names(self, store: ObjectStore) -> set[str]:
        """All that lies there, but for the key that is made with the first of them."""
        return {name for name in super().raw_names(store) if not name.endswith(ARCHIVE_KEY)}

    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectStore:
        """A folder that is made with the first object, and a key file beside it."""
        return self.encrypted(open_store((tmp_path / "store").as_uri()), tmp_path)


class TestEncryptedRepository(Folder, VersionsContract):
    """The contract on versions with sealed content. The judge, recovery and checks need no key and know of none."""

    @pytest.fixture
    def repository(self, store: ObjectStore, tmp_path: Path) -> Iterator[Repository]:
        """An initialised repository; after the test it must be valid OCFL, as it lies, with nothing staged."""
        repository = Repository(store, Cipher(store, KeyFile.create(tmp_path / "danggui.keys")))
        repository.initialise()
        yield repository
        assert list(store.list("staging/")) == []
        assert_valid_repository(store, tmp_path / "judged")

    def test_keeps_a_first_version(self, repository: Repository) -> None:
        """What is committed can be read by its logical path; the inventory speaks of the sealed bytes alone."""
        made = repository.commit(ITEM, 1, {"original/0001.tif": text("scan"), "metadata.json": text("{}")}, **NOTE)
        assert repository.read(ITEM, "original/0001.tif") == b"scan"
        assert set(made.state_sha256(1)) == {"original/0001.tif", "metadata.json"}
        assert digest(b"scan") not in made.sha256.values()
        assert repository.inventory(ITEM) == made

    def test_a_version_may_change_nothing(self, repository: Repository) -> None:
        """A version that only says something is a version, and so is one that takes everything away."""
        first = repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        assert repository.commit(ITEM, 2, {}, **NOTE).state == first.state
        assert repository.commit(ITEM, 3, {"a": None}, **NOTE).state == {}

    def test_verifies_every_file(self, store: ObjectStore, repository: Repository) -> None:
        """Of a sound object every stored file is read and found ok, by whoever has no key."""
        repository.commit(ITEM, 1, {"a": text("one"), "b/c": text("three")}, **NOTE)
        checks = list(Repository(store).verify(ITEM))
        assert sorted(check.path for check in checks) == self.keys(store)
        assert {check.outcome for check in checks} == {Outcome.OK}

    def test_finds_damaged_and_missing_content(self, store: ObjectStore, repository: Repository) -> None:
        """One changed bit and one missing file are found and named, by whoever has no key; reading gives nothing."""
        repository.commit(ITEM, 1, {"a": text("one"), "b": text("two")}, **NOTE)
        a, b = (self.root(store) + repository.inventory(ITEM).content_path(path) for path in ("a", "b"))
        good = {key: store.read(key) for key in (a, b)}
        self.raw_set(store, a, good[a][:-1] + bytes([good[a][-1] ^ 1]))
        store.delete(b)
        found = {self.root(store) + check.path: check.outcome for check in Repository(store).verify(ITEM)}
        assert (found[a], found[b]) == (Outcome.DAMAGED, Outcome.MISSING)
        with pytest.raises(SealBrokenError):
            repository.read(ITEM, "a")
        for key, data in good.items():
            self.raw_set(store, key, data)

    def test_refuses_other_bytes_than_announced(self, store: ObjectStore, repository: Repository) -> None:
        """Content that is not what was announced stops the version before anything is written."""
        for wrong in (Content(b"bytes", digest(b"others"), 5), Content(b"bytes", digest(b"bytes"), 4)):
            with pytest.raises(ChecksumMismatchError):
                repository.commit(ITEM, 1, {"a": text("good"), "z": wrong}, **NOTE)
        assert (self.keys(store), list(store.list("staging/"))) == ([], [])

    def test_refuses_missing_sources(self, store: ObjectStore, repository: Repository, tmp_path: Path) -> None:
        """Content whose source is gone stops the version before anything is written."""
        with pytest.raises(NotStoredError):
            repository.commit(ITEM, 1, {"a": text("1"), "z": Content("intake/gone", digest(b""), 0)}, **NOTE)
        with pytest.raises(FileNotFoundError):
            repository.commit(ITEM, 1, {"a": text("1"), "z": Content(tmp_path / "gone", digest(b""), 0)}, **NOTE)
        assert (self.keys(store), list(store.list("staging/"))) == ([], [])

    def test_a_removed_object_takes_its_key_along(self, store: ObjectStore, repository: Repository) -> None:
        """With the object its key is gone; its neighbour's stays. Removing needs no key."""
        repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
        repository.commit("neighbour", 1, {"a": text("1")}, **NOTE)
        Repository(store).remove(ITEM)
        assert [stored.key for stored in store.list("keys/")] == sorted([item_key("neighbour"), "keys/archive"])

    def test_sealing_again_gives_the_same_bytes(self, repository: Repository) -> None:
        """The same file of the same item is the same sealed bytes each time, and of another item it is not."""
        first = repository.commit(ITEM, 1, {"a": text("same")}, **NOTE)
        again = repository.commit(ITEM, 2, {"b": text("same"), "c": text("other")}, **NOTE)
        assert again.state["b"] == first.state["a"]
        assert again.state["c"] != first.state["a"]
        assert repository.commit("other", 1, {"a": text("same")}, **NOTE).state["a"] != first.state["a"]
