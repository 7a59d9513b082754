"""A backup holds the whole installation, and a restore gives it back, whatever kind the new database and store are."""

import json
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import bagit
import pytest
from click.testing import CliRunner, Result
from sqlalchemy import select

from archive.cli import main
from archive.digitization.sweep import sweep_orphans
from archive.platform.accounts.models import Person
from archive.platform.audit.sealer import seal_all
from archive.platform.audit.verify import verify as verify_trail
from archive.platform.db import Base, Database
from archive.platform.parts import open_parts
from archive.platform.rows import document_of
from archive.preservation.backup.errors import BackupError
from archive.preservation.backup.making import back_up
from archive.preservation.backup.restoring import restore
from archive.preservation.backup.tables import LEFT_OUT
from archive.settings import Settings
from storage.layout import Content
from tests.factories.small_archive import SmallArchive, small_archive
from tests.servers.s3 import S3Bucket


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallArchive]:
    """Four filed items, a grant, everything sealed."""
    with small_archive(tmp_path_factory.mktemp("archive")) as made:
        made.grant("engineer", "lathe")
        seal_all(made.parts)
        yield made


@pytest.fixture(scope="module")
def backup(archive: SmallArchive, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A backup of it, made by the command."""
    folder = tmp_path_factory.mktemp("backups") / "2021"
    result = danggui(archive.parts.settings.folder, "backup", str(folder), "--json")
    assert result.exit_code == 0, result.output
    made = json.loads(result.stdout)
    assert made["objects"] == 4
    assert made["rows"]["item"] == 4
    return folder


def danggui(folder: Path, *arguments: str) -> Result:
    """A command on the embedded archive in this folder."""
    return CliRunner().invoke(main, ["--data", str(folder), *arguments])


def rows_of(database: Database) -> dict[str, list[dict[str, Any]]]:
    """Every row of every table that a backup holds; the trail's newest entries are the commands' own."""
    rows = {}
    with database.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if table.name not in LEFT_OUT and not table.name.startswith("audit_"):
                found = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
                rows[table.name] = [document_of(table, dict(row)) for row in found]
    return rows


def test_a_backup_is_a_valid_bag(backup: Path) -> None:
    """Another program for bags agrees with every file of it."""
    assert bagit.Bag(str(backup)).is_valid()


def test_everything_comes_back(archive: SmallArchive, backup: Path, tmp_path: Path) -> None:
    """The drill: restored into another folder, every row is equal, the trail and the store verify, search finds."""
    home = tmp_path / "restored"
    result = danggui(home, "restore", str(backup), "--json")
    assert result.exit_code == 0, result.output
    restored = json.loads(result.stdout)
    assert restored["items"] == 4
    assert restored["seconds"] >= 0
    with open_parts(Settings.load(home, environment={})) as parts:
        assert rows_of(parts.database) == rows_of(archive.parts.database)
        seal_all(parts)
        assert verify_trail(parts).ok
    assert danggui(home, "verify").exit_code == 0
    found = json.loads(danggui(home, "search", "数控车床", "--as", "archivist", "--json").stdout)
    assert [hit["id"] for hit in found["hits"]] == [archive.items["lathe"]]


def test_what_was_accepted_during_the_backup_stays(archive: SmallArchive, tmp_path: Path) -> None:
    """An object that came between the rows and the files of a backup is never swept as nobody's after the restore."""
    folder, stray = tmp_path / "backup", "01a1fc95-0000-7000-8000-000000000009"
    note = {"message": "accepted", "user": "a", "address": "urn:a"}
    created = archive.clock() - timedelta(days=2)
    archive.parts.repository.commit(stray, 1, {"a": Content.of_bytes(b"a")}, **note, created=created)
    try:
        back_up(archive.parts, folder, lambda _number: None)
    finally:
        archive.parts.repository.remove(stray)
    assert danggui(tmp_path / "new", "restore", str(folder)).exit_code == 0
    with open_parts(Settings.load(tmp_path / "new", environment={})) as parts:
        assert sweep_orphans(parts) == 0
        assert parts.repository.exists(stray)


def test_a_backup_moves_to_servers(
    archive: SmallArchive, backup: Path, tmp_path: Path, postgres_database: str, s3_bucket: S3Bucket
) -> None:
    """What was in SQLite and a folder comes back in PostgreSQL and a bucket, row by row."""
    environment = {"DANGGUI_DATABASE": postgres_database, "DANGGUI_STORAGE": s3_bucket.url}
    environment["DANGGUI_FOLDER"] = str(tmp_path)
    with open_parts(Settings.load(environment=environment)) as parts:
        restored = restore(parts, backup, lambda _number: None)
        assert restored.rows["item"] == 4
        assert rows_of(parts.database) == rows_of(archive.parts.database)
        for item_id in archive.items.values():
            assert all(check.outcome == "ok" for check in parts.repository.verify(item_id))


def test_a_damaged_backup_is_refused(archive: SmallArchive, tmp_path: Path) -> None:
    """One changed byte anywhere is found and named, and no row is entered."""
    folder = tmp_path / "backup"
    back_up(archive.parts, folder, lambda _number: None)
    pdf = next((folder / "data" / "store").rglob("*access.pdf"))
    flip(pdf)
    result = danggui(tmp_path / "a", "restore", str(folder))
    assert (result.exit_code, pdf.name in result.output) == (1, True)
    flip(pdf)
    rows = folder / "data" / "database" / "person.jsonl.gz"
    flip(rows)
    result = danggui(tmp_path / "b", "restore", str(folder))
    assert (result.exit_code, rows.name in result.output) == (1, True)
    with open_parts(Settings.load(tmp_path / "b", environment={})) as parts, parts.database.reading() as session:
        assert session.scalars(select(Person)).all() == []


def test_a_restore_never_overwrites(archive: SmallArchive, backup: Path) -> None:
    """Into an archive that holds something nothing is restored; the message says what to do instead."""
    with pytest.raises(BackupError, match="holds an archive already"):
        restore(archive.parts, backup, lambda _number: None)


def test_a_store_with_other_things_is_refused(backup: Path, tmp_path: Path) -> None:
    """A store that holds what the backup does not know belongs to another archive: nothing is written."""
    stray = tmp_path / "new" / "store" / "audit"
    stray.mkdir(parents=True)
    (stray / "000000000999.jsonl").write_bytes(b"x")
    result = danggui(tmp_path / "new", "restore", str(backup))
    assert result.exit_code == 1
    assert "audit/000000000999.jsonl" in result.output
    assert not (tmp_path / "new" / "store" / "ocfl").exists()


def test_an_unfinished_backup_is_no_backup(archive: SmallArchive, tmp_path: Path) -> None:
    """Without its last file a folder is refused by restore, and gone on with by backup."""
    folder = tmp_path / "backup"
    back_up(archive.parts, folder, lambda _number: None)
    (folder / "tagmanifest-sha256.txt").unlink()
    result = danggui(tmp_path / "new", "restore", str(folder))
    assert (result.exit_code, "no finished backup" in result.output) == (1, True)
    back_up(archive.parts, folder, lambda _number: None)
    assert bagit.Bag(str(folder)).is_valid()
    with pytest.raises(BackupError, match="finished backup already"):
        back_up(archive.parts, folder, lambda _number: None)


def test_a_folder_with_other_things_is_refused(archive: SmallArchive, tmp_path: Path) -> None:
    """A backup never mixes with what somebody else put into a folder."""
    (tmp_path / "holiday.jpg").write_bytes(b"x")
    with pytest.raises(BackupError, match="other things"):
        back_up(archive.parts, tmp_path, lambda _number: None)


def test_a_backup_needs_a_place_of_its_own(archive: SmallArchive, tmp_path: Path) -> None:
    """A folder whose disk is not mounted, or that lies in the store, is refused and nothing is made there."""
    store = Path(archive.parts.settings.storage.removeprefix("file://"))
    for folder, said in ((tmp_path / "unmounted" / "today", "mount its disk"), (store / "today", "lies in a store")):
        with pytest.raises(BackupError, match=said):
            back_up(archive.parts, folder, lambda _number: None)
        assert not folder.exists()


def test_a_damaged_object_stops_the_backup(tmp_path: Path) -> None:
    """The damaged file is named, with what to do next; no backup is finished."""
    (tmp_path / "archive").mkdir()
    with small_archive(tmp_path / "archive") as archive:
        damaged = next((tmp_path / "archive" / "store" / "ocfl").rglob("v1/content/content/*"))
        damaged.chmod(0o644)
        damaged.write_bytes(damaged.read_bytes()[:-1] + b"!")
        with pytest.raises(BackupError, match="verify --repair") as error:
            back_up(archive.parts, tmp_path / "backup", lambda _number: None)
    assert damaged.name in str(error.value)


def test_the_archive_works_on_meanwhile(tmp_path: Path) -> None:
    """Rows written during a backup are in it or not, each whole with what it refers to; the backup restores."""
    (tmp_path / "archive").mkdir()
    with small_archive(tmp_path / "archive") as made:
        stop = threading.Event()

        def write() -> None:
            number = 0
            while not stop.is_set():
                made.grant("engineer", "lathe", number=f"2021-{number:04}-01")
                number += 1

        writer = threading.Thread(target=write)
        writer.start()
        try:
            back_up(made.parts, tmp_path / "backup", lambda _number: None)
        finally:
            stop.set()
            writer.join()
    (tmp_path / "new").mkdir()
    with open_parts(Settings.load(tmp_path / "new", environment={})) as parts:
        assert restore(parts, tmp_path / "backup", lambda _number: None).rows["item"] == 4


def flip(path: Path) -> None:
    """Change one bit in the middle of a file."""
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
