"""What something takes: time on the clock, time of processors, memory; compared in turns."""

import ctypes
import os
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Cost", "in_turns", "run"]

#: no program that is measured here may take longer
_LIMIT_SECONDS = 400
#: of Linux: orphans below a process become its children
_PR_SET_CHILD_SUBREAPER = 36


@dataclass(frozen=True, slots=True)
class Cost:
    """Seconds on the clock, seconds of all processors together, and MiB of the largest process."""

    wall: float
    cpu: float
    peak: float = 0.0


def run(command: Sequence[str | Path], *, environment: Mapping[str, str] | None = None, log: Path) -> Cost:
    """The cost of a program and of all that it starts; its output goes to `log`. Raises RuntimeError if it fails."""
    start = time.perf_counter()
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench.ingest.costs", *command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
        )
        timer = threading.Timer(_LIMIT_SECONDS, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        tail = log.read_text(errors="replace")[-500:]
        raise RuntimeError(f"{command[0]} ended with {process.returncode}: {tail}")
    return Cost(time.perf_counter() - start, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024)


def in_turns(contenders: Mapping[str, Callable[[], Cost]], rounds: int) -> dict[str, Cost]:
    """What each costs, the median of several rounds; they alternate, and each round begins with another one."""
    costs: dict[str, list[Cost]] = {name: [] for name in contenders}
    names = list(contenders)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            costs[name].append(contenders[name]())
    return {name: _median(taken) for name, taken in costs.items()}


def _median(costs: Sequence[Cost]) -> Cost:
    return Cost(
        statistics.median(cost.wall for cost in costs),
        statistics.median(cost.cpu for cost in costs),
        max(cost.peak for cost in costs),
    )


def _collect(command: Sequence[str]) -> int:
    """Run a program and wait for all that it started, also what nobody waits for: else the system counts it to none."""
    ctypes.CDLL(None, use_errno=True).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    code = subprocess.call(command)
    while True:
        try:
            os.wait()
        except ChildProcessError:
            return code


if __name__ == "__main__":
    sys.exit(_collect(sys.argv[1:]))
