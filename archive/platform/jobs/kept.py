"""One costly thing that a worker keeps from one job to the next like it, such as a file, fetched and opened."""

import threading
from collections.abc import Callable, Hashable
from contextlib import AbstractContextManager, ExitStack
from typing import TypeVar, cast

__all__ = ["keep", "let_go"]

Thing = TypeVar("Thing")


class _Slot(threading.local):
    """What this thread keeps, under which key."""

    def __init__(self) -> None:
        self.key: Hashable = None
        self.thing: object = None
        self.closing = ExitStack()


_SLOT = _Slot()


def keep(key: Hashable, make: Callable[[], AbstractContextManager[Thing]]) -> Thing:
    """The thing of this key: the one that is kept, else a new one, for which any other is let go."""
    if _SLOT.key != key:
        let_go()
        _SLOT.thing = _SLOT.closing.enter_context(make())
        _SLOT.key = key
    return cast("Thing", _SLOT.thing)


def let_go() -> None:
    """Close what is kept. A worker does it when it fails, when other work comes, and when there is none."""
    _SLOT.key = _SLOT.thing = None
    _SLOT.closing.close()
