"""A bucket that keeps objects, on any server that speaks S3. Objects leave it through us only, never by signed links.

What is new is put with `If-None-Match`. Servers exist that ignore it, so until `probe` has seen it work, every put
looks first. SHA-256 is computed here while sending; the server's own checksums are the second opinion.
"""

import logging
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, BinaryIO

from storage.errors import AlreadyStoredError, ChecksumMismatchError, StorageError, StoreUnavailableError
from storage.interface import Capability, ObjectStore, StoredObject
from storage.keys import check_key, check_prefix
from storage.locks import ObjectLocks
from storage.probing import one_writer_wins, probe_key, sweep_probes
from storage.s3_address import S3Address
from storage.s3_bucket import S3Bucket
from storage.s3_digest_probe import refuses_other_digest
from storage.s3_lock_probe import refuses_locked_delete
from storage.s3_locks import S3Locks
from storage.s3_parts import forget_unfinished
from storage.s3_reader import open_object
from storage.s3_target import Sent, Target
from storage.s3_upload import upload
from storage.s3_versions import S3Versions

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import HeadObjectOutputTypeDef

__all__ = ["S3Store"]

_log = logging.getLogger(__name__)

_STALE = timedelta(days=1)


class S3Store(ObjectStore):
    """Objects of one bucket under one prefix. The bucket must exist; credentials come from the environment."""

    def __init__(self, address: S3Address) -> None:
        self.url = address.url
        self._bucket = S3Bucket.at(address)
        self._versions = S3Versions(self._bucket)
        self._locks: S3Locks | None = None
        self._refuses_second_put = False
        self._checks_digests = False

    def put(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.put."""
        check_key(key)
        if not self._refuses_second_put and self.exists(key):
            raise AlreadyStoredError(key)
        return self._put_unseen(key, source, sha256=sha256)

    def replace(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.replace. Where the bucket keeps versions, the replaced ones go, unless they are locked."""
        sent = upload(Target(self._bucket, key, exclusive=False), source, sha256)
        stored = self._confirmed(key, sent)
        if sent.version is not None:
            self._versions.remove_older(key, sent.version)
        return stored

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """See ObjectStore.open."""
        return open_object(self._bucket, key, start)

    def stat(self, key: str) -> StoredObject:
        """See ObjectStore.stat."""
        return _stored(key, self._head(key))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See ObjectStore.list; a thousand keys are in memory at a time."""
        return self._list(check_prefix(prefix))

    def delete(self, key: str, *, unlock: bool = False) -> None:
        """See ObjectStore.delete."""
        self._versions.remove(key, unlock=unlock)

    def delete_all(self, prefix: str, *, unlock: bool = False) -> None:
        """See ObjectStore.delete_all."""
        if self._versions.kept():
            self._versions.remove_all(check_prefix(prefix), unlock=unlock)
        else:
            super().delete_all(prefix, unlock=unlock)

    def probe(self) -> frozenset[Capability]:
        """See ObjectStore.probe. Also forgets uploads in parts that nobody has finished for a day."""
        found = set()
        if self._versions.look():
            found.add(Capability.VERSIONING)
        self._checks_digests = self._refuses_other_digest()
        self._refuses_second_put = one_writer_wins(self, self._put_unseen)
        if self._refuses_second_put:
            found.add(Capability.EXCLUSIVE_PUT)
        self._locks = S3Locks(self._bucket) if refuses_locked_delete(self._bucket) else None
        if self._locks:
            found.add(Capability.OBJECT_LOCK)
        self._sweep()
        return frozenset(found)

    def locks(self) -> ObjectLocks | None:
        """See ObjectStore.locks."""
        return self._locks

    def _put_unseen(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        try:
            sent = upload(Target(self._bucket, key, exclusive=True), source, sha256)
        except AlreadyStoredError:
            self._reveal(key)
            raise
        return self._confirmed(key, sent)

    def _reveal(self, key: str) -> None:
        """Where a taken key is not seen because a delete marker hides it, let it be seen: what was stored stays."""
        if not self._versions.kept() or self.exists(key):
            return
        self._versions.reveal(key)
        if not self.exists(key):
            raise StoreUnavailableError(f"{self.url} kept a mark of deletion at {key}; it is gone, send again")

    def _refuses_other_digest(self) -> bool:
        key = probe_key()
        refuses = refuses_other_digest(self._bucket, key)
        self.delete(key)
        return refuses

    def _head(self, key: str) -> "HeadObjectOutputTypeDef":
        name = self._bucket.full(key)
        with self._bucket.errors(key):
            return self._bucket.client.head_object(Bucket=self._bucket.name, Key=name)

    def _confirmed(self, key: str, sent: Sent) -> StoredObject:
        """What was stored; a success that is none leaves nothing.

        A server that was seen to check digests is believed, any other is asked what it has now.
        """
        if self._checks_digests and sent.moment is not None:
            return StoredObject(key, sent.size, sent.moment)
        answer = self._head(key)
        kept, ours = answer["ContentLength"], answer.get("ETag") == sent.etag  # else another replaced it meanwhile
        if ours and kept != sent.size:
            if sent.version is None:
                self.delete(key)
            else:
                self._versions.remove_version(key, sent.version)
            raise _short(key, kept, sent.size)
        return _stored(key, answer)

    def _list(self, prefix: str) -> Iterator[StoredObject]:
        with self._bucket.errors(prefix):
            pages = self._bucket.client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket.name, Prefix=self._bucket.prefix + prefix
            )
            for page in pages:
                for entry in page.get("Contents", []):
                    key = entry["Key"].removeprefix(self._bucket.prefix)
                    if not key.endswith("/"):  # folders that other programs mark
                        yield StoredObject(key, entry["Size"], entry["LastModified"].astimezone(UTC))

    def _sweep(self) -> None:
        try:
            sweep_probes(self)
            with self._bucket.errors(""):
                forget_unfinished(self._bucket, datetime.now(UTC) - _STALE)
        except StorageError as error:
            _log.warning("what others left unfinished could not be looked for: %s", error)


def _stored(key: str, answer: "HeadObjectOutputTypeDef") -> StoredObject:
    return StoredObject(key, answer["ContentLength"], answer["LastModified"].astimezone(UTC))


def _short(key: str, kept: int, size: int) -> ChecksumMismatchError:
    return ChecksumMismatchError(key, f"the store kept {kept} of {size} bytes; send them again")
