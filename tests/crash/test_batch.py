"""A batch of 40 pages while its processes are killed, twenty times: nothing is lost, nothing is there twice."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.platform.jobs.models import Job, JobState
from archive.platform.parts import Parts
from tests.crash.crashing_archive import agreement, environment, has_work, new_archive, opened

_KILLS = 20
_FILES, _PAGES = 8, 5
#: large enough that a page takes a while also without recognition
_SIZE = (1654, 2339)
_PATIENCE_SECONDS = 240


class _Archive:
    """A running `danggui serve` that is started again whenever it was killed."""

    def __init__(self, folder: Path) -> None:
        self._command = [sys.executable, "-m", "archive.cli", "serve", "--listen", "127.0.0.1:0"]
        self._environment = environment(DANGGUI_FOLDER=str(folder), DANGGUI_WORKERS="local://1")
        self._process: subprocess.Popen[bytes] | None = None

    def tend(self) -> int:
        """The id of the process, which is started if it is not there."""
        if self._process is None or self._process.poll() is not None:
            self._process = subprocess.Popen(self._command, env=self._environment, stdout=subprocess.DEVNULL)
        return self._process.pid

    def kill_one(self, rng: random.Random) -> None:
        """Kill the web process, or one of its children."""
        server = self.tend()
        victim = rng.choice([server, *_children(server)])
        os.kill(victim, signal.SIGKILL)
        if victim == server and self._process is not None:
            self._process.wait()

    def stop(self) -> None:
        """Ask it to end, and wait."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait(60)


def _children(pid: int) -> list[int]:
    tasks = Path(f"/proc/{pid}/task").glob("*/children")
    return [int(child) for task in tasks for child in task.read_text().split()]


@contextmanager
def _serving(folder: Path) -> Iterator[_Archive]:
    archive = _Archive(folder)
    try:
        yield archive
    finally:
        archive.stop()


@pytest.mark.timeout(480)
def test_twenty_kills(tmp_path: Path) -> None:
    """Web process, worker and keeper die at random moments; afterwards every page is there once and all parts agree."""
    folder = tmp_path / "archive"
    batch_id = new_archive(folder, files=_FILES, pages=_PAGES, size=_SIZE)
    rng = random.Random()
    with opened(folder) as parts, _serving(folder) as archive:
        for _ in range(_KILLS):
            _wait_for_progress(parts, archive, batch_id)
            time.sleep(rng.uniform(0, 0.4))
            archive.kill_one(rng)
        end = time.monotonic() + _PATIENCE_SECONDS
        while has_work(parts, batch_id) and time.monotonic() < end:
            archive.tend()
            time.sleep(0.2)
    agreement(folder, batch_id, items=_FILES, pages=_FILES * _PAGES)


def _wait_for_progress(parts: Parts, archive: _Archive, batch_id: str) -> None:
    """Until one more job is done: a kill hits work, and no job loses its worker again and again."""
    before = _done(parts)
    end = time.monotonic() + _PATIENCE_SECONDS
    while _done(parts) == before and has_work(parts, batch_id) and time.monotonic() < end:
        archive.tend()
        time.sleep(0.05)


def _done(parts: Parts) -> int:
    with parts.database.reading() as session:
        return session.scalar(select(func.count()).select_from(Job).where(Job.state == JobState.DONE)) or 0
