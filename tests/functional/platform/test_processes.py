"""`danggui serve` and its children: started, replaced when they die, gone when it is gone."""

import os
import signal
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from archive.cli.background import background
from archive.cli.init import initialise
from archive.platform.actor import SYSTEM
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.audit.verify import verify
from archive.platform.jobs.keeper import KEEPER_LOCK
from archive.platform.jobs.supervisor import process_environment
from archive.platform.locks import is_held
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings

_DEADLINE_SECONDS = 60.0


@pytest.fixture
def parts(tmp_path: Path) -> Iterator[Parts]:
    """An empty embedded archive that is served by one worker."""
    settings = replace(Settings.load(tmp_path, environment={}), workers="local://1", engine="null")
    with open_parts(settings) as opened:
        initialise(opened)
        yield opened


@contextmanager
def served(parts: Parts) -> Iterator[tuple["subprocess.Popen[str]", str]]:
    """A running `danggui serve` and its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "archive.cli", "serve", "--listen", "127.0.0.1:0"],
        env=process_environment(parts.settings),
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield process, process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


def wait_until(true: Callable[[], bool]) -> None:
    """Wait; how long is nobody's promise."""
    deadline = time.monotonic() + _DEADLINE_SECONDS
    while not true():
        assert time.monotonic() < deadline, "it does not come about"
        time.sleep(0.1)


def keeper_alive(parts: Parts) -> bool:
    """Whether a keeper holds its lock."""
    return is_held(parts.database, parts.settings.folder, KEEPER_LOCK)


def started_by(pid: int) -> set[int]:
    """Ids of the processes that a process started itself."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    return {int(child) for task in tasks for child in (task / "children").read_text().split()}


def children(process: "subprocess.Popen[str]") -> set[int]:
    """Ids of its keeper and workers: they are forked by a process that it started for that."""
    return {child for forking in started_by(process.pid) for child in started_by(forking)}


def both_children(process: "subprocess.Popen[str]") -> set[int]:
    """The keeper and the worker, once both are there."""
    wait_until(lambda: len(children(process)) == 2)
    return children(process)


def alive(pid: int) -> bool:
    """Whether a process runs; one that has ended and was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_served_until_told_to_stop(parts: Parts) -> None:
    """It answers, seals what happens, ends cleanly on SIGTERM with everything written, and leaves nobody behind."""
    with served(parts) as (process, address):
        with urllib.request.urlopen(address) as answer:
            assert answer.status == 200
        wait_until(lambda: keeper_alive(parts))
        with parts.database.writing() as session:
            record(session, parts.clock, SYSTEM, AuditAction.PAGE_READ, "item", "x")
        left = both_children(process)
        process.terminate()
        assert process.wait(_DEADLINE_SECONDS) == 0
        assert not any(alive(child) for child in left)
    report = verify(parts)
    assert report.ok
    assert (report.reach, report.unsealed) == (2, 0)


def test_dead_children_are_replaced(parts: Parts) -> None:
    """A worker or keeper that is killed is started again."""
    with served(parts) as (process, _address):
        dead = both_children(process)
        for child in dead:
            os.kill(child, signal.SIGKILL)
        wait_until(lambda: len(children(process) - dead) == 2)
        wait_until(lambda: keeper_alive(parts))
        assert process.poll() is None


def test_what_forks_them_is_replaced(parts: Parts) -> None:
    """When the process is killed that forks them, all are started again, and none is there twice."""
    with served(parts) as (process, _address):
        dead = both_children(process)
        for forking in started_by(process.pid):
            os.kill(forking, signal.SIGKILL)
        wait_until(lambda: len(children(process)) == 2)
        wait_until(lambda: not any(alive(child) for child in dead))
        wait_until(lambda: keeper_alive(parts))


def test_told_to_stop_all_at_once(parts: Parts) -> None:
    """Where every process gets SIGTERM, as from the system that shuts down, each still ends what it has begun."""
    with served(parts) as (process, _address):
        wait_until(lambda: verify(parts).unsealed == 0)
        with parts.database.writing() as session:
            record(session, parts.clock, SYSTEM, AuditAction.PAGE_READ, "item", "x")
        for one in {process.pid, *started_by(process.pid), *both_children(process)}:
            os.kill(one, signal.SIGTERM)
        assert process.wait(_DEADLINE_SECONDS) == 0
    assert verify(parts).unsealed == 0


def test_children_end_with_their_parent(parts: Parts) -> None:
    """When the web process is killed -9, its children end by themselves."""
    with served(parts) as (process, _address):
        left = both_children(process) | started_by(process.pid)
        wait_until(lambda: keeper_alive(parts))
        os.kill(process.pid, signal.SIGKILL)
        wait_until(lambda: not any(alive(child) for child in left))
    wait_until(lambda: not keeper_alive(parts))


def test_a_command_keeps_house_itself(parts: Parts) -> None:
    """Where nobody serves, a command has its own keeper while it works; beside another keeper it does no harm."""
    with background(parts):
        wait_until(lambda: keeper_alive(parts))
        with background(parts):
            assert keeper_alive(parts)
    assert not keeper_alive(parts)
    assert verify(parts).unsealed == 0
