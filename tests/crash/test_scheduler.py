"""The scheduler of a cluster is killed in the middle of a batch: when it is back the work goes on, and none is lost."""

import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.cli.init import initialise
from archive.digitization.models import Batch, DraftPage, PageState
from archive.digitization.progress import failures, progress_of
from archive.platform.jobs.cluster import JOBS_A_TASK
from archive.platform.jobs.models import Job, JobState
from archive.platform.jobs.supervisor import Supervisor, process_environment
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings
from tests.factories.organisation import make_organisation
from tests.servers.dask import scheduler_running, worker_command
from tests.servers.postgres import fresh_database
from tests.servers.process import free_port, running
from tests.unit.records.scans import take_in, tiff

pytestmark = pytest.mark.servers

#: more than a worker is given at once
_FILES = JOBS_A_TASK + 4
_LEASE_SECONDS = 3
_PATIENCE_SECONDS = 120
#: as a service manager does: what ends is started again
_ALWAYS = 'trap "kill \\$!; exit" TERM; while :; do "$@" & wait $!; sleep 0.2; done'


@pytest.fixture
def parts(postgres_url: str, tmp_path: Path) -> Iterator[Parts]:
    """An archive whose work a cluster is to do; nothing of that runs yet."""
    with ExitStack() as stack:
        database = stack.enter_context(fresh_database(postgres_url))
        settings = replace(
            Settings.load(tmp_path / "archive", environment={}),
            database=database,
            workers=f"tcp://127.0.0.1:{free_port()}",
            engine="null",
            lease=_LEASE_SECONDS,
        )
        opened = stack.enter_context(open_parts(settings))
        initialise(opened)
        yield opened


def _worker(stack: ExitStack, parts: Parts, folder: Path) -> None:
    """One worker of the cluster, started again when it ends."""
    log = folder / "worker.log"
    # Dask puts a folder `storage` before everything, which hides a package that is installed from a working tree.
    environment = process_environment(parts.settings) | {"PYTHONPATH": str(Path(__file__).parents[2])}
    command: list[str | Path] = [
        "bash",
        "-c",
        _ALWAYS,
        "bash",
        *worker_command(parts.settings.workers, folder),
        "--no-nanny",
    ]
    stack.enter_context(running(command, ready=lambda: True, log=log, environment=environment))


def _take_in(parts: Parts) -> str:
    with parts.database.writing() as session:
        organisation = make_organisation(session, parts.clock)
    files = [(f"{number}.tif", tiff(1, str(number))) for number in range(_FILES)]
    return take_in(parts, organisation.people["archivist"], organisation.category, files)[0].id


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.02)


def _jobs_done(parts: Parts) -> int:
    with parts.database.reading() as session:
        return session.scalar(select(func.count()).where(Job.state == JobState.DONE)) or 0


def _read(parts: Parts) -> int:
    with parts.database.reading() as session:
        done = select(func.count()).select_from(DraftPage).where(DraftPage.state == PageState.DONE)
        return session.scalar(done) or 0


def _is_working(parts: Parts, batch_id: str) -> bool:
    with parts.database.reading() as session:
        return progress_of(session, session.get_one(Batch, batch_id), parts.clock()).working


def test_a_killed_scheduler_loses_nothing(parts: Parts, tmp_path: Path) -> None:
    """Jobs wait in our table while it is away; each page is read, and no job was given up."""
    cluster, batch_id = parts.settings.workers, _take_in(parts)
    with ExitStack() as stack:
        with scheduler_running(cluster, tmp_path) as scheduler:
            _worker(stack, parts, tmp_path)
            dispatcher = stack.enter_context(ExitStack())
            dispatcher.enter_context(Supervisor(parts.settings, ["dispatcher"]))
            _wait_until(lambda: _jobs_done(parts) > 0)
            scheduler.kill()
        assert _is_working(parts, batch_id)
        with scheduler_running(cluster, tmp_path):
            _wait_until(lambda: not _is_working(parts, batch_id))
            dispatcher.close()
    with parts.database.reading() as session:
        assert failures(session, session.get_one(Batch, batch_id)) == []
        assert set(session.scalars(select(Job.state))) == {JobState.DONE}
    assert _read(parts) == _FILES
