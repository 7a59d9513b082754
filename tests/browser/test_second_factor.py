"""Binding a device and signing in with its code, as a person does it in a browser."""

import os
from collections.abc import Callable
from pathlib import Path

import pyotp
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served, complaints_of
from tests.factories.small_archive import PASSWORD


def test_bind_a_device_and_sign_in_with_its_code(
    page: Page, served: Served, sign_in: Callable[[str], Page], faults: list[str]
) -> None:
    """Password, picture, code, recovery codes; then password, code, and the page of the day; a wrong code is said."""
    sign_in("engineer")
    page.get_by_role("button", name="李工").click()
    page.get_by_role("link", name="我的账户").click()
    page.get_by_role("link", name="两步验证").click()
    page.get_by_label("密码").fill(PASSWORD)
    look(page, "factor-begin")
    page.get_by_role("button", name="绑定手机").click()
    picture = page.get_by_role("img", name="供验证器扫描的二维码")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth > 0")
    secret = page.locator("[data-copy]").get_attribute("data-copy")
    assert secret is not None
    device = pyotp.TOTP(secret)
    page.get_by_label("验证码").fill(device.at(served.archive.clock()))
    look(page, "factor-picture")
    page.get_by_role("button", name="启用").click()
    expect(page.locator("ul.codes li")).to_have_count(10)
    recovery = page.locator("ul.codes li").first.inner_text()
    look(page, "factor-codes")
    assert complaints_of(page) == []
    page.get_by_role("link", name="已保存，继续").click()
    page.get_by_role("button", name="李工").click()
    page.get_by_role("button", name="退出登录").click()
    page.get_by_label("登录名").fill("engineer")
    page.get_by_label("密码").fill(PASSWORD)
    look(page, "sign-in")
    page.get_by_role("button", name="登录").click()
    page.get_by_label("验证码").fill("000000")
    look(page, "code")
    faults.clear()
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("alert")).to_contain_text("验证码不正确")
    look(page, "code-wrong")
    assert complaints_of(page) == []
    page.get_by_label("验证码").fill(recovery)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(f"{served.address}/")
    # The browser itself says of every refused form that it was refused.
    faults[:] = [said for said in faults if "422" not in said]


def look(page: Page, name: str) -> None:
    """Keep a picture of the page where a person asks for them."""
    if folder := os.environ.get("DANGGUI_PICTURES"):
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)
