"""Locks by name and leases on items; on both databases."""

import subprocess
import sys
import time
from datetime import timedelta

import pytest

from archive.platform import leases
from archive.platform.leases import ItemLease, LeaseHeldError, LeaseLostError, item_lease
from archive.platform.locks import LockHeldError, exclusive, is_held
from archive.platform.parts import Parts
from archive.platform.processes import is_gone, process_name
from tests.factories.clock import SetClock

ITEM = "01890000-0000-7000-8000-000000000001"


def test_one_holder_at_a_time(parts: Parts) -> None:
    """While one holds a lock nobody else gets it; afterwards anybody does."""
    place = (parts.database, parts.settings.folder, "test")
    with exclusive(*place) as lock:
        lock.check()
        assert is_held(*place)
        with pytest.raises(LockHeldError), exclusive(*place, wait=0.15):
            pytest.fail("two hold one lock")
        with exclusive(parts.database, parts.settings.folder, "other"):
            assert not is_held(parts.database, parts.settings.folder, "third")
    assert not is_held(*place)


def test_lease_keeps_others_off(parts: Parts) -> None:
    """An item has one writer; when he is done the next may write."""
    with item_lease(parts.database, parts.clock, ITEM) as lease:
        lease.renew()
        with pytest.raises(LeaseHeldError), item_lease(parts.database, parts.clock, ITEM):
            pytest.fail("two hold one lease")
    with item_lease(parts.database, parts.clock, ITEM) as lease, parts.database.writing() as session:
        lease.check(session)


def test_late_writer_is_fenced(parts: Parts, clock: SetClock) -> None:
    """A writer whose lease ran out and went to somebody else cannot commit any more, nor end the other's lease."""
    with item_lease(parts.database, parts.clock, ITEM) as late:
        clock.pass_time(timedelta(minutes=6))
        with item_lease(parts.database, parts.clock, ITEM) as present:
            with pytest.raises(LeaseLostError):
                late.renew()
            late.release()
            present.renew()


def test_a_living_writer_keeps_his_lease(parts: Parts, clock: SetClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """However long an object takes to write, nobody else gets the item meanwhile."""
    monkeypatch.setattr(leases, "BEAT_SECONDS", 0.01)
    with item_lease(parts.database, parts.clock, ITEM):
        for _ in range(3):
            clock.pass_time(timedelta(minutes=4))
            _wait_until_renewed(parts, clock)
            with pytest.raises(LeaseHeldError), item_lease(parts.database, parts.clock, ITEM):
                pytest.fail("two hold one lease")


def _wait_until_renewed(parts: Parts, clock: SetClock) -> None:
    for _ in range(1000):
        with parts.database.reading() as session:
            if session.get_one(ItemLease, ITEM).until == clock() + leases.LEASE:
                return
        time.sleep(0.01)
    pytest.fail("the lease was not renewed")


def test_lease_of_dead_process_is_taken_over(parts: Parts) -> None:
    """The lease of a process of this machine that died holds nobody up."""
    dead = process_name().rpartition(":")[0] + ":0"
    with parts.database.writing() as session:
        until = parts.clock() + timedelta(minutes=5)
        session.add(ItemLease(item_id=ITEM, owner=f"x@{dead}", until=until))
    with item_lease(parts.database, parts.clock, ITEM) as lease:
        lease.renew()


def test_processes_are_told_apart() -> None:
    """A running process is not gone, an ended one is, and of another machine nothing is claimed."""
    command = "from archive.platform.processes import process_name; print(process_name())"
    ended = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True).stdout.strip()
    assert is_gone(ended)
    assert not is_gone(process_name())
    assert not is_gone("elsewhere/0/0:1:1")
