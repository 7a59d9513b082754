"""Bytes on their way in: staged under `intake/`, with size and digest, before any row knows of them."""

import hashlib
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from archive.platform.db import new_id
from archive.platform.parts import Parts
from archive.platform.scratch import scratch_folder
from storage.interface import ObjectStore

__all__ = ["INTAKE", "StagedFile", "local_copy", "readable", "stage", "thumbnail_key"]

INTAKE = "intake/"
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class StagedFile:
    """Bytes that lie in intake. An empty file is staged without bytes: there is nothing to keep."""

    id: str
    name: str
    key: str
    size: int
    sha256: str


def stage(store: ObjectStore, batch_id: str, source: BinaryIO, name: str) -> StagedFile:
    """Read `source` to its end and keep it in intake. Raises StoreFullError, StoreUnavailableError.

    No transaction may be open: this waits for disks and networks.
    """
    file_id = new_id()
    key = f"{INTAKE}{batch_id}/{file_id}"
    digest, size = hashlib.sha256(), 0
    # Large files wait on disk, small ones in memory, until their digest is known.
    with tempfile.SpooledTemporaryFile(max_size=8 * _CHUNK) as waiting:
        while chunk := source.read(_CHUNK):
            digest.update(chunk)
            size += len(chunk)
            waiting.write(chunk)
        waiting.seek(0)
        if size:
            store.put(key, waiting, sha256=digest.hexdigest())  # type: ignore[arg-type]
    return StagedFile(file_id, readable(name), key, size, digest.hexdigest())


def readable(name: str) -> str:
    """A name as text. On disk it may be any bytes; those of older Chinese systems are GB18030."""
    written = name.encode("utf-8", "surrogateescape")
    try:
        return written.decode("utf-8")
    except UnicodeDecodeError:
        return written.decode("gb18030", "replace")


def thumbnail_key(batch_id: str, page_id: str) -> str:
    """Where the small picture of a page in intake lies."""
    return f"{INTAKE}{batch_id}/{page_id}.jpg"


def _batch_of(key: str) -> str:
    """The id of the batch whose bytes lie there."""
    return key.removeprefix(INTAKE).partition("/")[0]


@contextmanager
def local_copy(parts: Parts, key: str) -> Iterator[Path]:
    """The bytes of an object as a file on this machine, while they are worked on. Raises NotStoredError."""
    with scratch_folder(parts.settings, _batch_of(key)) as folder:
        path = folder / "scan"
        with parts.store.open(key) as source, path.open("wb") as target:
            shutil.copyfileobj(source, target, _CHUNK)
        yield path
