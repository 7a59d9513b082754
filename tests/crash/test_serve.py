"""`danggui serve` killed in the middle of a batch and started again; and what its sockets answer to nonsense."""

import http.client
import os
import re
import signal
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from http.cookiejar import CookieJar
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.digitization.models import DraftPage, PageState
from archive.platform.accounts.models import Person
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.jobs.models import Job, JobState
from archive.platform.parts import Parts
from archive.platform.processes import is_gone
from tests.crash.crashing_archive import agreement, has_work, new_archive, opened
from tests.factories.installation import Installation, Served
from tests.factories.small_archive import PASSWORD

_FILES, _PAGES = 4, 5
#: large enough that a page takes a while also without recognition
_SIZE = (1654, 2339)
_PATIENCE_SECONDS = 60


class _Browser:
    """Keeps cookies and fills the sign-in form, over a real connection."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))

    def get(self, address: str) -> str:
        """The text of a page; an error page is a page."""
        try:
            with self._opener.open(address, timeout=_PATIENCE_SECONDS) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return error.read().decode()

    def sign_in(self, address: str, **headers: str) -> str:
        """Sign the archivist in; returns the page that follows."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(f"{address}/sign-in"))
        assert token
        form = urllib.parse.urlencode({"csrf_token": token[1], "login": "archivist", "password": PASSWORD})
        request = urllib.request.Request(f"{address}/sign-in", form.encode(), headers)
        with self._opener.open(request, timeout=_PATIENCE_SECONDS) as answer:
            return str(answer.read().decode())


@pytest.fixture
def batch_of(tmp_path: Path) -> tuple[Installation, str]:
    """An archive with an archivist who can sign in, and the batch that waits in it."""
    installation = Installation(tmp_path / "archive", {"DANGGUI_ENGINE": "null", "DANGGUI_WORKERS": "local://1"})
    batch_id = new_archive(installation.folder, files=_FILES, pages=_PAGES, size=_SIZE)
    with opened(installation.folder) as parts, parts.database.writing() as session:
        archivist = session.scalars(select(Person).where(Person.login == "archivist")).one()
        AccountService(session, parts.clock, SYSTEM).set_password(archivist, PASSWORD)
    return installation, batch_id


def _wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + _PATIENCE_SECONDS
    while not true():
        assert time.monotonic() < end, "it does not come about"
        time.sleep(0.05)


def _below(pid: int) -> set[int]:
    """What it started, and what those started."""
    tasks = Path(f"/proc/{pid}/task").iterdir()
    children = {int(child) for task in tasks for child in (task / "children").read_text().split()}
    return children.union(*map(_below, children))


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def _owners(parts: Parts) -> list[str]:
    with parts.database.reading() as session:
        owners = session.scalars(select(Job.owner).where(Job.state == JobState.RUNNING))
        return [owner for owner in owners if owner is not None]


def _done(parts: Parts) -> int:
    with parts.database.reading() as session:
        return len(session.scalars(select(DraftPage.id).where(DraftPage.state == PageState.DONE)).all())


def test_killed_in_the_middle_of_a_batch(batch_of: tuple[Installation, str]) -> None:
    """Its children go with it; who was signed in still is after the next start; the batch goes on to its end."""
    installation, batch_id = batch_of
    browser = _Browser()
    with opened(installation.folder) as parts:
        with installation.served() as served:
            assert "数字化" in browser.sign_in(served.address)
            _wait_until(lambda: _done(parts) > 2 and bool(_owners(parts)))
            children = _below(served.process.pid)
            os.kill(served.process.pid, signal.SIGKILL)
            served.process.wait()
            _wait_until(lambda: not any(_alive(child) for child in children))
        assert has_work(parts, batch_id)
        assert all(is_gone(owner) for owner in _owners(parts))
        with installation.served() as served:
            assert "批次" in browser.get(f"{served.address}/batches/{batch_id}")
            _wait_until(lambda: not has_work(parts, batch_id))
            shown = browser.get(f"{served.address}/batches/{batch_id}")
            assert f"已识别 {_FILES * _PAGES} 页，失败 0 页，剩余 0 页" in shown
    agreement(installation.folder, batch_id, items=_FILES, pages=_FILES * _PAGES)


@pytest.fixture
def served(batch_of: tuple[Installation, str]) -> Iterator[Served]:
    """A running front end."""
    with batch_of[0].served() as running:
        yield running


def test_nonsense_on_the_socket_is_answered(served: Served, batch_of: tuple[Installation, str]) -> None:
    """Paths that are no text or climb out lead nowhere; the trail names the real address; all goes on afterwards."""
    host = urllib.parse.urlsplit(served.address).netloc
    nowhere = [
        "/%ff",
        "/items/%ff",
        "/static/%ff",
        "/items/%00",
        "/static/../../../etc/passwd",
        "/static/..%2f..%2fetc",
    ]
    for path in nowhere:
        connection = http.client.HTTPConnection(host, timeout=_PATIENCE_SECONDS)
        connection.request("GET", path)
        answer = connection.getresponse()
        said = answer.read().decode()
        connection.close()
        assert answer.status in {303, 404}, path
        assert answer.status == 303 or "没有找到" in said
    browser = _Browser()
    assert "数字化" in browser.sign_in(
        served.address, **{"X-Forwarded-For": "203.0.113.9", "Forwarded": "for=203.0.113.9"}
    )
    with opened(batch_of[0].folder) as parts, parts.database.reading() as session:
        opened_session = select(AuditEntry.address).where(AuditEntry.action == AuditAction.SIGNED_IN.value)
        assert session.scalars(opened_session).all() == ["127.0.0.1"]
