"""Measured figures as lines of a table, and how those that are compared are taken: in turns, on the same machine."""

import os
import statistics
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

__all__ = ["Figure", "medians", "print_figure", "print_head"]

#: of the columns, in characters, but the last
_WIDTHS = (44, 26, 38, 6)


@dataclass(frozen=True, slots=True)
class Figure:
    """What was measured: our value, the peer's, ours divided by the peer's (above 1 is better), and the goal."""

    what: str
    ours: str
    peer: str
    ratio: float | None
    goal: str


def print_head() -> None:
    """The machine, and the names of the columns."""
    print(f"{os.cpu_count()} cores")
    _print_row("what", "ours", "peer", "ratio", "goal")


def print_figure(figure: Figure) -> None:
    """One line of the table."""
    ratio = "" if figure.ratio is None else f"{figure.ratio:.2f}"
    _print_row(figure.what, figure.ours, figure.peer, ratio, figure.goal)


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


def _print_row(*cells: str) -> None:
    *fixed, last = cells
    print("  ".join(cell.ljust(width) for cell, width in zip(fixed, _WIDTHS, strict=True)), last, flush=True)
