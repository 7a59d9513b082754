"""An invented enterprise on SQLite and on PostgreSQL: in a transaction that is undone, or in a database of its own."""

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

import archive.borrowing.models
import archive.borrowing.paper.models
import archive.platform.audit.models  # noqa: F401 - declares its tables
from archive.platform.db import Base, Database
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_organisation
from tests.servers.postgres import fresh_database

_KINDS = ["sqlite", pytest.param("postgres", marks=pytest.mark.servers)]


@pytest.fixture
def clock() -> SetClock:
    """The time of the test."""
    return SetClock()


@pytest.fixture(params=_KINDS)
def database(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """An empty database with all tables, for this test alone, which may commit."""
    sqlite = request.param == "sqlite"
    url = f"sqlite:///{tmp_path / 'test.db'}" if sqlite else request.getfixturevalue("postgres_database")
    yield from _with_tables(url)


@pytest.fixture(scope="session", params=_KINDS)
def shared_database(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Database]:
    """An empty database with all tables, in which no test commits."""
    with ExitStack() as stack:
        if request.param == "sqlite":
            url = f"sqlite:///{tmp_path_factory.mktemp('people') / 'test.db'}"
        else:
            url = stack.enter_context(fresh_database(request.getfixturevalue("postgres_url")))
        yield from _with_tables(url)


@pytest.fixture
def session(shared_database: Database) -> Iterator[Session]:
    """One writing session for the whole test, undone afterwards."""
    opened = shared_database.session(writes=True)
    yield opened
    opened.close()


@pytest.fixture
def organisation(session: Session, clock: SetClock) -> Organisation:
    """The enterprise, in that session."""
    return make_organisation(session, clock)


def _with_tables(url: str) -> Iterator[Database]:
    opened = Database(url)
    Base.metadata.create_all(opened.engine)
    yield opened
    opened.dispose()
