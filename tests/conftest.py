"""Fixtures every test may ask for: real servers, a database or bucket of one's own, a browser page.

Servers start once per run, when the first test asks, on ports the system chooses. A server that is missing skips its
tests on a developer's machine and fails them in CI, where nothing may be skipped.
"""

from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from typing import TypeVar

import hypothesis
import pytest
from playwright.sync_api import Browser, Page

from tests.factories.certificates import server_certificate
from tests.servers.chromium import chromium
from tests.servers.missing import missing
from tests.servers.oidc import OpenIdProvider, openid_provider
from tests.servers.postgres import fresh_database, postgres_server
from tests.servers.process import ServerMissingError
from tests.servers.s3 import S3Bucket, S3Server, versitygw
from tests.servers.slapd import Slapd, slapd

Server = TypeVar("Server")

_PAGE_TIMEOUT_MS = 15_000

# No test fails because the machine has more to do.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")


@contextmanager
def _available(server: AbstractContextManager[Server]) -> Iterator[Server]:
    """The running server; where it cannot be had, skip with the reason, or fail in CI."""
    with ExitStack() as stack:
        try:
            running = stack.enter_context(server)
        except ServerMissingError as reason:
            missing(str(reason))
        yield running


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """The URL of a PostgreSQL server on which databases may be made."""
    with _available(postgres_server()) as url:
        yield url


@pytest.fixture
def postgres_database(postgres_url: str) -> Iterator[str]:
    """The URL of an empty PostgreSQL database for this test alone, as `DANGGUI_DATABASE` takes it."""
    with fresh_database(postgres_url) as url:
        yield url


@pytest.fixture(scope="session")
def s3_server() -> Iterator[S3Server]:
    """An S3 server with versions and object lock."""
    with _available(versitygw()) as server:
        yield server


@pytest.fixture
def s3_bucket(s3_server: S3Server, monkeypatch: pytest.MonkeyPatch) -> S3Bucket:
    """An empty bucket for this test alone; its `url` is what `DANGGUI_STORAGE` takes, credentials are in `AWS_*`."""
    for name, value in s3_server.environment.items():
        monkeypatch.setenv(name, value)
    return s3_server.create_bucket()


@pytest.fixture(scope="session")
def s3proxy_server() -> Iterator[S3Server]:
    """A second S3 server, without versions and locks."""
    from tests.servers.s3proxy import s3proxy

    with _available(s3proxy()) as server:
        yield server


@pytest.fixture(scope="session")
def elasticsearch_url() -> Iterator[str]:
    """The URL of an Elasticsearch server; tests choose index names of their own."""
    from tests.servers.elasticsearch import elasticsearch_server

    with _available(elasticsearch_server()) as url:
        yield url


@pytest.fixture(scope="session")
def directory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Slapd]:
    """An LDAP directory; tests that change it change it back."""
    folder = tmp_path_factory.mktemp("slapd")
    with _available(slapd(folder, *server_certificate(folder))) as server:
        yield server


@pytest.fixture(scope="session")
def openid() -> Iterator[OpenIdProvider]:
    """An OpenID provider that answers to where browsers without scripts are at home."""
    with _available(openid_provider("http://localhost/sign-in/return")) as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A headless Chromium."""
    with _available(chromium()) as running:
        yield running


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page in a browser profile of its own: no cookies, Chinese, the size of an office screen."""
    context = browser.new_context(locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(_PAGE_TIMEOUT_MS)
    try:
        yield context.new_page()
    finally:
        context.close()
