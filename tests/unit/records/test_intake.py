"""Intake: what is good becomes drafts, what is bad is refused with a reason, and the batch goes on."""

import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

from sqlalchemy import func, select

from archive.catalogue.models import Item
from archive.digitization.models import Batch, BatchFile, Draft, DraftPage, DraftState, FileState
from archive.digitization.progress import failures, progress_of
from archive.digitization.reasons import advice
from archive.digitization.sweep import sweep_intake
from archive.digitization.watch import poll_watch_folder
from archive.platform.jobs.models import Job
from archive.platform.parts import Parts
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases
from tests.unit.records.scans import bomb, broken_jpeg, locked_pdf, take_in, tiff, zip_archive

#: seconds after which a file counts as whole here
STILL = 0.5

RunJobs = Callable[[], int]


@on_both_databases
def test_pages_become_a_draft(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """A file of three pages is one draft of three pages that waits for review; its pages are read in one go."""
    batch, (file,) = take_in(parts, organisation.people["archivist"], organisation.category, [("一.tif", tiff(3))])
    run_jobs()
    with parts.database.reading() as session:
        draft = session.get_one(Draft, file.id)
        progress = progress_of(session, session.get_one(Batch, batch.id), parts.clock())
        assert (draft.state, draft.fields["title"]) == (DraftState.READY, "一")
        assert [page.source_page for page in draft.pages] == [0, 1, 2]
        assert (progress.done, progress.left, progress.failed, progress.working) == (3, 0, 0, False)
        assert session.scalar(select(func.count()).select_from(Job)) == 2
        assert all(parts.store.exists(page.thumbnail_key) for page in draft.pages)


def test_bad_files_are_refused_and_the_batch_goes_on(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs
) -> None:
    """Each kind of bad file is refused with its own reason and advice; the good one beside them is read."""
    files = [
        ("empty.jpg", b""),
        ("broken.jpg", broken_jpeg()),
        ("locked.pdf", locked_pdf()),
        ("bomb.png", bomb()),
        ("archive.pdf", zip_archive()),
        ("letter.doc", b"not a scan"),
        ("good.tif", tiff(1)),
    ]
    batch, _ = take_in(parts, organisation.people["archivist"], organisation.category, files)
    run_jobs()
    with parts.database.reading() as session:
        found = session.get_one(Batch, batch.id)
        reasons = {failure.source: failure.reason for failure in failures(session, found)}
        drafts = {draft.name for draft in found.drafts if draft.state is DraftState.READY}
    assert reasons == {
        "empty.jpg": "empty",
        "broken.jpg": "damaged",
        "locked.pdf": "password",
        "bomb.png": "too_large",
        "archive.pdf": "misnamed",
        "letter.doc": "not_supported",
    }
    assert len({advice(reason) for reason in reasons.values()}) == len(reasons)
    assert drafts == {"good.tif"}


@on_both_databases
def test_a_file_given_twice(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """The same bytes are recognised in the same batch, in a later one, and after filing; the first copy is named."""
    person, category = organisation.people["archivist"], organisation.category
    _, (first, second) = take_in(parts, person, category, [("a.tif", tiff(1)), ("b.tif", tiff(1))], accept=True)
    assert (second.state, second.duplicate_of) == (FileState.DUPLICATE, first.id)
    run_jobs()
    _, (third,) = take_in(parts, person, category, [("c.tif", tiff(1))])
    with parts.database.reading() as session:
        assert session.get_one(Item, str(third.duplicate_of)).id == first.id


def test_a_refused_file_may_be_sent_again(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """What was refused, or discarded, does not stand in the way of another try."""
    person, category = organisation.people["archivist"], organisation.category
    take_in(parts, person, category, [("a.jpg", broken_jpeg())])
    run_jobs()
    _, (again,) = take_in(parts, person, category, [("a.jpg", broken_jpeg())])
    assert again.state is FileState.RECEIVED


def test_sweeping_keeps_what_is_needed(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Bytes of refused, known and filed scans go; those of scans under way or waiting for review stay."""
    person, category = organisation.people["archivist"], organisation.category
    take_in(parts, person, category, [("waits.tif", tiff(1)), ("twin.tif", tiff(1)), ("bad.jpg", broken_jpeg())])
    take_in(parts, person, category, [("filed.tif", tiff(1, "filed"))], accept=True)
    run_jobs()
    _, (waiting,) = take_in(parts, person, category, [("new.tif", tiff(1, "new"))])
    sweep_intake(parts)
    with parts.database.reading() as session:
        kept = set(session.scalars(select(BatchFile.intake_key).where(BatchFile.name.in_(("waits.tif", "new.tif")))))
        kept |= set(session.scalars(select(DraftPage.thumbnail_key).join(Draft).where(Draft.state == DraftState.READY)))
    assert {stored.key for stored in parts.store.list("intake/")} == kept
    assert waiting.intake_key in kept
    assert sweep_intake(parts) == 0


def test_the_watch_folder(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Files that lie still become one batch and are moved away; fresh and half-written ones are left alone."""
    folder = parts.settings.watch
    (folder / "a.tif").write_bytes(tiff(1))
    (folder / "b.tif").write_bytes(tiff(1, "b"))
    (folder / "c.tif.part").write_bytes(b"half")
    assert poll_watch_folder(parts, still=60) == 0
    _let_lie(folder / "b.tif")
    (folder / "fresh.tif").write_bytes(tiff(1, "fresh"))
    assert poll_watch_folder(parts, still=STILL) == 2
    run_jobs()
    with parts.database.reading() as session:
        assert {draft.name for draft in session.scalars(select(Draft))} == {"a.tif", "b.tif"}
    assert {path.name for path in folder.iterdir()} == {"taken", "c.tif.part", "fresh.tif"}
    assert {path.name for path in (folder / "taken").rglob("*.tif")} == {"a.tif", "b.tif"}


def _let_lie(path: Path) -> None:
    """Return when a file was not changed for a while; the time of change cannot be set."""
    time.sleep(max(0.0, path.stat().st_ctime + STILL + 0.05 - time.time()))


def test_the_store_away_for_a_while(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, clock: SetClock
) -> None:
    """While the store cannot be reached the work waits; when it is back, the batch is done and no try was lost."""
    _, (file,) = take_in(parts, organisation.people["archivist"], organisation.category, [("a.tif", tiff(1))])
    folder = parts.settings.folder / "store"
    folder.rename(folder.with_name("away"))
    folder.symlink_to(folder)  # a way that leads nowhere, as to a volume that does not answer
    for _ in range(10):
        run_jobs()
        clock.pass_time(timedelta(seconds=10))
    with parts.database.reading() as session:
        assert session.get_one(BatchFile, file.id).state is FileState.RECEIVED
    folder.unlink()
    folder.with_name("away").rename(folder)
    run_jobs()
    with parts.database.reading() as session:
        assert session.get_one(Draft, file.id).state is DraftState.READY
