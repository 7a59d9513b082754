"""A small archive with its web front end, and browsers without scripts in different people's hands."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from webtest import TestApp

from archive.app import make_app
from archive.platform.accounts.models import Person
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.parts import open_parts
from archive.settings import Settings
from tests.factories.browsing import sign_in
from tests.factories.clock import SetClock
from tests.factories.organisation import SEAT
from tests.factories.small_archive import PASSWORD, SmallArchive, small_archive


@pytest.fixture(scope="session")
def pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SmallArchive]:
    """A closed archive in a folder, made once."""
    folder = tmp_path_factory.mktemp("pattern")
    with small_archive(folder) as made:
        _give_passwords(made, "finance_head", "sysadmin")
    return folder, made


@pytest.fixture
def small(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> Iterator[SmallArchive]:
    """A copy of it, for this test alone."""
    folder, made = pattern
    copy, clock = shutil.copytree(folder, tmp_path / "archive"), SetClock()
    with open_parts(Settings.load(copy, environment={}), clock) as parts:
        yield SmallArchive(parts, clock, made.people, made.items)


def _give_passwords(made: SmallArchive, *logins: str) -> None:
    with made.parts.database.writing() as session:
        accounts = AccountService(session, made.clock, SYSTEM)
        for login in logins:
            accounts.set_password(session.get_one(Person, made.people[login]), PASSWORD)


@pytest.fixture
def browser(small: SmallArchive) -> Callable[..., TestApp]:
    """Opens a browser: signed in as somebody, or as nobody."""
    app = make_app(small.parts)

    def open_browser(login: str | None = None) -> TestApp:
        opened = TestApp(app, extra_environ={"REMOTE_ADDR": SEAT})
        if login is not None:
            sign_in(opened, login)
        return opened

    return open_browser
