"""Sends bytes to a bucket: in one request, or in parts when they are many; nothing appears before all is checked."""

import base64
import hashlib
import logging
import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from storage.errors import ChecksumMismatchError, StorageError
from storage.fixity import Spool
from storage.s3_errors import code_of, named_errors

if TYPE_CHECKING:
    from hashlib import _Hash

    from mypy_boto3_s3 import S3Client
    from mypy_boto3_s3.type_defs import (
        CompletedPartTypeDef,
        CompleteMultipartUploadRequestTypeDef,
        PutObjectRequestTypeDef,
    )

__all__ = ["Target", "upload"]

_log = logging.getLogger(__name__)

_MEBIBYTE = 1024 * 1024
_ONE_REQUEST = 64 * _MEBIBYTE
_PART = 16 * _MEBIBYTE  # ten thousand of them: 156 GiB an object

#: of a bucket on folders, when neighbours' folders come and go; of any bucket, when a neighbour's request is under way
_STUMBLES = frozenset({"ConditionalRequestConflict", "ExistingObjectIsDirectory", "ObjectParentIsFile"})
_PAUSES = (0.05, 0.2, 0.5)


@dataclass(frozen=True, slots=True)
class Target:
    """Where the bytes go: `name` is the key in the bucket, `key` ours; `exclusive` refuses to overwrite."""

    client: "S3Client"
    url: str
    bucket: str
    name: str
    key: str
    exclusive: bool


def upload(target: Target, source: BinaryIO, sha256: str) -> int:
    """Send `source` to its end; the size in bytes. Raises what ObjectStore.put raises."""
    with Spool(source, _ONE_REQUEST) as beginning, named_errors(target.url, target.key):
        if beginning.whole:
            return _in_one_request(target, beginning, sha256)
        return _in_parts(target, beginning, source, sha256)


def _in_one_request(target: Target, spool: Spool, sha256: str) -> int:
    _check(target, spool.sha256, sha256)
    request: PutObjectRequestTypeDef = {
        "Bucket": target.bucket,
        "Key": target.name,
        "Body": spool.stream,
        "ContentLength": spool.size,
        "ChecksumSHA256": base64.b64encode(bytes.fromhex(sha256)).decode(),
    }
    if target.exclusive:
        request["IfNoneMatch"] = "*"
    _put_object(target, request, spool)
    return spool.size


def _put_object(target: Target, request: "PutObjectRequestTypeDef", spool: Spool) -> None:
    """Put, again after a short pause while the server stumbles over what others do beside this key."""
    for pause in (*_PAUSES, None):
        spool.stream.seek(0)
        try:
            target.client.put_object(**request)
        except ClientError as error:
            if code_of(error) not in _STUMBLES or pause is None:
                raise
            time.sleep(pause)
        else:
            return


def _in_parts(target: Target, beginning: Spool, rest: BinaryIO, sha256: str) -> int:
    upload_id = target.client.create_multipart_upload(Bucket=target.bucket, Key=target.name)["UploadId"]
    try:
        sent = _Sent(target, upload_id)
        for part in _parts(beginning.stream):
            sent.send(part)
        running = beginning.sha256.copy()
        for part in _parts(rest):
            running.update(part)
            sent.send(part)
        _check(target, running, sha256)
        _complete(target, upload_id, sent.parts)
    except BaseException:
        _abort(target, upload_id)
        raise
    return sent.size


class _Sent:
    """The parts that have arrived, each checked by the server against its MD5."""

    def __init__(self, target: Target, upload_id: str) -> None:
        self._target, self._upload_id = target, upload_id
        self.parts: list[CompletedPartTypeDef] = []
        self.size = 0

    def send(self, part: bytes) -> None:
        number = len(self.parts) + 1
        answer = self._target.client.upload_part(
            Bucket=self._target.bucket,
            Key=self._target.name,
            UploadId=self._upload_id,
            PartNumber=number,
            Body=part,
            ContentMD5=base64.b64encode(hashlib.md5(part, usedforsecurity=False).digest()).decode(),
        )
        self.parts.append({"ETag": answer["ETag"], "PartNumber": number})
        self.size += len(part)


def _complete(target: Target, upload_id: str, parts: "list[CompletedPartTypeDef]") -> None:
    request: CompleteMultipartUploadRequestTypeDef = {
        "Bucket": target.bucket,
        "Key": target.name,
        "UploadId": upload_id,
        "MultipartUpload": {"Parts": parts},
    }
    if target.exclusive:
        request["IfNoneMatch"] = "*"
    target.client.complete_multipart_upload(**request)


def _abort(target: Target, upload_id: str) -> None:
    """Have the server forget the parts; where it cannot now, the sweep in `probe` does it later."""
    try:
        with named_errors(target.url, target.key):
            target.client.abort_multipart_upload(Bucket=target.bucket, Key=target.name, UploadId=upload_id)
    except StorageError as error:
        _log.warning("parts of %s stay for now: %s", target.key, error)


def _parts(stream: IO[bytes]) -> Iterator[bytes]:
    while part := _read_full(stream):
        yield part


def _read_full(stream: IO[bytes]) -> bytes:
    """A whole part, however little the stream gives at a time; less only at its end."""
    part = bytearray()
    while len(part) < _PART and (chunk := stream.read(_PART - len(part))):
        part += chunk
    return bytes(part)


def _check(target: Target, found: "_Hash", sha256: str) -> None:
    if found.hexdigest() != sha256:
        raise ChecksumMismatchError(target.key)
