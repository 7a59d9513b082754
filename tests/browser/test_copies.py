"""The archivist makes a copy and hands it over; somebody without an account verifies it."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from archive.platform.approval.chains import Asked
from tests.browser.conftest import Served
from tests.factories.copying import approved_line

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


def test_a_copy_from_the_desk_to_whoever_holds_it(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """Pages chosen, compared, numbered, printed, handed over; the code on the paper tells that it is genuine."""
    approved_line(served.archive, "engineer", "safety", Asked.COPY)
    page = sign_in("archivist")
    page.get_by_role("link", name="复制与证明").click()
    page.get_by_role("link", name="制作").first.click()
    page.get_by_label("复制哪些页").fill("1-2")
    page.get_by_role("button", name="开始制作").click()
    page.get_by_role("checkbox").check()
    page.get_by_role("button", name="核对无误，编号").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("0001号")
    code = page.locator(".code-copy .code").inner_text()
    with page.expect_popup() as printed:
        page.get_by_role("button", name="打印").click()
    printed.value.close()
    page.reload()
    page.get_by_label("交付张数").fill("2")
    page.get_by_role("button", name="登记交付").click()
    expect(page.locator(".status").first).to_have_text("已交付")
    page.goto(f"{served.address}/copies/register")
    page.context.clear_cookies()
    page.goto(f"{served.address}/verify")
    page.get_by_label("验证码").fill(code.lower())
    page.get_by_role("button", name="验证").click()
    expect(page.get_by_role("status")).to_contain_text("有效")
    expect(page.locator("dl")).to_contain_text(re.compile(r"复〔2021〕0001号"))
    page.get_by_label("验证码").fill("0000-0000-0000-0000")
    page.get_by_role("button", name="验证").click()
    expect(page.get_by_role("alert")).to_contain_text("查无此件")
