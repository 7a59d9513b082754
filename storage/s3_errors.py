"""What a bucket's refusals mean in our words."""

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from storage.errors import (
    AlreadyStoredError,
    ChecksumMismatchError,
    NotStoredError,
    StorageError,
    StoreFullError,
    StoreUnavailableError,
)

__all__ = ["code_of", "named_errors", "status_of"]

_KEYED: dict[str, type[AlreadyStoredError | NotStoredError | ChecksumMismatchError]] = {
    "PreconditionFailed": AlreadyStoredError,
    "412": AlreadyStoredError,
    "ExistingObjectIsDirectory": AlreadyStoredError,
    "ObjectParentIsFile": AlreadyStoredError,
    "NoSuchKey": NotStoredError,
    "NoSuchVersion": NotStoredError,
    "404": NotStoredError,
    "BadDigest": ChecksumMismatchError,
    "InvalidDigest": ChecksumMismatchError,
    "XAmzContentChecksumMismatch": ChecksumMismatchError,
    "XAmzContentSHA256Mismatch": ChecksumMismatchError,
    "InvalidPart": ChecksumMismatchError,
}
_FULL = frozenset({"InsufficientStorage", "QuotaExceeded", "XMinioStorageFull", "507"})
#: mended by whoever runs the store, so the work waits for him instead of failing
_WAITS = frozenset(
    {
        "AccessDenied",
        "ConditionalRequestConflict",
        "InvalidAccessKeyId",
        "NoSuchBucket",
        "NoSuchUpload",
        "RequestTimeTooSkewed",
        "RequestTimeout",
        "SignatureDoesNotMatch",
        "SlowDown",
        "403",
        "429",
    }
)


def code_of(error: ClientError) -> str:
    """The server's own word for what went wrong; of a HEAD request only the number of the status."""
    return error.response.get("Error", {}).get("Code", "")


def status_of(error: ClientError) -> int:
    """The number of the answer's status; 0 for none."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


@contextmanager
def named_errors(url: str, key: str) -> Iterator[None]:
    """Raise our errors instead of the client library's."""
    try:
        yield
    except ClientError as error:
        raise _named(url, key, error) from error
    except BotoCoreError as error:
        raise StoreUnavailableError(f"{url} does not answer: {error}") from error


def _named(url: str, key: str, error: ClientError) -> StorageError:
    code = code_of(error)
    if code in _KEYED:
        return _KEYED[code](key)
    if code in _FULL:
        return StoreFullError(f"{url} has no room left: {code}")
    if code in _WAITS or status_of(error) >= 500:
        return StoreUnavailableError(f"{url} cannot be used: {error}")
    return StorageError(f"{url} refused {key}: {error}")
