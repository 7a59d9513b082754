"""A whole embedded archive without recognition, its people, and helpers that do its background work at once."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalogue.models import Category
from archive.cli.init import initialise
from archive.handlers import job_handlers
from archive.platform.jobs.worker import Worker
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_organisation


@pytest.fixture
def clock() -> SetClock:
    """The time of the test."""
    return SetClock()


@pytest.fixture
def parts(request: pytest.FixtureRequest, tmp_path: Path, clock: SetClock) -> Iterator[Parts]:
    """An archive whose engine reads nothing, on SQLite; on PostgreSQL too where the test is `on_both_databases`."""
    settings = replace(Settings.load(tmp_path / "archive", environment={}), engine="null")
    if getattr(request, "param", "sqlite") == "postgres":
        settings = replace(settings, database=request.getfixturevalue("postgres_database"))
    settings.folder.mkdir()
    with open_parts(settings, clock) as opened:
        initialise(opened)
        yield opened


@pytest.fixture
def organisation(parts: Parts, clock: SetClock) -> Organisation:
    """The enterprise, with a category for paper beside the electronic one."""
    with parts.database.writing() as session:
        made = make_organisation(session, clock)
        own = made.category
        session.add(
            Category(
                fonds_id=own.fonds_id,
                code=own.code,
                name=own.name,
                code_pattern=own.code_pattern,
                number_at=own.number_at,
                electronic_only=False,
            )
        )
    return made


@pytest.fixture
def run_jobs(parts: Parts) -> Callable[[], int]:
    """Does every job that can be done now; returns how many."""

    def run() -> int:
        worker, done = Worker(parts, job_handlers()), 0
        while worker.run_one():
            done += 1
        return done

    return run
