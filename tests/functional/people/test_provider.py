"""Signing in at an OpenID provider, a real one: what comes back has to prove itself."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from webtest import TestApp

from archive.app import make_app
from archive.platform.accounts.begun import BEGUN_COOKIE
from archive.platform.accounts.identities import GroupRuleService
from archive.platform.accounts.models import Role
from archive.platform.accounts.oidc import Provider, ProviderRefusedError
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.sign_in_models import Source
from archive.platform.accounts.sources import ProviderAddress
from archive.platform.actor import SYSTEM
from archive.platform.db import utc_now
from archive.platform.parts import open_parts
from archive.settings import Settings
from tests.factories.clock import SetClock
from tests.factories.small_archive import SmallArchive
from tests.servers.oidc import OpenIdProvider
from tests.servers.process import free_port

pytestmark = pytest.mark.servers
Opener = Callable[[str], SmallArchive]


@pytest.fixture
def opened(pattern: tuple[Path, SmallArchive], tmp_path: Path, openid: OpenIdProvider) -> Iterator[Opener]:
    """Opens the archive with a setting of `oidc`."""
    folder, made = pattern
    settings = Settings.load(shutil.copytree(folder, tmp_path / "archive"), environment={})
    # The provider has the time of the world.
    clock = SetClock(utc_now())

    def open_with(url: str) -> SmallArchive:
        parts = open_parts(replace(settings, oidc=url, oidc_secret=openid.secret), clock)
        return SmallArchive(running.enter_context(parts), clock, made.people, made.items)

    with ExitStack() as running:
        yield open_with


def test_who_signed_in_at_the_provider_comes_in(openid: OpenIdProvider, opened: Opener) -> None:
    """An account is made where the setting says so, with the roles of his groups; the way leads on to where he wanted
    to be; the same word brought a second time opens nothing."""
    small = opened(openid.url + "&create=CWB")
    with small.parts.database.writing() as session:
        GroupRuleService(session, small.clock, SYSTEM).add(Source.OIDC, "archivists", role=Role.ARCHIVIST)
    visitor = TestApp(make_app(small.parts))
    assert "用统一身份认证登录" in visitor.get("/sign-in").text
    there = visitor.get("/sign-in/provider?next=/batches").headers["Location"]
    assert there.startswith(openid.issuer)
    back = openid.sign_in(there, "linghua")
    token = visitor.cookies[BEGUN_COOKIE]
    assert visitor.get(back).headers["Location"].endswith("/batches")
    assert visitor.get("/batches").status_int == 200
    with small.parts.database.reading() as session:
        person = person_by_login(session, "linghua")
        assert person is not None
        assert (person.unit.code, set(person.roles)) == ("CWB", {Role.ARCHIVIST})
    again = TestApp(make_app(small.parts))
    again.set_cookie(BEGUN_COOKIE, token)
    assert again.get(back, expect_errors=True).status_int == 422


def test_another_browsers_word_opens_nothing(openid: OpenIdProvider, opened: Opener) -> None:
    """Whoever is lured to the way back of somebody else's sign-in is not signed in as him."""
    small = opened(openid.url + "&create=CWB")
    thief, victim = (TestApp(make_app(small.parts)) for _browser in range(2))
    back = openid.sign_in(thief.get("/sign-in/provider").headers["Location"], "linghua")
    assert victim.get(back, expect_errors=True).status_int == 422
    victim.get("/sign-in/provider")
    assert victim.get(back, expect_errors=True).status_int == 422
    assert victim.get("/requests").status_int == 303


def test_a_login_that_is_only_claimed_is_nobodys(openid: OpenIdProvider, opened: Opener) -> None:
    """The account of that login stays its owner's, whatever he is called there; none is made without leave."""
    for url in (openid.url + "&create=CWB", openid.url + "&create=CWB&link=yes", openid.url):
        visitor = TestApp(make_app(opened(url).parts))
        login = "engineer" if "create" in url else "linghua"
        back = openid.sign_in(visitor.get("/sign-in/provider").headers["Location"], login)
        answer = visitor.get(back, expect_errors=True)
        assert (answer.status_int, "还没有可用的账户" in answer.text) == (403, True)


def test_a_word_made_for_something_else_proves_nothing(openid: OpenIdProvider) -> None:
    """Another nonce, another verifier, another issuer, another time, an error, and no code are all refused."""
    provider = Provider(ProviderAddress.of(openid.url), openid.secret, openid.back)
    verifier, now = "v" * 50, utc_now()

    def bring() -> dict[str, str]:
        back = openid.sign_in(provider.where_to("state", "nonce", verifier), "linghua")
        return dict(pair.split("=") for pair in back.partition("?")[2].split("&") if not pair.startswith("iss"))

    tries: list[tuple[dict[str, str], dict[str, Any]]] = [
        (bring(), {"nonce": "another"}),
        (bring(), {"verifier": "w" * 50}),
        ({**bring(), "iss": "https://another.example"}, {}),
        (bring(), {"now": SetClock()()}),
        ({"error": "access_denied"}, {}),
        ({"code": "made up"}, {}),
    ]
    for returned, changed in tries:
        with pytest.raises(ProviderRefusedError):
            provider.who(returned, **{"nonce": "nonce", "verifier": verifier, "now": now, **changed})
    assert provider.who(bring(), "nonce", verifier, now).login == "linghua"


def test_while_the_provider_is_away_the_form_still_works(opened: Opener) -> None:
    """The words say so."""
    visitor = TestApp(make_app(opened(f"http://127.0.0.1:{free_port()}?client=danggui").parts))
    answer = visitor.get("/sign-in/provider", expect_errors=True)
    assert (answer.status_int, "统一身份认证暂时没有应答" in answer.text) == (503, True)


def test_without_a_provider_there_is_no_such_way(opened: Opener) -> None:
    """Nothing is offered, and the addresses do not exist."""
    visitor = TestApp(make_app(opened("").parts))
    assert "统一身份认证" not in visitor.get("/sign-in").text
    assert visitor.get("/sign-in/provider", expect_errors=True).status_int == 404
    assert visitor.get("/sign-in/return?code=a&state=b", expect_errors=True).status_int == 404
