"""Signing in and out in a browser."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from webtest import TestApp

from archive.platform.accounts.security import COOKIE
from archive.platform.accounts.sessions import IDLE_END
from tests.factories.browsing import form_to, sign_in
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]


def test_the_cookie_is_kept_from_scripts_and_other_sites(browser: Browser) -> None:
    """The session cookie is HttpOnly and SameSite, ends with the browser, and is Secure where the site is."""
    plain = session_cookie(sign_in(browser(), "engineer"))
    assert {"HttpOnly", "SameSite=Lax"} <= plain
    assert not {part for part in plain if part.lower().startswith(("secure", "expires", "max-age"))}
    safe = browser()
    safe.extra_environ |= {"wsgi.url_scheme": "https", "HTTP_HOST": "archive.example:8443"}
    assert "secure" in session_cookie(sign_in(safe, "engineer"))


def session_cookie(answer: Any) -> set[str]:
    """The parts of our cookie as an answer sets it."""
    return next(set(line.split("; ")) for line in answer.headers.getall("Set-Cookie") if line.startswith(COOKIE))


def test_wrong_password_and_unknown_login_look_the_same(browser: Browser) -> None:
    """Nobody learns from the answer whether an account exists, and what he typed as login is kept."""
    wrong, unknown = sign_in(browser(), "engineer", "wrong"), sign_in(browser(), "nobody", "wrong")
    said = [answer.text.replace("engineer", "nobody") for answer in (wrong, unknown)]
    without_token = [text.split('name="login"')[1] for text in said]
    assert (wrong.status_int, unknown.status_int) == (422, 422)
    assert without_token[0] == without_token[1]
    assert "登录名或密码不正确" in said[0]


def test_five_wrong_passwords_are_counted_although_each_was_refused(browser: Browser, small: SmallArchive) -> None:
    """The lock-out holds over requests, and ends."""
    for _attempt in range(5):
        sign_in(browser(), "engineer", "wrong")
    assert sign_in(browser(), "engineer", PASSWORD).status_int == 422
    small.clock.pass_time(timedelta(minutes=2))
    assert sign_in(browser(), "engineer", PASSWORD).status_int == 303


def test_an_expired_session_says_why_and_leads_back(browser: Browser, small: SmallArchive) -> None:
    """After eight idle hours the next click asks for the password, says why, and goes on to where he was going."""
    reader = browser("engineer")
    wanted = f"/items/{small.items['safety']}?q=安全"
    small.clock.pass_time(IDLE_END - timedelta(minutes=1))
    assert reader.get("/requests").status_int == 200
    small.clock.pass_time(IDLE_END - timedelta(minutes=1))
    assert reader.get("/requests").status_int == 200
    small.clock.pass_time(IDLE_END)
    asked = reader.get(wanted)
    assert asked.status_int == 303
    page = asked.follow()
    assert "登录已过期" in page.text
    form = form_to(page, "/sign-in")
    form["login"], form["password"] = "engineer", PASSWORD
    assert "安全生产月" in form.submit().follow().text


def test_who_was_never_signed_in_is_not_told_of_an_expiry(browser: Browser) -> None:
    """The first visit leads to the sign-in page without a reproach."""
    page = browser().get("/requests").follow()
    assert "登录已过期" not in page.text
    assert form_to(page, "/sign-in")["next"].value == "/requests"


@pytest.mark.parametrize(
    "elsewhere",
    [
        "https://evil.example/",
        "//evil.example/",
        "/\\evil.example/",
        "\\\\evil.example",
        "/\t/evil.example/",
        "javascript:alert(1)",
        "/sign-in",
        "evil.example",
        "//[",
        "/requests\r\nSet-Cookie: a=b",
        "",
    ],
)
def test_signing_in_never_leads_to_another_site(browser: Browser, elsewhere: str) -> None:
    """Whatever stands in `next`, the way goes on inside this application."""
    page = browser().get("/sign-in", {"next": elsewhere})
    assert form_to(page, "/sign-in")["next"].value == "/"
    form = form_to(page, "/sign-in")
    form["login"], form["password"] = "engineer", PASSWORD
    form["next"].force_value(elsewhere)
    assert form.submit().headers["Location"] in {"/", "http://localhost/"}


def test_without_the_form_token_nothing_is_done(browser: Browser) -> None:
    """A form sent from elsewhere neither signs in nor out."""
    stranger = browser()
    answer = stranger.post("/sign-in", {"login": "engineer", "password": PASSWORD}, expect_errors=True)
    assert answer.status_int == 400
    assert COOKIE not in stranger.cookies
    reader = browser("engineer")
    assert reader.post("/sign-out", expect_errors=True).status_int == 400
    assert reader.get("/requests").status_int == 200


def test_after_signing_out_the_old_cookie_opens_nothing(browser: Browser) -> None:
    """Signing out ends the session on the server too."""
    reader = browser("engineer")
    token = reader.cookies[COOKIE]
    form_to(reader.get("/requests"), "/sign-out").submit()
    assert COOKIE not in reader.cookies
    thief = browser()
    thief.set_cookie(COOKIE, token)
    assert thief.get("/requests").status_int == 303


def test_the_token_of_forms_changes_with_the_sign_in(browser: Browser) -> None:
    """A form token that was set before the sign-in does not work after it."""
    reader = browser()
    before = form_to(reader.get("/sign-in"), "/sign-in")["csrf_token"].value
    sign_in(reader, "engineer")
    answer = reader.post("/settings/language", {"csrf_token": before, "language": "en"}, expect_errors=True)
    assert answer.status_int == 400
