"""Workers and a keeper for the time of one command, so that what it started is also finished."""

from collections.abc import Iterator
from contextlib import contextmanager

from archive.platform.jobs.keeper import KEEPER_LOCK
from archive.platform.jobs.supervisor import Supervisor, executors
from archive.platform.locks import is_held
from archive.platform.parts import Parts

__all__ = ["background"]


@contextmanager
def background(parts: Parts) -> Iterator[None]:
    """Background work goes on inside.

    Beside a running `danggui serve` there is one more worker, and a keeper in waiting: the command must not hang when
    the other ends.
    """
    served = is_held(parts.database, parts.settings.folder, KEEPER_LOCK)
    workers = executors(parts.settings)
    with Supervisor(parts.settings, ["keeper", *(workers[:1] if served else workers)]):
        yield
