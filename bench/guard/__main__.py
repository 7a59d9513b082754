"""Measures what the guard costs a tile request: the same requests with it and without it, in turns, in one process.

python -m bench.guard        SQLite; PostgreSQL too where its server is installed
"""

import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch

from webtest import TestApp

from archive.app import make_app
from archive.platform.db import new_id
from archive.platform.grants import Grant, GrantKind
from archive.platform.guard import Act, Decision, Guard, Reason
from archive.platform.seats import requests as seat_requests
from archive.platform.seats.models import Seat
from archive.settings import Settings
from bench.databases import print_on_both
from bench.figures import Figure
from tests.factories.browsing import sign_in
from tests.factories.organisation import SEAT
from tests.factories.small_archive import SmallArchive, small_archive

_ROUNDS = 300
_TILE = "0,0,512,512/512,/0/default.jpg"
_GOAL_MS = 1.0
#: an archive in use: grants that are over, of everybody, and the seats of a reading room
_OLD_GRANTS = 20_000
_SEATS = 40


def main() -> None:
    """Print one table."""
    print_on_both(_figures)


def _figures(name: str, folder: Path, settings: Settings) -> Iterator[Figure]:
    with small_archive(folder, settings) as small:
        _use(small)
        reader = TestApp(make_app(small.parts), extra_environ={"REMOTE_ADDR": SEAT})
        sign_in(reader, "engineer")
        tile = f"/iiif/{small.items['accounts']}/1/{_TILE}"
        with_it, without, inside = _measured(lambda: reader.get(tile, status=200))
        yield Figure(
            f"tile request, {name}",
            f"{with_it:.2f} ms",
            f"without the guard: {without:.2f} ms",
            without / with_it,
            "",
        )
        yield Figure(f"inside guard and seat, {name}", f"{inside:.2f} ms", "", None, f"<= {_GOAL_MS:.0f} ms")


def _use(small: SmallArchive) -> None:
    """Fill the tables that the guard looks into."""
    small.grant("engineer", "accounts", hours=24 * 30)
    people, items, now = list(small.people.values()), list(small.items.values()), small.clock()
    with small.parts.database.writing() as session:
        session.add_all(
            Grant(
                number=f"B{number}",
                kind=GrantKind.APPROVED,
                person_id=people[number % len(people)],
                item_id=items[number % 3] if number % 50 == 0 else new_id(),
                purpose="",
                starts_at=now - timedelta(days=40),
                ends_at=now - timedelta(days=9),
                created_at=now,
            )
            for number in range(_OLD_GRANTS)
        )
        session.add_all(
            Seat(name=f"{number} 号机", address=f"10.1.2.{number}", created_at=now) for number in range(1, _SEATS)
        )


def _measured(ask: Callable[[], Any]) -> tuple[float, float, float]:
    """Milliseconds of processor time a request, with the guard and without, and spent inside it; medians."""
    spent: list[float] = []
    with_it: list[float] = []
    without: list[float] = []
    inside: list[float] = []
    for _ in range(10):
        ask()
    for _ in range(_ROUNDS):
        with _no_guard():
            without.append(_timed(ask))
        with_it.append(_timed(ask))
        spent.clear()
        with _counted(spent):
            ask()
        inside.append(sum(spent))
    return statistics.median(with_it) * 1e3, statistics.median(without) * 1e3, statistics.median(inside) * 1e3


def _timed(ask: Callable[[], Any]) -> float:
    start = time.thread_time()
    ask()
    return time.thread_time() - start


@contextmanager
def _no_guard() -> Iterator[None]:
    """Everything is allowed unasked."""
    grant = Grant(id="g", number="2021-0012-01")
    yes = Decision(True, Reason.GRANT, grant)
    every = dict.fromkeys(Act, yes) | {Act.DOWNLOAD: Decision(False, Reason.NOT_APPROVED)}
    with patch.object(Guard, "page", lambda *_a: every), patch.object(seat_requests, "seat_at", lambda *_a: "s"):
        yield


@contextmanager
def _counted(spent: list[float]) -> Iterator[None]:
    """Processor time inside the guard and the search for the seat."""
    with ExitStack() as stack:
        for owner, name in ((Guard, "page"), (seat_requests, "seat_at")):
            stack.enter_context(patch.object(owner, name, _counting(getattr(owner, name), spent)))
        yield


def _counting(function: Callable[..., Any], spent: list[float]) -> Callable[..., Any]:
    def counted(*arguments: Any, **named: Any) -> Any:
        start = time.thread_time()
        try:
            return function(*arguments, **named)
        finally:
            spent.append(time.thread_time() - start)

    return counted


if __name__ == "__main__":
    main()
