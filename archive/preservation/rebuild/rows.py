"""Puts rows into empty tables, many at a time. One that does not fit costs itself only: the others go in."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeVar

from sqlalchemy import Connection, Table, func, insert, select
from sqlalchemy.exc import DataError, IntegrityError

from archive.platform.db import Base
from archive.platform.rows import RowError, key_column, row_values
from archive.preservation.rebuild.report import Matter, Report

__all__ = ["Group", "Rows", "batches", "name_of"]

#: Rows of several tables that go in together or not at all: a table's name with its rows, parents first.
Group = Mapping[str, Sequence[Mapping[str, Any]]]

Thing = TypeVar("Thing")

_BATCH = 1000
#: What people call a row by, the best first.
_NAMES = ("code", "number", "login", "accession", "name", "title", "prefix")


class Rows:
    """Inserts into one connection's transaction; what cannot go in becomes a finding of the report."""

    def __init__(self, connection: Connection, report: Report) -> None:
        self._connection = connection
        self._report = report

    def load(self, table: Table, documents: Iterable[Mapping[str, Any]]) -> None:
        """Insert documents as archive.platform.rows writes them; those that do not fit become findings."""
        if _own_references(table):
            documents = _parents_first(table, list(documents))
        for batch in batches(documents, _BATCH):
            groups = [{table.name: [row]} for row in self._values(table, batch)]
            for group, why in self.insert(groups):
                self.refuse(table, group[table.name][0], why)

    def insert(self, groups: Sequence[Group]) -> list[tuple[Group, str]]:
        """Insert groups of rows; returns those that do not fit, found by halving, each with the reason."""
        if not groups:
            return []
        try:
            with self._connection.begin_nested():
                for name, rows in _merged(groups).items():
                    self._connection.execute(insert(Base.metadata.tables[name]), rows)
        except (IntegrityError, DataError) as error:
            if len(groups) == 1:
                return [(groups[0], self._why(groups[0], error))]
            half = len(groups) // 2
            return self.insert(groups[:half]) + self.insert(groups[half:])
        return []

    def refuse(self, table: Table, row: Mapping[str, Any], why: str) -> None:
        """Note that a row could not be entered."""
        self._report.add(Matter.ROW, str(row.get(key_column(table).name)), f"{table.name} {name_of(row)}: {why}")

    def count(self, table: Table) -> int:
        """How many rows a table has now."""
        return self._connection.scalar(select(func.count()).select_from(table)) or 0

    def _values(self, table: Table, documents: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
        for document in documents:
            try:
                yield row_values(table, document)
            except RowError as error:
                self.refuse(table, document, str(error))

    def _why(self, group: Group, error: IntegrityError | DataError) -> str:
        """The first thing that the first row refers to in vain, else what the database says."""
        (name, rows), *_ = group.items()
        for reference in sorted(Base.metadata.tables[name].foreign_keys, key=lambda key: key.parent.name):
            wanted, column = rows[0][reference.parent.name], reference.column
            if wanted is not None and not self._connection.scalar(select(1).where(column == wanted)):
                return f"it refers to {column.table.name} {wanted}, which is not there"
        return str(error.orig).splitlines()[0]


def batches(things: Iterable[Thing], size: int) -> Iterator[list[Thing]]:
    """The same in lists of at most `size`."""
    rest = iter(things)
    while batch := list(islice(rest, size)):
        yield batch


def name_of(row: Mapping[str, Any]) -> str:
    """How a person calls a row: its code, number or name, else its first value."""
    return str(next((row[name] for name in _NAMES if row.get(name)), next(iter(row.values()), "")))


def _merged(groups: Sequence[Group]) -> dict[str, list[Mapping[str, Any]]]:
    """All rows by table, the tables in the order in which the groups name them."""
    merged: dict[str, list[Mapping[str, Any]]] = {}
    for group in groups:
        for name, rows in group.items():
            merged.setdefault(name, []).extend(rows)
    return {name: rows for name, rows in merged.items() if rows}


def _own_references(table: Table) -> list[str]:
    """Columns that refer to rows of the same table, as a unit to the one above it."""
    return [key.parent.name for key in table.foreign_keys if key.column.table is table]


def _parents_first(table: Table, documents: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Each row after those of the same table that it refers to; what refers to nothing that is there comes last."""
    key, columns = key_column(table).name, _own_references(table)
    ordered: list[Mapping[str, Any]] = []
    there: set[Any] = {None}
    while ready := [row for row in documents if all(row.get(column) in there for column in columns)]:
        ordered += ready
        there |= {row[key] for row in ready}
        documents = [row for row in documents if row[key] not in there]
    return ordered + documents
