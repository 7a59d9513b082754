"""The reader's story in a real browser: from the hit list to the viewer, with a question on the way."""

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


def test_from_the_hit_list_to_the_viewer(page: Page, hand_to: SignIn, served: Served, faults: list[str]) -> None:
    """Two items ticked and asked for together; one is returned with a question, answered, approved, and read."""
    hand_to("accountant")
    put_aside(page, served)
    address = ask_for_both(page)

    hand_to("director")
    decide(page, served, "退回补充", "请写明用到哪几页")
    hand_to("accountant")
    page.goto(address)
    expect(page.get_by_text("请写明用到哪几页")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_label("补充说明").fill("第一页的预算")
    page.get_by_role("button", name="补充后再次提交").click()
    for login in ("director", "archivist"):
        hand_to(login)
        decide(page, served, "同意")

    hand_to("accountant")
    page.goto(address)
    page.get_by_role("link", name="在线阅览").click()
    expect(page.get_by_text("仅供在线阅览")).to_be_visible()
    page.goto(f"{served.address}/requests")
    page.get_by_role("link", name=re.compile("再次申请")).first.click()
    expect(page.get_by_role("textbox", name="利用目的")).to_have_value("编写年鉴设备篇")


def put_aside(page: Page, served: Served) -> None:
    """Tick one item of each of two hit lists."""
    for words, title in (("车床", "关于购置数控车床的请示"), ("安全生产月", "安全生产月")):
        page.goto(f"{served.address}/search?q={words}")
        page.get_by_role("checkbox", name=re.compile(title)).check()
        page.get_by_role("button", name="勾选的放入申请单").click()
    expect(page.get_by_role("link", name="申请单里有 2 件")).to_be_visible()
    assert complaints_of(page) == []


def ask_for_both(page: Page) -> str:
    """To read the one, and for a copy of the other, which is open to everybody; returns the page of the request."""
    page.get_by_role("link", name="申请单里有 2 件").click()
    expect(page.get_by_text("现在即可在线查阅")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("group", name=re.compile("安全生产月")).get_by_label("复制").check()
    page.get_by_label("目的类别").select_option(label="编史修志")
    page.get_by_role("textbox", name="利用目的").fill("编写年鉴设备篇")
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_text("审批中").first).to_be_visible()
    assert complaints_of(page) == []
    return page.url


def decide(page: Page, served: Served, verdict: str, comment: str = "") -> None:
    """Decide about the lathe in the inbox."""
    page.goto(f"{served.address}/inbox")
    line = page.locator(".inbox-line", has_text="数控车床")
    line.get_by_label("审批意见").fill(comment)
    line.get_by_role("button", name=verdict, exact=True).click()
    expect(line).to_have_count(0)


def test_the_pages_of_the_desk(page: Page, hand_to: SignIn, served: Served, faults: list[str]) -> None:
    """Paper forms, leaders, standing authorisations and the form for a task can be used without seeing them."""
    item = served.archive.items["accounts"]
    hand_to("archivist")
    for path in (
        f"/requests/signed?item={item}",
        f"/leaders/new?item={item}",
        "/leaders",
        "/standing",
        "/standing/new",
    ):
        page.goto(f"{served.address}{path}")
        assert complaints_of(page) == []
    page.goto(f"{served.address}/requests/signed?item={item}")
    page.get_by_label("申请人登录名").fill("engineer")
    page.get_by_role("textbox", name="利用目的").fill("核对")
    page.get_by_role("button", name="下一步").click()
    expect(page.get_by_label("审批单扫描件")).to_be_visible()
    assert complaints_of(page) == []
    hand_to("director")
    for path in ("/tasks", "/tasks/2021-03"):
        page.goto(f"{served.address}{path}")
        assert complaints_of(page) == []
