"""Filing: originals, rows, description and box, all of it or nothing, however often the steps run."""

import hashlib
import io
import json
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, func, select

from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Category, Item, ItemFile, ItemState
from archive.catalogue.stored_object import ACCESS_PDF, ALTO, DA_T_46, METADATA, PAGE_TEXTS, PREMIS
from archive.digitization.models import Draft, DraftState
from archive.digitization.sweep import ORPHAN_DELAY, orphans, sweep_orphans
from archive.platform.actor import SYSTEM
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.delivery import DeliveryError
from archive.platform.journal.models import JournalSegment
from archive.platform.journal.writer import OlderCopyError, write_journal_now
from archive.platform.outbox import CopyOutbox, IndexOutbox, StoreOutbox, announce, oldest
from archive.platform.parts import Parts
from storage.errors import StoreUnavailableError
from storage.layout import Content, Outcome
from storage.object_paths import ObjectPaths
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]


def _paper(parts: Parts) -> Category:
    with parts.database.reading() as session:
        return session.scalars(select(Category).where(~Category.electronic_only)).one()


@on_both_databases
def test_what_an_item_is_after_filing(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Code, box, rows, outboxes and a stored object with originals and derivatives, under one id."""
    data = tiff(2)
    _, (file,) = take_in(parts, organisation.people["archivist"], _paper(parts), [("卷一.tif", data)], accept=True)
    run_jobs()
    with parts.database.reading() as session:
        item = session.get_one(Item, file.id)
        assert item.code == f"Z109-WS·2021-D30-{item.unit.code}-0001"
        assert (item.state, item.page_count, item.accession) == (ItemState.FILED, 2, "2021-000001")
        assert item.box is not None
        assert [stored.name for stored in item.files] == ["卷一.tif"]
        assert session.scalars(select(StoreOutbox.item_id)).all() == [item.id]
        assert session.scalars(select(IndexOutbox.item_id)).all() == [item.id]
    state = parts.repository.inventory(file.id).state
    assert set(state) == {"content/0001.tif", ACCESS_PDF, ALTO, PAGE_TEXTS, METADATA, PREMIS}
    assert hashlib.sha256(parts.repository.read(file.id, "content/0001.tif")).hexdigest() == file.sha256


@on_both_databases
def test_the_store_learns_the_code(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """The next version describes what the database gave; done again, nothing is written."""
    _, (file,) = take_in(parts, organisation.people["archivist"], _paper(parts), [("a.tif", tiff(1))], accept=True)
    run_jobs()
    assert write_descriptions(parts) == 1
    described = json.loads(parts.repository.read(file.id, METADATA))
    with parts.database.writing() as session:
        item = session.get_one(Item, file.id)
        assert described["item"]["code"] == item.code
        assert described["names"]["box"] == (item.box.label if item.box else "")
        assert (item.stored_version, session.scalar(select(func.count()).select_from(StoreOutbox))) == (2, 0)
        assert session.scalars(select(CopyOutbox.item_id)).all() == [item.id]
        session.add(StoreOutbox(item_id=item.id, created_at=parts.clock()))
    for told in (DA_T_46, PREMIS):
        assert str(item.code) in parts.repository.read(file.id, told).decode()
    assert write_descriptions(parts) == 1
    assert parts.repository.inventory(file.id).head == 2


@on_both_databases
@pytest.mark.parametrize("damage", ["scrambled", "gone", "unreadable"])
def test_one_broken_object_holds_up_nobody(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, caplog: pytest.LogCaptureFixture, damage: str
) -> None:
    """An object damaged in the store is named, its row stays; the others are described, and it too once mended."""
    names = [("a.tif", tiff(1)), ("b.tif", tiff(1, "b")), ("c.tif", tiff(1, "c"))]
    take_in(parts, organisation.people["archivist"], _paper(parts), names, accept=True)
    run_jobs()
    with parts.database.reading() as session:
        broken, *sound = session.scalars(select(StoreOutbox.item_id).order_by(StoreOutbox.id))
    whole = _break(parts, broken, damage)
    with pytest.raises(DeliveryError) as raised:
        write_descriptions(parts)
    assert raised.value.items == [broken]
    assert [line.getMessage() for line in caplog.records] == [f"item {broken} cannot be described in the store"]
    with parts.database.reading() as session:
        assert session.scalars(select(StoreOutbox.item_id)).all() == [broken]
        assert oldest(session, StoreOutbox) == parts.clock()
    assert {parts.repository.inventory(item).head for item in sound} == {2}
    for path, data in whole.items():
        path.unlink(missing_ok=True)
        path.write_bytes(data)
    assert write_descriptions(parts) == 1
    assert parts.repository.inventory(broken).head == 2


def test_a_store_that_is_away_blames_no_item(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, caplog: pytest.LogCaptureFixture
) -> None:
    """While the whole store is away nothing is held against an item: all rows wait, and are done when it is back."""
    names = [("a.tif", tiff(1)), ("b.tif", tiff(1, "b"))]
    take_in(parts, organisation.people["archivist"], _paper(parts), names, accept=True)
    run_jobs()
    folder, away = parts.settings.folder / "store", parts.settings.folder / "away"
    folder.rename(away)
    folder.symlink_to(folder)
    with pytest.raises(StoreUnavailableError):
        write_descriptions(parts)
    assert caplog.records == []
    folder.unlink()
    away.rename(folder)
    assert write_descriptions(parts) == 2


def _break(parts: Parts, item_id: str, damage: str) -> dict[Path, bytes]:
    """Damage the files of an object behind the store's back; returns what they were."""
    folder = next((parts.settings.folder / "store" / "ocfl").rglob(f"*{item_id}"))
    files = [path for path in folder.rglob("*") if path.is_file()]
    whole = {path: path.read_bytes() for path in files}
    for path in files:
        path.unlink()
        if damage == "scrambled":
            path.write_bytes(b"{")
        elif damage == "unreadable":
            path.symlink_to(path)  # the operating system refuses it, as it refuses a bad sector
    return whole


def test_electronic_items_need_no_box(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Where no paper is required the item is filed without a box."""
    person = organisation.people["archivist"]
    _, (file,) = take_in(parts, person, organisation.category, [("a.tif", tiff(1))], accept=True)
    run_jobs()
    with parts.database.reading() as session:
        item = session.get_one(Item, file.id)
        assert (item.state, item.box_id) == (ItemState.FILED, None)


def test_filing_again_changes_nothing(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """A job that runs a second time finds the item there."""
    from archive.digitization.jobs import HANDLERS

    person = organisation.people["archivist"]
    _, (file,) = take_in(parts, person, organisation.category, [("a.tif", tiff(1))], accept=True)
    run_jobs()
    HANDLERS["file"].run(parts, {"draft": file.id})
    with parts.database.reading() as session:
        assert session.scalar(select(func.count()).select_from(ItemFile)) == 1
        assert session.get_one(Draft, file.id).state is DraftState.ACCEPTED
    assert all(check.outcome is Outcome.OK for check in parts.repository.verify(file.id))


@on_both_databases
def test_a_box_that_does_not_fit_brings_the_draft_back(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs
) -> None:
    """What cannot be filed as wanted waits for a person, with the reason, and no half of it is an item."""
    person = organisation.people["archivist"]
    _, (file,) = take_in(parts, person, _paper(parts), [("a.tif", tiff(1))])
    run_jobs()
    with parts.database.writing() as session:
        draft = session.get_one(Draft, file.id)
        draft.state, draft.accepted_by, draft.accepted_at = DraftState.ACCEPTING, person.id, parts.clock()
        draft.fields = {**draft.fields, "box_id": "00000000-0000-0000-0000-000000000000"}
        from archive.platform.jobs.service import JobQueue

        JobQueue(session, parts.clock).enqueue("file", {"draft": draft.id}, key="again")
    run_jobs()
    with parts.database.reading() as session:
        draft = session.get_one(Draft, file.id)
        assert (draft.state, draft.reason) == (DraftState.READY, "refused")
        assert session.get(Item, file.id) is None


def test_objects_without_a_row_are_swept_after_a_delay(
    parts: Parts, organisation: Organisation, clock: SetClock
) -> None:
    """An object of which no row knows is listed, left alone for a day, then removed."""
    stray = "01a1fc95-0000-7000-8000-000000000001"
    content = {"content/0001.tif": Content.of_bytes(b"a")}
    parts.repository.commit(stray, 1, content, message="a", user="b", address="urn:c", created=clock())
    assert list(orphans(parts)) == [stray]
    assert sweep_orphans(parts) == 0
    clock.pass_time(ORPHAN_DELAY + timedelta(hours=1))
    assert sweep_orphans(parts) == 1
    assert not parts.repository.exists(stray)


def test_what_a_rebuild_could_not_enter_is_never_swept(
    parts: Parts, organisation: Organisation, clock: SetClock
) -> None:
    """An object that lay in the store when the archive was rebuilt stays; a damaged one does not hold up the others."""
    before, broken, after = (f"01a1fc95-0000-7000-8000-00000000000{number}" for number in range(1, 4))

    def store(object_id: str) -> None:
        content = {"content/0001.tif": Content.of_bytes(b"a")}
        parts.repository.commit(object_id, 1, content, message="a", user="b", address="urn:c", created=clock())

    store(before)
    clock.pass_time(timedelta(hours=1))
    with parts.database.writing() as session:
        record(session, clock, SYSTEM, AuditAction.ARCHIVE_REBUILT, "archive", "archive")
    clock.pass_time(timedelta(hours=1))
    store(broken)
    store(after)
    parts.store.delete(ObjectPaths.of(broken).inventory)
    clock.pass_time(ORPHAN_DELAY + timedelta(hours=1))
    assert sweep_orphans(parts) == 1
    assert sorted(parts.repository.object_ids()) == [before, broken]


def test_a_version_that_was_lost_is_not_written_otherwise(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs
) -> None:
    """An object that fell back to an older version waits for its repair: what was v3 once is not made a second time."""
    person = organisation.people["archivist"]
    _, (file,) = take_in(parts, person, organisation.category, [("a.tif", tiff(1))], accept=True)
    run_jobs()
    write_descriptions(parts)
    paths = ObjectPaths.of(file.id)
    head = parts.repository.inventory(file.id).head
    older = parts.store.read(paths.version_inventory(head - 1))
    parts.store.replace(paths.inventory, io.BytesIO(older), sha256=hashlib.sha256(older).hexdigest())
    older = parts.store.read(paths.version_sidecar(head - 1))
    parts.store.replace(paths.sidecar, io.BytesIO(older), sha256=hashlib.sha256(older).hexdigest())
    parts.store.delete_all(paths.version_folder(head))
    with parts.database.writing() as session:
        session.get_one(Item, file.id).issuer = "办公室"
        announce(session, file.id, parts.clock())
    with pytest.raises(DeliveryError):
        write_descriptions(parts)
    assert parts.repository.inventory(file.id).head == head - 1


def test_what_a_database_once_knew_is_never_swept(parts: Parts, organisation: Organisation, clock: SetClock) -> None:
    """Neither an object that was described, nor anything at all while the store's journal is ahead of the database."""
    known, stray = "01a1fc95-0000-7000-8000-000000000001", "01a1fc95-0000-7000-8000-000000000002"
    for object_id, version in ((known, 1), (known, 2), (stray, 1)):
        content = {f"v{version}": Content.of_bytes(b"a" * version)}
        parts.repository.commit(object_id, version, content, message="a", user="b", address="urn:c", created=clock())
    clock.pass_time(ORPHAN_DELAY + timedelta(hours=1))
    for name in ("甲", "乙"):
        with parts.database.writing() as session:
            session.get_one(Category, organisation.category.id).name = name
        write_journal_now(parts)
    with parts.database.writing() as session:
        session.execute(delete(JournalSegment))
    with pytest.raises(OlderCopyError):
        sweep_orphans(parts)
    assert sorted(parts.repository.object_ids()) == [known, stray]


@pytest.mark.parametrize("accept", [True, False])
def test_nothing_is_filed_without_acceptance(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, accept: bool
) -> None:
    """Only acceptance, by a person or by a batch that says so, makes a record."""
    person = organisation.people["archivist"]
    take_in(parts, person, organisation.category, [("a.tif", tiff(1))], accept=accept)
    run_jobs()
    assert len(list(parts.repository.object_ids())) == accept
