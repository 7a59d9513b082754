"""The approver's story in a real browser: ask back, decide, let a colleague decide, and change who decides."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, complaints_of

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


@pytest.fixture
def hand_to(page: Page, sign_in: SignIn) -> SignIn:
    """Gives the browser to somebody else."""

    def hand(login: str) -> Page:
        page.context.clear_cookies()
        return sign_in(login)

    return hand


def ask(page: Page, served: Served, purpose: str) -> None:
    """Ask to read the internal notice of the office."""
    page.goto(f"{served.address}/requests/new?item={served.archive.items['lathe']}")
    page.get_by_role("textbox", name="利用目的").fill(purpose)
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_text("审批中").first).to_be_visible()


def test_the_approvers_day(page: Page, hand_to: SignIn, served: Served, faults: list[str]) -> None:
    """Two requests: one is returned with a question and answered, then both are approved at once, by a delegate."""
    for login, purpose in (("engineer", "核对设备折旧"), ("accountant", "编制预算")):
        ask(hand_to(login), served, purpose)
    hand_to("director")
    page.get_by_role("banner").get_by_role("link", name=re.compile("待办审批")).click()
    expect(page.get_by_text("有 2 项等您审批")).to_be_visible()
    assert complaints_of(page) == []
    line = page.locator(".inbox-line", has_text="核对设备折旧")
    line.get_by_label("审批意见").fill("请写明核对哪几台设备")
    line.get_by_role("button", name="退回补充").click()
    expect(page.get_by_text("有 1 项等您审批")).to_be_visible()

    page.get_by_role("link", name="委托", exact=True).click()
    page.get_by_label("受托人").select_option(label="沈鉴 · 办公室")
    page.get_by_role("button", name="委托", exact=True).click()
    expect(page.get_by_text("生效中")).to_be_visible()
    assert complaints_of(page) == []

    hand_to("engineer")
    page.goto(f"{served.address}/inbox/asked")
    expect(page.get_by_text("请写明核对哪几台设备")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("link", name="补充说明").click()
    page.get_by_label("补充说明").fill("三号、四号车床")
    page.get_by_role("button", name="补充后再次提交").click()
    expect(page.get_by_role("cell", name="三号、四号车床")).to_be_visible()
    assert complaints_of(page) == []

    hand_to("archivist")
    page.goto(f"{served.address}/inbox")
    expect(page.get_by_text("代方正审批")).to_have_count(2)
    for box in page.get_by_role("checkbox").all():
        box.check()
    page.get_by_label("对所有勾选的申请").fill("同意，代方主任")
    page.get_by_role("button", name="全部同意").click()
    page.get_by_role("link", name="我已办理").click()
    expect(page.get_by_text("代方正 同意，代方主任")).to_have_count(2)
    assert complaints_of(page) == []


def test_the_table_of_chains(page: Page, hand_to: SignIn, served: Served, faults: list[str]) -> None:
    """The security administrator names one archivist, sees the new version, and tries out who would decide."""
    hand_to("secadmin")
    page.goto(f"{served.address}/chains?asked=paper")
    assert complaints_of(page) == []
    row = page.get_by_role("row", name=re.compile("内部 其他部门"))
    row.get_by_role("link", name="修改").click()
    assert complaints_of(page) == []
    page.get_by_label("第 3 环节由谁审批").select_option(label="人员：沈鉴 · 办公室")
    page.get_by_label("第 3 环节的时限，天").fill("2")
    page.get_by_label("更改的原因").fill("原件由沈鉴经手")
    page.get_by_role("button", name="保存为新版本").click()
    expect(row).to_contain_text("沈鉴 · 办公室 2 天内")
    expect(page.get_by_role("row", name=re.compile("第 1 版"))).to_contain_text("原件由沈鉴经手")
    page.get_by_label("申请人").select_option(label="李工 · 工程部")
    page.get_by_label("档案所属部门").select_option(label="财务部")
    page.get_by_role("button", name="试一试").click()
    expect(page.locator(".would-decide li")).to_have_text([re.compile("钱明"), re.compile("方正"), re.compile("沈鉴")])
    assert complaints_of(page) == []
