"""A stolen cookie: a session is bound to the browser it was opened in, and a new one begins where rights grow."""

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sqlalchemy import select
from webtest import TestApp

from archive.app import make_app
from archive.platform.accounts.models import Person
from archive.platform.accounts.security import COOKIE
from archive.platform.audit.models import AuditEntry
from archive.platform.notifications.models import Notice
from archive.platform.parts import open_parts
from archive.settings import Settings
from tests.factories.browsing import form_to, sign_in
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]

_FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0"
_NEWER = _FIREFOX.replace("128.0", "140.0")
_CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36"


def test_a_stolen_cookie_ends_the_session_and_is_told(browser: Browser, small: SmallArchive) -> None:
    """From another kind of browser the cookie opens nothing, writing or reading; nor does it where it was opened; the
    security administrator is told, once."""
    owner, thief = in_firefox(browser, "engineer"), browser()
    thief.set_cookie(COOKIE, owner.cookies[COOKIE])
    thief.extra_environ |= {"HTTP_USER_AGENT": _CHROME, "REMOTE_ADDR": "192.0.2.66"}
    token = owner.get("/requests").html.find("meta", {"name": "csrf-token"})["content"]
    for answer in (
        thief.get("/requests"),
        thief.post("/settings/language", {"csrf_token": token}, expect_errors=True),
    ):
        assert answer.status_int in {303, 400}
    assert owner.get("/requests").status_int == 303
    with small.parts.database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "session_taken")).all()
        said = session.scalars(select(AuditEntry).where(AuditEntry.action == "accounts:session:taken")).one()
    assert [(one.person_id, one.facts["address"]) for one in told] == [(small.people["secadmin"], "192.0.2.66")]
    assert (said.subject_id, said.address) == (small.people["engineer"], "192.0.2.66")


def test_a_stolen_cookie_that_writes_first_ends_too(browser: Browser) -> None:
    """The end is kept although the request that showed it was refused and undone."""
    owner, thief = in_firefox(browser, "engineer"), browser()
    token = owner.get("/requests").html.find("meta", {"name": "csrf-token"})["content"]
    thief.extra_environ["HTTP_USER_AGENT"] = _CHROME
    for name, value in owner.cookies.items():
        thief.set_cookie(name, value)
    assert thief.post("/account/sessions", {"csrf_token": token}).status_int == 303
    assert owner.get("/requests").status_int == 303


def test_a_browser_that_was_renewed_is_the_same(browser: Browser) -> None:
    """Versions change overnight, and laptops are carried about."""
    owner = in_firefox(browser, "engineer")
    owner.extra_environ |= {"HTTP_USER_AGENT": _NEWER, "REMOTE_ADDR": "192.0.2.9"}
    assert owner.get("/requests").status_int == 200


def test_a_browser_with_a_long_name_is_itself(browser: Browser) -> None:
    """Of a name longer than we keep, the same part is compared."""
    owner = browser()
    owner.extra_environ["HTTP_USER_AGENT"] = _CHROME.replace("Chrome", "x" * 200 + " Edg Chrome")
    sign_in(owner, "engineer")
    assert owner.get("/requests").status_int == 200


def test_where_it_is_set_the_address_binds_too(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> None:
    """`session_address` bound: from another address the session is over."""
    settings = Settings.load(shutil.copytree(pattern[0], tmp_path / "archive"), environment={})
    with open_parts(replace(settings, session_address="bound"), pattern[1].clock) as parts:
        owner = TestApp(make_app(parts), extra_environ={"REMOTE_ADDR": "10.0.0.4"})
        sign_in(owner, "engineer")
        assert owner.get("/requests").status_int == 200
        owner.extra_environ["REMOTE_ADDR"] = "10.0.0.5"
        assert owner.get("/requests").status_int == 303
        owner.extra_environ["REMOTE_ADDR"] = "10.0.0.4"
        assert owner.get("/requests").status_int == 303


def test_behind_a_proxy_with_tls_the_cookie_is_secure(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> None:
    """A listed proxy is believed that the browser came by TLS; nobody else is."""
    settings = Settings.load(shutil.copytree(pattern[0], tmp_path / "archive"), environment={})
    with open_parts(replace(settings, proxies="10.0.0.5"), pattern[1].clock) as parts:
        app, secure = make_app(parts), {}
        for address in ("10.0.0.5", "10.0.0.6"):
            visitor = TestApp(app, extra_environ={"REMOTE_ADDR": address, "HTTP_X_FORWARDED_PROTO": "https"})
            cookies = sign_in(visitor, "engineer").headers.getall("Set-Cookie")
            secure[address] = any("secure" in one for one in cookies if one.startswith(COOKIE))
    assert secure == {"10.0.0.5": True, "10.0.0.6": False}


def test_a_new_password_gives_the_session_a_new_cookie(browser: Browser) -> None:
    """Whoever had seen the cookie before has nothing after."""
    owner = browser("engineer")
    before = owner.cookies[COOKIE]
    form = form_to(owner.get("/account/password"), "/account/password")
    form["old"], form["password"], form["again"] = PASSWORD, "quite another one", "quite another one"
    form.submit()
    assert owner.get("/requests").status_int == 200
    seen = browser()
    seen.set_cookie(COOKIE, before)
    assert seen.get("/requests").status_int == 303


def test_who_becomes_administrator_signs_in_anew(browser: Browser, small: SmallArchive) -> None:
    """A session that was opened as a reader does not grow into that of an administrator."""
    reader, admin, path = browser("engineer"), browser("secadmin"), f"/rights/{small.people['engineer']}"
    form = form_to(admin.get(path), path)
    for box in form.fields["roles"]:
        box.checked = box._value == "audit_administrator"
    assert form.submit().status_int == 303
    assert reader.get("/account/sessions").status_int == 303
    with small.parts.database.reading() as session:
        assert session.get_one(Person, small.people["engineer"]).roles == {"audit_administrator"}


def in_firefox(browser: Browser, login: str) -> TestApp:
    """Signed in with a browser that says what it is."""
    opened = browser()
    opened.extra_environ["HTTP_USER_AGENT"] = _FIREFOX
    sign_in(opened, login)
    return opened
