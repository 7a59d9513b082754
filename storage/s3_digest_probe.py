"""Whether a bucket really compares what it is sent with the SHA-256 that is announced for it."""

import base64
import hashlib

from botocore.exceptions import ClientError

from storage.s3_bucket import S3Bucket
from storage.s3_errors import status_of

__all__ = ["refuses_other_digest"]


def refuses_other_digest(bucket: S3Bucket, key: str) -> bool:
    """Whether the server refuses bytes of another digest; the caller deletes `key`. Raises StoreUnavailableError."""
    name = bucket.full(key)
    other = base64.b64encode(hashlib.sha256(b"other").digest()).decode()
    with bucket.errors(key):
        try:
            bucket.client.put_object(Bucket=bucket.name, Key=name, Body=b"bytes", ChecksumSHA256=other)
        except ClientError as error:
            if status_of(error) == 400:
                return True
            raise
    return False
