"""The small archive behind a real server, and a browser page signed in to it."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import Page
from waitress.server import create_server

from archive.app import make_app
from tests.factories.small_archive import PASSWORD, SmallArchive, small_archive

_AXE = Path(__file__).parents[2] / "archive" / "web" / "node_modules" / "axe-core" / "axe.min.js"
_SERIOUS = {"serious", "critical"}


@dataclass(frozen=True, slots=True)
class Served:
    """An archive and where it is served."""

    archive: SmallArchive
    address: str


@contextmanager
def serving(archive: SmallArchive) -> Iterator[Served]:
    """The archive on a port the system chose."""
    server = create_server(make_app(archive.parts), host="127.0.0.1", port=0)
    thread = Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield Served(archive, f"http://127.0.0.1:{server.effective_port}")
    finally:
        server.close()
        server.task_dispatcher.shutdown()
        thread.join(timeout=10)


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """The small archive, served."""
    with small_archive(tmp_path_factory.mktemp("archive")) as archive, serving(archive) as running:
        yield running


@pytest.fixture
def faults(page: Page) -> Iterator[list[str]]:
    """What the browser itself complains about; a test ends with none."""
    said: list[str] = []
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else None)
    yield said
    assert said == []


@pytest.fixture
def sign_in(page: Page, served: Served) -> Callable[[str], Page]:
    """Signs somebody in through the form."""

    def sign(login: str) -> Page:
        page.goto(f"{served.address}/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{served.address}/")
        return page

    return sign


def complaints_of(page: Page) -> list[str]:
    """What is seriously wrong with the page as it is now: rule and place."""
    # Inside of a page the policy forbids foreign scripts; what the debugger evaluates is none.
    page.evaluate(_AXE.read_text("utf-8"))
    found = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
    serious = [one for one in found if one["impact"] in _SERIOUS]
    return [f"{page.url} {one['id']}: {node['html'][:160]}" for one in serious for node in one["nodes"]]
