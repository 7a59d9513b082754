"""Rows as plain JSON documents and back: one way for the journal, for stored objects, for rebuilding and for backups.

Every column is there under its name. Times are ISO 8601 in UTC with microseconds, enumerations their values.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import JSON, Boolean, Column, Enum, Float, Integer, RowMapping, String, Table, inspect

from archive.platform.db import Base, UtcDateTime

__all__ = ["RowError", "document_of", "key_column", "row_document", "row_values"]

_Convert = Callable[[Any], Any]


class RowError(ValueError):
    """A document does not fit the table: it was written by a version this one does not understand."""


def row_document(row: Base) -> dict[str, Any]:
    """All columns of a loaded row."""
    return {name: to_json(getattr(row, attribute)) for name, attribute, to_json in _attributes(type(row))}


def document_of(table: Table, values: Mapping[str, Any] | RowMapping) -> dict[str, Any]:
    """The document of a row that was selected from the table itself (`session.execute(select(table)).mappings()`)."""
    return {name: to_json(values[name]) for name, to_json in _written(table)}


def row_values(table: Table, document: Mapping[str, Any]) -> dict[str, Any]:
    """What to insert for a document. Columns added since it was written take their default, those gone are left out.

    Raises RowError when a value does not fit its column, or is missing where the table needs one.
    """
    return {
        column.name: _value(column, of_json, document[column.name]) if column.name in document else _default(column)
        for column, of_json in _read(table)
    }


def key_column(table: Table) -> Column[Any]:
    """The one column of the primary key."""
    (column,) = table.primary_key.columns
    return column


# --- what is known of a table is looked up once: there are millions of rows ---


@cache
def _attributes(kind: type[Base]) -> tuple[tuple[str, str, _Convert], ...]:
    attributes = inspect(kind).column_attrs
    return tuple((a.columns[0].name, a.key, _to_json(a.columns[0])) for a in attributes)


@cache
def _written(table: Table) -> tuple[tuple[str, _Convert], ...]:
    return tuple((column.name, _to_json(column)) for column in table.columns)


@cache
def _read(table: Table) -> tuple[tuple[Column[Any], _Convert], ...]:
    return tuple((column, _of_json(column)) for column in table.columns)


# --- one column ---


def _to_json(column: Any) -> _Convert:
    if isinstance(column.type, UtcDateTime):
        return _time_to_json
    if isinstance(column.type, Enum):
        return _enum_to_json
    return _as_it_is


def _of_json(column: Column[Any]) -> _Convert:
    kind = column.type
    if isinstance(kind, UtcDateTime):
        return _time_of_json
    if isinstance(kind, Enum) and kind.enum_class is not None:
        return kind.enum_class
    if isinstance(kind, JSON):
        return _as_it_is
    for sort, python in ((String, str), (Boolean, bool), (Integer, int), (Float, float)):
        if isinstance(kind, sort):
            return _only(python)
    raise NotImplementedError(f"{column} is of a type that no row has had yet: {kind!r}")


def _as_it_is(value: Any) -> Any:
    return value


def _time_to_json(value: datetime | None) -> str | None:
    return None if value is None else value.astimezone(UTC).isoformat(timespec="microseconds")


def _time_of_json(value: str) -> datetime:
    at = datetime.fromisoformat(value)
    if at.tzinfo is None:
        raise ValueError("a time without a zone")
    return at


def _enum_to_json(value: Any) -> Any:
    return getattr(value, "value", value)


def _only(python: type) -> _Convert:
    def given(value: Any) -> Any:
        if type(value) is not python:
            raise TypeError(f"not {python.__name__}")
        return value

    return given


def _value(column: Column[Any], of_json: _Convert, given: Any) -> Any:
    if given is None and column.nullable:
        return None
    try:
        return of_json(given)
    except (TypeError, ValueError) as error:
        raise RowError(f"{column} cannot be {given!r}") from error


def _default(column: Column[Any]) -> Any:
    default: Any = column.default
    if default is not None and default.is_scalar:
        return default.arg
    if default is not None and default.is_callable and not column.primary_key:
        return default.arg(None)
    if column.nullable:
        return None
    raise RowError(f"{column} is missing")
