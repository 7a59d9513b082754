"""Sends bytes to a bucket: in one request, or in parts when they are many; nothing appears before all is checked."""

import base64
import hashlib
import time
from typing import IO, TYPE_CHECKING, BinaryIO

from botocore.exceptions import ClientError

from storage.fixity import CHUNK, Spool
from storage.s3_errors import code_of, time_of
from storage.s3_parts import send_in_parts
from storage.s3_target import Sent, Target, check_digest

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import PutObjectOutputTypeDef, PutObjectRequestTypeDef

__all__ = ["upload"]

_MEBIBYTE = 1024 * 1024
_ONE_REQUEST = 64 * _MEBIBYTE
_AT_A_STROKE = 4 * _MEBIBYTE

#: of a bucket on folders, when neighbours' folders come and go; of any bucket, when a neighbour's request is under way
_STUMBLES = frozenset({"ConditionalRequestConflict", "ExistingObjectIsDirectory", "ObjectParentIsFile"})
_PAUSES = (0.05, 0.2, 0.5)


def upload(target: Target, source: BinaryIO, sha256: str) -> Sent:
    """Send `source` to its end. Raises what ObjectStore.put raises."""
    with Spool(source, _ONE_REQUEST) as beginning, target.errors():
        if beginning.whole:
            return _in_one_request(target, beginning, sha256)
        return send_in_parts(target, beginning, source, sha256)


def _in_one_request(target: Target, spool: Spool, sha256: str) -> Sent:
    check_digest(target, spool.sha256, sha256)
    digest = base64.b64encode(bytes.fromhex(sha256)).decode()
    request: PutObjectRequestTypeDef = {
        "Bucket": target.bucket.name,
        "Key": target.name,
        # As a file it is announced first and sent when the server agrees: right for much, a wait for little.
        "Body": spool.stream if spool.size > _AT_A_STROKE else spool.stream.read(),
        "ContentLength": spool.size,
        "ChecksumSHA256": digest,
    }
    if target.exclusive:
        request["IfNoneMatch"] = "*"
    try:
        answer = _put_object(target, request, spool)
    except ClientError as error:
        return target.own_earlier_try(error, spool.size, lambda: _md5(spool.stream))
    checked = answer.get("ChecksumSHA256") == digest
    return Sent(spool.size, answer["ETag"], answer.get("VersionId"), time_of(answer) if checked else None)


def _put_object(target: Target, request: "PutObjectRequestTypeDef", spool: Spool) -> "PutObjectOutputTypeDef":
    """Put, again after a short pause while the server stumbles over what others do beside this key."""
    for pause in _PAUSES:
        spool.stream.seek(0)
        try:
            return target.bucket.client.put_object(**request)
        except ClientError as error:
            if code_of(error) not in _STUMBLES:
                raise
            time.sleep(pause)
    spool.stream.seek(0)
    return target.bucket.client.put_object(**request)


def _md5(stream: IO[bytes]) -> str:
    stream.seek(0)
    md5 = hashlib.md5(usedforsecurity=False)
    while chunk := stream.read(CHUNK):
        md5.update(chunk)
    return md5.hexdigest()
