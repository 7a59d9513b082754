"""The three administrators: each does his part, none can do another's, and the trail tells what they did."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, Page, expect

from archive.platform.accounts.models import Person
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from tests.browser.conftest import Served, complaints_of
from tests.factories.small_archive import PASSWORD

pytestmark = pytest.mark.servers

NEW = "a password of my own"
PAGES = {"sysadmin": "/people", "secadmin": "/rights", "auditadmin": "/audit"}
SignIn = Callable[..., Page]


@contextmanager
def _desks(browser: Browser, served: Served) -> Iterator[SignIn]:
    """Signs people in, each at a desk of his own."""
    contexts = []

    def sign_in(login: str, password: str = PASSWORD) -> Page:
        context = browser.new_context(base_url=served.address, locale="zh-CN", viewport={"width": 1366, "height": 768})
        context.set_default_timeout(15_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/sign-in")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(password)
        page.get_by_role("button", name="登录").click()
        page.wait_for_load_state()
        return page

    try:
        yield sign_in
    finally:
        for context in contexts:
            context.close()


def test_the_three_administrators(browser: Browser, served: Served) -> None:
    """One makes the account, its owner chooses his password, one gives the role, one sees both in the trail."""
    _give_password(served, "sysadmin")
    with _desks(browser, served) as sign_in:
        system, security, audit = (sign_in(login) for login in PAGES)
        given = _hire(system)
        newcomer = sign_in("liuyang", given)
        _choose_password(newcomer, given)
        expect(newcomer.get_by_role("navigation", name="主导航").get_by_role("link")).to_have_count(1)
        _make_records_officer(security)
        newcomer.reload()
        expect(newcomer.get_by_role("link", name="数字化")).to_be_visible()
        for act, who in (("新建用户", "管一"), ("本人修改密码", "刘洋"), ("更改角色", "管二")):
            audit.goto("/audit")
            expect(audit.locator("tr", has_text=act).filter(has_text=who)).to_have_count(1)
        _refused_elsewhere({"sysadmin": system, "secadmin": security, "auditadmin": audit})


def _give_password(served: Served, login: str) -> None:
    small = served.archive
    with small.parts.database.writing() as session:
        person = session.get_one(Person, small.people[login])
        AccountService(session, small.clock, SYSTEM).set_password(person, PASSWORD)


def _hire(page: Page) -> str:
    """A new account with a post; returns the password that is shown."""
    page.get_by_role("link", name="管理").click()
    complaints = complaints_of(page)
    page.get_by_role("link", name="新建用户").click()
    page.get_by_label("姓名").fill("刘洋")
    page.get_by_label("登录名").fill("liuyang")
    page.get_by_label("所属机构").select_option(label="工程部")
    page.get_by_label("岗位").fill("资料员")
    page.get_by_role("button", name="保存并发放初始密码").click()
    expect(page.get_by_text("它只显示这一次")).to_be_visible()
    given = page.locator(".notice .code").inner_text()
    assert re.fullmatch(r"[0-9a-f]{4}(-[0-9a-f]{4}){2}", given)
    complaints += complaints_of(page)
    page.get_by_role("navigation", name="位置").get_by_role("link").first.click()
    page.get_by_role("link", name="机构与岗位").click()
    complaints += complaints_of(page)
    page.get_by_role("link", name="工程部").click()
    expect(page.locator("tr", has_text="资料员").get_by_role("link", name="刘洋")).to_be_visible()
    assert complaints + complaints_of(page) == []
    return given


def _choose_password(page: Page, given: str) -> None:
    """Wherever he goes, the form comes first."""
    page.goto("/account/sessions")
    expect(page.get_by_role("heading", name="修改密码")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_label("原密码").fill(given)
    page.get_by_label(re.compile("^新密码")).fill(NEW)
    page.get_by_label("再输入一次新密码").fill(NEW)
    page.get_by_role("button", name="修改密码").click()
    expect(page.get_by_role("heading", name="今日")).to_be_visible()


def _make_records_officer(page: Page) -> None:
    """The role counts at once, and what became of his rights stands below."""
    page.get_by_role("link", name="管理").click()
    page.get_by_role("link", name="刘洋").click()
    page.get_by_label("兼职档案员").check()
    page.get_by_role("button", name="保存").click()
    expect(page.locator("tr", has_text="更改角色")).to_contain_text("兼职档案员")
    assert complaints_of(page) == []


def _refused_elsewhere(desks: dict[str, Page]) -> None:
    """Neither sees the others' pages, nor a record."""
    for login, page in desks.items():
        for owner, path in PAGES.items():
            assert page.request.get(path).status == (200 if owner == login else 403)
        for path in ("/search?q=安全", "/requests", "/boxes"):
            assert page.request.get(path).status == 403
