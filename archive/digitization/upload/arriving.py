"""The bytes of uploads under way: one file a upload in a folder of ours, which grows piece by piece."""

import errno
import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader, FileIO
from pathlib import Path
from typing import BinaryIO
from urllib.parse import unquote, urlsplit

from archive.settings import Settings

__all__ = ["ArrivingFile", "arrived", "free_bytes", "remove_arriving", "spare_reserve", "uploads_folder"]

_CHUNK = 1 << 20
_MEGABYTE = 10**6


class ArrivingFile:
    """What came of one file so far, held by one request at a time."""

    def __init__(self, file: FileIO) -> None:
        self._file = file

    @property
    def size(self) -> int:
        """How many bytes came; sending goes on there."""
        return os.fstat(self._file.fileno()).st_size

    def append(self, source: BinaryIO, most: int) -> None:
        """Add what `source` gives, at most so many bytes; they lie on disk afterwards. Raises OSError."""
        before = self._file.seek(0, os.SEEK_END)
        try:
            while most and (data := source.read(min(_CHUNK, most))):
                most -= len(data)
                self._write(data)
            os.fsync(self._file.fileno())
        except OSError:
            # Half a piece may stay out when the disk is full; the next try sends it whole.
            self._file.truncate(before)
            raise

    @contextmanager
    def reading(self) -> Iterator[BufferedReader]:
        """The bytes from their beginning."""
        with Path(str(self._file.name)).open("rb") as file:
            yield file

    def _write(self, data: bytes) -> None:
        left = memoryview(data)
        while left:
            left = left[self._file.write(left) :]

    @classmethod
    @contextmanager
    def opened(cls, settings: Settings, batch_id: str, upload_id: str) -> Iterator["ArrivingFile"]:
        """The file of an upload, made if it is new. Raises BlockingIOError while another request holds it."""
        path = uploads_folder(settings) / batch_id / upload_id
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with path.open("a+b", buffering=0) as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield cls(file)


def arrived(settings: Settings, batch_id: str, upload_id: str) -> int:
    """How many bytes of an upload came."""
    try:
        return (uploads_folder(settings) / batch_id / upload_id).stat().st_size
    except FileNotFoundError:
        return 0


def uploads_folder(settings: Settings) -> Path:
    """Where uploads under way lie, a folder a batch."""
    return settings.folder / "uploads"


def remove_arriving(settings: Settings, batch_id: str, upload_id: str = "") -> None:
    """Delete what came of one upload, or of all uploads of a batch."""
    folder = uploads_folder(settings) / batch_id
    if upload_id:
        (folder / upload_id).unlink(missing_ok=True)
    else:
        shutil.rmtree(folder, ignore_errors=True)


def free_bytes(settings: Settings) -> int:
    """Room for more on the disks where uploads arrive and are kept; below 0 where the reserve is drawn on already."""
    address = urlsplit(settings.storage)
    store = [Path(unquote(address.path))] if address.scheme == "file" else []
    free = min(shutil.disk_usage(place).free for place in (settings.folder, *store))
    return free - settings.reserve * _MEGABYTE


def spare_reserve(settings: Settings, size: int) -> None:
    """Raises OSError, as a full disk does, where so many bytes more would draw on the reserve."""
    if size > free_bytes(settings):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
