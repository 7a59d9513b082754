"""A Dask cluster as executor. No state is in its memory: a task says "do some jobs", and which, the job table says.

Whatever is lost, worker, host or scheduler, loses no job: what it held is claimed again when its lease has run out.
"""

import asyncio
import logging
import threading
import time
from collections.abc import Callable
from importlib import import_module
from typing import Any

from archive.platform.away import is_away, waits
from archive.platform.jobs import claims
from archive.platform.jobs.claims import Reach
from archive.platform.parts import Parts
from archive.settings import Settings, SettingsError

__all__ = ["JOBS_A_TASK", "Dispatcher", "Task", "connected"]

log = logging.getLogger(__name__)

#: More make the cluster's own work count less; fewer let a worker be asked sooner whether it is still wanted.
JOBS_A_TASK = 16

#: what a worker of the cluster runs: does at most so many jobs, returns how many it did
Task = Callable[[int], int]

_CONNECT_SECONDS = 10.0
_LOOK_SECONDS = 0.25
#: a worker whose task failed is left alone for so long
_AFTER_FAILURE_SECONDS = 5.0


def connected(settings: Settings) -> Any:
    """A connection to the cluster's scheduler, a `distributed.Client`; the caller closes it.

    Certificates are those of Dask's own settings. Raises OSError, SettingsError.
    """
    try:
        distributed: Any = import_module("distributed")
    except ImportError as error:
        raise SettingsError("DANGGUI_WORKERS is a cluster: pip install danggui[dask]") from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL)  # what matters of it is said by us
    return distributed.Client(settings.workers, timeout=_CONNECT_SECONDS, set_as_default=False)


class Dispatcher:
    """Keeps a task at each worker of the cluster as long as there is work, and none when there is not."""

    def __init__(self, parts: Parts, task: Task) -> None:
        self._parts = parts
        self._task = task
        self._stopping = threading.Event()
        self._look = threading.Event()

    def stop(self) -> None:
        """Send no further task; those under way end by themselves."""
        self._stopping.set()
        self._look.set()

    def run(self) -> None:
        """Send tasks until `stop`; when the scheduler is away, look for it again and again."""
        for wait in waits(longest=5.0):
            if self._stopping.is_set():
                return
            try:
                with connected(self._parts.settings) as client:
                    self._feed(client)
            except (OSError, asyncio.CancelledError) as error:
                log.warning("the cluster %s is away (%s)", self._parts.settings.workers, type(error).__name__)
            self._stopping.wait(wait)

    def _feed(self, client: Any) -> None:
        tasks: dict[str, _Sent] = {}
        while not self._stopping.is_set():
            present = client.nthreads()
            tasks = {address: sent for address, sent in tasks.items() if address in present}
            has_work = self._has_work()
            for address in present:
                last = tasks.get(address)
                if last is not None and not last.is_over():
                    continue
                # One more after a full task finds nothing, if so it is, and lets go of what the worker keeps.
                if has_work or (last is not None and last.was_full()):
                    tasks[address] = self._send(client, address)
            self._look.wait(_LOOK_SECONDS)
            self._look.clear()

    def _send(self, client: Any, address: str) -> "_Sent":
        future = client.submit(self._task, JOBS_A_TASK, workers=[address], pure=False)
        future.add_done_callback(lambda _future: self._look.set())
        return _Sent(address, future)

    def _has_work(self) -> bool:
        try:
            with self._parts.database.reading() as session:
                return claims.has_work(session, self._parts.clock(), Reach())
        except Exception as error:
            if not is_away(error):
                raise
            log.warning("the database is away (%s)", type(error).__name__)
            return False


class _Sent:
    """A task at one worker."""

    def __init__(self, address: str, future: Any) -> None:
        self._address = address
        self._future = future
        self._not_before = 0.0

    def is_over(self) -> bool:
        """Whether the worker can have the next task."""
        if not self._future.done():
            return False
        if self._future.status == "error" and not self._not_before:
            log.warning("the worker %s did no work: %s", self._address, self._future.exception())
            self._not_before = time.monotonic() + _AFTER_FAILURE_SECONDS
        return time.monotonic() >= self._not_before

    def was_full(self) -> bool:
        """Whether it ended because it had done enough, not because nothing was left."""
        return bool(self._future.status == "finished" and self._future.result() == JOBS_A_TASK)
