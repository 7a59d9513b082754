"""An empty archive on each kind of database, and its clock."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.cli.init import initialise
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings
from tests.factories.clock import SetClock


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.servers)])
def settings(request: pytest.FixtureRequest, tmp_path: Path) -> Settings:
    """Store and index in a folder; the database there too, or on a server."""
    embedded = Settings.load(tmp_path / "archive", environment={})
    if request.param == "sqlite":
        return embedded
    return replace(embedded, database=request.getfixturevalue("postgres_database"))


@pytest.fixture
def clock() -> SetClock:
    """A clock that stands."""
    return SetClock()


@pytest.fixture
def parts(settings: Settings, clock: SetClock) -> Iterator[Parts]:
    """The opened, empty archive."""
    with open_parts(settings, clock) as opened:
        initialise(opened)
        yield opened
