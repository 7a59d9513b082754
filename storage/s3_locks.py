"""Locks and legal holds on the newest version of objects in a bucket that was made with object lock."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal, TypedDict

from botocore.exceptions import ClientError

from storage.locks import Lock, LockMode, ObjectLocks
from storage.s3_bucket import S3Bucket
from storage.s3_errors import code_of

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PutObjectRetentionRequestTypeDef

__all__ = ["S3Locks", "lock_of"]

_NAMES: dict[LockMode, Literal["GOVERNANCE", "COMPLIANCE"]] = {
    LockMode.GOVERNANCE: "GOVERNANCE",
    LockMode.COMPLIANCE: "COMPLIANCE",
}
_NOT_LOCKED = "NoSuchObjectLockConfiguration"


class _OfVersion(TypedDict, total=False):
    VersionId: str


class S3Locks(ObjectLocks):
    """See ObjectLocks; only for a bucket that was seen to refuse the deletion of a locked version."""

    def __init__(self, bucket: S3Bucket) -> None:
        self._bucket = bucket

    def lock(self, key: str, until: datetime, mode: LockMode = LockMode.GOVERNANCE) -> None:
        """See ObjectLocks.lock. A lock never gets weaker: compliance stays compliance while it lasts."""
        until = _whole_seconds(until)
        with self._bucket.errors(key):
            before = _retention(self._bucket, self._bucket.full(key), None)
        if before.until is not None and before.until > datetime.now(UTC):
            mode = LockMode.COMPLIANCE if before.mode is LockMode.COMPLIANCE else mode
            until = max(until, before.until)
        if (mode, until) != (before.mode, before.until):
            self._retain(key, mode, until, stricter=before.mode is LockMode.GOVERNANCE and mode is LockMode.COMPLIANCE)

    def hold(self, key: str, *, held: bool) -> None:
        """See ObjectLocks.hold."""
        name = self._bucket.full(key)
        with self._bucket.errors(key):
            if _held(self._bucket, name, None) != held:
                self._bucket.client.put_object_legal_hold(
                    Bucket=self._bucket.name, Key=name, LegalHold={"Status": "ON" if held else "OFF"}
                )

    def status(self, key: str) -> Lock:
        """See ObjectLocks.status."""
        with self._bucket.errors(key):
            return lock_of(self._bucket, self._bucket.full(key))

    def _retain(self, key: str, mode: LockMode, until: datetime, *, stricter: bool) -> None:
        request: PutObjectRetentionRequestTypeDef = {
            "Bucket": self._bucket.name,
            "Key": self._bucket.full(key),
            "Retention": {"Mode": _NAMES[mode], "RetainUntilDate": until},
        }
        if stricter:  # servers take even the stricter mode for a change of the governance lock
            request["BypassGovernanceRetention"] = True
        with self._bucket.errors(key):
            self._bucket.client.put_object_retention(**request)


def lock_of(bucket: S3Bucket, name: str, version: str | None = None) -> Lock:
    """How a version, the newest by default, is locked; `name` is its key in the bucket. Raises ClientError."""
    # Not from HEAD: some servers tell there of the newest version only.
    retention = _retention(bucket, name, version)
    return Lock(retention.mode, retention.until, held=_held(bucket, name, version))


def _retention(bucket: S3Bucket, name: str, version: str | None) -> Lock:
    try:
        answer = bucket.client.get_object_retention(Bucket=bucket.name, Key=name, **_version(version))
    except ClientError as error:
        if code_of(error) == _NOT_LOCKED:
            return Lock()
        raise
    retention = answer["Retention"]
    return Lock(LockMode(retention["Mode"].lower()), retention["RetainUntilDate"].astimezone(UTC))


def _held(bucket: S3Bucket, name: str, version: str | None) -> bool:
    try:
        answer = bucket.client.get_object_legal_hold(Bucket=bucket.name, Key=name, **_version(version))
    except ClientError as error:
        if code_of(error) == _NOT_LOCKED:
            return False
        raise
    return answer["LegalHold"].get("Status") == "ON"


def _version(version: str | None) -> _OfVersion:
    return {} if version is None else {"VersionId": version}


def _whole_seconds(until: datetime) -> datetime:
    """The same moment in UTC, or the next whole second, which is what servers tell again."""
    if until.tzinfo is None:
        raise ValueError("a lock ends at a moment with a time zone")
    whole = until.astimezone(UTC).replace(microsecond=0)
    return whole if whole == until else whole + timedelta(seconds=1)
