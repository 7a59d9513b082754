"""A row of any table, with the rows it refers to: for what must be true of every table, and of those to come."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import count
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Connection, Enum, Float, Integer, Table, insert

from archive.platform.db import UtcDateTime, new_id

__all__ = ["insert_row", "row_values_for"]

_NUMBERS = count(1)
_AT = datetime(2021, 3, 5, 2, 0, 0, 123456, tzinfo=UTC)

#: columns that may be empty, and which a check of their table wants filled, or empty
_FILLED = {("standing_authorisation", "person_id"), ("paper_reading", "line_id")}
_EMPTY = {("issued_copy", "number")}


def insert_row(connection: Connection, table: Table) -> Mapping[str, Any]:
    """Insert a row by a core statement; returns its values by column."""
    values = row_values_for(connection, table)
    connection.execute(insert(table).values(values))
    return values


def row_values_for(connection: Connection, table: Table) -> dict[str, Any]:
    """The values of a row that could be inserted; the rows it refers to are there."""
    return {column.name: _value(connection, table, column) for column in table.columns}


def _value(connection: Connection, table: Table, column: Column[Any]) -> Any:
    if (table.name, column.name) in _EMPTY:
        return None
    wanted = not column.nullable or (table.name, column.name) in _FILLED
    for key in column.foreign_keys:
        if not wanted or key.column.table is table:
            return None
        return insert_row(connection, key.column.table)[key.column.name]
    return _plain(column)


def _plain(column: Column[Any]) -> Any:
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return _AT
    if isinstance(kind, Enum):
        return next(iter(kind.enum_class or kind.enums))
    if isinstance(kind, JSON):
        return {"档": [1, 2.5, None, True]}
    if isinstance(kind, Boolean):
        return True
    if isinstance(kind, Integer | Float):
        return next(_NUMBERS)
    # As long as an identifier at most, and never twice the same.
    return new_id()[-(getattr(kind, "length", None) or 36) :]
