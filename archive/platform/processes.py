"""Names processes so that others can tell whether one is gone: what a dead one held can be taken over at once."""

import os
import socket
from functools import cache
from pathlib import Path

__all__ = ["host_of", "is_gone", "process_name"]


def process_name() -> str:
    """This process, as `machine:pid:start time`; no other process, then or later, has the same."""
    pid = os.getpid()
    return f"{_machine()}:{pid}:{_start_time(pid)}"


def host_of(name: str) -> str:
    """The host on which that process ran; the same after it was started anew."""
    return name.partition("/")[0]


def is_gone(name: str) -> bool:
    """True if that process ran on this machine and is dead. Of other machines nothing is known: False."""
    machine, _, rest = name.rpartition(":")[0].rpartition(":")
    start = name.rpartition(":")[2]
    return machine == _machine() and rest.isdigit() and _start_time(int(rest)) != start


@cache
def _machine() -> str:
    # Containers may share a host name and a kernel, yet not see each other's processes: the name tells them apart.
    boot = Path("/proc/sys/kernel/random/boot_id").read_text().strip()[:8]
    space = Path("/proc/self/ns/pid").stat().st_ino
    return f"{socket.gethostname()[:100]}/{boot}/{space}"


def _start_time(pid: int) -> str:
    """Ticks from the machine's start to the process's; empty if there is none, or it is dead and not yet collected."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return ""
    # The program's name stands in brackets and may hold anything: count from the last bracket.
    fields = status.rpartition(")")[2].split()
    return "" if fields[0] in {"Z", "X"} else fields[19]
