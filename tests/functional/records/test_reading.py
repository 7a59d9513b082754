"""Reading the pages of a file: fetched and opened once, tries that are a page's own, and no copy that stays."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from sqlalchemy import select

from archive.catalogue.models import Category
from archive.digitization import reading
from archive.digitization.models import Batch, BatchState, DraftPage, PageState
from archive.digitization.progress import progress_of
from archive.digitization.service import TRIES
from archive.handlers import job_handlers
from archive.platform.accounts.models import Person
from archive.platform.jobs.worker import Worker
from archive.platform.parts import Parts
from ingest.pipeline import process_page
from storage.interface import ObjectStore
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import take_in, tiff


class Counted:
    """A store that counts how often each object is opened."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.opened: list[str] = []

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def open(self, key: str, *, start: int = 0) -> BinaryIO:
        """As the store, and counted."""
        self.opened.append(key)
        return self._store.open(key, start=start)


def batch_of(small: SmallArchive, pages: int, *, files: int = 1) -> str:
    """A batch of so many TIFFs, each with so many pages; returns its id."""
    with small.parts.database.reading() as session:
        person = session.scalars(select(Person).where(Person.login == "archivist")).one()
        category = session.scalars(select(Category)).one()
    scans = [(f"{number}.tif", tiff(pages, str(number))) for number in range(files)]
    return take_in(small.parts, person, category, scans)[0].id


def worker(small: SmallArchive, **parts: Any) -> Worker:
    """A worker that reads nothing."""
    settings = replace(small.parts.settings, engine="null")
    return Worker(replace(small.parts, settings=settings, **parts), job_handlers())


def work(small: SmallArchive, **parts: Any) -> None:
    """Do all that waits."""
    at_work = worker(small, **parts)
    while at_work.run_one():
        pass


def pages(parts: Parts) -> list[tuple[PageState, str]]:
    """State and reason of every page, in order."""
    with parts.database.reading() as session:
        rows = session.execute(select(DraftPage.state, DraftPage.reason).order_by(DraftPage.source_page)).all()
        return [(state, reason) for state, reason in rows]


def copies(small: SmallArchive) -> list[Path]:
    """What lies in scratch folders."""
    return list((small.parts.settings.folder / "scratch").glob("*/*"))


def test_a_file_is_fetched_once_for_all_its_jobs(small: SmallArchive) -> None:
    """To count its pages, and to read them all; nothing of it stays when the work is done."""
    batch_of(small, 18)
    store = Counted(small.parts.store)
    work(small, store=store)
    assert len(store.opened) == 2
    assert {state for state, _ in pages(small.parts)} == {PageState.DONE}
    assert copies(small) == []


def test_tries_belong_to_a_page(small: SmallArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where each page of a job fails often, but not always, none is set aside: a page that is read renews the tries."""
    batch_of(small, 8)
    failures: dict[int, int] = {}

    def unsteady(source: Any, number: int, *more: Any) -> Any:
        failures[number] = failures.get(number, 0) + 1
        if failures[number] < TRIES:
            raise MemoryError
        return process_page(source, number, *more)

    monkeypatch.setattr("archive.digitization.reading.process_page", unsteady)
    for _ in range(8 * TRIES):
        work(small)
        small.clock.pass_time(timedelta(minutes=6))
    assert {state for state, _ in pages(small.parts)} == {PageState.DONE}


def test_a_page_that_always_fails_is_set_aside_alone(small: SmallArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """After its tries, with the kind of error; the pages after it are read by another job."""
    batch_of(small, 8)

    def broken_at_third(source: Any, number: int, *more: Any) -> Any:
        if number == 3:
            raise MemoryError
        return process_page(source, number, *more)

    monkeypatch.setattr("archive.digitization.reading.process_page", broken_at_third)
    for _ in range(TRIES + 1):
        work(small)
        small.clock.pass_time(timedelta(minutes=6))
    done, failed = (PageState.DONE, ""), (PageState.FAILED, "MemoryError")
    assert pages(small.parts) == [done, done, failed, *[done] * 5]


def test_a_quarantine_leaves_no_copy(small: SmallArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another worker keeps the same file open; when a mark is met its copy is gone at once, and it stops."""
    batch_id = batch_of(small, 20)
    other = worker(small)
    for _ in range(2):  # opens the file, reads eight pages, and keeps it open for the next
        other.run_one()
    assert len(copies(small)) == 1
    monkeypatch.setattr(reading, "bears_mark", lambda *_arguments: True)
    with ThreadPoolExecutor(1) as elsewhere:
        elsewhere.submit(work, small).result()
    assert copies(small) == []
    assert not other.run_one()
    with small.parts.database.reading() as session:
        assert session.get_one(Batch, batch_id).state is BatchState.QUARANTINED


def test_time_left_is_told_by_the_pace_of_late(small: SmallArchive) -> None:
    """Nights and pauses do not count, and what was not opened yet is expected to be like what was."""
    batch_id = batch_of(small, 10, files=2)
    small.clock.pass_time(timedelta(hours=12))
    with small.parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id)
        assert progress_of(session, batch, small.clock()).minutes_left is None
    at_work = worker(small)
    at_work.run_one()  # opens the first file: the second is not opened
    with small.parts.database.writing() as session:
        rows = session.scalars(select(DraftPage).order_by(DraftPage.source_page)).all()
        for number, row in enumerate(rows[:6]):
            row.state = PageState.DONE
            row.read_at = small.clock() - timedelta(seconds=10 * (6 - number)) - timedelta(hours=9 * (number < 3))
    with small.parts.database.reading() as session:
        now = progress_of(session, session.get_one(Batch, batch_id), small.clock())
    # six pages in 30 + 60 (of nine hours) + 20 seconds
    assert now.per_minute == pytest.approx(6 / (110 / 60))
    assert now.left == 4
    assert now.unopened == pytest.approx(10, rel=0.1)
    assert now.minutes_left == pytest.approx(14 / now.per_minute, rel=0.1)
