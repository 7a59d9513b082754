"""A worker: one process that claims jobs one by one and does them. It may be killed at any moment."""

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import timedelta
from typing import TypeVar

from sqlalchemy.orm import Session

from archive.platform.away import is_away, waits
from archive.platform.jobs import claims
from archive.platform.jobs.claims import Claim, Reach
from archive.platform.jobs.errors import JobInterruptedError, PermanentJobError
from archive.platform.jobs.handler import Handler
from archive.platform.jobs.kept import let_go
from archive.platform.parts import Parts
from archive.platform.processes import host_of, process_name

__all__ = ["Worker", "got_further"]

log = logging.getLogger(__name__)

Answer = TypeVar("Answer")

_IDLE_SECONDS = 0.25
#: How many more tries `on_failed` gets when it, too, takes its worker down.
_LAST_TRIES = 3
#: the claim that a handler of this thread works on
_HELD: ContextVar[Claim | None] = ContextVar("held", default=None)


def got_further(session: Session) -> None:
    """For work of many steps, in the transaction that keeps one: what failed is behind it, its tries begin anew."""
    if (held := _HELD.get()) is not None:
        claims.renew_tries(session, held)


class Worker:
    """Does jobs until it is told to stop; what it has begun it ends first."""

    def __init__(self, parts: Parts, handlers: Mapping[str, Handler], *, pinned: bool = False) -> None:
        """`pinned`: it does only what no other host can do."""
        self._parts = parts
        self._handlers = handlers
        self._name = process_name()
        self._pinned = pinned
        self._last_kind = ""
        self._at_work = False
        self._stopping = threading.Event()

    def stop(self) -> None:
        """Take no further job."""
        self._stopping.set()

    def run(self) -> None:
        """Work until `stop`; when nothing is to be done, look again four times a second."""
        try:
            while not self._stopping.is_set():
                if not self._insist(self.run_one):
                    self._stopping.wait(_IDLE_SECONDS)
        finally:
            let_go()

    def run_one(self) -> bool:
        """Do the next job, if there is one; False if there is none."""
        if not self._at_work and not self._has_work():
            return False
        with self._parts.database.writing() as session:
            lease = timedelta(seconds=self._parts.settings.lease)
            held = claims.claim(session, self._parts.clock(), self._name, lease, pinned=self._pinned)
        self._at_work = held is not None
        if held is None:
            let_go()
            return False
        if held.kind != self._last_kind:
            let_go()
        self._last_kind = held.kind
        with self._signs_of_life(held):
            self._do(held)
        return True

    def _has_work(self) -> bool:
        with self._parts.database.reading() as session:
            return claims.has_work(session, self._parts.clock(), Reach(host_of(self._name), self._pinned))

    def _do(self, held: Claim) -> None:
        handler = self._handlers.get(held.kind)
        if handler is None:
            self._give_up(held, None, "no_handler")
        elif held.spent:
            self._give_up(held, handler, held.last_reason or "worker_lost")
        else:
            self._try(held, handler)

    def _try(self, held: Claim, handler: Handler) -> None:
        token = _HELD.set(held)
        try:
            handler.run(self._parts, held.payload)
        except JobInterruptedError:
            self._end(lambda session: claims.put_back(session, held, self._parts.clock()))
        except PermanentJobError as error:
            let_go()
            self._give_up(held, handler, error.reason)
        except Exception as error:  # noqa: BLE001 - whatever a handler raises belongs to its job and must not end the worker
            let_go()
            self._failed(held, handler, error)
        else:
            self._end(lambda session: claims.complete(session, held, self._parts.clock()))
        finally:
            _HELD.reset(token)

    def _failed(self, held: Claim, handler: Handler, error: Exception) -> None:
        # The class only: an error's text may quote what stands in a document.
        reason = type(error).__name__
        if is_away(error):
            log.warning("job %s (%s) waits: %s", held.id, held.kind, reason)
            self._end(lambda session: claims.postpone(session, held, self._parts.clock(), reason))
        elif held.attempt >= held.max_attempts:
            self._give_up(held, handler, reason)
        else:
            log.warning("job %s (%s) failed, try %d: %s", held.id, held.kind, held.attempt, reason)
            self._end(lambda session: claims.retry(session, held, self._parts.clock(), reason))

    def _give_up(self, held: Claim, handler: Handler | None, reason: str) -> None:
        """Tell the feature first, then close the job: killed in between, both happen again."""
        log.error("job %s (%s) is set aside: %s", held.id, held.kind, reason)
        if handler is not None and handler.on_failed is not None and held.attempt <= held.max_attempts + _LAST_TRIES:
            handler.on_failed(self._parts, held.payload, reason)
        self._end(lambda session: claims.give_up(session, held, self._parts.clock(), reason))

    def _end(self, change: Callable[[Session], bool]) -> None:
        def write() -> bool:
            with self._parts.database.writing() as session:
                return change(session)

        if not self._insist(write):
            log.warning("the job was taken over or called off meanwhile")

    def _insist(self, act: Callable[[], Answer]) -> Answer:
        """Do it, again and again while a part is away."""
        for wait in waits():
            try:
                return act()
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("a part is away (%s); next try in %.1f s", type(error).__name__, wait)
                self._stopping.wait(wait)
                if self._stopping.is_set():
                    raise
        raise AssertionError("waits() does not end")

    @contextmanager
    def _signs_of_life(self, held: Claim) -> Iterator[None]:
        done = threading.Event()
        thread = threading.Thread(target=self._hold, args=(held, done), name="lease", daemon=True)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()

    def _hold(self, held: Claim, done: threading.Event) -> None:
        while not done.wait(held.lease.total_seconds() / 4):
            try:
                with self._parts.database.writing() as session:
                    if not claims.hold(session, held, self._parts.clock()):
                        return
            except Exception as error:
                if not is_away(error):
                    raise
                log.warning("the lease could not be renewed: %s", type(error).__name__)
