"""The commands a program may read, on a small archive: what they print, and how they end."""

import json
import os
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from archive.cli import main
from archive.platform.audit.sealer import seal_all
from tests.factories.small_archive import SmallArchive, small_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallArchive]:
    """Four filed items of different circles, everything sealed."""
    with small_archive(tmp_path_factory.mktemp("archive")) as made:
        seal_all(made.parts)
        yield made


def run(archive: SmallArchive, *arguments: str) -> Result:
    """A command on this archive."""
    return CliRunner().invoke(main, ["--data", str(archive.parts.settings.folder), *arguments])


def document(result: Result) -> Any:
    """What a command printed with --json."""
    return json.loads(result.stdout)


def test_search_prints_the_agreed_document(archive: SmallArchive) -> None:
    """Search in a person's name: total and hits with id, code, title, score, and the pages that hold the words."""
    result = run(archive, "search", "隐患排查", "--as", "engineer", "--json")
    assert result.exit_code == 0, result.output
    found = document(result)
    assert found["total"] == 1
    (hit,) = found["hits"]
    assert set(hit) == {"id", "code", "title", "score", "pages"}
    assert hit["id"] == archive.items["safety"]
    assert [page["page"] for page in hit["pages"]] == [2]
    assert "隐患排查" in hit["pages"][0]["snippet"]


def test_search_keeps_the_guard(archive: SmallArchive) -> None:
    """Words of another department's record find nothing; its catalogue line shows without a page."""
    assert document(run(archive, "search", "一百二十六万", "--as", "engineer", "--json"))["total"] == 0
    (hit,) = document(run(archive, "search", "数控车床", "--as", "engineer", "--json"))["hits"]
    assert (hit["id"], hit["pages"]) == (archive.items["lathe"], [])


def test_search_wants_a_name_it_knows(archive: SmallArchive) -> None:
    """A login nobody has is said, with exit code 1 and no traceback."""
    result = run(archive, "search", "x", "--as", "nobody")
    assert result.exit_code == 1
    assert "nobody" in result.stderr
    assert "Traceback" not in result.output


def test_verify_reads_everything_again(archive: SmallArchive) -> None:
    """A clean archive is clean, in the agreed document."""
    result = run(archive, "verify", "--json")
    assert result.exit_code == 0, result.output
    told = document(result)
    assert set(told) == {"checked", "bytes", "ok", "damaged", "missing"}
    assert told["checked"] == told["ok"] > 0
    assert (told["damaged"], told["missing"]) == ([], [])


def test_verify_names_what_is_damaged_or_missing(tmp_path: Path) -> None:
    """A changed byte and a lost object are named, with exit code 1."""
    with small_archive(tmp_path) as archive:
        store = Path(archive.parts.settings.storage.removeprefix("file://"))
        damaged = next(path for path in store.rglob("*.png") if archive.items["lathe"] in str(path))
        damaged.chmod(0o600)
        damaged.write_bytes(damaged.read_bytes() + b"x")
        archive.parts.repository.remove(archive.items["accounts"])
        result = run(archive, "verify", "--json")
    told = document(result)
    assert result.exit_code == 1
    assert [path.split("/")[0] for path in told["damaged"]] == [archive.items["lathe"]]
    assert told["missing"] == [archive.items["accounts"]]


def test_reindex_brings_back_a_lost_index(tmp_path: Path) -> None:
    """With the index deleted everything is found again after a reindex."""
    with small_archive(tmp_path) as archive:
        before = sorted(archive.parts.index.ids())
        assert document(run(archive, "reindex", "--json")) == {"items": 4}
        assert sorted(archive.parts.index.ids()) == before


def test_audit_verify_confirms_and_finds(archive: SmallArchive) -> None:
    """The chain is confirmed, and it is said how far the store vouches for it."""
    result = run(archive, "audit", "verify", "--json")
    told = document(result)
    assert (result.exit_code, told["ok"], told["findings"]) == (0, True, [])
    assert 0 < told["reach"] <= told["sealed"]


def test_doctor_finds_nothing_wrong(archive: SmallArchive) -> None:
    """Of a sound archive the doctor has one line a part and nothing to mend."""
    result = run(archive, "doctor", "--json")
    told = document(result)
    assert {part["part"] for part in told["parts"]} >= {"database", "store", "index", "engine", "keeper", "disk"}
    wrong = [part for part in told["parts"] if not part["ok"] and part["part"] != "engine"]
    assert wrong == []


def test_doctor_never_breaks_down(tmp_path: Path) -> None:
    """With nothing there at all the doctor says what to do, makes nothing, and exits with 1."""
    nowhere = tmp_path / "nowhere"
    environment = {
        **os.environ,
        "DANGGUI_DATABASE": "postgresql+psycopg://nobody@127.0.0.1:1/none",
        "DANGGUI_STORAGE": f"file://{nowhere}/store",
        "DANGGUI_SEARCH": "http://127.0.0.1:1/none",
        "DANGGUI_FOLDER": str(nowhere),
    }
    result = subprocess.run(
        [sys.executable, "-m", "archive.cli", "doctor"], env=environment, capture_output=True, text=True, check=False
    )
    assert result.returncode == 1
    assert "Traceback" not in result.stderr
    wrong = [line for line in result.stdout.splitlines() if line.startswith("WRONG")]
    assert {"database", "store", "index"} <= {line.split()[1].rstrip(":") for line in wrong}
    assert all(" -> " in line for line in wrong)
    assert not nowhere.exists()


def test_parts_that_are_away_have_their_own_exit_code(tmp_path: Path) -> None:
    """A database that does not answer ends a command with one sentence and exit code 3."""
    environment = {"DANGGUI_DATABASE": "postgresql+psycopg://nobody@127.0.0.1:1/none", "DANGGUI_FOLDER": str(tmp_path)}
    result = CliRunner().invoke(main, ["verify"], env=environment)
    assert result.exit_code == 3
    assert len(result.stderr.splitlines()) == 1


def test_wrong_setting_is_explained(tmp_path: Path) -> None:
    """A setting that cannot be used is named, with what to write instead."""
    result = CliRunner().invoke(main, ["doctor"], env={"DANGGUI_WORKERS": "many", "DANGGUI_FOLDER": str(tmp_path)})
    assert result.exit_code == 1
    assert "DANGGUI_WORKERS" in result.stderr


def test_no_archive_no_traceback(tmp_path: Path) -> None:
    """A command on a folder without an archive says to run init."""
    result = CliRunner().invoke(main, ["--data", str(tmp_path / "none"), "verify"])
    assert result.exit_code == 1
    assert "danggui init" in result.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("command", ["serve", "worker", "keeper", "dispatcher"])
def test_tables_of_another_version_stop_the_start(tmp_path: Path, command: str) -> None:
    """Nothing is served, and nothing done, with a database that waits for a migration; it is said what to run."""
    with closing(sqlite3.connect(tmp_path / "danggui.db")) as database, database:
        database.execute("CREATE TABLE alembic_version (version_num VARCHAR(32))")
        database.execute("INSERT INTO alembic_version VALUES ('older')")
    result = CliRunner().invoke(main, ["--data", str(tmp_path), command])
    assert result.exit_code == 1
    assert "those of another version: run `danggui init`" in result.stderr


@pytest.mark.parametrize("command", ["init", "demo", "serve", "ingest", "recognise", "search", "verify", "reindex"])
def test_every_command_shows_an_example(command: str) -> None:
    """The help of each command has an example."""
    result = CliRunner().invoke(main, [command, "--help"])
    assert result.exit_code == 0, result.output
    assert "Example:" in result.output
