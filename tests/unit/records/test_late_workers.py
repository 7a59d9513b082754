"""Workers that come too late, or find nothing to divide: no picture is lost, and no job fails for ever."""

import io
from collections.abc import Callable
from typing import Any

import pytest
from PIL import Image
from sqlalchemy import func, select

from archive.digitization import reading
from archive.digitization.intake import stage
from archive.digitization.models import BatchSource, Draft, DraftPage, DraftState, PageRole, SplitRule, Splitting
from archive.digitization.reading import read_pages
from archive.digitization.service import IntakeService
from archive.platform.actor import SYSTEM
from archive.platform.db import new_id
from archive.platform.jobs.models import Job, JobState
from archive.platform.parts import Parts
from ingest.pipeline import process_page
from tests.factories.organisation import Organisation
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]


def test_who_reads_a_page_once_more_leaves_its_picture(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A worker that was slow comes when another one has read its page, and the draft waits for review."""
    _, (file,) = take_in(parts, organisation.people["archivist"], organisation.category, [("a.tif", tiff(1))])
    calls = iter([True])

    def slowly(*of: Any) -> Any:
        if next(calls, False):
            read_pages(parts, {"file": file.id, "first": 0, "end": 1})
        return process_page(*of)

    monkeypatch.setattr(reading, "process_page", slowly)
    run_jobs()
    with parts.database.reading() as session:
        page = session.scalars(select(DraftPage)).one()
        assert session.get_one(Draft, file.id).state is DraftState.READY
    assert parts.store.exists(page.thumbnail_key)


def test_a_batch_of_nothing_but_blank_sheets(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """All its pages are marked as sheets between items; there is no item, and no job is set aside."""
    out, batch_id = io.BytesIO(), new_id()
    Image.new("L", (300, 420), 255).save(out, "TIFF")
    out.seek(0)
    staged = stage(parts.store, batch_id, out, "a.tif")
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, SYSTEM, parts.settings.zone)
        person, category = organisation.people["archivist"], organisation.category
        blank = Splitting(SplitRule.BLANK)
        batch = intake.open_batch(person, category, BatchSource.UPLOAD, batch_id=batch_id, splitting=blank)
        intake.add_file(batch, staged)
        intake.complete(batch)
    run_jobs()
    with parts.database.reading() as session:
        assert session.scalars(select(DraftPage.role)).all() == [PageRole.SEPARATOR]
        assert session.scalar(select(func.count()).select_from(Draft)) == 0
        assert {job.state for job in session.scalars(select(Job))} == {JobState.DONE}
