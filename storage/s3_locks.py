"""Locks and legal holds on the newest version of objects in a bucket that was made with object lock."""

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from storage.locks import Lock, LockMode, ObjectLocks
from storage.s3_bucket import S3Bucket

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PutObjectRetentionRequestTypeDef

__all__ = ["S3Locks", "lock_of"]

_NAMES: dict[LockMode, Literal["GOVERNANCE", "COMPLIANCE"]] = {
    LockMode.GOVERNANCE: "GOVERNANCE",
    LockMode.COMPLIANCE: "COMPLIANCE",
}


class S3Locks(ObjectLocks):
    """See ObjectLocks; only for a bucket that was seen to refuse the deletion of a locked version."""

    def __init__(self, bucket: S3Bucket) -> None:
        self._bucket = bucket

    def lock(self, key: str, until: datetime, mode: LockMode = LockMode.GOVERNANCE) -> None:
        """See ObjectLocks.lock. A lock never gets weaker: compliance stays compliance while it lasts."""
        until, before = _whole_seconds(until), self.status(key)
        if before.until is not None and before.until > datetime.now(UTC):
            mode = LockMode.COMPLIANCE if before.mode is LockMode.COMPLIANCE else mode
            until = max(until, before.until)
        if (mode, until) != (before.mode, before.until):
            self._retain(key, mode, until, stricter=before.mode is LockMode.GOVERNANCE and mode is LockMode.COMPLIANCE)

    def hold(self, key: str, *, held: bool) -> None:
        """See ObjectLocks.hold."""
        if self.status(key).held != held:
            with self._bucket.errors(key):
                self._bucket.client.put_object_legal_hold(
                    Bucket=self._bucket.name,
                    Key=self._bucket.full(key),
                    LegalHold={"Status": "ON" if held else "OFF"},
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
    if version is None:
        answer = bucket.client.head_object(Bucket=bucket.name, Key=name)
    else:
        answer = bucket.client.head_object(Bucket=bucket.name, Key=name, VersionId=version)
    mode, until = answer.get("ObjectLockMode"), answer.get("ObjectLockRetainUntilDate")
    return Lock(
        LockMode(mode.lower()) if mode else None,
        None if until is None else until.astimezone(UTC),
        held=answer.get("ObjectLockLegalHoldStatus") == "ON",
    )


def _whole_seconds(until: datetime) -> datetime:
    """The same moment in UTC, or the next whole second, which is what servers tell again."""
    if until.tzinfo is None:
        raise ValueError("a lock ends at a moment with a time zone")
    whole = until.astimezone(UTC).replace(microsecond=0)
    return whole if whole == until else whole + timedelta(seconds=1)
