"""A large object on its way into a bucket: what has arrived is not sent again, and nothing unfinished is left."""

import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import pytest
from botocore.config import Config

from storage import open_store
from storage.errors import AlreadyStoredError, StoreUnavailableError
from storage.fixity import sha256_of
from storage.interface import ObjectStore
from tests.crash.bucket_writer import PART, PARTS, SHA256, SIZE, put_large
from tests.servers.doorway import Doorway, doorway
from tests.servers.s3 import S3Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

pytestmark = pytest.mark.servers

ROOT = Path(__file__).parents[2]
KEY = "intake/large"
#: what requests need besides the bytes of the object
OVERHEAD = 100_000


@pytest.fixture
def client(s3_bucket: S3Bucket) -> "S3Client":
    """A plain client."""
    server = s3_bucket.server
    return boto3.client("s3", endpoint_url=server.endpoint, config=Config(s3={"addressing_style": "path"}))


def _kill_in_the_middle(url: str, fault: str) -> None:
    killed = subprocess.run(
        [sys.executable, "-m", "tests.crash.bucket_writer", url, KEY],
        env={**os.environ, "DANGGUI_FAULT": fault},
        cwd=ROOT,
        capture_output=True,
        check=False,
        timeout=120,
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr


def _arrived(client: "S3Client", bucket: str) -> dict[int, int]:
    """Sizes of the parts of the unfinished upload, by number."""
    (upload,) = client.list_multipart_uploads(Bucket=bucket).get("Uploads", [])
    answer = client.list_parts(Bucket=bucket, Key=upload["Key"], UploadId=upload["UploadId"])
    return {part["PartNumber"]: part["Size"] for part in answer.get("Parts", [])}


def _through(door: Doorway, bucket: S3Bucket) -> ObjectStore:
    return open_store(bucket.url.replace(bucket.server.endpoint, door.url))


def _assert_whole(store: ObjectStore, client: "S3Client", bucket: str) -> None:
    """The object is there, byte for byte, and no upload is unfinished."""
    with store.open(KEY) as stream:
        assert sha256_of(stream) == SHA256
    assert client.list_multipart_uploads(Bucket=bucket).get("Uploads", []) == []


@pytest.mark.parametrize("fault", ["s3.part:1", "s3.part:4"])
def test_a_killed_upload_goes_on(s3_bucket: S3Bucket, client: "S3Client", fault: str) -> None:
    """After kill -9 the same put sends exactly what had not arrived, and leaves nothing unfinished."""
    _kill_in_the_middle(s3_bucket.url, fault)
    arrived = _arrived(client, s3_bucket.name)
    assert 1 <= len(arrived) <= PARTS
    with doorway(s3_bucket.server.endpoint) as door:
        store = _through(door, s3_bucket)
        assert put_large(store, KEY).size == SIZE
        missing = SIZE - sum(arrived.values())
        assert missing <= door.passed_in < missing + OVERHEAD
        _assert_whole(store, client, s3_bucket.name)


def test_other_bytes_are_sent_again(s3_bucket: S3Bucket, client: "S3Client") -> None:
    """A part that is not ours, although it was sent for this key, is sent again; the rest is not."""
    begun = client.create_multipart_upload(Bucket=s3_bucket.name, Key=KEY)["UploadId"]
    for number, data in ((1, b"\0" * PART), (2, b"other" * 1_200_000), (9, b"more" * 2_000_000)):
        client.upload_part(Bucket=s3_bucket.name, Key=KEY, UploadId=begun, PartNumber=number, Body=data)
    with doorway(s3_bucket.server.endpoint) as door:
        put_large(_through(door, s3_bucket), KEY)
        assert SIZE - PART <= door.passed_in < SIZE - PART + OVERHEAD
    _assert_whole(open_store(s3_bucket.url), client, s3_bucket.name)


def test_a_taken_key_is_refused_before_anything_is_sent(s3_bucket: S3Bucket) -> None:
    """Many bytes for a key that is taken are not sent for nothing."""
    with doorway(s3_bucket.server.endpoint) as door:
        store = _through(door, s3_bucket)
        put_large(store, KEY)
        before = door.passed_in
        with pytest.raises(AlreadyStoredError):
            put_large(store, KEY)
        assert door.passed_in - before < OVERHEAD


def test_a_connection_lost_in_a_part_is_made_up(s3_bucket: S3Bucket, client: "S3Client") -> None:
    """When a connection is reset in the middle of a part, that part is sent again, and only that."""
    with doorway(s3_bucket.server.endpoint) as door:
        store = _through(door, s3_bucket)
        door.break_request(after=PART // 2)
        put_large(store, KEY)
        assert door.broken == 1
        assert door.passed_in < SIZE + PART + OVERHEAD
        _assert_whole(store, client, s3_bucket.name)


def test_an_upload_the_server_left_goes_on(s3_bucket: S3Bucket, client: "S3Client") -> None:
    """When the server goes away in the middle, the caller is told to come again, and what had arrived counts then."""

    class Leaving:
        """Gives the bytes, and shuts the door when four parts have been read."""

        def __init__(self, door: Doorway) -> None:
            self.read_up_to_now, self.door = 0, door

        def read(self, size: int = -1) -> bytes:
            number = self.read_up_to_now // PART
            if number == 5:
                self.door.shut()
            data = bytes([number]) * min(size, PART * (number + 1) - self.read_up_to_now)
            self.read_up_to_now += len(data)
            return data

    with doorway(s3_bucket.server.endpoint) as door:
        store = _through(door, s3_bucket)
        with pytest.raises(StoreUnavailableError):
            put_large(store, KEY, Leaving(door))  # type: ignore[arg-type]
        arrived = _arrived(client, s3_bucket.name)
        assert arrived
        door.open()
        before = door.passed_in
        put_large(store, KEY)
        assert door.passed_in - before < SIZE - sum(arrived.values()) + OVERHEAD
        _assert_whole(store, client, s3_bucket.name)
