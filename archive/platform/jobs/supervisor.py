"""The supervisor: starts keeper and workers, or what feeds a cluster, as processes; restarts what dies; ends all."""

import logging
import os
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import fields
from typing import Self

from archive.platform.away import waits
from archive.settings import Settings

__all__ = ["Supervisor", "end_with_parent", "executors", "process_environment"]

log = logging.getLogger(__name__)

_POLL_SECONDS = 0.2
_GOODBYE_SECONDS = 15.0
#: A process that lived this long was healthy: the next one is started without delay.
_HEALTHY_SECONDS = 30.0


def executors(settings: Settings) -> list[str]:
    """The processes, by role, that get the jobs done: so many workers, or the one that feeds a cluster."""
    if settings.is_clustered:
        return ["dispatcher"]
    return ["worker"] * int(settings.workers.removeprefix("local://"))


def process_environment(settings: Settings) -> dict[str, str]:
    """The environment in which a child opens the very same parts."""
    values = {f"DANGGUI_{item.name.upper()}": str(getattr(settings, item.name)) for item in fields(settings)}
    return {**os.environ, **values}


def end_with_parent() -> None:
    """In a child: end at once when the parent is gone. It holds the other end of our standard input."""

    def watch() -> None:
        # Not through sys.stdin: its lock would still be held when this process ends by itself.
        while os.read(0, 1):
            continue
        os._exit(0)

    threading.Thread(target=watch, name="parent", daemon=True).start()


class _Child:
    """One process that is to be there always."""

    def __init__(self, role: str, environment: dict[str, str]) -> None:
        self._role = role
        self._environment = environment
        self._process: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._not_before = 0.0
        self._pauses = waits()

    def tend(self) -> None:
        """Start the process if it is not there; one that dies again and again is started less and less often."""
        now = time.monotonic()
        if self._process is not None and self._process.poll() is not None:
            self._died(now)
        if self._process is None and now >= self._not_before:
            self._started = now
            self._process = subprocess.Popen(
                [sys.executable, "-m", "archive.cli", self._role, "--leashed"],
                stdin=subprocess.PIPE,  # its end tells the child that we are gone: see end_with_parent
                env=self._environment,
            )

    def _died(self, now: float) -> None:
        if now - self._started > _HEALTHY_SECONDS:
            self._pauses = waits()
        pause = next(self._pauses)
        self._not_before = now + pause
        code = self._process.returncode if self._process else None
        log.warning("the %s ended with %s; the next starts in %.1f s", self._role, code, pause)
        self._close()

    def ask_to_stop(self) -> None:
        """Let it end what it has begun."""
        if self._process is not None:
            self._process.terminate()

    def end(self, deadline: float) -> None:
        """Wait for its end until then, and not longer. Nothing is lost by a kill; work is only begun again."""
        if self._process is None:
            return
        try:
            self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._close()

    def _close(self) -> None:
        if self._process is not None and self._process.stdin is not None:
            self._process.stdin.close()
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
