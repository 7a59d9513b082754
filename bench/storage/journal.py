"""The journal: what its triggers cost whoever changes rows, how fast rows reach the store, and are read from there."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from itertools import count
from pathlib import Path

from sqlalchemy import insert, text

from archive.catalogue.events import EventOutcome, EventType, record_event
from archive.catalogue.models import ArchivalCode
from archive.cli.init import initialise
from archive.platform.db import Database, new_id, utc_now
from archive.platform.journal.reader import read_state
from archive.platform.journal.snapshot import take_snapshot
from archive.platform.journal.writer import write_journal_now
from archive.platform.parts import Parts, open_parts
from archive.platform.tables import Fate, tables_of
from archive.settings import Settings
from bench.figures import Figure, medians
from tests.servers.postgres import fresh_database, postgres_server

__all__ = ["figures"]

_ROWS = 50_000
_AT_ONCE = 5000
_TRANSACTIONS = 50
_ROUNDS = 7
_NUMBERS = count(1)


def figures(folder: Path) -> Iterator[Figure]:
    """On both databases, beside the same database without triggers; the store is a folder."""
    yield from _figures(_settings(folder / "1"), _settings(folder / "2"), "SQLite")
    with postgres_server() as server, fresh_database(server) as first, fresh_database(server) as second:
        yield from _figures(_settings(folder / "3", first), _settings(folder / "4", second), "PostgreSQL")


def _settings(folder: Path, database: str = "") -> Settings:
    embedded = Settings.load(folder, environment={})
    return replace(embedded, database=database or embedded.database)


def _figures(settings: Settings, bare: Settings, name: str) -> Iterator[Figure]:
    with open_parts(settings) as parts, open_parts(bare) as without:
        for opened in (parts, without):
            initialise(opened)
        _drop_triggers(without.database)
        contenders = {"with": partial(_file_items, parts), "without": partial(_file_items, without)}
        seconds = medians(contenders, _ROUNDS)
        ours, peer = (f"{1000 * seconds[way] / _TRANSACTIONS:.2f} ms" for way in contenders)
        ratio = seconds["without"] / seconds["with"]
        yield Figure(f"6 journalled rows in a transaction, {name}", ours, f"without triggers: {peer}", ratio, "")
        plain, noted = _rate(without, _insert_codes), _rate(parts, _insert_codes)
        peer = f"without triggers: {plain:.0f} rows/s"
        yield Figure(f"rows inserted at a stroke, {name}", f"{noted:.0f} rows/s", peer, noted / plain, "")
        for what, act in (("journal", write_journal_now), ("snapshot", take_snapshot), ("read", _read)):
            rate = _rate(parts, act)
            peer = f"rows inserted: {noted:.0f} rows/s"
            yield Figure(f"{what}, {name}", f"{rate:.0f} rows/s", peer, rate / noted, "")


def _rate(parts: Parts, act: Callable[[Parts], int]) -> float:
    """Rows a second."""
    start = time.perf_counter()
    return act(parts) / (time.perf_counter() - start)


def _file_items(parts: Parts) -> None:
    """What filing changes of the journalled tables: a code and some events, in a transaction each."""
    for _ in range(_TRANSACTIONS):
        with parts.database.writing() as session:
            item_id = new_id()
            session.add(ArchivalCode(code=f"WS-{next(_NUMBERS):08}", item_id=item_id, given_at=utc_now()))
            for _ in range(5):
                record_event(
                    session, utc_now, EventType.INGESTION, EventOutcome.SUCCESS, item_id=item_id, sha256="0" * 64
                )


def _insert_codes(parts: Parts) -> int:
    with parts.database.writing() as session:
        for _ in range(0, _ROWS, _AT_ONCE):
            rows = [
                {"code": f"WS-{next(_NUMBERS):08}", "item_id": new_id(), "current": True, "given_at": utc_now()}
                for _ in range(_AT_ONCE)
            ]
            session.execute(insert(ArchivalCode), rows)
    return _ROWS


def _read(parts: Parts) -> int:
    with read_state(parts.store, parts.settings.folder) as state:
        return sum(1 for table in tables_of(Fate.JOURNAL) for _ in state.rows(table.name))


def _drop_triggers(database: Database) -> None:
    query = "SELECT name, tbl_name FROM sqlite_master WHERE type = 'trigger'"
    if not database.is_sqlite:
        query = "SELECT tgname, relname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid WHERE NOT tgisinternal"
    with database.writing() as session:
        for name, table in session.execute(text(query)).all():
            if name.startswith("journal_"):
                session.execute(text(f"DROP TRIGGER {name}" + ("" if database.is_sqlite else f' ON "{table}"')))
