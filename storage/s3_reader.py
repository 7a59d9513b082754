"""A stored object of a bucket as a seekable stream that holds no more than a buffer of it in memory."""

import io
import time
from contextlib import suppress
from datetime import datetime
from typing import TYPE_CHECKING, BinaryIO, TypedDict

from botocore.exceptions import BotoCoreError, ClientError

from storage.errors import AlreadyStoredError, NotStoredError, StorageError, StoreUnavailableError
from storage.positioned import PositionedRaw
from storage.s3_bucket import S3Bucket
from storage.s3_errors import code_of

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3.type_defs import GetObjectOutputTypeDef, HeadObjectOutputTypeDef

__all__ = ["open_object"]

_BUFFER = 256 * 1024
_PAUSES = (0.0, 0.1, 0.5, 2.0)  #: seconds before each try
_BEHIND_THE_END = frozenset({"InvalidRange", "416"})


class _Same(TypedDict, total=False):
    IfMatch: str
    IfUnmodifiedSince: datetime


def open_object(bucket: S3Bucket, key: str, start: int) -> BinaryIO:
    """Open an object for reading from byte `start`. Raises NotStoredError, StoreUnavailableError."""
    return io.BufferedReader(_S3Raw(bucket, key, start), _BUFFER)


class _S3Raw(PositionedRaw):
    """One request carries a whole read from front to back; a seek or a broken connection starts another from there.

    What is on its way is kept when somebody seeks: who only asks where the end is comes back to it.
    """

    def __init__(self, bucket: S3Bucket, key: str, start: int) -> None:
        self._bucket, self._name, self._key = bucket, bucket.full(key), key
        self._position = self._body_at = start
        self._body: StreamingBody | None = None
        with bucket.errors(key):
            self._size, self._same = self._begin() if start else self._whole()

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer).cast("B")
        if self._position >= self._size or not room:
            return 0
        chunk = self._read(min(len(room), self._size - self._position))
        room[: len(chunk)] = chunk
        self._position += len(chunk)
        self._body_at = self._position
        return len(chunk)

    def close(self) -> None:
        self._drop_body()
        super().close()

    def _whole(self) -> tuple[int, _Same]:
        """Begin at the start; the object's size, and the condition on which a later request means the same object."""
        answer = self._bucket.client.get_object(Bucket=self._bucket.name, Key=self._name)
        self._body = answer["Body"]
        return answer["ContentLength"], _same(answer)

    def _begin(self) -> tuple[int, _Same]:
        """Begin at the position; as `_whole`. Behind the end there is nothing to ask for but these."""
        try:
            answer = self._bucket.client.get_object(
                Bucket=self._bucket.name, Key=self._name, Range=f"bytes={self._position}-"
            )
        except ClientError as error:
            if code_of(error) not in _BEHIND_THE_END:
                raise
            facts = self._bucket.client.head_object(Bucket=self._bucket.name, Key=self._name)
            return facts["ContentLength"], _same(facts)
        self._body = self._checked(answer)
        return int(answer["ContentRange"].rpartition("/")[2]), _same(answer)

    def _read(self, size: int) -> bytes:
        """At least one byte at the position; asks again when the connection breaks."""
        for pause in _PAUSES:
            time.sleep(pause)
            with suppress(BotoCoreError):
                chunk = self._opened().read(size)
                if chunk:
                    return chunk
            self._drop_body()
        raise StoreUnavailableError(f"{self._bucket.url} broke off while {self._key} was read")

    def _opened(self) -> "StreamingBody":
        if self._body_at != self._position:
            self._drop_body()
        if self._body is None:
            self._body = self._request()
            self._body_at = self._position
        return self._body

    def _request(self) -> "StreamingBody":
        try:
            with self._bucket.errors(self._key):
                answer = self._bucket.client.get_object(
                    Bucket=self._bucket.name, Key=self._name, Range=f"bytes={self._position}-", **self._same
                )
        except (AlreadyStoredError, NotStoredError) as error:
            raise StorageError(f"{self._key} was replaced or removed while it was read") from error
        return self._checked(answer)

    def _checked(self, answer: "GetObjectOutputTypeDef") -> "StreamingBody":
        """The body, if it begins where we asked; never another part of the object in its place."""
        if not answer.get("ContentRange", "").startswith(f"bytes {self._position}-"):
            answer["Body"].close()
            raise StorageError(
                f"{self._bucket.url} does not give parts of objects, which reading from the middle needs"
            )
        return answer["Body"]

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None


def _same(answer: "GetObjectOutputTypeDef | HeadObjectOutputTypeDef") -> _Same:
    """By the ETag; of a file that came into a server's folder by other ways than through it, some know none."""
    etag = answer.get("ETag")
    return {"IfMatch": etag} if etag else {"IfUnmodifiedSince": answer["LastModified"]}
