"""A bucket that keeps objects, on any server that speaks S3. Objects leave it through us only, never by signed links.

What is new is put with `If-None-Match`. Servers exist that ignore it, so until `probe` has seen it work, every put
looks first. SHA-256 is computed here while sending; the server's own checksums are the second opinion.
"""

import logging
from collections.abc import Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO

import boto3
from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from storage.errors import AlreadyStoredError, ChecksumMismatchError, NotStoredError, StorageError
from storage.interface import Capability, ObjectStore, StoredObject
from storage.keys import check_key, check_prefix
from storage.probing import one_writer_wins
from storage.s3_address import S3Address
from storage.s3_errors import named_errors
from storage.s3_lock import refuses_locked_delete
from storage.s3_reader import open_object
from storage.s3_upload import Target, upload

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["S3Store"]

_log = logging.getLogger(__name__)

_GIBIBYTE = 1024**3
_COPY = TransferConfig(multipart_threshold=_GIBIBYTE, multipart_chunksize=_GIBIBYTE, max_concurrency=2)
_STALE = timedelta(days=1)


class S3Store(ObjectStore):
    """Objects of one bucket under one prefix. The bucket must exist; credentials come from the environment."""

    def __init__(self, address: S3Address) -> None:
        self.url = address.url
        self._bucket, self._prefix = address.bucket, address.prefix
        self._client = _client(address)
        self._refuses_second_put = False

    def put(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.put. A retry within may find its own first attempt and raise AlreadyStoredError."""
        check_key(key)
        if not self._refuses_second_put and self.exists(key):
            raise AlreadyStoredError(key)
        return self._send(key, source, sha256=sha256, exclusive=True)

    def replace(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.replace."""
        return self._send(key, source, sha256=sha256, exclusive=False)

    def open(self, key: str) -> BinaryIO:
        """See ObjectStore.open."""
        return open_object(self._client, self.url, self._bucket, self._name(key), key)

    def stat(self, key: str) -> StoredObject:
        """See ObjectStore.stat."""
        name = self._name(key)
        with named_errors(self.url, key):
            answer = self._client.head_object(Bucket=self._bucket, Key=name)
        return StoredObject(key, answer["ContentLength"], answer["LastModified"].astimezone(UTC))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See ObjectStore.list; a thousand keys are in memory at a time."""
        return self._list(check_prefix(prefix))

    def move(self, source: str, target: str) -> StoredObject:
        """See ObjectStore.move: a copy within the server, then a delete; of two movers to one key both may win."""
        name = self._name(target)
        size = self.stat(source).size
        if self.exists(target):
            raise AlreadyStoredError(target)
        with named_errors(self.url, source):
            self._client.copy({"Bucket": self._bucket, "Key": self._name(source)}, self._bucket, name, Config=_COPY)
        moved = self._confirmed(target, size)
        self.delete(source)
        return moved

    def delete(self, key: str, *, unlock: bool = False) -> None:  # noqa: ARG002
        """See ObjectStore.delete."""
        name = self._name(key)
        # Some servers say so when another was faster; it is gone, which is all that was asked.
        with suppress(NotStoredError), named_errors(self.url, key):
            self._client.delete_object(Bucket=self._bucket, Key=name)

    def probe(self) -> frozenset[Capability]:
        """See ObjectStore.probe. Also forgets uploads in parts that nobody has finished for a day."""
        found = set()
        self._refuses_second_put = one_writer_wins(self, self._put_unseen)
        if self._refuses_second_put:
            found.add(Capability.EXCLUSIVE_PUT)
        if refuses_locked_delete(self._client, self.url, self._bucket, self._prefix):
            found.add(Capability.OBJECT_LOCK)
        self._sweep()
        return frozenset(found)

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)

    def _put_unseen(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        return self._send(key, source, sha256=sha256, exclusive=True)

    def _send(self, key: str, source: BinaryIO, *, sha256: str, exclusive: bool) -> StoredObject:
        target = Target(self._client, self.url, self._bucket, self._name(key), key, exclusive)
        return self._confirmed(key, upload(target, source, sha256))

    def _confirmed(self, key: str, size: int) -> StoredObject:
        """What the server now says of an object it claims to have stored; a success that is none leaves nothing."""
        stored = self.stat(key)
        if stored.size != size:
            self.delete(key)
            raise ChecksumMismatchError(key, f"the store kept {stored.size} of {size} bytes; send them again")
        return stored

    def _list(self, prefix: str) -> Iterator[StoredObject]:
        with named_errors(self.url, prefix):
            pages = self._client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket, Prefix=self._prefix + prefix
            )
            for page in pages:
                for entry in page.get("Contents", []):
                    key = entry["Key"].removeprefix(self._prefix)
                    if not key.endswith("/"):  # folders that other programs mark
                        yield StoredObject(key, entry["Size"], entry["LastModified"].astimezone(UTC))

    def _sweep(self) -> None:
        try:
            with named_errors(self.url, ""):
                self._forget_unfinished(datetime.now(UTC) - _STALE)
        except StorageError as error:
            _log.warning("unfinished uploads could not be looked for: %s", error)

    def _forget_unfinished(self, before: datetime) -> None:
        pages = self._client.get_paginator("list_multipart_uploads").paginate(Bucket=self._bucket, Prefix=self._prefix)
        for page in pages:
            for begun in page.get("Uploads", []):
                if begun["Initiated"] < before:
                    self._client.abort_multipart_upload(
                        Bucket=self._bucket, Key=begun["Key"], UploadId=begun["UploadId"]
                    )


def _client(address: S3Address) -> "S3Client":
    """A client that is safe to share between threads, and tries again with growing pauses.

    Checksums only where we ask: sent as trailers, which is the library's default, they break conditional puts on some
    servers and all puts on others.
    """
    config = Config(
        s3={"addressing_style": "path"},
        request_checksum_calculation="when_required",
        response_checksum_validation="when_required",
        retries={"mode": "standard", "total_max_attempts": 4},
        connect_timeout=5,
        read_timeout=60,
        max_pool_connections=32,
    )
    return boto3.session.Session().client(
        "s3", endpoint_url=address.endpoint, region_name=address.region, config=config
    )
