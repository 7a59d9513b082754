"""Triggers that note every change of a journalled table, whoever makes it and however: no code can forget to.

They are made by `install`, after the migrations, for whatever tables `archive.platform.tables` declares.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import Connection, inspect, text

from archive.platform.journal.moment import NOW
from archive.platform.tables import FATES, Fate

__all__ = ["install", "missing"]

_PREFIX = "journal_"


@dataclass(frozen=True, slots=True)
class _Table:
    """A journalled table, and in SQL: its name, its key column, the time."""

    name: str
    quoted: str
    key: str
    now: str


@dataclass(frozen=True, slots=True)
class _Trigger:
    """How a trigger is made; `definition` is what the database says of it when it is as it should be."""

    table: _Table
    make: tuple[str, ...]
    definition: str


def install(connection: Connection) -> None:
    """Make what is missing, in the caller's transaction, and take away what is not wanted any more.

    A table whose trigger was missing may have changed unseen: all its rows are journalled.
    """
    wanted, present = _wanted(connection), _present(connection)
    lacking = _lacking(wanted, present)
    for name, (place, _) in present.items():
        if name not in wanted or name in lacking:
            _drop(connection, name, place)
    for name in lacking:
        for statement in wanted[name].make:
            connection.exec_driver_sql(statement)
    for table in {wanted[name].table for name in lacking}:
        connection.exec_driver_sql(_note_all(table))


def missing(connection: Connection) -> list[str]:
    """The journalled tables whose changes are not noted now; none, unless somebody took triggers away."""
    wanted = _wanted(connection)
    return sorted({wanted[name].table.name for name in _lacking(wanted, _present(connection))})


def _wanted(connection: Connection) -> dict[str, _Trigger]:
    make = _sqlite_triggers if connection.dialect.name == "sqlite" else _postgresql_triggers
    return {name: trigger for table in _tables(connection) for name, trigger in make(table)}


def _tables(connection: Connection) -> Iterable[_Table]:
    """Asked of the database, so that no model needs to be loaded."""
    inspector, quote = inspect(connection), connection.dialect.identifier_preparer.quote
    for name in [name for name, fate in FATES.items() if fate is Fate.JOURNAL]:
        (key,) = inspector.get_pk_constraint(name)["constrained_columns"]
        yield _Table(name, quote(name), quote(key), NOW[connection.dialect.name])


def _present(connection: Connection) -> dict[str, tuple[str, str]]:
    """The triggers that are there, with table and definition."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
    else:
        # One that is disabled is as good as none.
        query = (
            "SELECT t.tgname, c.relname, CASE WHEN t.tgenabled IN ('O', 'A') THEN p.prosrc ELSE '' END "
            "FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid "
            "JOIN pg_namespace n ON n.oid = c.relnamespace "
            "WHERE NOT t.tgisinternal AND n.nspname = current_schema()"
        )
    rows = connection.execute(text(query))
    return {name: (table, sql) for name, table, sql in rows if name.startswith(_PREFIX)}


def _lacking(wanted: Mapping[str, _Trigger], present: Mapping[str, tuple[str, str]]) -> list[str]:
    return [name for name, trigger in wanted.items() if name not in present or present[name][1] != trigger.definition]


def _drop(connection: Connection, name: str, table: str) -> None:
    quoted = connection.dialect.identifier_preparer.quote(table)
    connection.exec_driver_sql(
        f"DROP TRIGGER {name}" if connection.dialect.name == "sqlite" else f"DROP TRIGGER {name} ON {quoted}"
    )


# --- what they do: nothing in these statements comes from outside ---


def _note(table: _Table, key: str) -> str:
    columns = "(table_name, row_key, created_at)"
    return f"INSERT INTO journal_outbox {columns} VALUES ('{table.name}', {key}, {table.now})"  # noqa: S608


def _note_all(table: _Table) -> str:
    rows = f"SELECT '{table.name}', {table.key}, {table.now} FROM {table.quoted}"  # noqa: S608
    return f"INSERT INTO journal_outbox (table_name, row_key, created_at) {rows}"


def _sqlite_triggers(table: _Table) -> Iterable[tuple[str, _Trigger]]:
    new, old = f"NEW.{table.key}", f"OLD.{table.key}"
    cases = {
        "insert": ("INSERT", "", new),
        "update": ("UPDATE", "", new),
        "rekey": (f"UPDATE OF {table.key}", f" WHEN {new} IS NOT {old}", old),
        "delete": ("DELETE", "", old),
    }
    for case, (act, when, key) in cases.items():
        name = f"{_PREFIX}{table.name}_{case}"
        statement = f"CREATE TRIGGER {name} AFTER {act} ON {table.quoted}{when} BEGIN {_note(table, key)}; END"
        yield name, _Trigger(table, (statement,), statement)


def _postgresql_triggers(table: _Table) -> Iterable[tuple[str, _Trigger]]:
    new, old = f"NEW.{table.key}", f"OLD.{table.key}"
    body = f"""
BEGIN
    IF TG_OP = 'TRUNCATE' THEN
        {_note_all(table)};
    ELSIF TG_OP = 'DELETE' THEN
        {_note(table, old)};
    ELSE
        {_note(table, new)};
        IF TG_OP = 'UPDATE' THEN
            IF {new} IS DISTINCT FROM {old} THEN
                {_note(table, old)};
            END IF;
        END IF;
    END IF;
    RETURN NULL;
END
"""
    function = f"{_PREFIX}{table.name}()"
    make = f"CREATE OR REPLACE FUNCTION {function} RETURNS trigger LANGUAGE plpgsql AS $${body}$$"
    cases = {
        "row": "AFTER INSERT OR UPDATE OR DELETE ON {} FOR EACH ROW",
        # Before: afterwards no row is left to be noted.
        "all": "BEFORE TRUNCATE ON {} FOR EACH STATEMENT",
    }
    for case, when in cases.items():
        name = f"{_PREFIX}{table.name}_{case}"
        trigger = f"CREATE TRIGGER {name} {when.format(table.quoted)} EXECUTE FUNCTION {function}"
        yield name, _Trigger(table, (make, trigger), body)
