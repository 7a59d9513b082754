"""Older versions and delete markers, in buckets that keep them: what is deleted there is gone only when they are."""

import logging
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from itertools import takewhile
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

from storage.errors import NotStoredError, ObjectLockedError, StorageError
from storage.locks import Lock, LockMode
from storage.s3_bucket import S3Bucket
from storage.s3_errors import code_of, status_of
from storage.s3_locks import lock_of

if TYPE_CHECKING:
    from mypy_boto3_s3.type_defs import ListObjectVersionsOutputTypeDef

__all__ = ["S3Versions"]

_log = logging.getLogger(__name__)

#: how servers say that they know no versions at all
_NO_VERSIONS = frozenset({400, 404, 405, 501})
_REFUSED = frozenset({400, 403})
_GONE = frozenset({"NoSuchKey", "NoSuchVersion"})


@dataclass(frozen=True, slots=True)
class _Entry:
    """One version or delete marker of one name."""

    name: str
    version: str
    marker: bool


class S3Versions:
    """Removes for good, whether the bucket keeps versions or not."""

    def __init__(self, bucket: S3Bucket) -> None:
        self._bucket = bucket
        self._kept: bool | None = None

    def kept(self) -> bool:
        """Whether the bucket keeps versions; asked once. Raises StoreUnavailableError."""
        return self.look() if self._kept is None else self._kept

    def look(self) -> bool:
        """Ask the bucket anew. Raises StoreUnavailableError."""
        with self._bucket.errors(""):
            self._kept = self._asked()
        return self._kept

    def remove(self, key: str, *, unlock: bool) -> None:
        """Remove one object with all its versions. Raises ObjectLockedError, StoreUnavailableError."""
        name = self._bucket.full(key)
        # Some servers say so when another was faster; it is gone, which is all that was asked.
        with suppress(NotStoredError), self._bucket.errors(key):
            if not self.kept():
                answer = self._bucket.client.delete_object(Bucket=self._bucket.name, Key=name)
                self._kept = answer.get("DeleteMarker", False)  # switched on since, or we may not ask
            if self._kept:
                self._remove(self._entries(key), unlock=unlock)

    def remove_all(self, prefix: str, *, unlock: bool) -> None:
        """Remove every version of every key under a prefix, hidden ones too. Only where versions are kept."""
        with self._bucket.errors(prefix):
            for page in self._pages(self._bucket.prefix + prefix):
                self._remove(_entries_of(page), unlock=unlock)

    def remove_older(self, key: str, version: str) -> None:
        """Remove what was replaced by this version; what is locked, or cannot be removed now, stays hidden below it."""
        try:
            with self._bucket.errors(key):
                versions = [entry for entry in self._entries(key) if not entry.marker]
                newer = list(takewhile(lambda entry: entry.version != version, versions))
                for entry in versions[len(newer) + 1 :]:
                    with suppress(ObjectLockedError):
                        self._remove_entry(entry, unlock=False)
        except StorageError as error:
            _log.info("older versions of %s stay: %s", key, error)

    def remove_version(self, key: str, version: str) -> None:
        """Remove one version. Raises ObjectLockedError, StoreUnavailableError."""
        with self._bucket.errors(key):
            self._remove([_Entry(self._bucket.full(key), version, marker=False)], unlock=False)

    def reveal(self, key: str) -> None:
        """Take away the delete markers that hide a key; an older version below is seen again."""
        with self._bucket.errors(key):
            self._remove([entry for entry in self._entries(key) if entry.marker], unlock=False)

    def _asked(self) -> bool:
        try:
            answer = self._bucket.client.get_bucket_versioning(Bucket=self._bucket.name)
        except ClientError as error:
            if code_of(error) == "AccessDenied":
                _log.warning("%s does not tell us whether it keeps versions", self._bucket.url)
                return False
            if status_of(error) in _NO_VERSIONS and code_of(error) != "NoSuchBucket":
                return False
            raise
        return answer.get("Status") in {"Enabled", "Suspended"}

    def _entries(self, key: str) -> list[_Entry]:
        """Everything kept of one key, versions from the newest on."""
        name, found = self._bucket.full(key), []
        for page in self._pages(name):
            entries = _entries_of(page)
            found += [entry for entry in entries if entry.name == name]
            if any(entry.name != name for entry in entries):  # longer names that begin like this one follow
                break
        return found

    def _pages(self, prefix: str) -> Iterator["ListObjectVersionsOutputTypeDef"]:
        paginator = self._bucket.client.get_paginator("list_object_versions")
        return iter(paginator.paginate(Bucket=self._bucket.name, Prefix=prefix))

    def _remove(self, entries: list[_Entry], *, unlock: bool) -> None:
        """Markers first and the newest version last, so that whatever is left of a removal broken off can be seen."""
        markers = [entry for entry in entries if entry.marker]
        versions = [entry for entry in entries if not entry.marker]
        for entry in (*markers, *reversed(versions)):
            self._remove_entry(entry, unlock=unlock)

    def _remove_entry(self, entry: _Entry, *, unlock: bool) -> None:
        try:
            self._delete(entry)
        except ClientError as error:
            if entry.marker or status_of(error) not in _REFUSED:
                raise
            lock = lock_of(self._bucket, entry.name, entry.version)
            if lock == Lock():
                raise
            if not unlock or lock.held or lock.mode is LockMode.COMPLIANCE:
                raise ObjectLockedError(entry.name.removeprefix(self._bucket.prefix)) from error
            self._delete(entry, BypassGovernanceRetention=True)

    def _delete(self, entry: _Entry, **bypass: bool) -> None:
        try:
            self._bucket.client.delete_object(
                Bucket=self._bucket.name,
                Key=entry.name,
                VersionId=entry.version,
                **bypass,  # type: ignore[arg-type]
            )
        except ClientError as error:
            if code_of(error) not in _GONE:  # else another removed it first
                raise


def _entries_of(page: "ListObjectVersionsOutputTypeDef") -> list[_Entry]:
    markers = [_Entry(marker["Key"], marker["VersionId"], marker=True) for marker in page.get("DeleteMarkers", [])]
    return markers + [_Entry(kept["Key"], kept["VersionId"], marker=False) for kept in page.get("Versions", [])]
