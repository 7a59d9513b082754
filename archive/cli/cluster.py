"""What runs on the workers of a Dask cluster. They open the same parts as everybody else, from their own settings."""

import atexit
import logging
import threading
from contextlib import ExitStack
from datetime import datetime
from functools import cache

from archive.handlers import job_handlers
from archive.migrations import is_current
from archive.platform.db import utc_now
from archive.platform.jobs.worker import Worker
from archive.platform.locks import is_held
from archive.platform.parts import Parts, open_parts
from archive.platform.probing import probe_buckets
from archive.platform.scratch import sweep_scratch
from archive.settings import Settings, SettingsError
from storage.errors import NotStoredError

__all__ = ["do_jobs", "look_around"]

#: clocks that differ more make jobs be taken from workers that are alive
_MOST_SECONDS_APART = 5.0

#: one job at a time in each process: libraries that read scans are not made for threads
_ALONE = threading.Lock()


def do_jobs(most: int) -> int:
    """A task of the cluster: do jobs until `most` are done or none is left; returns how many."""
    with _ALONE:
        sweep_scratch(_parts())
        return next((done for done in range(most) if not _worker().run_one()), most)


def look_around(lock: str, key: str, now: datetime) -> list[str]:
    """For the doctor: what is wrong with this worker.

    `lock` is held in the database and `key` lies in the store that the others use; `now` is the time there.
    """
    parts, faults = _parts(), []
    if not is_held(parts.database, parts.settings.folder, lock):
        faults.append("has another database")
    try:
        parts.store.open(key).close()
    except NotStoredError:
        faults.append("has another store")
    apart = abs((utc_now() - now).total_seconds())
    if apart > _MOST_SECONDS_APART:
        faults.append(f"has a clock that is {apart:.0f} s off")
    return faults


@cache
def _worker() -> Worker:
    return Worker(_parts(), job_handlers())


@cache
def _parts() -> Parts:
    """Opened once a process. Raises SettingsError where they are not those of an archive with a cluster."""
    logging.getLogger("archive").setLevel(logging.INFO)
    settings = Settings.load()
    if not settings.is_clustered:
        raise SettingsError("this worker lacks the settings of the archive: set the same DANGGUI_... on every worker")
    stack = ExitStack()
    parts = stack.enter_context(open_parts(settings))
    if not is_current(parts.database):
        stack.close()
        raise SettingsError(
            "the archive has no tables, or those of another version: install the same version everywhere"
        )
    atexit.register(stack.close)
    probe_buckets(parts)
    return parts
