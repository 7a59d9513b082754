"""Whether a bucket really keeps a locked object: one is locked for a few seconds and its deletion attempted."""

import base64
import hashlib
import logging
from datetime import UTC, datetime, timedelta

from botocore.exceptions import ClientError

from storage.errors import StorageError
from storage.probing import probe_key
from storage.s3_bucket import S3Bucket
from storage.s3_errors import status_of

__all__ = ["refuses_locked_delete"]

_log = logging.getLogger(__name__)

_LOCK = timedelta(seconds=30)
_BODY = b"locked\n"


def refuses_locked_delete(bucket: S3Bucket) -> bool:
    """Whether the server refuses to delete a version under governance lock. Raises StoreUnavailableError.

    A delete that names no version "succeeds" everywhere: it only hides the object. So the version is named.
    """
    name = bucket.full(probe_key())
    with bucket.errors(name):
        version = _put_locked(bucket, name)
        if version is None:
            bucket.client.delete_object(Bucket=bucket.name, Key=name)  # may be stored although the lock was refused
            return False
        refused = _refuses(bucket, name, version)
    if refused:
        _unlock_and_delete(bucket, name, version)
    return refused


def _put_locked(bucket: S3Bucket, name: str) -> str | None:
    """The version that was locked; None where the server, honestly or by its silence, has no locks."""
    try:
        answer = bucket.client.put_object(
            Bucket=bucket.name,
            Key=name,
            Body=_BODY,
            ObjectLockMode="GOVERNANCE",
            ObjectLockRetainUntilDate=datetime.now(UTC) + _LOCK,
            ContentMD5=base64.b64encode(hashlib.md5(_BODY, usedforsecurity=False).digest()).decode(),
        )
    except ClientError as error:
        if status_of(error) in {400, 404, 409, 501}:
            return None
        raise
    return answer.get("VersionId")


def _refuses(bucket: S3Bucket, name: str, version: str) -> bool:
    try:
        bucket.client.delete_object(Bucket=bucket.name, Key=name, VersionId=version)
    except ClientError as error:
        return status_of(error) in {400, 403}
    return False


def _unlock_and_delete(bucket: S3Bucket, name: str, version: str) -> None:
    """Clean up, where we may lift a lock; else the few bytes stay, hidden, and their lock runs out."""
    client = bucket.client
    try:
        with bucket.errors(name):
            client.delete_object(Bucket=bucket.name, Key=name, VersionId=version, BypassGovernanceRetention=True)
    except StorageError as error:
        _log.info("%s stays as a locked version: %s", name, error)
        with bucket.errors(name):
            client.delete_object(Bucket=bucket.name, Key=name)
