"""One measured figure, and how measurements that are compared are taken: in turns, on the same machine."""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Figure", "medians"]


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: our value, the peer's, ours divided by the peer's (above 1 is better), and the goal."""

    what: str
    ours: str
    peer: str
    ratio: float | None
    goal: str


def medians(contenders: Mapping[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Seconds that each takes, the median of several rounds; in turns, and each begins with nothing left to write."""
    taken: dict[str, list[float]] = {name: [] for name in contenders}
    names = list(contenders)
    for turn in range(rounds):
        first = turn % len(names)
        for name in names[first:] + names[:first]:
            os.sync()
            start = time.perf_counter()
            contenders[name]()
            taken[name].append(time.perf_counter() - start)
    return {name: statistics.median(seconds) for name, seconds in taken.items()}
