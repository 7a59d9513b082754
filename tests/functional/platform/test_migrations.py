"""Migrations: from an empty database to the tables of the models, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Column, Connection, MetaData, Table, select, text
from sqlalchemy.exc import DBAPIError

from archive.migrations import configuration, is_current, upgrade
from archive.migrations.types import type_differs
from archive.platform.accounts.models import Clearance, Person, Role
from archive.platform.approval.models import ActKind, ApprovalCase, StepState
from archive.platform.db import Base, Database, new_id
from archive.platform.grants import Act, Grant, Place
from tools.new_migration import import_all_models


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database without tables, of each kind."""
    sqlite = request.param == "sqlite"
    database = Database(f"sqlite:///{tmp_path / 'a.db'}" if sqlite else request.getfixturevalue("postgres_database"))
    yield database
    database.dispose()


def test_models_and_migrations_agree(empty: Database) -> None:
    """What the migrations make is what the models say.

    This fails when a model was changed without a migration: draft one with `python -m tools.new_migration NAME`.
    """
    upgrade(empty)
    import_all_models()
    with empty.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": type_differs})
        assert compare_metadata(context, Base.metadata) == []


def test_two_at_once_and_again(empty: Database) -> None:
    """Two processes that migrate at the same moment do not harm each other, and a third finds nothing to do."""
    assert not is_current(empty)
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(upgrade, [empty, empty]))
    upgrade(empty)
    assert is_current(empty)


@pytest.mark.parametrize("act", ["UPDATE audit_segment SET last = 2", "DELETE FROM audit_segment"])
def test_trail_refuses_changes(empty: Database, act: str) -> None:
    """Rows of the audit trail can be added, and neither changed nor deleted."""
    upgrade(empty)
    row = "INSERT INTO audit_segment VALUES (1, 1, 'd', 'k', 's', CURRENT_TIMESTAMP)"
    with empty.engine.begin() as connection:
        connection.execute(text(row))
    with pytest.raises(DBAPIError, match="append-only"), empty.engine.begin() as connection:
        connection.execute(text(act))


def test_posts_that_stood_as_text_are_held_since_the_account_was_made(empty: Database) -> None:
    """An archive of an earlier version keeps who holds which post; two people in one post share it."""
    with empty.engine.execution_options(danggui_writes=True).begin() as connection:
        command.upgrade(configuration(connection), "20261121_digitization")
        connection.execute(text("INSERT INTO unit (id, code, name) VALUES ('u', 'BGS', '办公室')"))
        for login, post in (("a", "会计"), ("b", "会计"), ("c", "")):
            person = f"'{login}', '{login}', '{login}', '{post}', 'u', 'zh_Hans', :yes, '2021-03-05 06:00:00+00:00'"
            columns = "id, login, name, post, unit_id, language, active, created_at"
            connection.execute(text(f"INSERT INTO person ({columns}) VALUES ({person})"), {"yes": True})
    upgrade(empty)
    with empty.reading() as session:
        people = {person.login: person for person in session.scalars(select(Person))}
        assert [people[login].post for login in "abc"] == ["会计", "会计", ""]
        assert people["a"].posts == people["b"].posts
        assert people["a"].post_holdings[0].began_at == people["a"].created_at
        assert {person.clearance for person in people.values()} == {Clearance.NONE}


def test_cases_decided_before_keep_who_decided_them(empty: Database) -> None:
    """An archive of an earlier version: what waited still waits, and each decision begins the history of its case."""
    moment = "'2021-03-05 06:00:00+00:00'"
    rows = (
        "INSERT INTO unit (id, code, name) VALUES ('u', 'BGS', '办公室')",
        (
            "INSERT INTO person (id, login, name, post, unit_id, language, active, created_at) "
            f"VALUES ('p', 'p', '钱明', '', 'u', 'zh_Hans', :yes, {moment})"
        ),
        (
            "INSERT INTO approval_case (id, subject_kind, subject_id, applicant_id, state, created_at) "
            f"VALUES ('c', 'request_line', 'line', 'p', 'open', {moment})"
        ),
        (
            "INSERT INTO approval_step (id, case_id, position, role, state, decided_by, decided_at, comment) "
            f"VALUES ('s0', 'c', 0, 'department_head', 'approved', 'p', {moment}, '可以')"
        ),
        (
            "INSERT INTO approval_step (id, case_id, position, role, state, comment) "
            "VALUES ('s1', 'c', 1, 'archivist', 'due', '')"
        ),
    )
    with empty.engine.execution_options(danggui_writes=True).begin() as connection:
        command.upgrade(configuration(connection), "20261121_digitization")
        for row in rows:
            statement = text(row)
            connection.execute(statement, {"yes": True} if ":yes" in row else {})
    upgrade(empty)
    with empty.reading() as session:
        case = session.get_one(ApprovalCase, "c")
        assert [(step.role, step.state, step.all_of) for step in case.steps] == [
            (Role.DEPARTMENT_HEAD, StepState.APPROVED, False),
            (Role.ARCHIVIST, StepState.DUE, False),
        ]
        (act,) = case.acts
        assert (act.number, act.kind, act.person_id, act.comment) == (1, ActKind.APPROVED, "p", "可以")


def test_grants_given_before_stay_what_they_were(empty: Database) -> None:
    """A grant of an earlier version is still for all pages, anywhere, to read; a new one is for the room."""
    moment = "'2021-03-05 06:00:00+00:00'"
    columns = "id, number, kind, person_id, item_id, purpose, starts_at, ends_at, created_at"
    person = "id, login, name, post, unit_id, language, active, created_at"
    with empty.engine.execution_options(danggui_writes=True).begin() as connection:
        command.upgrade(configuration(connection), "20261121_digitization")
        connection.execute(text("INSERT INTO unit (id, code, name) VALUES ('u', 'BGS', '办公室')"))
        values = f"'p', 'p', 'p', '', 'u', 'zh_Hans', :yes, {moment}"
        connection.execute(text(f"INSERT INTO person ({person}) VALUES ({values})"), {"yes": True})
        values = f"'g', '2021-0001-01', 'approved', 'p', 'i', '核对', {moment}, {moment}, {moment}"
        connection.execute(text(f'INSERT INTO "grant" ({columns}) VALUES ({values})'))
    upgrade(empty)
    with empty.engine.execution_options(danggui_writes=True).begin() as connection:
        values = f"'h', '2021-0002-01', 'approved', 'p', 'i', '核对', {moment}, {moment}, {moment}"
        connection.execute(text(f'INSERT INTO "grant" ({columns}) VALUES ({values})'))
    with empty.reading() as session:
        kept = {one.id: (one.pages, one.place, one.act, one.standing_id) for one in session.scalars(select(Grant))}
    assert kept == {"g": ("", Place.ANYWHERE, Act.READ, None), "h": ("", Place.ROOM, Act.READ, None)}


def test_lines_asked_for_before_were_to_read(empty: Database) -> None:
    """An archive of an earlier version keeps its requests; from now on nothing is approved without saying by what."""
    with empty.engine.execution_options(danggui_writes=True).begin() as connection:
        command.upgrade(configuration(connection), "20261121_digitization")
        tables = MetaData()
        tables.reflect(connection)
        case = _row(connection, tables.tables["approval_case"], state="approved")
        line = _row(connection, tables.tables["request_line"], state="approved", case_id=case)
    upgrade(empty)
    query = "SELECT asked, pages, state, case_id, purpose_kind, place FROM request_line JOIN reading_request"
    with empty.reading() as session:
        (kept,) = session.execute(text(f"{query} ON reading_request.id = request_line.request_id")).all()
        assert tuple(kept) == ("view", "", "approved", case, "other", "room")
    with pytest.raises(DBAPIError, match="approved_by_something"), empty.writing() as session:
        session.execute(text("UPDATE request_line SET case_id = NULL WHERE id = :id"), {"id": line})


def _row(connection: Connection, table: Table, **given: str) -> str:
    """A row of a reflected table, with the rows it must refer to; returns its id."""
    values: dict[str, Any] = {"id": new_id(), **given}
    for column in table.columns:
        if column.nullable or column.name in values:
            continue
        parent = next(iter(column.foreign_keys), None)
        values[column.name] = _row(connection, parent.column.table) if parent else _plain(column)
    connection.execute(table.insert().values(values))
    return str(values["id"])


def _plain(column: Column[Any]) -> Any:
    kind = column.type.python_type
    if kind is str:
        return new_id()[-(getattr(column.type, "length", None) or 36) :]
    return datetime(2021, 3, 5, 6, tzinfo=UTC) if kind is datetime else kind()
