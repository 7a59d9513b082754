"""What a bucket's refusals mean in our words."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from storage.errors import (
    AlreadyStoredError,
    ChecksumMismatchError,
    NotStoredError,
    StorageError,
    StoreFullError,
    StoreUnavailableError,
)

__all__ = ["code_of", "named_errors", "status_of", "time_of"]

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
#: the difference between two clocks that servers put up with
_TOLERATED = timedelta(minutes=15)


def code_of(error: ClientError) -> str:
    """The server's own word for what went wrong; of a HEAD request only the number of the status."""
    return error.response.get("Error", {}).get("Code", "")


def status_of(error: ClientError) -> int:
    """The number of the answer's status; 0 for none."""
    return error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)


def time_of(answer: Mapping[str, Any]) -> datetime | None:
    """What the server's clock said when it answered, aware, to the second; None where it did not say."""
    date = answer.get("ResponseMetadata", {}).get("HTTPHeaders", {}).get("date")
    try:
        return None if date is None else parsedate_to_datetime(date)
    except ValueError:
        return None


@contextmanager
def named_errors(url: str, key: str) -> Iterator[None]:
    """Raise our errors instead of the client library's."""
    try:
        yield
    except ClientError as error:
        raise _named(url, key, error) from error
    except (BotoCoreError, ResponseParserError) as error:
        raise StoreUnavailableError(f"{url} does not answer: {error}") from error
    except ValueError as error:  # so the client library calls a date that was cut off with the rest of the answer
        if not str(error).startswith("Invalid timestamp"):
            raise
        raise StoreUnavailableError(f"{url} broke off in the middle of an answer") from error


def _named(url: str, key: str, error: ClientError) -> StorageError:
    code = code_of(error)
    if code in _KEYED:
        return _KEYED[code](key)
    if code in _FULL:
        return StoreFullError(f"{url} has no room left: {code}")
    if _clocks_differ(code, error):
        return StoreUnavailableError(
            f"{url} refuses us because its clock and ours differ: {_clocks(error)}; set the clock"
        )
    if code in _WAITS or status_of(error) >= 500:
        return StoreUnavailableError(f"{url} cannot be used: {error}")
    return StorageError(f"{url} refused {key}: {error}")


def _clocks_differ(code: str, error: ClientError) -> bool:
    """Whether a refusal is about the time; the answer to a HEAD request has no word for it but the server's date."""
    if code == "RequestTimeTooSkewed":
        return True
    told = time_of(error.response)
    return status_of(error) == 403 and told is not None and abs(told - datetime.now(UTC)) > _TOLERATED


def _clocks(error: ClientError) -> str:
    told = time_of(error.response)
    there = "another time" if told is None else _written(told)
    return f"there it is {there}, here {_written(datetime.now(UTC))}"


def _written(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
