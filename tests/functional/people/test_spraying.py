"""Many accounts tried from one address: it is closed for a while, and the security administrator is told."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from webtest import TestApp

from archive.app import make_app
from archive.platform.audit.models import AuditEntry
from archive.platform.notifications.models import Notice
from archive.platform.parts import open_parts
from tests.factories.browsing import form_to, sign_in
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]
_ELSEWHERE = "203.0.113.9"


def test_many_accounts_from_one_address_close_it(browser: Browser, small: SmallArchive) -> None:
    """Known and unknown logins count alike; then even the right password is refused from there, in the same words, also
    after a restart; elsewhere everybody may sign in; in a quarter of an hour it is over."""
    for number in range(8):
        assert from_(browser(), _ELSEWHERE, f"name{number}", "Spring2021!").status_int == 422
    assert small_closed(small) == []
    assert from_(browser(), _ELSEWHERE, "accountant", "Spring2021!").status_int == 422
    refused = [from_(browser(), _ELSEWHERE, login, PASSWORD) for login in ("engineer", "nobody")]
    assert [answer.status_int for answer in refused] == [429, 429]
    assert all("暂停登录" in answer.text for answer in refused)
    with open_parts(small.parts.settings, small.clock) as parts:
        again = TestApp(make_app(parts))
        assert from_(again, _ELSEWHERE, "engineer", PASSWORD).status_int == 429
    assert sign_in(browser(), "engineer").status_int == 303
    assert small_closed(small) == [_ELSEWHERE]
    small.clock.pass_time(timedelta(minutes=15))
    assert from_(browser(), _ELSEWHERE, "engineer", PASSWORD).status_int == 303


def test_the_security_administrator_is_told_and_opens_it_again(browser: Browser, small: SmallArchive) -> None:
    """One notice with the address and how many were tried, no login in it; a button opens the address before time."""
    for number in range(9):
        from_(browser(), _ELSEWHERE, f"name{number}", "x")
    with small.parts.database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == "address_closed")).one()
        said = session.scalars(select(AuditEntry).where(AuditEntry.action == "accounts:address:closed")).one()
    assert (told.person_id, told.facts) == (small.people["secadmin"], {"address": _ELSEWHERE, "logins": "9"})
    assert (said.subject_id, said.details) == (_ELSEWHERE, {"logins": 9})
    page = browser("secadmin").get(told.link)
    assert _ELSEWHERE in page.text
    assert _ELSEWHERE not in form_to(page, "/rights/addresses").submit().follow().text
    assert from_(browser(), _ELSEWHERE, "engineer", PASSWORD).status_int == 303


def test_a_network_of_the_new_protocol_is_one_address(browser: Browser) -> None:
    """Who has one IPv6 address has the 2^64 beside it."""
    for number in range(9):
        from_(browser(), f"2001:db8:1:2::{number}", f"name{number}", "x")
    assert from_(browser(), "2001:db8:1:2:ffff::1", "engineer", PASSWORD).status_int == 429
    assert from_(browser(), "2001:db8:1:3::1", "engineer", PASSWORD).status_int == 303


def test_somebody_who_forgot_his_password_closes_nothing(browser: Browser, small: SmallArchive) -> None:
    """One login tried again and again rests by itself; the colleagues behind the same address are not kept out."""
    for _attempt in range(12):
        from_(browser(), _ELSEWHERE, "accountant", "forgotten")
    assert from_(browser(), _ELSEWHERE, "engineer", PASSWORD).status_int == 303
    assert small_closed(small) == []


def small_closed(small: SmallArchive) -> list[str]:
    """Which addresses the audit says were closed."""
    with small.parts.database.reading() as session:
        closed = select(AuditEntry.subject_id).where(AuditEntry.action == "accounts:address:closed")
        return list(session.scalars(closed))


def from_(visitor: TestApp, address: str, login: str, password: str) -> Any:
    """The answer to a try from an address."""
    visitor.extra_environ["REMOTE_ADDR"] = address
    return sign_in(visitor, login, password)
