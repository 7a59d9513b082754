"""Where bytes go that are sent to a bucket, and what the server answered."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from storage.errors import ChecksumMismatchError, NotStoredError
from storage.s3_bucket import S3Bucket

if TYPE_CHECKING:
    from hashlib import _Hash

__all__ = ["Sent", "Target", "check_digest"]


@dataclass(frozen=True, slots=True)
class Sent:
    """What the server is said to keep: size in bytes, ETag as it quotes it, and the version where it keeps those.

    `moment` (aware) is when the server said that it has bytes of our SHA-256; None where it did not say so.
    """

    size: int
    etag: str
    version: str | None
    moment: datetime | None = None


@dataclass(frozen=True, slots=True)
class Target:
    """A key to write to; `exclusive` refuses to overwrite."""

    bucket: S3Bucket
    key: str
    exclusive: bool

    @property
    def name(self) -> str:
        """The key as the bucket knows it."""
        return self.bucket.full(self.key)

    def errors(self) -> AbstractContextManager[None]:
        """See S3Bucket.errors."""
        return self.bucket.errors(self.key)

    def own_earlier_try(self, refusal: ClientError, size: int, etag: Callable[[], str]) -> Sent:
        """What an earlier try of the same request stored whose answer was lost: the next try is refused for it.

        Raises the refusal where there was no earlier try, or the bytes there are not ours.
        """
        if not refusal.response.get("ResponseMetadata", {}).get("RetryAttempts"):
            raise refusal
        try:
            with self.errors():
                answer = self.bucket.client.head_object(Bucket=self.bucket.name, Key=self.name)
        except NotStoredError:
            raise refusal from None
        if answer.get("ETag", "").strip('"') != etag():
            raise refusal
        return Sent(size, answer["ETag"], answer.get("VersionId"))


def check_digest(target: Target, found: "_Hash", sha256: str) -> None:
    """Raise ChecksumMismatchError unless the bytes that passed are those announced."""
    if found.hexdigest() != sha256:
        raise ChecksumMismatchError(target.key)
