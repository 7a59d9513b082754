"""Another try of what failed through a fault of ours; what is wrong with a file itself is never tried again."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from webtest import TestApp, Upload

from archive.digitization.models import BatchFile, Draft, DraftPage, DraftState, FileState, PageState
from archive.handlers import job_handlers
from archive.platform.audit.models import AuditEntry
from archive.platform.jobs.models import Job, JobState
from archive.platform.jobs.worker import Worker
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import broken_jpeg, tiff

Browser = Callable[..., TestApp]


def upload(app: TestApp, *files: tuple[str, bytes]) -> Any:
    form = form_to(app.get("/batches"), "/batches")
    form["files"] = [Upload(name, data) for name, data in files]
    return form.submit().follow()


def _work(small: SmallArchive, engine: str = "null") -> None:
    worker = Worker(replace(small.parts, settings=replace(small.parts.settings, engine=engine)), job_handlers())
    while worker.run_one():
        pass


def _states(small: SmallArchive) -> tuple[list[FileState], list[DraftState], list[PageState]]:
    with small.parts.database.reading() as session:
        return (
            list(session.scalars(select(BatchFile.state).order_by(BatchFile.position))),
            list(session.scalars(select(Draft.state).order_by(Draft.position))),
            list(session.scalars(select(DraftPage.state).order_by(DraftPage.number))),
        )


def test_pages_are_read_once_the_engine_is_back(small: SmallArchive, browser: Browser) -> None:
    """Pages fail while the engine is missing; after 重试 they are read, the draft comes to review again, on record."""
    app = browser("archivist")
    batch = upload(app, ("a.tif", tiff(2)), ("空.jpg", b"")).request.path
    _work(small, engine="paddle-not-here")
    assert _states(small)[2] == [PageState.FAILED, PageState.FAILED]
    page = form_to(app.get(batch), "/retry").submit().follow()
    assert _states(small)[1:] == ([DraftState.RECOGNISING], [PageState.WAITING, PageState.WAITING])
    assert "every 1s" in page
    _work(small)
    assert _states(small) == (
        [FileState.OPENED, FileState.REFUSED],
        [DraftState.READY],
        [PageState.DONE, PageState.DONE],
    )
    with small.parts.database.reading() as session:
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "digitization:batch:retried")).one()
    assert entry.details == {"files": 0, "pages": 2}
    assert "/retry" not in app.get(batch)


def test_a_file_that_was_not_opened_is_opened(small: SmallArchive, browser: Browser) -> None:
    """A file given up for an error of ours is opened at the next try; its bytes were kept."""
    app = browser("archivist")
    batch = upload(app, ("a.tif", tiff(1))).request.path
    _give_up(small)
    form_to(app.get(batch), "/retry").submit()
    _work(small)
    assert _states(small) == ([FileState.OPENED], [DraftState.READY], [PageState.DONE])


def test_a_file_that_came_again_meanwhile_stays_one(small: SmallArchive, browser: Browser) -> None:
    """If the same bytes were sent anew since, the try finds the twin instead of making a second draft."""
    app = browser("archivist")
    batch = upload(app, ("a.tif", tiff(1))).request.path
    _give_up(small)
    upload(app, ("b.tif", tiff(1)))
    _work(small)
    form_to(app.get(batch), "/retry").submit()
    _work(small)
    with small.parts.database.reading() as session:
        assert session.scalars(select(BatchFile.state).where(BatchFile.name == "a.tif")).one() is FileState.DUPLICATE
        assert len(session.scalars(select(Draft)).all()) == 1


def test_nothing_to_retry_is_said(small: SmallArchive, browser: Browser) -> None:
    """A damaged file offers no other try, and a page that is out of date is told so, with nothing changed."""
    app = browser("archivist")
    page = upload(app, ("坏.jpg", broken_jpeg()))
    _work(small)
    assert "/retry" not in app.get(page.request.path)
    token = page.html.find("meta", {"name": "csrf-token"})["content"]
    answer = app.post(f"{page.request.path}/retry", {"csrf_token": token}, expect_errors=True)
    assert answer.status_int == 409
    assert _states(small)[0] == [FileState.REFUSED]


def _give_up(small: SmallArchive) -> None:
    """As after the last try of opening the file, with an error that says nothing about the file."""
    with small.parts.database.writing() as session:
        session.scalars(select(Job).where(Job.kind == "open")).one().state = JobState.FAILED
        file = session.scalars(select(BatchFile)).one()
        file.state, file.reason = FileState.REFUSED, "RuntimeError"
