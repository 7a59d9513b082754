"""A mark of state secrecy among the scans: nothing of its batch stays, and only people end the incident."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.digitization.intake import stage
from archive.digitization.missing import note_missing
from archive.digitization.models import Batch, BatchFile, BatchState, Draft, DraftPage, DraftState, FileState
from archive.digitization.quarantine import MarkedPage, quarantine
from archive.digitization.secrecy.isolation import isolated_files, keep_isolated
from archive.digitization.secrecy.models import IncidentState, SecrecyIncident
from archive.digitization.secrecy.service import SecrecyService
from archive.digitization.service import IntakeService
from archive.digitization.sweep import sweep_intake
from archive.digitization.upload.models import Upload
from archive.digitization.upload.receiving import sweep_uploads
from archive.digitization.upload.service import Announced, UploadService
from archive.digitization.watch import poll_watch_folder
from archive.handlers import job_handlers
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.models import AuditEntry
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.jobs.models import Job, JobState
from archive.platform.jobs.worker import Worker
from archive.platform.parts import Parts
from tests.factories.drawn_pages import drawn_page
from tests.factories.organisation import Organisation
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]

_BODY = ["关于某事项的报告", "各部门：", "现将有关情况报告如下，请予审阅。"]


def _read_everything(parts: Parts) -> None:
    """Do every job that can be done now, with the engine that reads."""
    worker = Worker(replace(parts, settings=replace(parts.settings, engine="ppocr")), job_handlers())
    while worker.run_one():
        pass


def _incident(parts: Parts) -> SecrecyIncident:
    with parts.database.reading() as session:
        return session.scalars(select(SecrecyIncident)).one()


def _act(parts: Parts, person: Person, act: str, *more: str) -> None:
    """Let this person do something with the one incident."""
    with parts.database.writing() as session:
        service = SecrecyService(session, parts.clock, Actor(person.id, person.name))
        getattr(service, act)(service.incidents()[0], person, *more)


@pytest.fixture
def stopped(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> tuple[Batch, list[BatchFile]]:
    """A batch of two files of which the first page of the second bears a mark."""
    files = [("机密一.tif", tiff(2)), ("二.tif", tiff(1, "b"))]
    batch, rows = take_in(parts, organisation.people["archivist"], organisation.category, files)
    run_jobs()
    quarantine(parts, MarkedPage(batch.id, rows[1].id, 1))
    return batch, rows


def test_nothing_of_the_batch_is_left_but_the_fact(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, stopped: tuple[Batch, list[BatchFile]]
) -> None:
    """No bytes in the store, no texts, small pictures, names or payloads; the incident says where, not what."""
    batch, rows = stopped
    _, (late,) = take_in(parts, organisation.people["archivist"], organisation.category, [("三.tif", tiff(1, "c"))])
    quarantine(parts, MarkedPage(batch.id, rows[1].id, 1))
    assert [stored.key for stored in parts.store.list(f"intake/{batch.id}/")] == []
    with parts.database.reading() as session:
        assert session.get_one(Batch, batch.id).state is BatchState.QUARANTINED
        for draft in session.scalars(select(Draft).where(Draft.batch_id == batch.id)):
            assert (draft.state, draft.fields, draft.proposals) == (DraftState.QUARANTINED, {}, [])
            assert (draft.name, draft.findings, draft.separator) == ("涉密题名不录", [], "")
        for page in session.scalars(select(DraftPage).where(DraftPage.batch_id == batch.id)):
            assert (page.content, page.corrected, page.thumbnail_key, page.fingerprint) == (None, None, "", "")
        for row in rows:
            file = session.get_one(BatchFile, row.id)
            assert (file.name, file.state) == ("涉密题名不录", FileState.REFUSED)
        told = session.scalars(select(AuditEntry).where(AuditEntry.action == "digitization:batch:quarantined")).one()
        facts = {"incident": "2021-001", "file": 2, "page": 1}
        assert (told.subject_id, told.details | facts) == (batch.id, told.details)
        incident = session.scalars(select(SecrecyIncident)).one()
        assert (incident.file_position, incident.page, incident.file_count) == (2, 1, 2)
        assert incident.file_sha256 == rows[1].sha256
        assert incident.isolated_at is not None
    assert [name for name, _ in isolated_files(parts.settings, incident.id)] == ["机密一.tif", "二.tif"]
    assert parts.store.exists(late.intake_key)
    run_jobs()
    with parts.database.reading() as session:
        assert all(job.payload == {} for job in session.scalars(select(Job).where(Job.state == "cancelled")))


@pytest.mark.parametrize("mark", ["机密★10年", "秘密★1年", "绝密", "密级：机密", "機密★長期", "極機密"])
def test_a_mark_on_a_page_stops_its_batch(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, mark: str
) -> None:
    """A page that is read to bear one, on whichever page, is not kept anywhere, and its batch goes no further."""
    picture, _ = drawn_page([mark, "", *_BODY])
    plain, _ = drawn_page(_BODY)
    batch, _ = take_in(
        parts, organisation.people["archivist"], organisation.category, [("a.png", plain), ("b.png", picture)]
    )
    _read_everything(parts)
    with parts.database.reading() as session:
        assert session.get_one(Batch, batch.id).state is BatchState.QUARANTINED
        pages = session.scalars(select(DraftPage).where(DraftPage.batch_id == batch.id)).all()
        assert [page.content for page in pages] == [None, None]
    assert list(parts.store.list("intake/")) == []
    assert run_jobs() == 0


@pytest.mark.parametrize("words", ["关于机密文件管理的规定", "做好秘密工作", "内部资料"])
def test_to_speak_of_secrets_is_none(parts: Parts, organisation: Organisation, words: str) -> None:
    """A page that only speaks of secrecy, or is marked as internal, goes on."""
    picture, _ = drawn_page([words, "", *_BODY])
    batch, _ = take_in(parts, organisation.people["archivist"], organisation.category, [("a.png", picture)])
    _read_everything(parts)
    with parts.database.reading() as session:
        assert session.get_one(Batch, batch.id).state is BatchState.ACTIVE


def test_what_lay_in_the_watch_folder_is_isolated_too(parts: Parts, organisation: Organisation) -> None:
    """The source file itself leaves `taken/`."""
    parts.settings.watch.mkdir(exist_ok=True)
    (parts.settings.watch / "a.png").write_bytes(drawn_page(["绝密", "", *_BODY])[0])
    assert organisation.people["archivist"].active
    poll_watch_folder(parts, still=0)
    _read_everything(parts)
    left = [path for path in (parts.settings.watch / "taken").rglob("*") if path.is_file()]
    assert left == []
    isolated = parts.settings.folder / "isolated" / _incident(parts).id
    assert len(list(isolated.rglob("a.png"))) == 1
    assert isolated.stat().st_mode & 0o077 == 0


def test_the_security_administrator_erases(
    parts: Parts, organisation: Organisation, stopped: tuple[Batch, list[BatchFile]]
) -> None:
    """He alone, and once; then no byte is left anywhere in the archive's folder."""
    assert stopped
    with pytest.raises(ConflictError):
        _act(parts, organisation.people["archivist"], "erase")
    _act(parts, organisation.people["secadmin"], "erase")
    with pytest.raises(ConflictError):
        _act(parts, organisation.people["secadmin"], "erase")
    keep_isolated(parts)
    assert list((parts.settings.folder / "isolated").iterdir()) == []
    assert _incident(parts).state is IncidentState.ERASED
    assert not any(tiff(1, "b") == path.read_bytes() for path in _files(parts.settings.folder))


def test_what_comes_after_the_mark_is_isolated_too(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, stopped: tuple[Batch, list[BatchFile]]
) -> None:
    """A scanner may still feed pages when a page before them was read: they are never opened, and lie with the rest."""
    late = stage(parts.store, stopped[0].id, io.BytesIO(tiff(1, "late")), "机密三.tif")
    unknown = stage(parts.store, stopped[0].id, io.BytesIO(tiff(1, "on its way")), "四.tif")
    with parts.database.writing() as session:
        batch = session.get_one(Batch, stopped[0].id)
        IntakeService(session, parts.clock, SYSTEM, parts.settings.zone).add_file(batch, late)
    with pytest.raises(ConflictError):
        _act(parts, organisation.people["secadmin"], "erase")
    assert run_jobs() == 0
    assert keep_isolated(parts) == 1
    names = [name for name, _ in isolated_files(parts.settings, _incident(parts).id)]
    assert names == ["机密一.tif", "二.tif", "机密三.tif"]
    assert [stored.key for stored in parts.store.list("intake/")] == [unknown.key]
    with parts.database.reading() as session:
        assert {file.name for file in session.scalars(select(BatchFile))} == {"涉密题名不录"}


def test_what_was_released_is_let_in_in_the_end(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, stopped: tuple[Batch, list[BatchFile]]
) -> None:
    """However often that failed: the keeper has it tried again as long as anything lies isolated."""
    assert stopped
    _act(parts, organisation.people["archivist"], "propose_release", "误报")
    _act(parts, organisation.people["secadmin"], "release")
    with parts.database.writing() as session:
        session.scalars(select(Job).where(Job.kind == "release")).one().state = JobState.FAILED
    assert run_jobs() == 0
    assert keep_isolated(parts) == 1
    run_jobs()
    assert keep_isolated(parts) == 0
    assert list(isolated_files(parts.settings, _incident(parts).id)) == []


def test_what_never_came_is_named_after_a_release(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """The names of files that broke off are as secret as the others; once released, their sender is told of them."""
    batch, rows = take_in(parts, organisation.people["archivist"], organisation.category, [("机密一.tif", tiff(1))])
    with parts.database.writing() as session:
        batch = session.get_one(Batch, batch.id)
        note_missing(session, batch, "机密二.tif", "unreadable")
        announced = [Announced("机密三.tif", 9, 0), Announced("机密四.tif", 9, 0)]
        whole, _broken = UploadService(session, parts.clock).announce(batch, announced, room=1000)
        whole.whole = True
    sweep_uploads(parts)
    quarantine(parts, MarkedPage(batch.id, rows[0].id, 1))
    assert sweep_uploads(parts) == 0
    with parts.database.reading() as session:
        assert {file.name for file in session.get_one(Batch, batch.id).files} == {"涉密题名不录"}
        assert session.scalars(select(Upload)).all() == []
    _act(parts, organisation.people["archivist"], "propose_release", "误报")
    _act(parts, organisation.people["secadmin"], "release")
    run_jobs()
    with parts.database.reading() as session:
        again = session.get_one(Batch, str(_incident(parts).released_as))
        assert [(file.name, file.reason) for file in again.files] == [
            ("机密一.tif", ""),
            ("机密二.tif", "unreadable"),
            ("机密四.tif", "broken_off"),
        ]


def _files(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]


@pytest.mark.parametrize(("first", "second"), [("archivist", "secadmin"), ("secadmin", "archivist2")])
def test_two_people_let_a_false_alarm_in_again(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, first: str, second: str
) -> None:
    """One of each side: the scans come again with their names, that page passes, and the batch waits for review."""
    files = [("一.png", drawn_page(["秘密", "", *_BODY])[0]), ("二.tif", tiff(1))]
    batch, _ = take_in(parts, organisation.people["archivist"], organisation.category, files, accept=True)
    _read_everything(parts)
    people = organisation.people
    with pytest.raises(ConflictError):
        _act(parts, people[second], "release")
    with pytest.raises(InvalidError):
        _act(parts, people[first], "propose_release", "  ")
    _act(parts, people[first], "propose_release", "表格里的栏目名，不是密级标志")
    with pytest.raises(ConflictError):
        _act(parts, people[first], "release")
    _act(parts, people[second], "release")
    _read_everything(parts)
    incident = _incident(parts)
    assert incident.released_as is not None
    with parts.database.reading() as session:
        again = session.get_one(Batch, incident.released_as)
        assert (again.state, again.accept, again.created_by) == (BatchState.ACTIVE, False, people["archivist"].id)
        assert [file.name for file in again.files] == ["一.png", "二.tif"]
        assert {draft.state for draft in again.drafts} == {DraftState.READY}
    assert list((parts.settings.folder / "isolated").iterdir()) == []
    assert batch.id != incident.released_as


def test_two_of_one_side_are_not_enough(
    parts: Parts, organisation: Organisation, stopped: tuple[Batch, list[BatchFile]]
) -> None:
    """Two archivists cannot let anything in again."""
    assert stopped
    _act(parts, organisation.people["archivist"], "propose_release", "误报")
    with pytest.raises(ConflictError):
        _act(parts, organisation.people["archivist2"], "release")


def test_the_sweep_leaves_what_is_not_isolated_yet(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Scans of a stopped batch are there until whoever isolates them takes them away."""
    batch, (file,) = take_in(parts, organisation.people["archivist"], organisation.category, [("一.tif", tiff(1))])
    run_jobs()
    with parts.database.writing() as session:
        session.get_one(Batch, batch.id).state = BatchState.QUARANTINED
    sweep_intake(parts)
    assert parts.store.exists(file.intake_key)
