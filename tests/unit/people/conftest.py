"""A database of its own for each test, on SQLite and on PostgreSQL, and an invented enterprise in it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import archive.borrowing.models
import archive.platform.audit.models  # noqa: F401 - declares its tables
from archive.platform.db import Base, Database
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_organisation


@pytest.fixture
def clock() -> SetClock:
    """The time of the test."""
    return SetClock()


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.servers)])
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'test.db'}" if sqlite else request.getfixturevalue("postgres_database")
    opened = Database(url)
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """One writing session for the whole test."""
    with database.writing() as opened:
        yield opened


@pytest.fixture
def organisation(session: Session, clock: SetClock) -> Organisation:
    """The enterprise, in that session."""
    return make_organisation(session, clock)
