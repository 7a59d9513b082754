"""`danggui worker`, `dispatcher` and `keeper`: the processes `danggui serve` starts. Not for people."""

import logging
import signal
from collections.abc import Callable

import click

from archive.cli.archive_parts import opened
from archive.cli.cluster import do_jobs
from archive.handlers import job_handlers, keeper_tasks
from archive.platform.jobs.cluster import Dispatcher
from archive.platform.jobs.keeper import KEEPER_LOCK, Keeper
from archive.platform.jobs.worker import Worker
from archive.platform.locks import exclusive
from archive.platform.probing import probe_buckets
from archive.settings import Settings

__all__ = ["dispatcher", "keeper", "worker"]


@click.command(hidden=True)
@click.pass_obj
def worker(settings: Settings) -> None:
    """Do jobs until told to stop; beside a cluster only those that this machine alone can do."""
    logging.getLogger("archive").setLevel(logging.INFO)
    with opened(settings) as parts:
        probe_buckets(parts)
        process = Worker(parts, job_handlers(), pinned=settings.is_clustered)
        _stop_on_signal(process.stop)
        process.run()


@click.command(hidden=True)
@click.pass_obj
def dispatcher(settings: Settings) -> None:
    """Have a cluster do jobs until told to stop."""
    logging.getLogger("archive").setLevel(logging.INFO)
    with opened(settings) as parts:
        process = Dispatcher(parts, do_jobs)
        _stop_on_signal(process.stop)
        process.run()


@click.command(hidden=True)
@click.pass_obj
def keeper(settings: Settings) -> None:
    """Keep house until told to stop; a second keeper waits until the first has ended."""
    logging.getLogger("archive").setLevel(logging.INFO)
    with opened(settings) as parts, exclusive(parts.database, settings.folder, KEEPER_LOCK, wait=None) as lock:
        probe_buckets(parts)
        process = Keeper(parts, keeper_tasks(), lock)
        _stop_on_signal(process.stop)
        process.run()


def _stop_on_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop())
