"""Batches under way: paused, resumed, put before others, given up; by two people at once, and while one is filed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, func, select
from webtest import TestApp

from archive.catalogue.models import Category, Item
from archive.digitization import reading
from archive.digitization.control import BatchControl, Priority
from archive.digitization.fields import DraftFields
from archive.digitization.intake import INTAKE
from archive.digitization.models import Batch, BatchFile, BatchState, Draft, DraftPage, DraftState, FileState, PageState
from archive.digitization.progress import progress_of
from archive.digitization.review import DraftService
from archive.digitization.sweep import sweep_intake
from archive.handlers import job_handlers
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.models import AuditEntry
from archive.platform.errors import ConflictError
from archive.platform.jobs.models import Job, JobState
from archive.platform.jobs.service import JobQueue
from archive.platform.jobs.worker import Worker
from archive.platform.parts import Parts
from ingest.pipeline import process_page
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import take_in, tiff

Browser = Callable[..., TestApp]


@dataclass
class Desk:
    """An archive, a worker that reads nothing, and what people press."""

    small: SmallArchive

    @property
    def parts(self) -> Parts:
        """The parts, with an engine that finds no text."""
        return replace(self.small.parts, settings=replace(self.small.parts.settings, engine="null"))

    def batch(self, *pages: int, accept: bool = False) -> str:
        """A batch of TIFFs with so many pages each; returns its id."""
        with self.parts.database.reading() as session:
            person = session.scalars(select(Person).where(Person.login == "archivist")).one()
            category = session.scalars(select(Category)).one()
        marks = [f"{self.small.clock():%f}{number}" for number in range(len(pages))]
        files = [(f"{mark}.tif", tiff(count, mark)) for mark, count in zip(marks, pages, strict=True)]
        self.small.clock.pass_time(timedelta(microseconds=1))
        return take_in(self.parts, person, category, files, accept=accept)[0].id

    def press(self, batch_id: str, act: Callable[[BatchControl, Batch], None]) -> None:
        """Do something to a batch."""
        with self.parts.database.writing() as session:
            act(BatchControl(session, self.parts.clock, SYSTEM), session.get_one(Batch, batch_id))

    def accept(self, batch_id: str) -> None:
        """Accept its only draft: it is to be filed."""
        with self.parts.database.writing() as session:
            person = session.scalars(select(Person).where(Person.login == "archivist")).one()
            draft = session.scalars(select(Draft).where(Draft.batch_id == batch_id)).one()
            fields = replace(DraftFields.from_json(draft.fields), title="关于开展安全生产月活动的通知", year=2021)
            service = DraftService(session, self.parts.clock, Actor(person.id, person.name))
            service.accept(draft, draft.revision, fields, person)

    def work(self, jobs: int = 1000) -> int:
        """Do so many jobs, if there are; returns how many."""
        worker = Worker(self.parts, job_handlers())
        return next((done for done in range(jobs) if not worker.run_one()), jobs)

    def pages(self, batch_id: str) -> dict[PageState, int]:
        """How many pages are in which state."""
        counted = select(DraftPage.state, func.count()).where(DraftPage.batch_id == batch_id).group_by(DraftPage.state)
        with self.parts.database.reading() as session:
            return dict(session.execute(counted).all())

    def jobs(self, batch_id: str) -> dict[JobState, int]:
        """How many of its jobs are in which state."""
        counted = select(Job.state, func.count()).where(Job.group == batch_id).group_by(Job.state)
        with self.parts.database.reading() as session:
            return dict(session.execute(counted).all())


def _acts(batch_id: str) -> Select[str]:
    return select(AuditEntry.action).where(AuditEntry.subject_id == batch_id).order_by(AuditEntry.id)


@pytest.fixture
def desk(small: SmallArchive) -> Desk:
    """See Desk."""
    return Desk(small)


def test_a_paused_batch_waits_with_all_that_comes(desk: Desk) -> None:
    """Neither what is queued nor what is queued later is begun; others go on; resumed, it is done to its end."""
    paused, other = desk.batch(20), desk.batch(1)
    assert desk.work(jobs=1) == 1  # opened: its pages are queued
    desk.press(paused, BatchControl.pause)
    with desk.parts.database.writing() as session:
        file = session.scalars(select(BatchFile).where(BatchFile.batch_id == paused)).one()
        reading.queue_pages(JobQueue(session, desk.parts.clock), file, 0, 20, mark=":later")
    desk.work()
    assert desk.pages(other) == {PageState.DONE: 1}
    assert desk.pages(paused) == {PageState.WAITING: 20}
    assert desk.jobs(paused) == {JobState.DONE: 1, JobState.PAUSED: 6}
    desk.press(paused, BatchControl.resume)
    desk.work()
    assert desk.pages(paused) == {PageState.DONE: 20}


def test_a_job_under_way_stops_between_two_pages(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who pauses waits for one page at most; it is kept, no try is lost, and the job goes on at the next page."""
    batch_id, read = desk.batch(8), list[int]()

    def paused_at_third(source: Any, number: int, *more: Any) -> Any:
        read.append(number)
        if number == 3:
            desk.press(batch_id, BatchControl.pause)
        return process_page(source, number, *more)

    monkeypatch.setattr("archive.digitization.reading.process_page", paused_at_third)
    desk.work()
    assert desk.pages(batch_id) == {PageState.DONE: 3, PageState.WAITING: 5}
    assert desk.jobs(batch_id) == {JobState.DONE: 1, JobState.PAUSED: 1}
    with desk.parts.database.reading() as session:
        assert session.scalars(select(Job.attempts).where(Job.state == JobState.PAUSED)).one() == 0
    desk.press(batch_id, BatchControl.resume)
    desk.work()
    assert read == [1, 2, 3, 4, 5, 6, 7, 8]
    assert desk.pages(batch_id) == {PageState.DONE: 8}


def test_a_batch_goes_before_others(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is put first is read first, what is put last after all others, also the pages that are queued later."""
    first, second, third = desk.batch(1), desk.batch(1), desk.batch(1)
    order: list[str] = []
    queued = reading._waiting

    def noted(session: Any, payload: Any) -> Any:
        pages = queued(session, payload)
        order.extend(page.batch_id for page in pages)
        return pages

    monkeypatch.setattr(reading, "_waiting", noted)
    desk.press(first, lambda control, batch: control.prioritise(batch, Priority.LAST))
    desk.press(third, lambda control, batch: control.prioritise(batch, Priority.FIRST))
    desk.work()
    assert order == [third, second, first]


def test_a_cancelled_batch_leaves_nothing_but_what_was_accepted(desk: Desk) -> None:
    """Nothing more is opened, read or reviewed, bytes go; what was accepted is filed, though it was paused."""
    batch_id = desk.batch(1)
    desk.work()
    desk.accept(batch_id)
    unopened = desk.batch(2)
    desk.press(batch_id, BatchControl.pause)
    desk.press(batch_id, BatchControl.cancel)
    desk.press(unopened, BatchControl.cancel)
    desk.work()
    with desk.parts.database.reading() as session:
        filed = session.scalars(select(Draft)).one()
        assert (filed.state, filed.batch_id) == (DraftState.ACCEPTED, batch_id)
        assert session.get(Item, filed.id) is not None
        file = session.scalars(select(BatchFile).where(BatchFile.batch_id == unopened)).one()
        assert (file.state, file.reason) == (FileState.REFUSED, "cancelled")
        now = progress_of(session, session.get_one(Batch, unopened), desk.parts.clock())
        assert (now.working, now.left, now.state) == (False, 0, BatchState.CANCELLED)
    sweep_intake(desk.parts)
    assert [stored.key for stored in desk.parts.store.list(f"{INTAKE}{unopened}/")] == []
    assert desk.work() == 0


def test_no_words_stay_of_what_is_cancelled(desk: Desk) -> None:
    """Neither of drafts that waited for review, nor of those that were given up before."""
    batch_id = desk.batch(2)
    desk.work()
    with desk.parts.database.writing() as session:
        draft = session.scalars(select(Draft)).one()
        assert draft.fields["title"]
        draft.proposals = [{"field": "title", "value": "words"}]
        session.scalars(select(DraftPage)).first().numbers = [1]  # type: ignore[union-attr]
    desk.press(batch_id, BatchControl.cancel)
    with desk.parts.database.reading() as session:
        draft = session.scalars(select(Draft)).one()
        assert (draft.state, draft.fields, draft.proposals) == (DraftState.DISCARDED, {}, [])
        for page in session.scalars(select(DraftPage)):
            assert (page.content, page.corrected, page.fingerprint, page.numbers) == (None, None, "", [])


def test_cancelled_in_the_middle_of_a_job(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page that is being read is not kept, no picture of it stays, and drafts and their words go."""
    batch_id = desk.batch(8)

    def cancelled_at_third(source: Any, number: int, *more: Any) -> Any:
        if number == 3:
            desk.press(batch_id, BatchControl.cancel)
        return process_page(source, number, *more)

    monkeypatch.setattr("archive.digitization.reading.process_page", cancelled_at_third)
    desk.work()
    with desk.parts.database.reading() as session:
        assert session.scalars(select(Draft.state)).all() == [DraftState.DISCARDED]
        assert session.scalar(select(func.count()).where(DraftPage.content.is_not(None))) == 0
    assert desk.pages(batch_id) == {PageState.DONE: 2, PageState.WAITING: 6}
    assert desk.jobs(batch_id) == {JobState.DONE: 1, JobState.CANCELLED: 1}
    sweep_intake(desk.parts)
    assert [stored.key for stored in desk.parts.store.list(f"{INTAKE}{batch_id}/")] == []
    assert not list((desk.parts.settings.folder / "scratch").glob("*/*"))


def test_two_people_at_once(desk: Desk) -> None:
    """Pausing what is paused changes and records nothing more; who resumes what another cancelled is told."""
    batch_id = desk.batch(1)
    for act in (BatchControl.pause, BatchControl.pause, BatchControl.cancel):
        desk.press(batch_id, act)
    with pytest.raises(ConflictError, match="已被取消"):
        desk.press(batch_id, BatchControl.resume)
    with desk.parts.database.reading() as session:
        acts = session.scalars(_acts(batch_id))
        assert [act.rpartition(":")[2] for act in acts] == ["opened", "paused", "cancelled"]


def test_the_buttons(desk: Desk, browser: Browser) -> None:
    """On the page of the batch: pause, resume, first, cancel after a second look; each says how it is then."""
    app, batch_id = browser("archivist"), desk.batch(3)

    def press(act: str) -> Any:
        page = app.get(f"/batches/{batch_id}")
        assert f'value="{act}"' in page
        form = form_to(page, "/control")
        return app.post(form.action, {"csrf_token": form["csrf_token"].value, "act": act}).follow()

    assert "已暂停" in press("pause")
    assert "已暂停" not in press("resume")
    assert 'value="first"' not in press("first")
    answer = press("cancel")
    assert "已取消" in answer
    assert 'name="act"' not in answer
