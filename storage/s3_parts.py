"""Sends what is too much for one request in parts, several at a time; what a broken try had sent is not sent again.

The parts of an unfinished upload stay at the server. Who sends the same key again finds them, compares their MD5 (the
ETag of a part) with his own bytes, and sends what is missing or different. After a day `S3Store.probe` has the server
forget what nobody came back for.
"""

import base64
import hashlib
import logging
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from itertools import chain
from typing import IO, TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from storage.errors import AlreadyStoredError, NotStoredError, StorageError, StoreUnavailableError
from storage.faults import fault_point
from storage.fixity import Spool
from storage.s3_bucket import S3Bucket
from storage.s3_errors import status_of
from storage.s3_target import Sent, Target, check_digest

if TYPE_CHECKING:
    from hashlib import _Hash

    from mypy_boto3_s3.type_defs import CompleteMultipartUploadRequestTypeDef

__all__ = ["forget_unfinished", "send_in_parts"]

_log = logging.getLogger(__name__)

_MEBIBYTE = 1024 * 1024
_PART = 16 * _MEBIBYTE  # ten thousand of them: 156 GiB an object
_AT_ONCE = 4  # times the size of a part is what one upload holds in memory
_CANNOT_SAY = frozenset({400, 403, 405, 501})


def send_in_parts(target: Target, beginning: Spool, rest: BinaryIO, sha256: str) -> Sent:
    """Send `beginning`, then `rest` to its end. Raises what ObjectStore.put raises.

    When the server goes away, or the process is told to stop, the parts stay for the next try.
    """
    if target.exclusive and _exists(target):
        raise AlreadyStoredError(target.key)  # before everything is sent for nothing
    upload, running = _Upload.of(target), beginning.sha256.copy()
    try:
        sent = upload.send(chain(_parts(beginning.stream), _digested(_parts(rest), running)))
        check_digest(target, running, sha256)
        return upload.complete(sent)
    except StoreUnavailableError:
        raise
    except Exception:
        upload.abort()
        raise


def forget_unfinished(bucket: S3Bucket, before: datetime) -> None:
    """Have the server forget every upload of ours that began before this moment (aware)."""
    pages = bucket.client.get_paginator("list_multipart_uploads").paginate(Bucket=bucket.name, Prefix=bucket.prefix)
    for page in pages:
        for begun in page.get("Uploads", []):
            if begun["Initiated"] < before:
                bucket.client.abort_multipart_upload(Bucket=bucket.name, Key=begun["Key"], UploadId=begun["UploadId"])


@dataclass(frozen=True, slots=True)
class _Part:
    """A part that the server has: its ETag as the server quotes it, and the size in bytes."""

    etag: str
    size: int


class _Upload:
    """One upload in parts, new or found unfinished."""

    def __init__(self, target: Target, upload_id: str, arrived: dict[int, _Part]) -> None:
        self._target, self._client, self._id, self._arrived = target, target.bucket.client, upload_id, arrived

    @classmethod
    def of(cls, target: Target) -> "_Upload":
        """The newest unfinished upload of this key, with what has arrived of it; else a new one."""
        with target.errors():
            found = _unfinished(target)
            if found is not None:
                return cls(target, found, _arrived(target, found))
            answer = target.bucket.client.create_multipart_upload(Bucket=target.bucket.name, Key=target.name)
            return cls(target, answer["UploadId"], {})

    def send(self, parts: Iterator[bytes]) -> list[_Part]:
        """Send the parts, in order of their numbers from 1 on."""
        sent: list[_Part] = []
        waiting: deque[Future[_Part]] = deque()
        with ThreadPoolExecutor(_AT_ONCE) as threads:
            for number, part in enumerate(parts, 1):
                waiting.append(threads.submit(self._send, number, part))
                if len(waiting) == _AT_ONCE:  # before the next is read
                    sent.append(waiting.popleft().result())
            sent += [future.result() for future in waiting]
        return sent

    def complete(self, sent: list[_Part]) -> Sent:
        """Make the parts one object, if the server has exactly these."""
        request: CompleteMultipartUploadRequestTypeDef = {
            "Bucket": self._target.bucket.name,
            "Key": self._target.name,
            "UploadId": self._id,
            "MultipartUpload": {
                "Parts": [{"ETag": part.etag, "PartNumber": number} for number, part in enumerate(sent, 1)]
            },
        }
        if self._target.exclusive:
            request["IfNoneMatch"] = "*"
        size = sum(part.size for part in sent)
        with self._target.errors():
            try:
                answer = self._client.complete_multipart_upload(**request)
            except ClientError as error:
                return self._target.own_earlier_try(error, size, lambda: _etag_of_all(sent))
        return Sent(size, answer["ETag"], answer.get("VersionId"))

    def abort(self) -> None:
        """Have the server forget the parts; where it cannot now, `forget_unfinished` does it later."""
        try:
            with self._target.errors():
                self._client.abort_multipart_upload(
                    Bucket=self._target.bucket.name, Key=self._target.name, UploadId=self._id
                )
        except StorageError as error:
            _log.warning("parts of %s stay for now: %s", self._target.key, error)

    def _send(self, number: int, data: bytes) -> _Part:
        """Send one part, checked by the server against its MD5, unless it has arrived before."""
        md5 = hashlib.md5(data, usedforsecurity=False)
        part = _Part(f'"{md5.hexdigest()}"', len(data))
        if self._arrived.get(number) == part:
            return part
        with self._target.errors():
            answer = self._client.upload_part(
                Bucket=self._target.bucket.name,
                Key=self._target.name,
                UploadId=self._id,
                PartNumber=number,
                Body=data,
                ContentMD5=base64.b64encode(md5.digest()).decode(),
            )
        fault_point("s3.part")
        return _Part(answer["ETag"], len(data))


def _exists(target: Target) -> bool:
    try:
        with target.errors():
            target.bucket.client.head_object(Bucket=target.bucket.name, Key=target.name)
    except NotStoredError:
        return False
    return True


def _unfinished(target: Target) -> str | None:
    """The newest unfinished upload of exactly this key; None also where the server does not say."""
    pages = target.bucket.client.get_paginator("list_multipart_uploads").paginate(
        Bucket=target.bucket.name, Prefix=target.name
    )
    try:
        begun = [found for page in pages for found in page.get("Uploads", []) if found["Key"] == target.name]
    except ClientError as error:
        if status_of(error) not in _CANNOT_SAY:
            raise
        return None
    newest = max(begun, key=lambda found: found["Initiated"], default=None)
    return newest["UploadId"] if newest else None


def _arrived(target: Target, upload_id: str) -> dict[int, _Part]:
    pages = target.bucket.client.get_paginator("list_parts").paginate(
        Bucket=target.bucket.name, Key=target.name, UploadId=upload_id
    )
    return {part["PartNumber"]: _Part(part["ETag"], part["Size"]) for page in pages for part in page.get("Parts", [])}


def _etag_of_all(parts: list[_Part]) -> str:
    """The ETag that an object of these parts has: the MD5 of their MD5s, and their number."""
    digests = b"".join(bytes.fromhex(part.etag.strip('"')) for part in parts)
    return f"{hashlib.md5(digests, usedforsecurity=False).hexdigest()}-{len(parts)}"


def _digested(parts: Iterator[bytes], running: "_Hash") -> Iterator[bytes]:
    for part in parts:
        running.update(part)
        yield part


def _parts(stream: IO[bytes]) -> Iterator[bytes]:
    while part := _read_full(stream):
        yield part


def _read_full(stream: IO[bytes]) -> bytes:
    """A whole part, however little the stream gives at a time; less only at its end."""
    part = bytearray()
    while len(part) < _PART and (chunk := stream.read(_PART - len(part))):
        part += chunk
    return bytes(part)
