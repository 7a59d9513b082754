"""Processes that write one object at once, without any lease: the store alone keeps it whole."""

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import pytest

from storage import open_store
from storage.interface import ObjectStore
from storage.layout import Outcome, Repository
from storage.testing.judge import assert_valid_repository
from tests.crash.storage_racer import RACED, state_of
from tests.servers.s3 import S3Bucket

ROOT = Path(__file__).parents[2]
_ROUNDS = 30


def _racer(store: ObjectStore, who: str, rounds: int) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "tests.crash.storage_racer", store.url, who, str(rounds)]
    return subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def _race(store: ObjectStore, names: tuple[str, ...], rounds: int) -> list[list[int]]:
    """Let racers of these names start at the same moment; the versions that each won."""
    racers = [_racer(store, who, rounds) for who in names]
    try:
        for racer in racers:
            assert racer.stdout is not None
            assert racer.stdout.readline() == "ready\n"
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        won = [json.loads(racer.communicate(timeout=120)[0]) for racer in racers]
    finally:
        for racer in racers:
            racer.kill()
            racer.wait()
    assert [racer.returncode for racer in racers] == [0] * len(racers)
    return won


def _assert_whole(store: ObjectStore, rounds: int, folder: Path) -> None:
    """Every version is one racer's, whole, and nothing of the others is left."""
    repository = Repository(store)
    inventory = repository.inventory(RACED)
    assert inventory.head == rounds
    last = inventory.versions[-1]
    assert {path: repository.read(RACED, path) for path in last.state} == state_of(last.user, rounds)
    assert {check.outcome for check in repository.verify(RACED)} == {Outcome.OK}
    assert [stored.key for stored in store.list("staging/")] == []
    assert_valid_repository(store, folder)


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    """A folder with an initialised repository."""
    store = open_store((tmp_path / "store").as_uri())
    Repository(store).initialise()
    return store


def test_two_processes_with_different_content(store: ObjectStore, tmp_path: Path) -> None:
    """Of two processes that write other bytes each version is won by exactly one, and is wholly his."""
    won = _race(store, ("one", "other"), _ROUNDS)
    assert sorted(won[0] + won[1]) == list(range(1, _ROUNDS + 1))
    for version in Repository(store).inventory(RACED).versions:
        assert version.number in won[("one", "other").index(version.user)]
    _assert_whole(store, _ROUNDS, tmp_path / "judged")


def test_two_processes_with_the_same_content(store: ObjectStore, tmp_path: Path) -> None:
    """Two processes that write the same bytes both succeed, and there is one of each version."""
    won = _race(store, ("same", "same"), _ROUNDS)
    assert sorted(set(won[0] + won[1])) == list(range(1, _ROUNDS + 1))
    _assert_whole(store, _ROUNDS, tmp_path / "judged")


@pytest.mark.servers
def test_two_processes_in_a_bucket(s3_bucket: S3Bucket, tmp_path: Path) -> None:
    """The same in a bucket."""
    store = open_store(s3_bucket.url)
    Repository(store).initialise()
    won = _race(store, ("one", "other"), 6)
    assert sorted(won[0] + won[1]) == list(range(1, 7))
    _assert_whole(store, 6, tmp_path / "judged")


@pytest.mark.parametrize("seed", range(3))
def test_one_of_two_is_killed(store: ObjectStore, tmp_path: Path, seed: int) -> None:
    """When one of two is killed at any moment, the other goes on, and recovery leaves no trace of the dead one."""
    racers = [_racer(store, who, _ROUNDS) for who in ("one", "other")]
    try:
        for racer in racers:
            assert racer.stdin is not None
            racer.stdin.write("go\n")
            racer.stdin.flush()
        while not Repository(store).exists(RACED):
            time.sleep(0.001)
        time.sleep(random.Random(seed).uniform(0.0, 0.2))
        racers[0].kill()
        assert racers[1].wait(timeout=120) == 0
    finally:
        for racer in racers:
            racer.kill()
            racer.communicate()
    Repository(store).recover_all()
    Repository(store).recover(RACED)
    _assert_whole(store, _ROUNDS, tmp_path / "judged")
