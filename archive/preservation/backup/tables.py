"""All rows of a database as files, one a table, and back into another database, of the same kind or not."""

import gzip
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, select

from archive.platform.db import Base, Database
from archive.platform.rows import document_of

__all__ = ["LEFT_OUT", "dump_tables", "read_rows"]

#: Rows that mean something only where they were written: signed-in browsers, leases, what is known of the stores and of
#: the index, and how far the journal is. A restored archive finds them anew, and writes its journal from the beginning.
LEFT_OUT = frozenset(
    {
        "web_session",
        "item_lease",
        "index_outbox",
        "copy_outbox",
        "object_copy",
        "journal_outbox",
        "journal_segment",
    }
)

_BATCH = 500


def dump_tables(database: Database, folder: Path) -> dict[str, int]:
    """Write every table as it is at one moment; returns the numbers of rows. The archive may go on working."""
    folder.mkdir(parents=True, exist_ok=True)
    # SQLite gives a reader one state for the whole transaction by itself.
    options = {} if database.is_sqlite else {"isolation_level": "REPEATABLE READ"}
    with database.engine.connect().execution_options(**options) as connection:
        tables = [table for table in Base.metadata.sorted_tables if table.name not in LEFT_OUT]
        return {table.name: _dump(connection, table, folder) for table in tables}


def read_rows(folder: Path, table: str) -> Iterator[Mapping[str, Any]]:
    """The documents of a table's rows; none where the backup does not know the table."""
    path = _file(folder, table)
    if path.is_file():
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def _file(folder: Path, table: str) -> Path:
    return folder / f"{table}.jsonl.gz"


def _dump(connection: Connection, table: Table, folder: Path) -> int:
    rows = 0
    wanted = select(table).order_by(*table.primary_key.columns)
    with gzip.open(_file(folder, table.name), "wt", encoding="utf-8", compresslevel=5) as lines:
        for row in connection.execute(wanted, execution_options={"yield_per": _BATCH}).mappings():
            lines.write(json.dumps(document_of(table, dict(row)), ensure_ascii=False) + "\n")
            rows += 1
    return rows
