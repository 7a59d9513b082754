"""Takes a backup while the archive works.

Stored objects first, because they are many and never change; then all rows at one moment; then what was stored in
between. So whatever the rows speak of is in the backup, and at most a little more.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote, urlsplit

from archive.migrations import head_revision
from archive.platform.audit.models import AuditSegment
from archive.platform.evidence import EVIDENCE
from archive.platform.parts import Location, Parts
from archive.preservation.backup.bag import BEGUN, DATA, is_bag, seal_bag
from archive.preservation.backup.errors import BackupError
from archive.preservation.backup.tables import dump_tables, read_rows
from storage import open_store
from storage.copies import copy_file, copy_object
from storage.errors import DamagedError, NotStoredError
from storage.faults import fault_point
from storage.interface import ObjectStore
from storage.layout import Repository

__all__ = ["FACTS", "Backup", "back_up"]

#: of what a backup is, and when it was taken
FACTS = "backup.json"

#: what lies beside the objects and belongs to the archive; the journal is written anew by a restored one
_BESIDE = ("keys/", "intake/", "staging/", EVIDENCE)


@dataclass(frozen=True, slots=True)
class Backup:
    """A finished backup: rows by table, stored objects of items, files and bytes in all."""

    rows: dict[str, int]
    objects: int
    files: int
    bytes: int


def back_up(parts: Parts, folder: Path, advance: Callable[[int], None]) -> Backup:
    """Fill a new folder, or go on with one that was interrupted; `advance` is told of each object and each file.

    Raises BackupError (the folder holds something else or cannot be made here, a stored object is not what it was),
    StoreUnavailableError, OSError.
    """
    _expect_ours(folder)
    _expect_apart(parts, folder)
    (folder / DATA).mkdir(parents=True, exist_ok=True)
    data = folder / DATA
    source, target = parts.stores[Location.PRIMARY], open_store((data / "store").resolve().as_uri())
    taken_at = parts.clock()
    _copy_objects(source, target, advance)
    rows = dump_tables(parts.database, data / "database")
    fault_point("backup.dumped")
    objects = _copy_objects(source, target, lambda _number: None)
    _copy_beside(source, target, data / "database")
    fault_point("backup.copied")
    facts = {"taken_at": taken_at.isoformat(), "revision": head_revision(), "storage": source.url, "rows": rows}
    (data / FACTS).write_text(json.dumps(facts, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")
    info = {"Source-Organization": parts.settings.organisation, "Bagging-Date": f"{taken_at:%Y-%m-%d}"}
    files, octets = seal_bag(folder, info, advance)
    return Backup(rows, objects, files, octets)


def _expect_ours(folder: Path) -> None:
    """Raises BackupError when the folder is neither new nor a backup that was interrupted."""
    if is_bag(folder):
        raise BackupError(f"{folder} holds a finished backup already: name another folder")
    if folder.exists() and {path.name for path in folder.iterdir()} - BEGUN:
        raise BackupError(f"{folder} holds other things: name a new folder")


def _expect_apart(parts: Parts, folder: Path) -> None:
    """Raises BackupError where a disk is not mounted, and in a store itself."""
    place = folder.resolve()
    if not place.parent.is_dir():
        raise BackupError(f"there is no folder {place.parent}: mount its disk, or make the folder")
    if any(
        store.url.startswith("file:") and place.is_relative_to(_folder_of(store)) for store in parts.stores.values()
    ):
        raise BackupError(f"{folder} lies in a store of the archive: name a folder on another disk")


def _folder_of(store: ObjectStore) -> Path:
    return Path(unquote(urlsplit(store.url).path)).resolve()


def _copy_objects(source: ObjectStore, target: ObjectStore, advance: Callable[[int], None]) -> int:
    copied = 0
    for object_id in Repository(source).object_ids():
        try:
            copy_object(source, target, object_id)
        except NotStoredError:
            continue  # not committed yet, or destroyed a moment ago
        except DamagedError as error:
            mend = "run `danggui verify --repair`, or put the files back from an older backup, then back up again"
            raise BackupError(f"{error}: {mend}") from error
        copied += 1
        advance(1)
    return copied


def _copy_beside(source: ObjectStore, target: ObjectStore, rows: Path) -> None:
    """Everything else: the OCFL root's own files, keys, intake, and those segments of the trail that the rows know."""
    segments = [row["key"] for row in read_rows(rows, AuditSegment.__tablename__)]
    root = ["ocfl/0=ocfl_1.1", "ocfl/ocfl_layout.json"]
    listed = [stored.key for prefix in ("ocfl/extensions/", *_BESIDE) for stored in source.list(prefix)]
    for key in [*root, *listed, *segments]:
        try:
            copy_file(source, target, key)
        except NotStoredError:
            if key in segments:
                raise
