"""A stored object of a bucket as a seekable stream that holds no more than a buffer of it in memory."""

import io
from contextlib import suppress
from typing import TYPE_CHECKING, BinaryIO

from botocore.exceptions import BotoCoreError

from storage.errors import AlreadyStoredError, NotStoredError, StorageError, StoreUnavailableError
from storage.s3_errors import named_errors

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from botocore.response import StreamingBody
    from mypy_boto3_s3 import S3Client

__all__ = ["open_object"]

_BUFFER = 256 * 1024
_TRIES = 4


def open_object(client: "S3Client", url: str, bucket: str, name: str, key: str) -> BinaryIO:
    """Open an object for reading; `name` is its key in the bucket, `key` ours.

    Raises NotStoredError, StoreUnavailableError.
    """
    return io.BufferedReader(_S3Raw(client, url, bucket, name, key), _BUFFER)


class _S3Raw(io.RawIOBase):
    """One request carries a whole read from front to back; a seek or a broken connection starts another from there."""

    def __init__(self, client: "S3Client", url: str, bucket: str, name: str, key: str) -> None:
        self._client, self._url, self._bucket, self._name, self._key = client, url, bucket, name, key
        self._position = 0
        with named_errors(url, key):
            answer = client.get_object(Bucket=bucket, Key=name)
        self._size = answer["ContentLength"]
        self._etag = answer["ETag"]
        self._body: StreamingBody | None = answer["Body"]

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        if start + offset < 0:
            raise ValueError(f"{self._key}: cannot seek before the start")
        if start + offset != self._position:
            self._drop_body()
        self._position = start + offset
        return self._position

    def readinto(self, buffer: "WriteableBuffer", /) -> int:
        room = memoryview(buffer).cast("B")
        if self._position >= self._size or not room:
            return 0
        chunk = self._read(min(len(room), self._size - self._position))
        room[: len(chunk)] = chunk
        self._position += len(chunk)
        return len(chunk)

    def close(self) -> None:
        self._drop_body()
        super().close()

    def _read(self, size: int) -> bytes:
        """At least one byte at the position; asks again when the connection breaks."""
        for _ in range(_TRIES):
            with suppress(BotoCoreError):
                chunk = self._opened().read(size)
                if chunk:
                    return chunk
            self._drop_body()
        raise StoreUnavailableError(f"{self._url} broke off while {self._key} was read")

    def _opened(self) -> "StreamingBody":
        if self._body is None:
            self._body = self._request()
        return self._body

    def _request(self) -> "StreamingBody":
        try:
            with named_errors(self._url, self._key):
                answer = self._client.get_object(
                    Bucket=self._bucket, Key=self._name, IfMatch=self._etag, Range=f"bytes={self._position}-"
                )
        except (AlreadyStoredError, NotStoredError) as error:
            raise StorageError(f"{self._key} was replaced or removed while it was read") from error
        return answer["Body"]

    def _drop_body(self) -> None:
        if self._body is not None:
            self._body.close()
            self._body = None
