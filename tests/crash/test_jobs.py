"""Workers are killed -9 at random moments: every job is done, with effect once, and none is lost."""

import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import text

from archive.cli.init import initialise
from archive.platform.jobs.service import JobQueue, Progress
from archive.platform.jobs.supervisor import process_environment
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings

_JOBS = 60
_KILLS = 12
_DEADLINE_SECONDS = 90.0
_PROCESS = Path(__file__).parent / "job_process.py"


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def parts(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Parts]:
    """An empty archive on each kind of database, with two tables for the handlers."""
    settings = Settings.load(tmp_path / "archive", environment={})
    if request.param == "postgresql":
        settings = replace(settings, database=request.getfixturevalue("postgres_database"))
    with open_parts(settings) as opened:
        initialise(opened)
        with opened.database.writing() as session:
            session.execute(text("CREATE TABLE effect (name TEXT PRIMARY KEY)"))
            session.execute(text("CREATE TABLE diary (what TEXT, name TEXT)"))
        yield opened


class Workers:
    """Two worker processes; whichever dies is started again."""

    def __init__(self, parts: Parts) -> None:
        self._environment = {**process_environment(parts.settings), "PYTHONPATH": str(_PROCESS.parents[2])}
        self._processes = [self._start() for _ in range(2)]

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [sys.executable, str(_PROCESS)],
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )

    def revive(self) -> None:
        """Start what has died."""
        self._processes = [process if process.poll() is None else self._start() for process in self._processes]

    def kill_one(self) -> None:
        """SIGKILL one of them."""
        victim = random.choice(self._processes)
        victim.kill()
        victim.wait()

    def end(self) -> None:
        """Kill all."""
        for process in self._processes:
            process.kill()
            process.wait()


@contextmanager
def workers(parts: Parts) -> Iterator[Workers]:
    """Workers until the block ends."""
    started = Workers(parts)
    try:
        yield started
    finally:
        started.end()


def enqueue(parts: Parts, kind: str, count: int) -> None:
    """Put jobs into the queue."""
    with parts.database.writing() as session:
        queue = JobQueue(session, parts.clock)
        for number in range(count):
            name = f"{kind}-{number}"
            queue.enqueue(kind, {"name": name}, key=name, group="g", max_attempts=3 if kind == "poison" else 50)


def progress(parts: Parts) -> Progress:
    """Where the jobs are."""
    with parts.database.reading() as session:
        return JobQueue(session, parts.clock).progress("g")


def wait_until(true: Callable[[], bool], running: Workers) -> None:
    """Wait, and revive what dies meanwhile."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "the jobs do not come to an end"
        running.revive()
        time.sleep(0.1)


def test_killed_workers_lose_nothing(parts: Parts) -> None:
    """Whenever workers are killed, every job ends done and its effect is there exactly once."""
    random.seed(20210305)
    enqueue(parts, "work", _JOBS)
    with workers(parts) as running:
        for kill in range(_KILLS):
            # Wait for some progress between kills, or the two would only ever be starting.
            wait_until(lambda least=kill: progress(parts).done >= least, running)  # type: ignore[misc]
            time.sleep(random.uniform(0, 0.2))
            running.kill_one()
            running.revive()
        wait_until(lambda: progress(parts).finished, running)
    assert progress(parts) == Progress(done=_JOBS)
    with parts.database.reading() as session:
        assert session.scalar(text("SELECT count(*) FROM effect")) == _JOBS


def test_poison_is_set_aside_and_the_rest_goes_on(parts: Parts) -> None:
    """A job that kills every worker is tried as often as it may be, then set aside; its feature is told once."""
    enqueue(parts, "poison", 1)
    enqueue(parts, "work", 5)
    with workers(parts) as running:
        wait_until(lambda: progress(parts).finished, running)
    assert progress(parts) == Progress(done=5, failed=1)
    with parts.database.reading() as session:
        diary = session.execute(text("SELECT what, count(*) FROM diary WHERE name = 'poison-0' GROUP BY what"))
        assert dict(diary.all()) == {"begun": 3, "set aside": 1}
