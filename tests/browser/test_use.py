"""Use is told in a real browser: a notice asks what it was good for, and the archivist sees register and figures."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from archive.borrowing.ledger.effects import ask_for_effects
from tests.browser.conftest import Served, complaints_of
from tests.factories.used_archive import use

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


def test_what_use_was_good_for(page: Page, sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """The reader opens his notice, tells the effect, and the archivist finds it in register, statistics and effects."""
    archive = served.archive
    use(archive)
    archive.clock.pass_time(timedelta(days=1, hours=1))
    ask_for_effects(archive.parts)
    sign_in("engineer")
    page.get_by_role("banner").get_by_role("link", name=re.compile("^消息")).click()
    expect(page.get_by_role("heading", name="消息")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("link", name="邮件通知").click()
    page.get_by_label("电子邮箱").fill("engineer@example.com")
    page.get_by_label("我的申请已办结").select_option(label="每日汇总")
    page.get_by_role("button", name="保存").click()
    expect(page.get_by_text("已保存。")).to_be_visible()
    assert complaints_of(page) == []

    page.context.clear_cookies()
    sign_in("archivist")
    page.get_by_role("link", name="利用登记", exact=True).click()
    expect(page.get_by_text("人次").first).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("link", name="利用统计").click()
    page.get_by_label("统计方式").select_option(label="利用方式")
    page.get_by_role("button", name="查看").click()
    expect(page.get_by_role("img", name="按利用方式统计的件次")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("main").get_by_role("link", name="利用效果").click()
    expect(page.get_by_text("126,000").first).to_be_visible()
    assert complaints_of(page) == []
    assert faults == []
