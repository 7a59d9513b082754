"""Tokens of programs: what they may do, how they end, and that no cookie counts beside them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.platform.accounts.models import Person, RoleHolding
from archive.platform.accounts.permissions import Permission
from archive.platform.accounts.sign_in_models import ApiToken
from archive.platform.accounts.tokens import ApiTokenService
from archive.platform.actor import SYSTEM
from archive.platform.errors import InvalidError
from tests.factories.browsing import form_to
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]
_PAGE = "/account/tokens"


def test_a_token_does_what_its_scopes_say_and_no_more(browser: Browser, small: SmallArchive) -> None:
    """Made on one's own page, shown once, only its digest kept; it reaches its scopes and not one's own account."""
    token = make_token(browser("engineer"), "search")
    program = with_token(browser(), token)
    assert program.get("/search?q=2021").status_int == 200
    refused = program.get("/requests", expect_errors=True)
    assert (refused.status_int, refused.headers["WWW-Authenticate"]) == (403, 'Bearer error="insufficient_scope"')
    for path in ("/", "/account/password", "/account/tokens", "/account/second-factor"):
        assert program.get(path, expect_errors=True).status_int == 403
    with small.parts.database.reading() as session:
        row = session.scalars(select(ApiToken)).one()
    assert token not in (row.token_sha256, row.name, row.id)
    assert row.used_at == small.clock()
    assert token not in browser("engineer").get(_PAGE).text


def test_a_program_needs_no_form_token_and_its_cookie_counts_for_nothing(browser: Browser) -> None:
    """It writes without the token of forms; a cookie sent along lends it nothing, and a wrong token is not helped."""
    token = make_token(browser("archivist"), "digitize")
    program = with_token(browser(), token)
    assert program.post("/uploads", expect_errors=True).status_int != 403
    lent = with_token(browser("archivist"), token)
    assert lent.get("/audit", expect_errors=True).status_int == 403
    wrong = with_token(browser("archivist"), token + "x")
    answer = wrong.get("/audit", expect_errors=True)
    assert (answer.status_int, answer.headers["WWW-Authenticate"]) == (401, 'Bearer error="invalid_token"')
    assert wrong.post("/settings/language", {"language": "en"}, expect_errors=True).status_int == 401


def test_a_token_never_grants_more_than_its_person_may_now(browser: Browser, small: SmallArchive) -> None:
    """Roles taken away are gone for the token too, and a closed account's token opens nothing, even reopened."""
    program = with_token(browser(), make_token(browser("archivist"), "audit"))
    assert program.get("/audit").status_int == 200
    with small.parts.database.writing() as session:
        archivist = session.get_one(Person, small.people["archivist"])
        archivist.holdings = [RoleHolding(role="reader")]
    assert program.get("/audit", expect_errors=True).status_int == 403


def test_its_end_ends_it(browser: Browser, small: SmallArchive) -> None:
    """After its last day it is worth nothing."""
    program = with_token(browser(), make_token(browser("engineer"), "search", ends="2021-03-06"))
    small.clock.pass_time(timedelta(hours=37))
    assert program.get("/search").status_int == 200
    small.clock.pass_time(timedelta(hours=1))
    assert program.get("/search", expect_errors=True).status_int == 401


@pytest.mark.parametrize("by", ["engineer", "secadmin", "reset"])
def test_it_is_ended_by_hand(by: str, browser: Browser, small: SmallArchive) -> None:
    """By himself, by the security administrator, and whenever somebody else gives him a new password."""
    program = with_token(browser(), make_token(browser("engineer"), "search"))
    if by == "reset":
        page = browser("sysadmin").get(f"/people/{small.people['engineer']}")
        form_to(page, "/password").submit()
    else:
        page = browser(by).get(_PAGE if by == "engineer" else f"/rights/{small.people['engineer']}")
        form_to(page, "/tokens").submit()
    assert program.get("/search", expect_errors=True).status_int == 401


def test_nobody_gives_a_token_what_he_has_not(browser: Browser, small: SmallArchive) -> None:
    """Foreign scopes, those of one's own account, no scope and an end too far away are refused."""
    with small.parts.database.writing() as session:
        engineer, tokens = (
            session.get_one(Person, small.people["engineer"]),
            ApiTokenService(session, small.clock, SYSTEM),
        )
        end = small.clock() + timedelta(days=30)
        for scopes in ([Permission.AUDIT], [Permission.SIGNED_IN], []):
            with pytest.raises(InvalidError):
                tokens.create(engineer, "a", scopes, end)
        for wrong in (small.clock(), small.clock() + timedelta(days=400)):
            with pytest.raises(InvalidError):
                tokens.create(engineer, "a", [Permission.SEARCH], wrong)
    opened = browser("engineer")
    form = form_to(opened.get(_PAGE), _PAGE)
    form["name"], form["ends"], form["password"] = "目录", "2021-04-01", "wrong"
    assert form.submit(expect_errors=True).status_int == 422


def make_token(opened: TestApp, *scopes: str, ends: str = "2021-04-01") -> str:
    """Fill the form; returns what is shown once."""
    form = form_to(opened.get(_PAGE), _PAGE)
    form["name"], form["ends"], form["password"] = "财务系统查目录", ends, PASSWORD
    for box in form.fields["scopes"]:
        box.checked = box._value in scopes
    page = form.submit()
    return str(page.html.find("button", {"class": "copy"})["data-copy"])


def with_token(program: TestApp, token: str) -> Any:
    """It shows its token with every request."""
    program.authorization = ("Bearer", token)
    return program
