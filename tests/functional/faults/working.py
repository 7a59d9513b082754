"""Background work in this process, without recognition."""

from dataclasses import replace

from archive.handlers import job_handlers
from archive.platform.jobs.worker import Worker
from tests.factories.small_archive import SmallArchive

__all__ = ["work"]


def work(small: SmallArchive) -> None:
    """Do the jobs that wait."""
    worker = Worker(replace(small.parts, settings=replace(small.parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass
