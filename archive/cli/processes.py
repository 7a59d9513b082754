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
from archive.platform.jobs.supervisor import end_with_parent
from archive.platform.jobs.worker import Worker
from archive.platform.locks import exclusive
from archive.platform.probing import probe_buckets
from archive.settings import Settings

__all__ = ["dispatcher", "keeper", "worker"]

_leashed = click.option("--leashed", is_flag=True, help="End when standard input ends, as it does with the parent.")


@click.command(hidden=True)
@_leashed
@click.pass_obj
def worker(settings: Settings, *, leashed: bool) -> None:
    """Do jobs until told to stop."""
    _begin(leashed=leashed)
    with opened(settings) as parts:
        probe_buckets(parts)
        process = Worker(parts, job_handlers())
        _stop_on_signal(process.stop)
        process.run()


@click.command(hidden=True)
@_leashed
@click.pass_obj
def dispatcher(settings: Settings, *, leashed: bool) -> None:
    """Have a cluster do jobs until told to stop."""
    _begin(leashed=leashed)
    with opened(settings) as parts:
        process = Dispatcher(parts, do_jobs)
        _stop_on_signal(process.stop)
        process.run()


@click.command(hidden=True)
@_leashed
@click.pass_obj
def keeper(settings: Settings, *, leashed: bool) -> None:
    """Keep house until told to stop; a second keeper waits until the first has ended."""
    _begin(leashed=leashed)
    with opened(settings) as parts, exclusive(parts.database, settings.folder, KEEPER_LOCK, wait=None) as lock:
        probe_buckets(parts)
        process = Keeper(parts, keeper_tasks(), lock)
        _stop_on_signal(process.stop)
        process.run()


def _begin(*, leashed: bool) -> None:
    logging.getLogger("archive").setLevel(logging.INFO)
    if leashed:
        end_with_parent()


def _stop_on_signal(stop: Callable[[], None]) -> None:
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda _number, _frame: stop())
