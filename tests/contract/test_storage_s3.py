"""A bucket on a real server keeps what every object store promises, and the repository on it."""

from collections import Counter
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from storage import open_store
from storage.errors import StoreUnavailableError
from storage.interface import ObjectStore
from storage.testing import ObjectStoreContract, RepositoryContract
from storage.testing.home import StoreHome, put
from storage.testing.objects import OneObjectContract
from tests.servers.s3 import S3Bucket, S3Server

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.servers

PREFIX = "archive/of/ours"


@lru_cache(maxsize=1)
def _client(server: S3Server) -> "S3Client":
    return boto3.client(
        "s3",
        endpoint_url=server.endpoint,
        aws_access_key_id=server.access_key,
        aws_secret_access_key=server.secret_key,
        config=Config(s3={"addressing_style": "path"}),
    )


class Bucket(StoreHome):
    """A prefix in a bucket of its own for each test, on versitygw."""

    def raw_get(self, store: ObjectStore, key: str) -> bytes | None:
        """The bytes, asked with a plain client."""
        try:
            return self.client.get_object(Bucket=self.bucket.name, Key=f"{PREFIX}/{key}")["Body"].read()
        except ClientError:
            return None

    def raw_set(self, store: ObjectStore, key: str, data: bytes) -> None:
        """Put with a plain client."""
        self.client.put_object(Bucket=self.bucket.name, Key=f"{PREFIX}/{key}", Body=data)

    def raw_names(self, store: ObjectStore) -> set[str]:
        """Every key of the bucket, and every upload in parts that is not finished."""
        keys = self.client.list_objects_v2(Bucket=self.bucket.name).get("Contents", [])
        uploads = self.client.list_multipart_uploads(Bucket=self.bucket.name).get("Uploads", [])
        return {entry["Key"] for entry in keys} | {f"unfinished {entry['Key']}" for entry in uploads}

    @pytest.fixture
    def place(self, s3_bucket: S3Bucket) -> ObjectStore:
        """A bucket that holds something else already."""
        self.bucket = s3_bucket
        self.client = _client(s3_bucket.server)
        self.client.put_object(Bucket=s3_bucket.name, Key="archive/others", Body=b"not ours")
        parts = urlsplit(s3_bucket.url)
        return open_store(f"s3://{parts.netloc}/{PREFIX}?{parts.query}")

    @pytest.fixture
    def store(self, place: ObjectStore) -> ObjectStore:
        """This bucket, as it is."""
        return place


class VersionedBucket(Bucket):
    """A prefix in a bucket of its own that keeps every version, as one with object lock does."""

    def raw_names(self, store: ObjectStore) -> set[str]:
        """Every version and every delete marker of the bucket too."""
        return super().raw_names(store) | versions(self.client, self.bucket.name)

    @pytest.fixture
    def store(self, s3_server: S3Server, s3_bucket: S3Bucket) -> ObjectStore:
        """A bucket with object lock."""
        self.bucket = s3_server.create_bucket(object_lock=True)
        self.client = _client(s3_server)
        parts = urlsplit(self.bucket.url)
        return open_store(f"s3://{parts.netloc}/{PREFIX}?{parts.query}")


class TestS3Store(Bucket, ObjectStoreContract):
    """The object-store contract on a bucket."""


class TestS3Repository(Bucket, RepositoryContract):
    """The repository contract on a bucket."""


class TestVersionedS3Store(VersionedBucket, OneObjectContract):
    """The object-store contract where nothing is gone before all its versions are."""


def versions(client: "S3Client", bucket: str) -> set[str]:
    """How many versions and delete markers each key has."""
    page = client.list_object_versions(Bucket=bucket)
    kept = Counter(entry["Key"] for entry in page.get("Versions", []))
    marked = Counter(entry["Key"] for entry in page.get("DeleteMarkers", []))
    return {f"{count} versions of {key}" for key, count in kept.items()} | {
        f"{count} markers of {key}" for key, count in marked.items()
    }


def test_wrong_credentials_are_unavailable(s3_bucket: S3Bucket, monkeypatch: pytest.MonkeyPatch) -> None:
    """Wrong credentials stop the work until somebody mends them; they never look like a missing object."""
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wrong")
    with pytest.raises(StoreUnavailableError):
        open_store(s3_bucket.url).stat("a")
    with pytest.raises(StoreUnavailableError):
        put(open_store(f"{s3_bucket.url.replace(s3_bucket.name, 'no-such-bucket')}"), "a")
