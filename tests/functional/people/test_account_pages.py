"""One's own account, and what the administrators keep, in a browser without scripts."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.platform.accounts.models import Clearance, Person, Post, Role, Unit
from archive.platform.accounts.security import COOKIE
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.approval.models import ApprovalCase
from archive.platform.approval.service import ApprovalService
from archive.platform.approval.workflow import StepSpec
from archive.platform.audit.models import AuditEntry
from archive.platform.db import new_id
from tests.factories.browsing import form_to, sign_in
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]
NEW = "an entirely new one"


def stored(small: SmallArchive, login: str) -> Person:
    """A person as the database has him now."""
    with small.parts.database.reading() as session:
        return session.scalars(select(Person).where(Person.login == login)).one()


def hire(sysadmin: TestApp, login: str, **more: str) -> Any:
    """Fill the form for a new account; returns the answer."""
    form = form_to(sysadmin.get("/people/new"), "/people/new")
    form["login"], form["name"] = login, more.get("name", "新人")
    form["unit"], form["post"] = form["unit"].options[1][0], more.get("post", "")
    return form.submit(expect_errors=True)


def given_in(page: Any) -> str:
    """The password that stands on a page."""
    return str(re.search(r'data-copy="([0-9a-f]{4}(?:-[0-9a-f]{4}){2})"', page.text)[1])  # type: ignore[index]


def change_password(person: TestApp, old: str, new: str, again: str | None = None) -> Any:
    """Fill the form for one's own password; returns the answer."""
    form = form_to(person.get("/account/password"), "/account/password")
    form["old"], form["password"], form["again"] = old, new, new if again is None else again
    return form.submit(expect_errors=True)


def test_a_given_password_is_shown_once_and_changed_before_anything_else(browser: Browser, small: SmallArchive) -> None:
    """The new person gets nowhere until he has chosen his own; the given one then opens nothing."""
    sysadmin = browser("sysadmin")
    answer = hire(sysadmin, "liuyang", name="刘洋", post="调度员")
    given = given_in(answer)
    assert given not in sysadmin.get(f"/people/{stored(small, 'liuyang').id}").text
    new = browser()
    assert sign_in(new, "liuyang", given).status_int == 303
    for path in ("/", "/search", "/account/sessions", f"/items/{small.items['safety']}"):
        refused = new.get(path, expect_errors=True)
        assert refused.headers["Location"].endswith("/account/password"), path
    assert "初始密码" in new.get("/account/password").text
    assert change_password(new, given, NEW).headers["Location"].endswith("/")
    assert new.get("/").status_int == 200
    assert sign_in(browser(), "liuyang", given).status_int == 422
    assert sign_in(browser(), "liuyang", NEW).status_int == 303


@pytest.mark.parametrize(
    ("old", "new", "again", "field"),
    [
        ("wrong", NEW, NEW, "old"),
        (PASSWORD, NEW, "different", "again"),
        (PASSWORD, "short", "short", "password"),
        (PASSWORD, PASSWORD, PASSWORD, "password"),
        (PASSWORD, "engineer-2021", "engineer-2021", "password"),
        (PASSWORD, "", "", "password"),
    ],
)
def test_a_password_that_cannot_be_used_is_refused_beside_its_field(
    browser: Browser, old: str, new: str, again: str, field: str
) -> None:
    """The old one is asked for, the rules stand beside the field, and the old one still works after a refusal."""
    engineer = browser("engineer")
    answer = change_password(engineer, old, new, again)
    assert answer.status_int == 422
    assert answer.html.find(id=f"{field}-error") is not None
    assert sign_in(browser(), "engineer").status_int == 303


def test_guessing_the_old_password_locks_the_account(browser: Browser) -> None:
    """Whoever found an open browser cannot try passwords without end."""
    engineer = browser("engineer")
    for _attempt in range(5):
        change_password(engineer, "wrong", NEW)
    assert change_password(engineer, PASSWORD, NEW).status_int == 422
    assert sign_in(browser(), "engineer").status_int == 422


def test_a_changed_password_ends_all_other_sessions(browser: Browser) -> None:
    """The browser in which it was changed stays signed in, every other one is out."""
    here, elsewhere = browser("engineer"), browser("engineer")
    assert change_password(here, PASSWORD, NEW).status_int == 303
    assert here.get("/").status_int == 200
    assert elsewhere.get("/").status_int == 303


def test_sessions_are_listed_and_ended(browser: Browser, small: SmallArchive) -> None:
    """Each shows device, address and times; one or all others can be ended, another person's cannot."""
    here, third, stranger = (browser(login) for login in ("engineer", "engineer", "director"))
    second = browser()
    second.extra_environ["HTTP_USER_AGENT"] = "Mozilla/5.0 (Windows NT 10.0) Gecko/20100101 Firefox/128.0"
    sign_in(second, "engineer")
    small.clock.pass_time(timedelta(minutes=1))
    page = here.get("/account/sessions")
    assert "Firefox · Windows" in page.text
    assert "127.0.0.1" in page.text
    digests = [form["session"].value for form in page.forms.values() if "session" in form.fields]
    assert len(digests) == 2
    token = page.html.find("meta", {"name": "csrf-token"})["content"]
    theirs = form_to(stranger.get("/account/sessions"), "/sign-out")["csrf_token"].value
    refused = stranger.post("/account/sessions", {"csrf_token": theirs, "session": digests[0]}, expect_errors=True)
    assert refused.status_int == 404
    here.post("/account/sessions", {"csrf_token": token, "session": digests[0]})
    here.post("/account/sessions", {"csrf_token": token})
    assert [one.get("/").status_int for one in (here, second, third, stranger)] == [200, 303, 303, 200]


def test_the_table_of_permissions_is_open_to_everybody(browser: Browser) -> None:
    """谁能做什么 stands behind the name in the bar, for a reader as for an administrator."""
    for login in ("engineer", "auditadmin"):
        page = browser(login).get("/").click("谁能做什么")
        assert "三员" in page.text
        assert len(page.html.select("table.permissions thead th")) == len(Role) + 1


def test_bad_input_for_a_new_account_is_said_beside_the_field(browser: Browser, small: SmallArchive) -> None:
    """A taken login (also in capitals), a missing name, a missing unit, a name beyond all bounds: nothing is made."""
    sysadmin = browser("sysadmin")
    for login, name, unit, field in (
        ("engineer", "重名", True, "login"),
        ("ENGINEER", "重名", True, "login"),
        ("", "无名", True, "login"),
        ("x" * 65, "太长", True, "login"),
        ("fresh", "", True, "name"),
        ("fresh", "名" * 101, True, "name"),
        ("fresh", "无机构", False, "unit"),
    ):
        form = form_to(sysadmin.get("/people/new"), "/people/new")
        form["login"], form["name"] = login, name
        form["unit"] = form["unit"].options[1 if unit else 0][0]
        answer = form.submit(expect_errors=True)
        assert answer.status_int == 422, login
        assert answer.html.find(id=f"{field}-error") is not None, (login, field)
    with small.parts.database.reading() as session:
        assert session.scalar(select(Person).where(Person.login == "fresh")) is None


def test_thousands_of_people_are_paged_and_found(browser: Browser, small: SmallArchive) -> None:
    """Fifty stand on a page; words of name, login, post or unit find the one, and a sign of patterns is only a sign."""
    with small.parts.database.writing() as session:
        unit = session.scalars(select(Unit).where(Unit.code == "GCB")).one()
        made = [
            Person(login=f"p{n:04}", name=f"员工{n}", unit_id=unit.id, created_at=small.clock()) for n in range(1200)
        ]
        session.add_all(made)
        session.flush()
        AccountService(session, small.clock, SYSTEM).begin_holding(made[77], Post(unit_id=unit.id, name="绘图员"))
    sysadmin = browser("sysadmin")
    first = sysadmin.get("/people")
    assert "共 1,210 人" in first.text
    assert len(first.html.select("table.list tbody tr")) == 50
    assert len(sysadmin.get("/people?page=25").html.select("table.list tbody tr")) == 10
    for words in ("p0077", "员工77 工程部", "绘图员"):
        found = sysadmin.get("/people", {"q": words})
        assert "p0077" in found.text, words
    assert "没有符合条件的用户" in sysadmin.get("/people", {"q": "p%77"}).text
    assert "p0077" in browser("secadmin").get("/rights", {"q": "绘图员"}).text


def test_leaving_a_post_and_closing_an_account(browser: Browser, small: SmallArchive) -> None:
    """The page asks who takes over; history shows who held the post when; the closed account is out at once."""
    sysadmin, accountant = browser("sysadmin"), browser("accountant")
    person_id = small.people["accountant"]
    form = form_to(sysadmin.get(f"/people/{person_id}"), "/posts")
    form["post"] = "会计"
    page = form.submit().follow()
    leaving = page.click("办理离岗")
    assert "没有未办结的事项" in leaving.text
    form = form_to(leaving, "/leave")
    form["successor"] = "nobody at all"
    refused = form.submit(expect_errors=True)
    assert refused.html.find(id="successor-error") is not None
    form["successor"] = "finance_head"
    form.submit().follow()
    history = sysadmin.get(f"/people/{person_id}").click("会计", index=0)
    assert ("孙敏" in history.text, "钱明" in history.text) == (True, True)
    form_to(sysadmin.get(f"/people/{person_id}/leave"), "/leave").submit()
    assert accountant.get("/").status_int == 303
    assert sign_in(browser(), "accountant").status_int == 422
    assert "孙敏" in sysadmin.get("/people?state=closed").text
    form_to(sysadmin.get(f"/people/{person_id}"), "/reopen").submit()
    assert stored(small, "accountant").roles == frozenset()


def test_whoever_leaves_in_the_middle_of_an_approval_leaves_nothing_hanging(
    browser: Browser, small: SmallArchive
) -> None:
    """What waits for him by name is shown, he cannot leave without a successor, and then it waits for that one."""
    with small.parts.database.writing() as session:
        applicant, named = (session.get_one(Person, small.people[login]) for login in ("engineer", "accountant"))
        approval = ApprovalService(session, small.clock, SYSTEM)
        case = approval.open("reading", new_id(), applicant, [StepSpec(person_id=named.id)], label="2021-0077-01")
    address = f"/people/{small.people['accountant']}/leave"
    form = form_to(browser("sysadmin").get(address), "/leave")
    assert "2021-0077-01" in form.response.text
    refused = form.submit(expect_errors=True)
    assert (refused.status_int, "请先选择接手人" in refused.text) == (422, True)
    assert stored(small, "accountant").active
    form["successor"] = "finance_head"
    form.submit()
    assert not stored(small, "accountant").active
    with small.parts.database.reading() as session:
        assert session.get_one(ApprovalCase, case.id).steps[0].person_id == small.people["finance_head"]


def test_units_are_kept_as_a_tree(browser: Browser, small: SmallArchive) -> None:
    """New, moved, renamed; a circle and a taken code are refused with words; closed only when it is empty."""
    sysadmin = browser("sysadmin")
    form = form_to(sysadmin.get("/units"), "/units")
    form["name"], form["code"] = "南方分公司", "NF"
    unit = form.submit().follow()
    form = form_to(sysadmin.get("/units"), "/units")
    form["name"], form["code"] = "另一个", "NF"
    taken = form.submit(expect_errors=True)
    assert taken.html.find(id="code-error") is not None
    with small.parts.database.reading() as session:
        ids = {one.code: one.id for one in session.scalars(select(Unit))}
    form = form_to(sysadmin.get(f"/units/{ids['GCB']}"), f"/units/{ids['GCB']}")
    form["parent"] = ids["NF"]
    form.submit()
    form = form_to(sysadmin.get(f"/units/{ids['NF']}"), f"/units/{ids['NF']}")
    form["parent"] = ids["GCB"]
    assert form.submit(expect_errors=True).html.find(id="parent-error") is not None
    refused = form_to(sysadmin.get(f"/units/{ids['NF']}"), "/close").submit(expect_errors=True)
    assert "1 个下级机构" in refused.text
    form = form_to(unit, "/posts")
    form["post"] = "经理"
    assert "空缺" in form.submit().follow().text


def test_the_security_administrator_gives_roles_and_clearance(browser: Browser, small: SmallArchive) -> None:
    """They count from the next request; a forbidden combination is refused with words; the page keeps the history."""
    secadmin, engineer = browser("secadmin"), browser("engineer")
    address = f"/rights/{small.people['engineer']}"
    form = form_to(secadmin.get(address), address)
    for box in form.fields["roles"]:
        box.checked = box._value in {Role.READER, Role.RECORDS_OFFICER}
    form["clearance"] = "secret"
    page = form.submit().follow()
    assert engineer.get("/batches").status_int == 200
    person = stored(small, "engineer")
    assert person.roles == {Role.READER, Role.RECORDS_OFFICER}
    assert person.clearance is Clearance.SECRET
    assert "更改角色" in page.text
    for box in form.fields["roles"]:
        box.checked = True
    refused = form.submit(expect_errors=True)
    assert (refused.status_int, "不得由一人兼任" in refused.text) == (422, True)
    assert stored(small, "engineer").roles == person.roles


def test_the_security_administrator_unlocks_and_ends_sessions(browser: Browser, small: SmallArchive) -> None:
    """A locked account opens again, and a session ends at once; the list names who is signed in where."""
    secadmin, engineer = browser("secadmin"), browser("engineer")
    for _attempt in range(5):
        sign_in(browser(), "engineer", "wrong")
    page = secadmin.get(f"/rights/{small.people['engineer']}")
    assert "账户锁定到" in page.text
    form_to(page, "/unlock").submit()
    assert sign_in(browser(), "engineer").status_int == 303
    assert "李工" in secadmin.get("/rights/sessions").text
    form_to(secadmin.get(f"/rights/{small.people['engineer']}"), "/sessions").submit()
    assert engineer.get("/").status_int in {200, 303}
    token = secadmin.get("/rights").html.find("meta", {"name": "csrf-token"})["content"]
    secadmin.post(f"/rights/{small.people['engineer']}/sessions", {"csrf_token": token})
    assert engineer.get("/").status_int == 303


def test_each_administrator_is_refused_the_pages_of_the_others(browser: Browser, small: SmallArchive) -> None:
    """System, security and audit administrator each have their own pages, and no way to a record."""
    pages = {"sysadmin": ("/people", "/units"), "secadmin": ("/rights", "/rights/sessions"), "auditadmin": ("/audit",)}
    records = ("/search", f"/items/{small.items['safety']}", "/requests", "/inbox", "/boxes", "/batches")
    for login in pages:
        administrator = browser(login)
        for owner, paths in pages.items():
            for path in paths:
                assert administrator.get(path, expect_errors=True).status_int == (200 if owner == login else 403), path
        for path in records:
            assert administrator.get(path, expect_errors=True).status_int in {403, 404}, (login, path)


def test_the_trail_names_each_act_and_no_password(browser: Browser, small: SmallArchive) -> None:
    """What the administrators did stands in the audit trail, in their names, without the password that was given."""
    given = given_in(hire(browser("sysadmin"), "liuyang"))
    with small.parts.database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.actor_name == "管一")).all()
    assert {"accounts:person:created", "accounts:password:set"} <= {entry.action for entry in entries}
    assert not [entry for entry in entries if given in str(entry.details)]


def test_a_stolen_form_of_the_first_password_opens_nothing_else(browser: Browser) -> None:
    """While the first password waits to be changed, the session can sign out, and do nothing to anybody."""
    given = given_in(hire(browser("sysadmin"), "liuyang"))
    new = browser()
    sign_in(new, "liuyang", given)
    token = new.get("/account/password").html.find("meta", {"name": "csrf-token"})["content"]
    for path in ("/account/sessions", "/requests/new", "/people", "/rights"):
        assert new.post(path, {"csrf_token": token}, expect_errors=True).status_int in {303, 404}, path
    new.post("/sign-out", {"csrf_token": token})
    assert COOKIE not in new.cookies
