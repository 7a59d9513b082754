"""Puts a backup into an empty installation: what was stored, then all rows in one transaction.

Killed at any moment, the same restore goes on: what is in the store already is compared, rows are all there or none.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from archive.migrations import is_known, upgrade
from archive.platform.db import Base, Database
from archive.platform.parts import Location, Parts
from archive.preservation.backup.bag import DATA, Bag
from archive.preservation.backup.errors import BackupError
from archive.preservation.backup.making import FACTS
from archive.preservation.backup.tables import LEFT_OUT, read_rows
from archive.preservation.rebuild.report import Report
from archive.preservation.rebuild.rows import Rows
from storage.errors import AlreadyStoredError, ChecksumMismatchError
from storage.faults import fault_point
from storage.interface import ObjectStore

__all__ = ["Restored", "finished", "restore"]

#: lies in the settings' folder as long as a restore is not finished
_BEGUN = "restoring"
_STORE = "store/"
_DATABASE = "database/"


@dataclass(frozen=True, slots=True)
class Restored:
    """What came back: rows by table, stored files, and the moment (aware) at which the backup was begun."""

    rows: dict[str, int]
    files: int
    taken_at: datetime


def restore(parts: Parts, folder: Path, advance: Callable[[int], None]) -> Restored:
    """Fill database and store from a backup; `advance` is told of each stored file. The index is not touched.

    The caller says `finished` when he has built that: until then a restore that died goes on.

    Raises BackupError: no whole backup, or one of a newer version; the installation is not empty; the backup is
    encrypted and no key file is named. StoreFullError, StoreUnavailableError.
    """
    bag = Bag(folder)
    facts = _facts(bag)
    if not is_known(facts["revision"]):
        raise BackupError(f"{folder} was taken by a newer version of Danggui: restore it with that one")
    if (folder / DATA / _STORE / "keys").is_dir() and not parts.settings.keys:
        raise BackupError(f"{folder} is encrypted: set DANGGUI_KEYS to the key file that was in use then")
    upgrade(parts.database)
    begun = parts.settings.folder / _BEGUN
    if not begun.exists():
        _expect_empty(parts.database)
        begun.touch()
    files = _restore_store(parts.stores[Location.PRIMARY], bag, folder / DATA / _STORE, advance)
    parts.repository.recover_all()
    fault_point("restore.stored")
    rows = _restore_rows(parts.database, bag, folder / DATA / _DATABASE)
    fault_point("restore.entered")
    return Restored(rows, files, datetime.fromisoformat(facts["taken_at"]))


def finished(parts: Parts) -> None:
    """Say that all that follows from a restore is done, too: the next one wants an empty installation again."""
    (parts.settings.folder / _BEGUN).unlink(missing_ok=True)


def _facts(bag: Bag) -> dict[str, Any]:
    found = [path for _, path in bag.checked(FACTS)]
    if not found:
        raise BackupError(f"there is no {FACTS}: this is no backup of an archive")
    facts: dict[str, Any] = json.loads(found[0].read_text(encoding="utf-8"))
    return facts


def _expect_empty(database: Database) -> None:
    """Raises BackupError when there are rows of an archive already."""
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if connection.scalar(select(func.count()).select_from(table)):
                raise BackupError(
                    f"the database holds an archive already ({table.name} has rows): restore into an empty one, "
                    "for example with --data and a new folder"
                )


def _restore_store(store: ObjectStore, bag: Bag, folder: Path, advance: Callable[[int], None]) -> int:
    _expect_known(store, folder)
    files = 0
    for key, path, sha256 in bag.payload(_STORE):
        _put(store, key, path, sha256)
        files += 1
        advance(1)
    return files


def _expect_known(store: ObjectStore, folder: Path) -> None:
    """Raises BackupError when the store holds something that is not in the backup."""
    for stored in store.list():
        if not stored.key.startswith("probe/") and not (folder / stored.key).is_file():
            raise BackupError(
                f"the store {store.url} is not empty: it holds {stored.key}, which is not in the backup; name an empty "
                "store, or make the archive again from this one with `danggui rebuild --from-storage`"
            )


def _put(store: ObjectStore, key: str, path: Path, sha256: str) -> None:
    try:
        with path.open("rb") as file:
            store.put(key, file, sha256=sha256)
    except AlreadyStoredError:
        with store.open(key) as stored:
            if hashlib.file_digest(stored, "sha256").hexdigest() != sha256:  # type: ignore[arg-type]
                raise BackupError(f"the store {store.url} holds other bytes under {key}: name an empty store") from None
    except (ChecksumMismatchError, FileNotFoundError) as error:
        raise BackupError(f"{path} is damaged or gone: restore from another backup") from error


def _restore_rows(database: Database, bag: Bag, folder: Path) -> dict[str, int]:
    for _ in bag.checked(_DATABASE):
        pass  # every file is read and compared before the first row goes in
    tables = [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]
    with database.engine.execution_options(danggui_writes=True).begin() as connection:
        report = Report()
        rows = Rows(connection, report)
        if not any(rows.count(table) for table in tables):  # else they came in before the process died: all or none
            for table in tables:
                rows.load(table, read_rows(folder, table.name))
        if report.findings:
            raise BackupError(f"the backup does not fit together: {report.findings[0].says}")
        return {table.name: rows.count(table) for table in tables}
