"""A small archive behind the real application, and people signed in to it."""

from collections.abc import Callable, Iterator
from functools import cache

import pytest
from webtest import TestApp

from archive.app import make_app
from tests.factories.organisation import SEAT
from tests.factories.small_archive import PASSWORD, SmallArchive, small_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallArchive]:
    """The archive; tests of a module share it."""
    with small_archive(tmp_path_factory.mktemp("archive")) as opened:
        yield opened


@pytest.fixture(scope="module")
def signed_in(archive: SmallArchive) -> Callable[[str], TestApp]:
    """Signs somebody in, as a browser would; once for all tests of a module, because passwords are slow on purpose."""
    application = make_app(archive.parts)

    @cache
    def sign_in(login: str) -> TestApp:
        browser = TestApp(application, extra_environ={"REMOTE_ADDR": SEAT})
        form = browser.get("/sign-in").forms[0]
        form["login"], form["password"] = login, PASSWORD
        assert form.submit().status_int == 303
        return browser

    return sign_in
