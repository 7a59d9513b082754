"""Several transfers at once: on a disk their waits for durability overlap, over a network their round trips."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

__all__ = ["in_parallel"]

Thing = TypeVar("Thing")
Result = TypeVar("Result")

_TRANSFERS = 4


def in_parallel(act: Callable[[Thing], Result], things: Sequence[Thing]) -> Iterator[Result]:
    """What `act` makes of each thing, in their order; a few at a time.

    The first error is raised; what had begun by then is finished first, what had not is left.
    """
    if len(things) < 2:
        yield from map(act, things)
        return
    with ThreadPoolExecutor(min(_TRANSFERS, len(things))) as threads:
        yield from threads.map(act, things)
