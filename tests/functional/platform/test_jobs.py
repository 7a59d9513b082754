"""The job table: claims, tries, giving up, calling off; on both databases."""

from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, text, update

from archive.platform.jobs import claims
from archive.platform.jobs.errors import PermanentJobError
from archive.platform.jobs.handler import Handler
from archive.platform.jobs.models import Job, JobState
from archive.platform.jobs.purge import KEPT, purge_jobs
from archive.platform.jobs.service import JobQueue, Progress
from archive.platform.jobs.worker import Worker
from archive.platform.parts import Parts
from archive.platform.processes import process_name
from storage.errors import StoreUnavailableError
from tests.factories.clock import SetClock

#: a process that cannot be alive: no process has this start time
DEAD = process_name().rpartition(":")[0] + ":0"
LEASE = timedelta(seconds=60)


class Book:
    """A handler that writes down what it was asked, and does as it is told."""

    def __init__(self, error: Exception | None = None) -> None:
        self.error = error
        self.done: list[str] = []
        self.failed: list[tuple[str, str]] = []

    def run(self, _parts: Parts, payload: Mapping[str, Any]) -> None:
        """Do it, or fail."""
        if self.error is not None:
            raise self.error
        self.done.append(payload["name"])

    def on_failed(self, _parts: Parts, payload: Mapping[str, Any], reason: str) -> None:
        """Note the reason."""
        self.failed.append((payload["name"], reason))

    def worker(self, parts: Parts) -> Worker:
        """A worker that knows only this handler."""
        return Worker(parts, {"note": Handler(self.run, self.on_failed)})


def enqueue(parts: Parts, *names: str, **options: Any) -> None:
    """Put jobs into the queue."""
    with parts.database.writing() as session:
        queue = JobQueue(session, parts.clock)
        for name in names:
            queue.enqueue("note", {"name": name}, key=name, group="g", **options)


def progress(parts: Parts) -> Progress:
    """Where the group is."""
    with parts.database.reading() as session:
        return JobQueue(session, parts.clock).progress("g")


def test_each_job_once_in_order(parts: Parts) -> None:
    """Jobs are done once each: lower priority first, then in the order they came."""
    book = Book()
    enqueue(parts, "b", "c", priority=5)
    enqueue(parts, "a")
    worker = book.worker(parts)
    while worker.run_one():
        pass
    assert book.done == ["a", "b", "c"]
    assert progress(parts) == Progress(done=3)
    assert progress(parts).finished


def test_same_key_is_one_job(parts: Parts) -> None:
    """The same work wanted twice, even at the same moment, is one job."""

    def want(_number: int) -> bool:
        with parts.database.writing() as session:
            return JobQueue(session, parts.clock).enqueue("note", {}, key="same", group="g")

    with ThreadPoolExecutor(4) as pool:
        assert sorted(pool.map(want, range(4))) == [False, False, False, True]
    assert progress(parts) == Progress(waiting=1)


def test_rolled_back_job_never_was(parts: Parts) -> None:
    """A job belongs to the transaction that wants it."""
    with parts.database.session(writes=True) as session:
        assert JobQueue(session, parts.clock).enqueue("note", {}, key="k", group="g")
        session.rollback()
    assert progress(parts).total == 0


def test_failing_job_is_tried_again_then_set_aside(parts: Parts, clock: SetClock) -> None:
    """A job that fails gets its tries with pauses, then is set aside with the reason, which its feature hears."""
    book = Book(ValueError("the text of a document"))
    enqueue(parts, "bad", max_attempts=2)
    worker = book.worker(parts)
    assert worker.run_one()
    assert not worker.run_one()
    clock.pass_time(timedelta(seconds=2))
    assert worker.run_one()
    assert book.failed == [("bad", "ValueError")]
    assert progress(parts) == Progress(failed=1)
    with parts.database.reading() as session:
        assert session.scalar(select(Job.error)) == "ValueError"


def test_permanent_error_is_not_tried_again(parts: Parts) -> None:
    """What cannot be helped is set aside at once."""
    book = Book(PermanentJobError("damaged"))
    enqueue(parts, "bad")
    book.worker(parts).run_one()
    assert book.failed == [("bad", "damaged")]
    assert progress(parts) == Progress(failed=1)


def test_part_that_is_away_costs_no_try(parts: Parts, clock: SetClock) -> None:
    """While the store is away jobs wait, however long; when it is back they are done."""
    book = Book(StoreUnavailableError("gone"))
    enqueue(parts, "patient", max_attempts=1)
    worker = book.worker(parts)
    for _ in range(5):
        assert worker.run_one()
        clock.pass_time(timedelta(minutes=1))
    book.error = None
    assert worker.run_one()
    assert (book.done, book.failed) == (["patient"], [])


def test_dead_process_loses_its_claim_at_once(parts: Parts) -> None:
    """What a killed worker of this machine held is done by the next, without waiting for the lease to end."""
    enqueue(parts, "orphan")
    with parts.database.writing() as session:
        held = claims.claim(session, parts.clock(), DEAD, LEASE)
    book = Book()
    assert book.worker(parts).run_one()
    assert book.done == ["orphan"]
    with parts.database.writing() as session:
        assert held is not None
        assert not claims.complete(session, held, parts.clock())


def test_lease_of_another_machine_runs_out(parts: Parts, clock: SetClock) -> None:
    """Of other machines nothing is known: their jobs are taken over when the lease has run out, not before."""
    enqueue(parts, "far")
    with parts.database.writing() as session:
        claims.claim(session, parts.clock(), "elsewhere/0/0:1:1", LEASE)
    worker = Book().worker(parts)
    assert not worker.run_one()
    clock.pass_time(LEASE + timedelta(seconds=1))
    assert worker.run_one()


def test_job_that_kills_its_workers_is_set_aside(parts: Parts) -> None:
    """A job whose every try took a worker down is not tried for ever."""
    enqueue(parts, "poison", max_attempts=3)
    for _ in range(3):
        with parts.database.writing() as session:
            claims.claim(session, parts.clock(), DEAD, LEASE)
    book = Book()
    assert book.worker(parts).run_one()
    assert (book.done, book.failed) == ([], [("poison", "worker_lost")])
    assert progress(parts) == Progress(failed=1)


def test_called_off_job_cannot_complete(parts: Parts) -> None:
    """What was called off stays so, also when a worker was at it."""
    enqueue(parts, "one", "two")
    with parts.database.writing() as session:
        held = claims.claim(session, parts.clock(), process_name(), LEASE)
        assert held is not None
    with parts.database.writing() as session:
        assert JobQueue(session, parts.clock).cancel_group("g") == 2
    with parts.database.writing() as session:
        assert not claims.complete(session, held, parts.clock())
    assert progress(parts).total == 0


def test_two_workers_never_share_a_job(parts: Parts) -> None:
    """Workers that claim at the same moment get different jobs."""
    enqueue(parts, *(f"job{number}" for number in range(30)))
    books = [Book() for _ in range(3)]

    def work(book: Book) -> None:
        worker = book.worker(parts)
        while worker.run_one():
            pass

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(work, books))
    done = [name for book in books for name in book.done]
    assert len(done) == len(set(done)) == 30


def test_unknown_kind_is_set_aside(parts: Parts) -> None:
    """A job nobody can do says so."""
    enqueue(parts, "strange")
    with parts.database.writing() as session:
        session.execute(update(Job).values(kind="unheard-of"))
    Book().worker(parts).run_one()
    with parts.database.reading() as session:
        assert session.execute(select(Job.state, Job.error)).one() == (JobState.FAILED, "no_handler")


def names(parts: Parts) -> list[str]:
    """Jobs that are in the table."""
    with parts.database.reading() as session:
        return sorted(session.scalars(select(Job.key)))


def test_ended_jobs_are_purged_after_a_while(parts: Parts, clock: SetClock) -> None:
    """Jobs done or called off go some days after their end, not before; a failed one stays."""
    enqueue(parts, "done")
    Book().worker(parts).run_one()
    enqueue(parts, "called-off")
    with parts.database.writing() as session:
        JobQueue(session, parts.clock).cancel_group("g")
    enqueue(parts, "failed")
    Book(PermanentJobError("damaged")).worker(parts).run_one()
    clock.pass_time(KEPT - timedelta(hours=1))
    assert purge_jobs(parts) == 0
    clock.pass_time(timedelta(hours=2))
    assert purge_jobs(parts) == 2
    assert names(parts) == ["failed"]


def test_jobs_of_a_group_that_works_are_kept(parts: Parts, clock: SetClock) -> None:
    """While something of a batch waits or runs, its old jobs stay and count; jobs of no group go by themselves."""
    enqueue(parts, "first")
    with parts.database.writing() as session:
        JobQueue(session, parts.clock).enqueue("note", {"name": "alone"}, key="alone")
    worker = Book().worker(parts)
    while worker.run_one():
        pass
    clock.pass_time(2 * KEPT)
    enqueue(parts, "second")
    assert purge_jobs(parts) == 1
    assert progress(parts) == Progress(waiting=1, done=1)
    with parts.database.writing() as session:
        assert claims.claim(session, parts.clock(), process_name(), LEASE) is not None
    assert purge_jobs(parts) == 0
    assert names(parts) == ["first", "second"]


def test_many_ended_jobs_are_purged_in_portions(parts: Parts, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However many jobs ended, one call deletes them all."""
    monkeypatch.setattr("archive.platform.jobs.purge._BATCH", 2)
    enqueue(parts, *(f"job{number}" for number in range(5)))
    with parts.database.writing() as session:
        JobQueue(session, parts.clock).cancel_group("g")
    clock.pass_time(2 * KEPT)
    assert purge_jobs(parts) == 5
    assert names(parts) == []


def test_what_only_one_host_can_do(parts: Parts) -> None:
    """A job of a host waits for a worker there; one that is beside a cluster does nothing else."""
    enqueue(parts, "scan", host="desk")
    enqueue(parts, "read")

    def claimed(owner: str, *, pinned: bool = False) -> str | None:
        with parts.database.writing() as session:
            held = claims.claim(session, parts.clock(), owner, LEASE, pinned=pinned)
            return held.payload["name"] if held else None

    def sees_work(reach: claims.Reach) -> bool:
        with parts.database.reading() as session:
            return claims.has_work(session, parts.clock(), reach)

    assert claimed("cellar/1/1:7:7") == "read"
    assert claimed("cellar/1/1:7:7") is None
    assert not sees_work(claims.Reach("cellar"))
    assert not sees_work(claims.Reach())
    enqueue(parts, "read more")
    assert claimed("desk/2/2:8:8", pinned=True) == "scan"
    assert claimed("desk/2/2:8:8", pinned=True) is None
    assert claimed("desk/2/2:9:9") == "read more"


def test_a_database_of_another_version_is_not_waited_for(parts: Parts) -> None:
    """What asks for a column that is not there fails like any other mistake; it is not tried without end."""
    enqueue(parts, "one", max_attempts=1)

    def run(parts: Parts, _payload: Mapping[str, Any]) -> None:
        with parts.database.reading() as session:
            session.execute(text("SELECT newer FROM job"))

    assert Worker(parts, {"note": Handler(run)}).run_one()
    assert progress(parts) == Progress(failed=1)
