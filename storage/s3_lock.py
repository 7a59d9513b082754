"""Whether a bucket really keeps a locked object: one is locked for a few seconds and its deletion attempted."""

import base64
import hashlib
import logging
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from storage.errors import StorageError
from storage.probing import probe_key
from storage.s3_errors import named_errors

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

__all__ = ["refuses_locked_delete"]

_log = logging.getLogger(__name__)

_LOCK = timedelta(seconds=30)
_BODY = b"locked\n"


def refuses_locked_delete(client: "S3Client", url: str, bucket: str, prefix: str) -> bool:
    """Whether the server refuses to delete a version under governance lock. Raises StoreUnavailableError.

    A delete that names no version "succeeds" everywhere: it only hides the object. So the version is named.
    """
    name = prefix + probe_key()
    with named_errors(url, name):
        version = _put_locked(client, bucket, name)
        if version is None:
            client.delete_object(Bucket=bucket, Key=name)  # a server without locks may refuse and store it all the same
            return False
        refused = _refuses(client, bucket, name, version)
    if refused:
        _unlock_and_delete(client, url, bucket, name, version)
    return refused


def _put_locked(client: "S3Client", bucket: str, name: str) -> str | None:
    """The version that was locked; None where the server, honestly or by its silence, has no locks."""
    try:
        answer = client.put_object(
            Bucket=bucket,
            Key=name,
            Body=_BODY,
            ObjectLockMode="GOVERNANCE",
            ObjectLockRetainUntilDate=datetime.now(UTC) + _LOCK,
            ContentMD5=base64.b64encode(hashlib.md5(_BODY, usedforsecurity=False).digest()).decode(),
        )
    except ClientError as error:
        if _status(error) in {400, 404, 409, 501}:
            return None
        raise
    return answer.get("VersionId")


def _refuses(client: "S3Client", bucket: str, name: str, version: str) -> bool:
    try:
        client.delete_object(Bucket=bucket, Key=name, VersionId=version)
    except ClientError as error:
        return _status(error) in {400, 403}
    return False


def _unlock_and_delete(client: "S3Client", url: str, bucket: str, name: str, version: str) -> None:
    """Clean up, where we may lift a lock; else the few bytes stay, hidden, and their lock runs out."""
    try:
        with named_errors(url, name):
            client.delete_object(Bucket=bucket, Key=name, VersionId=version, BypassGovernanceRetention=True)
    except StorageError as error:
        _log.info("%s stays as a locked version: %s", name, error)
        with named_errors(url, name):
            client.delete_object(Bucket=bucket, Key=name)


def _status(error: ClientError) -> int:
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
