"""A second, quite different S3 server keeps the same promises; what it lacks is reported as lacking."""

from pathlib import Path

import pytest

from storage import open_store
from storage.errors import StorageError
from storage.interface import Capability, ObjectStore
from storage.layout import Repository
from storage.testing import ObjectStoreContract, RepositoryContract
from storage.testing.home import put
from storage.testing.judge import assert_valid_repository
from storage.testing.repository import ITEM, NOTE, text
from tests.contract.test_storage_s3 import PREFIX, Bucket
from tests.servers.s3 import S3Bucket, S3Server

pytestmark = pytest.mark.servers


@pytest.fixture
def s3_bucket(s3proxy_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Bucket:
    """An empty bucket on S3Proxy."""
    for name, value in s3proxy_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3proxy_server.create_bucket()


class TestS3ProxyStore(Bucket, ObjectStoreContract):
    """The object-store contract on S3Proxy, whose folders need some of a name for themselves."""

    longest_segment = 200

    def raw_set(self, store: ObjectStore, key: str, data: bytes) -> None:
        """Write the file that the server takes for an object."""
        file = self.bucket.file(f"{PREFIX}/{key}")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def test_a_name_too_long_leaves_nothing(self, store: ObjectStore) -> None:
        """What the server cannot keep is refused, and neither seen nor in the way afterwards."""
        with pytest.raises(StorageError):
            put(store, "a" * 255)
        assert list(store.list()) == []


class TestS3ProxyRepository(Bucket, RepositoryContract):
    """The repository contract on S3Proxy."""


def test_what_it_lacks_is_said(s3_bucket: S3Bucket, tmp_path: Path) -> None:
    """Neither versions nor locks are reported, and the archive works without them."""
    store = open_store(s3_bucket.url)
    assert store.probe() <= {Capability.EXCLUSIVE_PUT}
    assert store.locks() is None
    repository = Repository(store)
    repository.initialise()
    repository.commit(ITEM, 1, {"a": text("1")}, **NOTE)
    assert_valid_repository(store, tmp_path / "judged")
    repository.remove(ITEM, unlock=True)
    assert not repository.exists(ITEM)
