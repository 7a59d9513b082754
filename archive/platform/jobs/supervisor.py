"""The supervisor: starts keeper and workers, or what feeds a cluster, as processes; restarts what dies; ends all.

They are forked from one process that has imported what all of them need, and does nothing else: it has no threads and
no connections, so that it is safe to fork, and what it imported is in memory once.
"""

import logging
import os
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib import import_module
from multiprocessing import get_context, parent_process, resource_tracker
from multiprocessing.context import ForkServerProcess
from typing import Self

from archive.platform.away import waits
from archive.settings import Settings

__all__ = ["Supervisor", "executors", "process_environment"]

log = logging.getLogger(__name__)

_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["archive.cli.processes"])

_POLL_SECONDS = 0.2
_GOODBYE_SECONDS = 15.0
#: A process that lived this long was healthy: the next one is started without delay.
_HEALTHY_SECONDS = 30.0


def executors(settings: Settings) -> list[str]:
    """The processes, by role, that get the jobs done: so many workers, or what feeds a cluster, and one for here."""
    if settings.is_clustered:
        return ["dispatcher", "worker"]
    return ["worker"] * int(settings.workers.removeprefix("local://"))


def process_environment(settings: Settings) -> dict[str, str]:
    """The environment in which a child opens the very same parts."""
    values = {f"DANGGUI_{item.name.upper()}": str(getattr(settings, item.name)) for item in fields(settings)}
    return {**os.environ, **values}


def _be(role: str, environment: Mapping[str, str]) -> None:
    """In a child: what `danggui ROLE` is in this environment."""
    os.environ.clear()
    os.environ.update(environment)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})
    threading.Thread(target=_end_with_parent, name="parent", daemon=True).start()
    import_module("archive.cli").main([role], prog_name="danggui")


def _end_with_parent() -> None:
    """End at once when the parent is gone, even if it was killed."""
    if (parent := parent_process()) is not None:
        parent.join()
        os._exit(0)


class _Child:
    """One process that is to be there always."""

    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self._role = role
        self._environment = environment
        self._process: ForkServerProcess | None = None
        self._started = 0.0
        self._not_before = 0.0
        self._pauses = waits()

    def tend(self) -> None:
        """Start the process if it is not there; one that dies again and again is started less and less often."""
        now = time.monotonic()
        if self._process is not None and not self._process.is_alive():
            self._died(now, f"ended with {self._process.exitcode}")
        if self._process is None and now >= self._not_before:
            self._start(now)

    def _start(self, now: float) -> None:
        self._started = now
        process = _FORKING.Process(target=_be, args=(self._role, self._environment), name=self._role)
        # The process that forks is to outlive a SIGTERM that all are sent at once, lest its children seem to have died.
        resource_tracker.ensure_running()  # started by the way, it would unblock the signal
        signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
        try:
            process.start()
        except (EOFError, OSError) as error:
            self._died(now, f"could not be started ({type(error).__name__})")
        else:
            self._process = process
        finally:
            signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGTERM})

    def _died(self, now: float, how: str) -> None:
        if now - self._started > _HEALTHY_SECONDS:
            self._pauses = waits()
        pause = next(self._pauses)
        self._not_before = now + pause
        log.warning("the %s %s; the next starts in %.1f s", self._role, how, pause)
        self._close()

    def ask_to_stop(self) -> None:
        """Let it end what it has begun."""
        if self._process is not None:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for its end until then, and not longer. Nothing is lost by a kill; work is only begun again."""
        if self._process is None:
            return
        self._process.join(max(0.0, deadline - time.monotonic()))
        if self._process.is_alive():
            self._process.kill()
            self._process.join()
        self._close()

    def _close(self) -> None:
        if self._process is not None:
            self._process.close()
        self._process = None


class Supervisor:
    """A context: inside, a process of each role runs; at its end they are asked to stop, then made to."""

    def __init__(self, settings: Settings, roles: Sequence[str]) -> None:
        self._children = [_Child(role, process_environment(settings)) for role in roles]
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="supervisor", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._stopping.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._stopping.is_set():
            for child in self._children:
                child.tend()
            self._stopping.wait(_POLL_SECONDS)
        for child in self._children:
            child.ask_to_stop()
        deadline = time.monotonic() + _GOODBYE_SECONDS
        for child in self._children:
            child.end(deadline)
