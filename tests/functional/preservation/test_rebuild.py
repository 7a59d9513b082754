"""The drill: database and index are lost; from the store alone the archive comes back, row by row."""

import hashlib
import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import ArchivalCode, CodeSeries, Item, ItemState, Tombstone
from archive.cli.verify import verify_store
from archive.handlers import build_documents, item_ids
from archive.platform.accounts.models import Unit
from archive.platform.actor import SYSTEM
from archive.platform.audit.sealer import seal_all
from archive.platform.audit.verify import verify as verify_trail
from archive.platform.db import Database
from archive.platform.delivery import reindex
from archive.platform.journal.models import JournalOutbox, JournalSegment
from archive.platform.journal.segments import segment_key, snapshot_key, snapshot_numbers
from archive.platform.journal.snapshot import take_snapshot
from archive.platform.journal.writer import write_journal_now
from archive.platform.locks import LockHeldError, exclusive
from archive.platform.parts import Location, Parts, open_parts
from archive.platform.rows import document_of
from archive.platform.tables import FATES, Fate, tables_of
from archive.preservation.backup.making import back_up
from archive.preservation.backup.restoring import restore
from archive.preservation.rebuild.errors import RebuildError
from archive.preservation.rebuild.rebuilding import rebuild
from archive.preservation.rebuild.report import Matter, Report
from archive.settings import Settings
from storage import open_store
from storage.copies import copy_object
from storage.encryption.key_file import KeyFile
from storage.object_paths import ObjectPaths
from tests.factories.clock import SetClock
from tests.factories.small_archive import SmallArchive, small_archive
from tests.factories.used_archive import LATE, destroy_item, file_paper, settle, use
from tests.servers.postgres import fresh_database
from tests.servers.s3 import S3Bucket

_REBUILT = (Fate.JOURNAL, Fate.OBJECT, Fate.TRAIL)
#: Times that no object in the store tells: the one of the object itself stands in for them.
_APPROXIMATE = {"audit_link": "sealed_at", "audit_segment": "written_at"}
#: What a rebuild itself adds to the trail.
_OWN = {"preservation:archive:rebuilt", "platform:index:rebuilt"}

Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SmallArchive]:
    """A used archive in a folder, closed, made once."""
    folder = tmp_path_factory.mktemp("pattern")
    with small_archive(folder) as archive:
        use(archive)
        settle(archive.parts)
    return folder, archive


@pytest.fixture
def used(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> Iterator[SmallArchive]:
    """A copy of it, for this test alone: what is done to it happened before the loss."""
    folder, made = pattern
    copy = shutil.copytree(folder, tmp_path / "lost")
    with open_parts(Settings.load(copy, environment={}), SetClock()) as parts:
        yield SmallArchive(parts, made.clock, made.people, dict(made.items))


@contextmanager
def again(lost: SmallArchive, second_storage: str = "") -> Iterator[tuple[Parts, Report]]:
    """The archive made again beside the lost one, from its store; with what was reported."""
    home = lost.parts.settings.folder.with_name("again")
    home.mkdir()
    storage = lost.parts.settings.storage
    settings = replace(Settings.load(home, environment={}), storage=storage, second_storage=second_storage)
    with open_parts(settings) as parts:
        yield parts, rebuild(parts, SYSTEM, fill_index)


def fill_index(parts: Parts) -> int:
    """As the command does it."""
    return reindex(parts, build_documents, item_ids)


def rows_of(database: Database) -> Rows:
    """Every row of every table that is rebuilt, but what cannot be known and what rebuilding itself adds."""
    found = {}
    with database.engine.connect() as connection:
        for table in tables_of(*_REBUILT):
            rows = connection.execute(select(table).order_by(*table.primary_key.columns)).mappings()
            found[table.name] = [
                {name: value for name, value in document.items() if name != _APPROXIMATE.get(table.name)}
                for document in (document_of(table, row) for row in rows)
                if document.get("action") not in _OWN
            ]
    return found


def danggui(folder: Path, settings: dict[str, str], *arguments: str, code: int = 0, given: str = "") -> str:
    """Run a command in this folder with these variables and no others; returns what it printed."""
    credentials = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
    done = subprocess.run(
        [sys.executable, "-m", "archive.cli", *arguments],
        cwd=folder,
        env={**settings, **credentials},
        input=given,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert done.returncode == code, f"{arguments} left with {done.returncode}: {done.stdout}{done.stderr}"
    return done.stdout


def found(report: Report, matter: Matter) -> list[str]:
    """What was found of one kind, by its subject."""
    return [finding.subject for finding in report.findings if finding.matter is matter]


# --- the drill, by the command, in another folder, with nothing but the address of the store ---


@dataclass(frozen=True, slots=True)
class Drill:
    """The rows as they were, the items, and the archive made again: its folder, settings, and what was reported."""

    rows: Rows
    items: dict[str, str]
    folder: Path
    settings: dict[str, str]
    report: dict[str, Any]

    def danggui(self, *arguments: str, code: int = 0, given: str = "") -> str:
        """A command on the rebuilt archive."""
        return danggui(self.folder, self.settings, *arguments, code=code, given=given)


@pytest.fixture(scope="module")
def drill(pattern: tuple[Path, SmallArchive], tmp_path_factory: pytest.TempPathFactory) -> Drill:
    """The used archive, lost but for its bucket, and made again."""
    folder, archive = pattern
    home = tmp_path_factory.mktemp("drill")
    bucket = shutil.copytree(folder / "store", home / "bucket")
    settings = {"DANGGUI_STORAGE": f"file://{bucket}"}
    database = Database(archive.parts.settings.database)
    rows = rows_of(database)
    database.dispose()
    report = json.loads(danggui(home, settings, "rebuild", "--from-storage", "--json"))
    return Drill(rows, archive.items, home, settings, report)


def test_every_row_comes_back(drill: Drill) -> None:
    """Every table that is declared to come back does, with something in it, field by field; nothing was amiss."""
    assert drill.report["findings"] == []
    assert [name for name, rows in drill.rows.items() if not rows] == []
    assert drill.rows.keys() == {name for name, fate in FATES.items() if fate in _REBUILT}
    database = Database(f"sqlite:///{drill.folder / 'var' / 'danggui.db'}")
    rebuilt = rows_of(database)
    database.dispose()
    for name, rows in drill.rows.items():
        assert rebuilt[name] == rows, name


def test_the_command_accounts_for_every_table(drill: Drill) -> None:
    """Each table stands in the report with its fate; what came from the journal has as many rows there as here."""
    lines = {line["table"]: line for line in drill.report["tables"]}
    assert {name: line["fate"] for name, line in lines.items()} == {name: str(fate) for name, fate in FATES.items()}
    assert all(line["stored"] in {None, line["rows"]} for line in lines.values())
    assert all(line["rows"] == 0 for line in lines.values() if line["fate"] == "lost")
    assert drill.report["journal_until"] is not None
    assert drill.report["trail"] > 0


def test_search_trail_and_store_are_whole(drill: Drill) -> None:
    """The same is found, the trail verifies, and so does every stored byte."""
    hits = json.loads(drill.danggui("search", "数控车床", "--as", "archivist", "--json"))["hits"]
    assert [hit["id"] for hit in hits] == [drill.items["lathe"]]
    assert json.loads(drill.danggui("audit", "verify", "--json"))["ok"]
    drill.danggui("verify")


def test_people_get_new_passwords(drill: Drill) -> None:
    """Passwords are lost; the operator gives new ones, which are read from standard input."""
    assert "沈鉴" in drill.danggui("password", "archivist", given="a new and long password\n")
    drill.danggui("password", "archivist", given="short\n", code=1)
    drill.danggui("password", "nobody", given="a new and long password\n", code=1)


def test_it_never_begins_where_something_is(drill: Drill) -> None:
    """Neither over an archive, nor without a journal; the message says what to do."""
    command = (sys.executable, "-m", "archive.cli", "rebuild", "--from-storage")
    done = subprocess.run(
        command, cwd=drill.folder, env=drill.settings, capture_output=True, text=True, check=False, timeout=240
    )
    assert (done.returncode, "DANGGUI_DATABASE" in done.stderr) == (1, True)
    (drill.folder / "other").mkdir()
    drill.danggui("--data", "other", "rebuild", "--from-storage", code=1)


# --- how the archive goes on ---


def test_the_journal_goes_on_where_it_ended(used: SmallArchive) -> None:
    """Nothing is written again; the next change becomes the next segment, and all of it can be rebuilt once more."""
    with again(used) as (parts, _):
        with parts.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(JournalOutbox)) == 0
            last = session.scalars(select(JournalSegment)).one().number
        archive = SmallArchive(parts, used.clock, used.people, used.items)
        archive.grant("engineer", "cadres", number="2021-0001-07")
        settle(parts)
        assert parts.store.exists(segment_key(last + 1))
        assert not parts.store.exists(segment_key(last + 2))
        assert verify_trail(parts).ok
        rows, home = rows_of(parts.database), parts.settings.folder
    home.rename(home.with_name("once"))
    with again(used) as (parts, report):
        assert report.findings == []
        once_more = rows_of(parts.database)
        # The second rebuild added its own entries; the first one's are sealed, and so come back.
        assert {name: once_more[name] for name in rows} == rows


def test_numbers_once_used_stay_used(used: SmallArchive) -> None:
    """Codes and running numbers go on after the last one, void ones too, even where the counters were lost."""
    code = "Z109-KJ·2021-Y-GCB-0009"
    with used.parts.database.writing() as session:
        before = counters(session)
        item = used.items["passage"]
        session.add(ArchivalCode(code=code, item_id=item, current=False, void_reason="重号", given_at=used.clock()))
        session.execute(delete(CodeSeries))
    settle(used.parts)
    with again(used) as (parts, _), parts.database.reading() as session:
        assert counters(session) == before | {"Z109-KJ·2021-Y-GCB": 10}


def counters(session: Session) -> dict[str, int]:
    """The next number of each series."""
    return {row.prefix: row.next_number for row in session.scalars(select(CodeSeries))}


def test_what_was_accepted_last_is_entered_again(used: SmallArchive) -> None:
    """Killed between acceptance and description, an item is in the store alone: it is filed again, and said so."""
    file_paper(used, "late", LATE)
    with again(used) as (parts, report):
        assert found(report, Matter.AGAIN) == [used.items["late"]]
        with parts.database.reading() as session:
            item = session.get_one(Item, used.items["late"])
            assert (item.title, item.code) == (LATE.title, "Z109-KJ·2021-Y-GCB-0003")
            assert item.box is not None
        settle(parts)
        assert used.items["late"] in set(parts.index.ids())
        assert parts.repository.inventory(used.items["late"]).head == 2


def test_a_code_that_only_the_trail_knows_is_not_given_again(used: SmallArchive) -> None:
    """An accepted item had a code already: it keeps finding the item, which has a new one."""
    file_paper(used, "late", LATE)
    seal_all(used.parts)
    with again(used) as (parts, report):
        assert found(report, Matter.CODE) == found(report, Matter.AGAIN) == [used.items["late"]]
        with parts.database.reading() as session:
            codes = session.scalars(select(ArchivalCode).where(ArchivalCode.item_id == used.items["late"]))
            current = {row.code: row.current for row in codes}
            assert current == {"Z109-KJ·2021-Y-GCB-0003": False, "Z109-KJ·2021-Y-GCB-0004": True}


def test_a_code_that_only_the_object_knows_stays(used: SmallArchive) -> None:
    """The object was described before the journal was written: its code stays, and no other item gets it."""
    file_paper(used, "late", LATE)
    write_descriptions(used.parts)
    with again(used) as (parts, report):
        assert [finding.matter for finding in report.findings] == [Matter.CODE]
        with parts.database.reading() as session:
            assert session.get_one(Item, used.items["late"]).code == "Z109-KJ·2021-Y-GCB-0003"
        archive = SmallArchive(parts, used.clock, used.people, used.items)
        file_paper(archive, "later", LATE)
        with parts.database.reading() as session:
            assert session.get_one(Item, used.items["later"]).code == "Z109-KJ·2021-Y-GCB-0004"


# --- what was destroyed ---


@pytest.mark.parametrize("known_to", ["journal", "trail"])
def test_what_was_destroyed_stays_destroyed(used: SmallArchive, known_to: str) -> None:
    """Whoever still knows of the destruction, its object is not entered again and leaves the store."""
    destroy_item(used, "safety")
    if known_to == "journal":
        write_journal_now(used.parts)
    else:
        seal_all(used.parts)
    item_id = used.items["safety"]
    assert used.parts.repository.exists(item_id)
    with again(used) as (parts, report):
        assert found(report, Matter.DESTROYED) == ([item_id] if known_to == "trail" else [])
        assert len(report.findings) == len(found(report, Matter.DESTROYED))
        assert item_id not in set(parts.index.ids())
        assert not parts.repository.exists(item_id)
        with parts.database.reading() as session:
            assert session.get_one(Item, item_id).state is ItemState.DESTROYED
            assert session.get_one(Tombstone, item_id).item["title"].startswith("关于开展2021年")
        settle(parts)
        assert write_journal_now(parts) == 0


# --- what is damaged ---


def flip(store: Path, item_id: str, ending: str) -> None:
    """Change one bit in the newest stored file of an item with this ending."""
    path = max((store / ObjectPaths.of(item_id).root).rglob(f"*{ending}"))
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


def folder_of(parts: Parts) -> Path:
    """Where the store lies."""
    return Path(parts.settings.storage.removeprefix("file://"))


def test_a_damaged_object_costs_one_item(used: SmallArchive) -> None:
    """A changed bit and a lost object are named with their codes, as is what refers to them; the others are there."""
    damaged, gone = used.items["lathe"], used.items["passage"]
    store = folder_of(used.parts)
    flip(store, damaged, "item.json")
    shutil.rmtree(store / ObjectPaths.of(gone).root)
    with again(used) as (parts, report):
        assert found(report, Matter.OBJECT) == sorted([damaged, gone])
        says = " ".join(finding.says for finding in report.findings)
        assert "Z109-WS·2021-Y-BGS-0001" in says
        assert "Z109-KJ·2021-Y-GCB-0001" in says
        assert [finding.says for finding in report.findings if finding.matter is Matter.ROW] != []
        with parts.database.reading() as session:
            assert len(session.scalars(select(Item)).all()) == len(used.items) - 2
            assert len(session.scalars(select(ArchivalCode)).all()) == len(used.items)


def test_the_second_store_stands_in(used: SmallArchive, tmp_path: Path) -> None:
    """What is damaged or gone in the first store is read from the second, and nothing is lost."""
    damaged, gone = used.items["lathe"], used.items["passage"]
    second = f"file://{tmp_path / 'second'}"
    for item_id in (damaged, gone):
        copy_object(used.parts.stores[Location.PRIMARY], open_store(second), item_id)
    store, rows = folder_of(used.parts), rows_of(used.parts.database)
    flip(store, damaged, "item.json")
    shutil.rmtree(store / ObjectPaths.of(gone).root)
    with again(used, second_storage=second) as (parts, report):
        assert sorted(found(report, Matter.SECOND)) == sorted([damaged, gone])
        assert len(report.findings) == 2
        assert rows_of(parts.database) == rows


def test_a_damaged_journal_or_trail_is_told(used: SmallArchive) -> None:
    """A changed bit in a segment of either costs what stands there alone, and is named."""
    last = max(int(path.stem) for path in (folder_of(used.parts) / "journal").glob("0*.jsonl"))
    used.grant("engineer", "cadres", number="2021-0777-01")
    settle(used.parts)
    for name in (segment_key(last + 1), "audit/000000000001.jsonl"):
        path = folder_of(used.parts) / name
        path.write_bytes(path.read_bytes().replace(b"01-01", b"01-02", 1).replace(b"777", b"778", 1))
    with again(used) as (parts, report):
        assert {finding.matter for finding in report.findings} == {Matter.JOURNAL, Matter.TRAIL}
        came_back = {row["number"] for row in rows_of(parts.database)["grant"]}
        assert came_back == {"2021-0001-01", "2021-0002-01", "2021-0003-01", "L2021-0001-01", "T2021-0001"}
        assert not verify_trail(parts).ok
        assert verify_store(parts).clean


@pytest.mark.parametrize("lost", ["segment", "snapshot"])
def test_a_damaged_journal_is_healed(used: SmallArchive, lost: str) -> None:
    """What the first rebuild found missing in the journal the second does not meet again, and the rows are the same."""
    last = max(int(path.stem) for path in (folder_of(used.parts) / "journal").glob("0*.jsonl"))
    if lost == "snapshot":  # and all it was made of
        take_snapshot(used.parts)
        for number in range(1, last + 1):
            used.parts.store.delete(segment_key(number))
    used.grant("engineer", "cadres", number="2021-0777-01")
    settle(used.parts)
    key = segment_key(last + 1) if lost == "segment" else snapshot_key(last)
    used.parts.store.replace(key, io.BytesIO(b""), sha256=hashlib.sha256().hexdigest())
    with again(used) as (parts, report):
        assert found(report, Matter.JOURNAL) != []
        settle(parts)
        rows, home = rows_of(parts.database), parts.settings.folder
    home.rename(home.with_name("once"))
    with again(used) as (parts, report):
        assert found(report, Matter.JOURNAL) == []
        once_more = rows_of(parts.database)
        assert {name: once_more[name] for name in rows} == rows


def test_a_journal_of_which_only_the_newest_snapshot_is_left_goes_on(used: SmallArchive) -> None:
    """Even if that cannot be read: the rebuilt archive writes its journal on behind it, and is not held up."""
    take_snapshot(used.parts)
    (number,) = snapshot_numbers(used.parts.store)
    for stored in list(used.parts.store.list("journal/0")):
        used.parts.store.delete(stored.key)
    used.parts.store.replace(snapshot_key(number), io.BytesIO(b""), sha256=hashlib.sha256().hexdigest())
    with again(used) as (parts, report):
        assert found(report, Matter.JOURNAL) != []
        with parts.database.writing() as session:
            session.add(Unit(code="XSB", name="销售部"))
        assert write_journal_now(parts) > 0


def test_a_restored_archive_can_be_rebuilt(used: SmallArchive, tmp_path: Path) -> None:
    """Restored into a new store it writes its journal from the beginning: lost once more, every row comes back."""
    back_up(used.parts, tmp_path / "backup", lambda _number: None)
    (tmp_path / "restored").mkdir()
    with open_parts(Settings.load(tmp_path / "restored", environment={})) as parts:
        restore(parts, tmp_path / "backup", lambda _number: None)
        settle(parts)
        restored = replace(used, parts=parts)
        rows = rows_of(parts.database)
        with again(restored) as (made, report):
            assert report.findings == []
            assert rows_of(made.database) == rows


def test_a_lost_segment_of_the_trail_leaves_the_rest(used: SmallArchive) -> None:
    """The entries of the others are there, each where it was in the chain, and the break is named."""
    used.grant("engineer", "cadres", number="2021-0001-07")
    file_paper(used, "late", LATE)
    settle(used.parts)
    rows = rows_of(used.parts.database)["audit_segment"]
    (folder_of(used.parts) / rows[0]["key"]).unlink()
    with again(used) as (parts, report):
        assert found(report, Matter.TRAIL) == [rows[1]["key"]]
        assert rows_of(parts.database)["audit_segment"] == rows[1:]


def test_an_archive_at_work_is_left_alone(used: SmallArchive, tmp_path: Path) -> None:
    """Beside a living keeper nothing is begun; nor in a database that holds anything at all."""
    with exclusive(used.parts.database, used.parts.settings.folder, "keeper"), pytest.raises(LockHeldError):
        rebuild(used.parts, SYSTEM, fill_index)
    with pytest.raises(RebuildError, match="empty one"):
        rebuild(used.parts, SYSTEM, fill_index)


# --- on servers, and encrypted ---


def test_on_servers(postgres_url: str, elasticsearch_url: str, s3_bucket: S3Bucket, tmp_path: Path) -> None:
    """The same drill with PostgreSQL, a bucket and Elasticsearch."""
    with fresh_database(postgres_url) as old, fresh_database(postgres_url) as new:
        variables = {"DANGGUI_STORAGE": s3_bucket.url, "DANGGUI_DATABASE": old, "DANGGUI_FOLDER": str(tmp_path / "old")}
        with small_archive(tmp_path, Settings.load(environment=variables)) as archive:
            use(archive)
            settle(archive.parts)
            rows = rows_of(archive.parts.database)
        index = f"{elasticsearch_url}/rebuilt-{uuid4().hex[:8]}"
        variables |= {"DANGGUI_DATABASE": new, "DANGGUI_SEARCH": index, "DANGGUI_FOLDER": str(tmp_path / "new")}
        report = json.loads(danggui(tmp_path, variables, "rebuild", "--from-storage", "--json"))
        assert report["findings"] == []
        database = Database(new)
        assert rows_of(database) == rows
        database.dispose()
        hits = json.loads(danggui(tmp_path, variables, "search", "数控车床", "--as", "archivist", "--json"))["hits"]
        assert [hit["id"] for hit in hits] == [archive.items["lathe"]]
        assert json.loads(danggui(tmp_path, variables, "audit", "verify", "--json"))["ok"]


def test_encrypted(tmp_path: Path) -> None:
    """With the key file an encrypted archive comes back all the same; without it nothing is begun."""
    KeyFile.create(tmp_path / "danggui.keys")
    locked = {"DANGGUI_STORAGE": f"file://{tmp_path / 'bucket'}", "DANGGUI_FOLDER": str(tmp_path)}
    unlocked = locked | {"DANGGUI_KEYS": f"file://{tmp_path / 'danggui.keys'}"}
    with small_archive(tmp_path, Settings.load(environment=unlocked)) as archive:
        use(archive)
        settle(archive.parts)
        rows = rows_of(archive.parts.database)
    home = {"DANGGUI_FOLDER": str(tmp_path / "new")}
    danggui(tmp_path, locked | home, "rebuild", "--from-storage", code=1)
    assert json.loads(danggui(tmp_path, unlocked | home, "rebuild", "--from-storage", "--json"))["findings"] == []
    with open_parts(Settings.load(environment=unlocked | home)) as parts:
        assert rows_of(parts.database) == rows
