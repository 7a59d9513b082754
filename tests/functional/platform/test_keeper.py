"""The keeper: what is away holds up only what needs it, and is caught up with when it is back."""

import logging
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import text

from archive.platform.jobs.keeper import KEEPER_LOCK, Keeper, Task
from archive.platform.locks import HeldLock, LockLostError, exclusive
from archive.platform.parts import Parts
from storage.errors import StoreUnavailableError

_PATIENCE_SECONDS = 30.0


def keep_house(parts: Parts, *tasks: Task, until: Callable[[], bool]) -> None:
    """Run a keeper with these tasks until something is true, then stop it."""
    with exclusive(parts.database, parts.settings.folder, KEEPER_LOCK) as lock:
        keeper = Keeper(parts, tasks, lock)
        thread = threading.Thread(target=keeper.run)
        thread.start()
        pause = threading.Event()
        tries = int(_PATIENCE_SECONDS / 0.02)
        reached = any(until() or pause.wait(0.02) for _ in range(tries))
        keeper.stop()
        thread.join()
    assert reached


def test_part_that_is_away_holds_up_nobody_else(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    """A task whose part is away says so in one line and is tried again; the others go on meanwhile."""
    tries: list[str] = []

    def away(_parts: Parts) -> int:
        tries.append("away")
        if len([name for name in tries if name == "away"]) < 2:
            raise StoreUnavailableError("the store does not answer")
        return 1

    def well(_parts: Parts) -> int:
        tries.append("well")
        return 1

    with caplog.at_level(logging.WARNING, "archive"):
        keep_house(parts, Task("store", away, 0.01), Task("other", well, 0.01), until=lambda: tries.count("away") >= 2)
    assert tries.count("well") > 2
    (line,) = caplog.records
    assert line.getMessage() == "store waits, a part is away: the store does not answer"
    assert line.exc_info is None


def test_mistake_is_logged_in_full(parts: Parts, caplog: pytest.LogCaptureFixture) -> None:
    """A task that fails through a mistake of ours is logged with its traceback, and tried again."""
    tries: list[int] = []

    def wrong(_parts: Parts) -> int:
        tries.append(1)
        raise KeyError("nonsense")

    with caplog.at_level(logging.ERROR, "archive"):
        keep_house(parts, Task("wrong", wrong, 0.01), until=lambda: len(tries) >= 2)
    assert all(line.exc_info for line in caplog.records)
    assert caplog.records


def test_every_task_runs_once_more_at_the_end(parts: Parts) -> None:
    """What was committed before the end is not left lying: each task has a last round."""
    runs: list[bool] = []
    stopping = threading.Event()

    def note(_parts: Parts) -> int:
        runs.append(stopping.is_set())
        return 0

    def first_round() -> bool:
        if runs:
            stopping.set()
        return bool(runs)

    keep_house(parts, Task("slow", note, every=3600), until=first_round)
    assert runs == [False, True]


@pytest.mark.servers
@pytest.mark.parametrize("settings", ["postgresql"], indirect=True)
def test_keeper_ends_when_its_lock_is_lost(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the database may have given the lock to another, the keeper ends instead of working beside it."""
    monkeypatch.setattr("archive.platform.jobs.keeper._CHECK_SECONDS", 0.05)
    with exclusive(parts.database, parts.settings.folder, KEEPER_LOCK) as lock:
        _cut_connection(parts, lock)
        with pytest.raises(LockLostError):
            Keeper(parts, [], lock).run()


def _cut_connection(parts: Parts, lock: HeldLock) -> None:
    assert lock._connection is not None
    pid = lock._connection.scalar(text("SELECT pg_backend_pid()"))
    with parts.database.writing() as session:
        session.execute(text("SELECT pg_terminate_backend(:pid)"), {"pid": pid})
