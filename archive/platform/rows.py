"""Rows as plain JSON documents and back: one way for the journal, for stored objects, for rebuilding and for backups.

Every column is there under its name. Times are ISO 8601 in UTC with microseconds, enumerations their values.
"""

import enum
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Column, Enum, Table, inspect
from sqlalchemy.types import TypeEngine

from archive.platform.db import Base, UtcDateTime

__all__ = ["RowError", "document_of", "key_column", "row_document", "row_values"]


class RowError(ValueError):
    """A document does not fit the table: it was written by a version this one does not understand."""


def row_document(row: Base) -> dict[str, Any]:
    """All columns of a loaded row."""
    mapper = inspect(type(row))
    return {attribute.columns[0].name: _to_json(getattr(row, attribute.key)) for attribute in mapper.column_attrs}


def document_of(table: Table, values: Mapping[str, Any]) -> dict[str, Any]:
    """The document of a row that was selected from the table itself (`session.execute(select(table)).mappings()`)."""
    return {column.name: _to_json(values[column.name]) for column in table.columns}


def row_values(table: Table, document: Mapping[str, Any]) -> dict[str, Any]:
    """What to insert for a document. Columns added since it was written take their default, those gone are left out.

    Raises RowError when a value does not fit its column, or is missing where the table needs one.
    """
    return {column.name: _value(table, column, document) for column in table.columns}


def key_column(table: Table) -> Column[Any]:
    """The one column of the primary key."""
    (column,) = table.primary_key.columns
    return column


def _to_json(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="microseconds")
    return value.value if isinstance(value, enum.Enum) else value


def _value(table: Table, column: Column[Any], document: Mapping[str, Any]) -> Any:
    if column.name not in document:
        return _default(table, column)
    given = document[column.name]
    try:
        return _of_json(column.type, given)
    except (TypeError, ValueError, KeyError) as error:
        raise RowError(f"{table.name}.{column.name} cannot be {given!r}") from error


def _default(table: Table, column: Column[Any]) -> Any:
    default = column.default
    if default is not None and default.is_scalar:
        return default.arg  # type: ignore[attr-defined]
    if column.nullable:
        return None
    raise RowError(f"{table.name}.{column.name} is missing")


def _of_json(kind: TypeEngine[Any], value: Any) -> Any:
    if value is None:
        return None
    if isinstance(kind, UtcDateTime):
        return datetime.fromisoformat(value)
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class(value)
    return value
