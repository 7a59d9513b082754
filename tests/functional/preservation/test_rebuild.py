"""The drill: database and index are lost; from the store alone the archive comes back, row by row."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from archive.platform.db import Database
from archive.platform.parts import Parts, open_parts
from archive.platform.rows import document_of
from archive.platform.tables import FATES, Fate, tables_of
from archive.settings import Settings
from tests.factories.small_archive import small_archive
from tests.factories.used_archive import settle, use

_REBUILT = (Fate.JOURNAL, Fate.OBJECT, Fate.TRAIL)
#: Times that no object in the store tells: the one of the object itself stands in for them.
_APPROXIMATE = {"audit_link": "sealed_at", "audit_segment": "written_at"}
#: What a rebuild itself adds to the trail.
_OWN = {"preservation:archive:rebuilt", "platform:index:rebuilt"}


@dataclass(frozen=True, slots=True)
class Loss:
    """What is left of a used archive: its rows as they were, ids of its items by a short name, and its settings."""

    rows: dict[str, list[dict[str, Any]]]
    items: dict[str, str]
    settings: dict[str, str]


@pytest.fixture(scope="module")
def loss(tmp_path_factory: pytest.TempPathFactory) -> Loss:
    """A used archive that was lost, but for its store."""
    folder = tmp_path_factory.mktemp("lost")
    with small_archive(folder) as archive:
        use(archive)
        settle(archive.parts)
        kept = Loss(rows_of(archive.parts.database), archive.items, {"DANGGUI_STORAGE": archive.parts.settings.storage})
    for lost in ("danggui.db", "danggui.db-wal", "danggui.db-shm"):
        (folder / lost).unlink(missing_ok=True)
    shutil.rmtree(folder / "index")
    return kept


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """The folder of the archive that was made again, its settings, and what the command said."""

    folder: Path
    settings: dict[str, str]
    report: dict[str, Any]


@pytest.fixture(scope="module")
def rebuilt(loss: Loss, tmp_path_factory: pytest.TempPathFactory) -> Rebuilt:
    """The same archive made again in another folder, by the command, with nothing but the store's address."""
    folder = tmp_path_factory.mktemp("rebuilt")
    shutil.copytree(Path(loss.settings["DANGGUI_STORAGE"].removeprefix("file://")), folder / "bucket")
    settings = {"DANGGUI_STORAGE": f"file://{folder / 'bucket'}", "DANGGUI_FOLDER": str(folder / "home")}
    done = danggui(folder, settings, "rebuild", "--from-storage", "--json")
    return Rebuilt(folder, settings, json.loads(done.stdout))


@pytest.fixture
def parts(rebuilt: Rebuilt) -> Iterator[Parts]:
    """The rebuilt archive, opened."""
    with open_parts(Settings.load(environment=rebuilt.settings)) as opened:
        yield opened


def danggui(folder: Path, settings: dict[str, str], *arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    """Run a command in this folder with these variables and no others."""
    credentials = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    command = [sys.executable, "-m", "archive.cli", *arguments]
    done = subprocess.run(
        command, cwd=folder, env={**settings, **credentials}, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == code, f"{arguments} left with {done.returncode}: {done.stdout}{done.stderr}"
    return done


def rows_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that is rebuilt, but what cannot be known and what rebuilding itself adds."""
    found = {}
    with database.engine.connect() as connection:
        for table in tables_of(*_REBUILT):
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            documents = [document_of(table, dict(row)) for row in rows]
            found[table.name] = [
                {name: value for name, value in document.items() if name != _APPROXIMATE.get(table.name)}
                for document in documents
                if document.get("action") not in _OWN
            ]
    return found


def test_every_row_comes_back(loss: Loss, rebuilt: Rebuilt, parts: Parts) -> None:
    """Every table that is declared to come back does, with something in it, field by field; nothing was found amiss."""
    assert rebuilt.report["findings"] == []
    assert [name for name, rows in loss.rows.items() if not rows] == []
    assert loss.rows.keys() == {name for name, fate in FATES.items() if fate in _REBUILT}
    again = rows_of(parts.database)
    for name, rows in loss.rows.items():
        assert again[name] == rows, name


def test_the_command_accounts_for_every_table(rebuilt: Rebuilt) -> None:
    """Each table stands in the report with its fate; what came from the journal has as many rows there as here."""
    lines = {line["table"]: line for line in rebuilt.report["tables"]}
    assert {name: line["fate"] for name, line in lines.items()} == {name: str(fate) for name, fate in FATES.items()}
    assert all(line["stored"] in {None, line["rows"]} for line in lines.values())
    assert all(line["rows"] == 0 for line in lines.values() if line["fate"] == "lost")
    assert rebuilt.report["journal_until"] is not None
    assert rebuilt.report["trail"] > 0
