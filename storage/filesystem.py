"""A folder that keeps objects as files: each appears whole and durable, or not at all.

Bytes are first written under `~incoming/`, a name no key can have, then linked to their own name: linking fails when
the name is taken, which makes creation exclusive between all processes on the file system. A process that dies leaves
at most a file there; `probe` sweeps those away that nobody has written to for a day.
"""

import errno
import os
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime
from pathlib import Path
from stat import S_ISDIR
from typing import BinaryIO
from uuid import uuid4

from storage.errors import (
    AlreadyStoredError,
    ChecksumMismatchError,
    NotStoredError,
    StorageError,
    StoreFullError,
    StoreUnavailableError,
)
from storage.faults import fault_point
from storage.fixity import copy_digested
from storage.folders import files_under, forget_empty, make_folder, sync_folder
from storage.interface import Capability, ObjectStore, StoredObject
from storage.keys import check_key, check_prefix
from storage.probing import one_writer_wins

__all__ = ["FilesystemStore"]

_INCOMING = "~incoming"
_STALE_SECONDS = 24 * 60 * 60
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_PUBLISH_TRIES = 20


class FilesystemStore(ObjectStore):
    """Objects as files under one folder, which is made with the first object."""

    def __init__(self, root: Path) -> None:
        """`root` is absolute and on a file system with hard links, as every POSIX one has."""
        self.url = root.as_uri()
        self._root = root

    def put(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.put."""
        path = self._path(key)
        with self._writing(key):
            if path.exists():  # asked first, so that nothing is written in vain
                raise AlreadyStoredError(key)
            with self._incoming(key, source, sha256) as incoming:
                stored = self._facts(key, incoming)
                self._publish(incoming, path, exclusive=True)
                return stored

    def replace(self, key: str, source: BinaryIO, *, sha256: str) -> StoredObject:
        """See ObjectStore.replace."""
        path = self._path(key)
        with self._writing(key), self._incoming(key, source, sha256) as incoming:
            stored = self._facts(key, incoming)
            self._publish(incoming, path, exclusive=False)
            return stored

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """See ObjectStore.open."""
        with self._reading(key):
            stream = self._path(key).open("rb")
        stream.seek(start)
        return stream

    def stat(self, key: str) -> StoredObject:
        """See ObjectStore.stat."""
        with self._reading(key):
            return self._facts(key, self._path(key))

    def list(self, prefix: str = "") -> Iterator[StoredObject]:
        """See ObjectStore.list; one folder's names are in memory at a time."""
        return self._list(check_prefix(prefix))

    def delete(self, key: str, *, unlock: bool = False) -> None:  # noqa: ARG002
        """See ObjectStore.delete."""
        path = self._path(key)
        with self._writing(key), suppress(FileNotFoundError, NotADirectoryError, IsADirectoryError):
            path.unlink()
            sync_folder(path.parent)  # gone for good, also after a power cut
            forget_empty(path.parent, self._root)

    def probe(self) -> frozenset[Capability]:
        """See ObjectStore.probe. Also sweeps what dead processes left under `~incoming/`."""
        self._sweep()
        return frozenset({Capability.EXCLUSIVE_PUT}) if one_writer_wins(self, self.put) else frozenset()

    def _path(self, key: str) -> Path:
        return self._root / check_key(key)

    def _facts(self, key: str, path: Path) -> StoredObject:
        status = path.stat()
        if S_ISDIR(status.st_mode):
            raise NotStoredError(key)
        return _object(key, status)

    @contextmanager
    def _incoming(self, key: str, source: BinaryIO, sha256: str) -> Iterator[Path]:
        """A durable file with the checked bytes of `source`, gone when the block ends."""
        folder = self._root / _INCOMING
        _sync_all(make_folder(folder))
        path = folder / uuid4().hex
        try:
            with path.open("xb") as file:
                found, size = copy_digested(source, file)
                if found != sha256:
                    raise ChecksumMismatchError(key)
                file.flush()
                if size:  # an empty one has nothing to lose but its name, which its folder keeps
                    os.fsync(file.fileno())
            fault_point("filesystem.written")
            yield path
        finally:
            path.unlink(missing_ok=True)

    def _publish(self, file: Path, path: Path, *, exclusive: bool) -> None:
        """Give the file its name durably; tried again when a delete beside us takes away the emptied folder."""
        changed: list[Path] = []
        for attempt in range(1, _PUBLISH_TRIES + 1):
            try:
                changed += make_folder(path.parent)
                if exclusive:
                    path.hardlink_to(file)
                else:
                    file.replace(path)
            except FileNotFoundError:
                if attempt == _PUBLISH_TRIES or not file.exists():
                    raise
            else:
                break
        fault_point("filesystem.published")
        # The innermost first: where there is a journal it takes the others along, and they cost next to nothing.
        _sync_all([path.parent, *reversed(changed)])

    def _list(self, prefix: str) -> Iterator[StoredObject]:
        with self._reading(prefix):
            for key, status in files_under(self._root, prefix):
                yield _object(key, status)

    def _sweep(self) -> None:
        with self._reading(_INCOMING), suppress(FileNotFoundError):
            for entry in os.scandir(self._root / _INCOMING):
                with suppress(FileNotFoundError):
                    if time.time() - entry.stat().st_mtime > _STALE_SECONDS:
                        Path(entry).unlink()

    @contextmanager
    def _reading(self, key: str) -> Iterator[None]:
        """Give the file system's errors our names, where what is not there is not stored."""
        try:
            yield
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise NotStoredError(key) from error
        except OSError as error:
            raise self._named(error) from error

    @contextmanager
    def _writing(self, key: str) -> Iterator[None]:
        """Give the file system's errors our names, where what is there already is in the way."""
        try:
            yield
        except (FileExistsError, IsADirectoryError) as error:
            raise AlreadyStoredError(key) from error
        except OSError as error:
            raise self._named(error) from error

    def _named(self, error: OSError) -> StorageError:
        if error.errno in _FULL:
            return StoreFullError(f"{self.url} has no room left: {error.strerror}")
        return StoreUnavailableError(f"{self.url} cannot be used: {error.strerror}")


def _object(key: str, status: os.stat_result) -> StoredObject:
    return StoredObject(key, status.st_size, datetime.fromtimestamp(status.st_mtime, UTC))


def _sync_all(folders: Iterable[Path]) -> None:
    for folder in folders:
        with suppress(FileNotFoundError):  # deleted meanwhile by somebody else: there is no name left to keep
            sync_folder(folder)
