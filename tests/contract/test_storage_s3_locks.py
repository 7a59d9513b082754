"""Versions, locks and legal holds in a bucket: what is locked stays, what is deleted is gone, nothing piles up."""

import io
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from storage import open_store
from storage.errors import AlreadyStoredError, NotStoredError, ObjectLockedError, StorageError
from storage.interface import Capability, ObjectStore
from storage.layout import Outcome, Repository
from storage.locks import Lock, LockMode, ObjectLocks
from storage.object_paths import ObjectPaths
from storage.testing.home import digest, put
from storage.testing.repository import ITEM, NOTE, text
from tests.servers.s3 import S3Bucket, S3Server

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.servers

SOON = datetime(2099, 1, 1, tzinfo=UTC)
LATER = datetime(2099, 6, 1, tzinfo=UTC)


class Plain:
    """A plain client on the same bucket."""

    def __init__(self, bucket: S3Bucket) -> None:
        self.bucket = bucket.name
        self.client: S3Client = boto3.client(
            "s3",
            endpoint_url=bucket.server.endpoint,
            aws_access_key_id=bucket.server.access_key,
            aws_secret_access_key=bucket.server.secret_key,
            config=Config(s3={"addressing_style": "path"}),
        )

    def versions(self) -> list[str]:
        """The key of every version and of every delete marker in the bucket."""
        page = self.client.list_object_versions(Bucket=self.bucket)
        entries = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        return sorted(entry["Key"] for entry in entries)

    def hide(self, key: str) -> None:
        """Delete as other programs do: a marker hides the object."""
        self.client.delete_object(Bucket=self.bucket, Key=key)


@pytest.fixture
def bucket(s3_server: S3Server, s3_bucket: S3Bucket) -> S3Bucket:
    """A bucket with object lock."""
    return s3_server.create_bucket(object_lock=True)


@pytest.fixture
def plain(bucket: S3Bucket) -> Plain:
    """A plain client on it."""
    return Plain(bucket)


@pytest.fixture
def store(bucket: S3Bucket) -> ObjectStore:
    """The bucket, probed."""
    store = open_store(bucket.url)
    assert store.probe() == {Capability.EXCLUSIVE_PUT, Capability.OBJECT_LOCK, Capability.VERSIONING}
    return store


@pytest.fixture
def locks(store: ObjectStore) -> ObjectLocks:
    """Its locks."""
    locks = store.locks()
    assert locks is not None
    return locks


def replace(store: ObjectStore, key: str, data: bytes) -> None:
    """Replace the short way."""
    store.replace(key, io.BytesIO(data), sha256=digest(data))


def test_locks_are_offered_only_where_they_were_seen(s3_bucket: S3Bucket, bucket: S3Bucket) -> None:
    """A bucket without locks offers none, and neither does one that nobody has probed."""
    without = open_store(s3_bucket.url)
    assert without.probe() == {Capability.EXCLUSIVE_PUT}
    assert without.locks() is None
    assert open_store(bucket.url).locks() is None


def test_probing_leaves_no_version(store: ObjectStore, plain: Plain) -> None:
    """What probing wrote, locked or not, is gone with all its versions."""
    assert plain.versions() == []


def test_what_is_deleted_is_gone(store: ObjectStore, plain: Plain) -> None:
    """Deleting removes every version and every marker of the key, also hidden ones, and nothing of its neighbours."""
    for data in (b"1", b"2"):
        plain.client.put_object(Bucket=plain.bucket, Key="a", Body=data)
        plain.hide("a")
    put(store, "a-neighbour")
    store.delete("a")
    assert plain.versions() == ["a-neighbour"]


def test_what_lies_under_a_prefix_is_gone(store: ObjectStore, plain: Plain) -> None:
    """Deleting all under a prefix removes hidden objects too."""
    for key in ("a/b", "a/c", "ab"):
        put(store, key)
    plain.hide("a/c")
    store.delete_all("a/")
    assert plain.versions() == ["ab"]


def test_replaced_versions_do_not_pile_up(store: ObjectStore, plain: Plain) -> None:
    """What was replaced is removed, unless a lock keeps it."""
    for number in range(4):
        replace(store, "a", b"%d" % number)
    assert plain.versions() == ["a"]
    assert store.read("a") == b"3"


def test_a_locked_version_outlives_its_replacement(store: ObjectStore, locks: ObjectLocks, plain: Plain) -> None:
    """Replacing a locked object is possible; the locked bytes stay below."""
    put(store, "a", b"locked")
    locks.lock("a", SOON)
    replace(store, "a", b"new")
    replace(store, "a", b"newer")
    assert plain.versions() == ["a", "a"]
    assert store.read("a") == b"newer"
    store.delete("a", unlock=True)
    assert plain.versions() == []


def test_a_locked_object_stays(store: ObjectStore, locks: ObjectLocks) -> None:
    """A locked object is not deleted; with leave to unlock, a governance lock is lifted."""
    put(store, "a", b"1")
    locks.lock("a", SOON)
    assert locks.status("a") == Lock(LockMode.GOVERNANCE, SOON)
    with pytest.raises(ObjectLockedError):
        store.delete("a")
    with pytest.raises(ObjectLockedError):
        store.delete_all("")
    assert store.read("a") == b"1"
    store.delete("a", unlock=True)
    assert not store.exists("a")


def test_a_lock_is_never_shortened(store: ObjectStore, locks: ObjectLocks) -> None:
    """An earlier date changes nothing, a later one prolongs."""
    put(store, "a")
    locks.lock("a", LATER)
    locks.lock("a", SOON)
    assert locks.status("a") == Lock(LockMode.GOVERNANCE, LATER)
    locks.lock("a", LATER + timedelta(milliseconds=1))
    assert locks.status("a") == Lock(LockMode.GOVERNANCE, LATER + timedelta(seconds=1))


def test_compliance_is_never_lifted(store: ObjectStore, locks: ObjectLocks) -> None:
    """A governance lock can be made a compliance lock, never the other way round, and nothing deletes the object."""
    put(store, "a")
    locks.lock("a", SOON)
    locks.lock("a", SOON, LockMode.COMPLIANCE)
    locks.lock("a", LATER, LockMode.GOVERNANCE)
    assert locks.status("a") == Lock(LockMode.COMPLIANCE, LATER)
    with pytest.raises(ObjectLockedError):
        store.delete("a", unlock=True)


def test_a_hold_lasts_until_it_is_lifted(store: ObjectStore, locks: ObjectLocks) -> None:
    """No leave to unlock deletes what is held; a hold and a lock do not touch each other."""
    put(store, "a")
    for _ in range(2):
        locks.hold("a", held=True)
    locks.lock("a", SOON)
    assert locks.status("a") == Lock(LockMode.GOVERNANCE, SOON, held=True)
    with pytest.raises(ObjectLockedError):
        store.delete("a", unlock=True)
    locks.hold("a", held=False)
    assert locks.status("a") == Lock(LockMode.GOVERNANCE, SOON)
    store.delete("a", unlock=True)


def test_only_what_is_there_is_locked(locks: ObjectLocks) -> None:
    """Locks of what is not there are refused, and so is a date without a time zone."""
    with pytest.raises(NotStoredError):
        locks.lock("missing", SOON)
    with pytest.raises(NotStoredError):
        locks.hold("missing", held=True)
    with pytest.raises(NotStoredError):
        locks.status("missing")
    with pytest.raises(ValueError, match="time zone"):
        locks.lock("missing", datetime(2099, 1, 1))  # noqa: DTZ001


def test_a_hidden_object_is_seen_again(store: ObjectStore, plain: Plain) -> None:
    """What somebody hid by a delete marker was stored all the same: the key is taken, and the bytes are seen again."""
    put(store, "a", b"first")
    plain.hide("a")
    with pytest.raises(AlreadyStoredError):
        put(store, "a", b"second")
    assert store.read("a") == b"first"


def test_a_whole_item_is_locked(store: ObjectStore, locks: ObjectLocks, plain: Plain) -> None:
    """Every file that is never written again is locked; a next version can follow and is locked in its turn."""
    repository = Repository(store)
    repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
    for _ in range(2):
        repository.lock(ITEM, SOON)
    repository.commit(ITEM, 2, {"b": text("2")}, **NOTE)
    assert _locked(store, locks) == {"v1"}
    repository.lock(ITEM, LATER)
    assert _locked(store, locks) == {"v1", "v2"}
    assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}
    assert sorted(set(plain.versions())) == plain.versions()


def test_a_locked_item_goes_only_with_leave(store: ObjectStore, plain: Plain) -> None:
    """A disposal lifts governance locks and leaves no version of anything; a hold stops it."""
    repository = Repository(store)
    repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
    repository.lock(ITEM, SOON)
    repository.hold(ITEM, held=True)
    with pytest.raises(ObjectLockedError):
        repository.remove(ITEM, unlock=True)
    assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}
    repository.hold(ITEM, held=False)
    with pytest.raises(ObjectLockedError):
        repository.remove(ITEM)
    assert {check.outcome for check in repository.verify(ITEM)} == {Outcome.OK}
    plain.hide(next(stored.key for stored in store.list(ObjectPaths.of(ITEM).root + "v1/content/")))
    repository.remove(ITEM, unlock=True)
    assert plain.versions() == []


def test_an_item_is_locked_only_where_locks_are(s3_bucket: S3Bucket) -> None:
    """Asking for a lock where none was seen is an error, never silence."""
    repository = Repository(open_store(s3_bucket.url))
    repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
    with pytest.raises(StorageError, match="not seen to lock"):
        repository.lock(ITEM, SOON)


def _locked(store: ObjectStore, locks: ObjectLocks) -> set[str]:
    """The folders of which every file is locked or held; fails where only some are."""
    root = ObjectPaths.of(ITEM).root
    found: dict[str, set[bool]] = {}
    for stored in store.list(root):
        folder, slash, _ = stored.key.removeprefix(root).partition("/")
        found.setdefault(folder if slash else "", set()).add(locks.status(stored.key) != Lock())
    assert all(len(states) == 1 for states in found.values())
    return {folder for folder, states in found.items() if states == {True}}
