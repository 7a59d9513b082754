"""The keeper: one process per archive that brings changes to the store and the index and seals the audit trail.

Each of its tasks runs in a thread of its own, so that a part that is away holds up only what needs it.
"""

import logging
import threading
from collections.abc import Callable, Sequence
from contextvars import ContextVar
from dataclasses import dataclass

from archive.platform.away import is_away, waits
from archive.platform.locks import HeldLock, LockLostError
from archive.platform.parts import Parts
from archive.platform.tables import load_tables

__all__ = ["KEEPER_LOCK", "Keeper", "Task", "is_stopping"]

log = logging.getLogger(__name__)

#: Held by the keeper as long as it lives.
KEEPER_LOCK = "keeper"

_CHECK_SECONDS = 5.0
_GOODBYE_SECONDS = 20.0
#: the keeper's own event, in the threads of its tasks; elsewhere there is none
_STOPPING: ContextVar[threading.Event | None] = ContextVar("stopping", default=None)


def is_stopping() -> bool:
    """Whether the keeper whose task this is was told to stop. Work that lasts asks between two steps."""
    event = _STOPPING.get()
    return event is not None and event.is_set()


@dataclass(frozen=True, slots=True)
class Task:
    """Something to do again and again. `run` returns how much it did; it is called every `every` seconds."""

    name: str
    run: Callable[[Parts], int]
    every: float = 0.5


class Keeper:
    """Runs its tasks until it is told to stop, each once more at the end."""

    def __init__(self, parts: Parts, tasks: Sequence[Task], lock: HeldLock) -> None:
        self._parts = parts
        self._tasks = tasks
        self._lock = lock
        self._stopping = threading.Event()

    def stop(self) -> None:
        """End after the round that is under way."""
        self._stopping.set()

    def run(self) -> None:
        """Keep house. Raises LockLostError when another keeper may have taken over."""
        load_tables()
        threads = [threading.Thread(target=self._repeat, args=(task,), name=task.name) for task in self._tasks]
        for thread in threads:
            thread.start()
        try:
            while not self._stopping.wait(_CHECK_SECONDS):
                self._lock.check()
        except LockLostError:
            log.error("the database forgot that this is the keeper")  # noqa: TRY400 - the connection broke, no more to say
            raise
        finally:
            self._stopping.set()
            for thread in threads:
                thread.join(_GOODBYE_SECONDS)

    def _repeat(self, task: Task) -> None:
        _STOPPING.set(self._stopping)
        pauses = waits()
        while True:
            last = self._stopping.is_set()
            pause = task.every
            if self._once(task):
                pauses = waits()
            else:
                pause = next(pauses)
            if last:
                return
            self._stopping.wait(pause)

    def _once(self, task: Task) -> bool:
        """Whether the task ran well. A part that is away is no mistake; anything else is one, and is logged in full."""
        try:
            task.run(self._parts)
        except Exception as error:
            if is_away(error):
                log.warning("%s waits, a part is away: %s", task.name, error)
            else:
                log.exception("%s failed and will be tried again", task.name)
            return False
        return True
