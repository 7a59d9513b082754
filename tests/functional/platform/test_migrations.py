"""Migrations: from an empty database to the tables of the models, on both databases."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from archive.migrations import is_current, upgrade
from archive.migrations.types import type_differs
from archive.platform.db import Base, Database
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
