"""A rebuild that is killed and begun again makes the same archive, whenever it dies."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.handlers import build_documents, item_ids
from archive.platform.actor import SYSTEM
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.delivery import reindex
from archive.platform.parts import Parts, open_parts
from archive.platform.tables import Fate, tables_of
from archive.preservation.rebuild.errors import RebuildError
from archive.preservation.rebuild.rebuilding import rebuild
from archive.settings import Settings
from tests.factories.small_archive import SmallArchive, small_archive
from tests.factories.used_archive import settle, use

#: before anything is in, in the middle of the items, before and after the rows are committed, after the index
_PLACES = ["rebuild.begun", "rebuild.items", "rebuild.loaded", "rebuild.rows", "rebuild.index"]
_COMPARED = (Fate.JOURNAL, Fate.OBJECT)


@pytest.fixture(scope="module")
def lost(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SmallArchive]:
    """The store of a used archive."""
    folder = tmp_path_factory.mktemp("lost")
    with small_archive(folder) as archive:
        use(archive)
        settle(archive.parts)
    return folder / "store", archive


@pytest.mark.parametrize("place", _PLACES)
def test_killed_and_begun_again(lost: tuple[Path, SmallArchive], tmp_path: Path, place: str) -> None:
    """Killed there, a rebuild is simply done again: every table has as many rows, every item is found, once each."""
    store, archive = lost
    variables = {"DANGGUI_FOLDER": str(tmp_path / "home"), "DANGGUI_STORAGE": f"file://{store}"}
    before = sorted(path for path in store.rglob("*") if path.is_file())
    assert killed_rebuild(variables, place) == -signal.SIGKILL
    with open_parts(Settings.load(environment=variables)) as parts:
        report = rebuild(parts, SYSTEM, fill_index)
        assert report.findings == []
        assert rows(parts) == {line.table: line.rows for line in report.tables if line.fate in _COMPARED}
        assert sorted(parts.index.ids()) == sorted(archive.items[name] for name in archive.items if name != "minutes")
        with parts.database.reading() as session:
            rebuilt = select(func.count()).where(AuditEntry.action == AuditAction.ARCHIVE_REBUILT)
            assert session.scalar(rebuilt) == 1
        with pytest.raises(RebuildError):  # it is whole now: there is nothing left to go on with
            rebuild(parts, SYSTEM, fill_index)
    assert sorted(path for path in store.rglob("*") if path.is_file()) == before


def rows(parts: Parts) -> dict[str, int]:
    """How many rows each table has that is rebuilt."""
    with parts.database.reading() as session:
        return {
            table.name: session.scalar(select(func.count()).select_from(table)) or 0 for table in tables_of(*_COMPARED)
        }


def fill_index(parts: Parts) -> int:
    """As the command does it."""
    return reindex(parts, build_documents, item_ids)


def killed_rebuild(variables: dict[str, str], fault: str) -> int:
    """The command in a process of its own, that dies at this place; returns its exit code."""
    command = [sys.executable, "-m", "archive.cli", "rebuild", "--from-storage"]
    return subprocess.run(command, env={**variables, "DANGGUI_FAULT": fault}, check=False, timeout=120).returncode
