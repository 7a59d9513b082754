"""Answers that end within their headers: the client library takes them for whole, and a listing for an empty one.

What every sound answer has is looked for, and the request made again when it is not there.
"""

import random
from typing import TYPE_CHECKING, Any

from botocore.exceptions import BotoCoreError

if TYPE_CHECKING:
    from botocore.awsrequest import AWSResponse
    from botocore.model import OperationModel
    from mypy_boto3_s3 import S3Client

__all__ = ["AnswerCutError", "ask_again_when_cut"]

_TRIES = 4
_NEEDED: dict[str, frozenset[str]] = {
    "CompleteMultipartUpload": frozenset({"ETag"}),
    "CreateMultipartUpload": frozenset({"UploadId"}),
    "GetObject": frozenset({"ContentLength", "LastModified"}),
    "HeadObject": frozenset({"ContentLength", "LastModified"}),
    "ListMultipartUploads": frozenset({"IsTruncated"}),
    "ListObjectVersions": frozenset({"IsTruncated"}),
    "ListObjectsV2": frozenset({"IsTruncated"}),
    "ListParts": frozenset({"IsTruncated"}),
    "PutObject": frozenset({"ETag"}),
    "UploadPart": frozenset({"ETag"}),
}


class AnswerCutError(BotoCoreError):
    """An answer said that all went well and ended too early."""

    fmt = "the answer to {operation} was cut short"


def ask_again_when_cut(client: "S3Client") -> None:
    """Have the client make a request again, after a growing pause, whose answer was cut short."""
    client.meta.events.register("needs-retry.s3", _pause)  # type: ignore[arg-type]


def _pause(
    operation: "OperationModel", attempts: int, response: "tuple[AWSResponse, Any] | None" = None, **_: object
) -> float | None:
    """Seconds to wait before the next try; None where the answer is whole, or speaks of an error by its status."""
    if response is None or response[0].status_code >= 300:
        return None
    if _NEEDED.get(operation.name, frozenset()) <= response[1].keys() and not _is_cut(response[1].get("ETag", "")):
        return None
    response[0].raw.close()
    if attempts >= _TRIES:
        raise AnswerCutError(operation=operation.name)
    return random.uniform(0, 2 ** (attempts - 1))  # noqa: S311 - only to keep many from asking at once


def _is_cut(etag: str) -> bool:
    """Whether the answer ended within this header: a name that opens with a quotation mark closes with one."""
    return etag.startswith('"') and not (len(etag) > 1 and etag.endswith('"'))
