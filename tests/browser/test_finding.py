"""Finding and reading in a real browser: from the search box to the marked word on the page image."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import Served

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


def test_from_the_box_to_the_word_on_the_page(sign_in: SignIn, faults: list[str]) -> None:
    """`/` reaches the box from anywhere; a hit opens the viewer with its words marked on image and text."""
    page = sign_in("accountant")
    page.keyboard.press("/")
    page.keyboard.type("應急演練")
    page.keyboard.press("Enter")
    expect(page.locator("li.hit")).to_have_count(1)
    page.get_by_role("link", name="第 2 页").click()
    expect(page.locator("#where")).to_have_text("第 2 页，共 2 页")
    expect(page.locator(".stage .box-current")).to_be_visible()
    expect(page.locator("#text mark.mark-current")).to_have_text("应急演练")


def test_hits_are_walked_by_keys_over_pages(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """`n` goes from hit to hit and on to the next page, `p` comes back; the counter says where one is."""
    page = sign_in("accountant")
    page.goto(f"{served.address}/items/{served.archive.items['safety']}/view?q=演练")
    which = page.locator("#which")
    expect(which).to_have_text("第 1 处，共 4 处")
    for number in (2, 3, 4):
        page.keyboard.press("n")
        expect(which).to_have_text(f"第 {number} 处，共 4 处")
    expect(page.locator("#where")).to_have_text("第 2 页，共 2 页")
    page.keyboard.press("n")
    expect(which).to_have_text("第 1 处，共 4 处")
    page.keyboard.press("p")
    expect(which).to_have_text("第 4 处，共 4 处")


def test_the_marked_box_lies_on_the_word(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """The box on the image has the place and size that the word has on the page."""
    page = sign_in("accountant")
    page.goto(f"{served.address}/items/{served.archive.items['safety']}/view?q=应急演练")
    box = page.locator(".box-current")
    expect(box).to_be_visible()
    placed = box.bounding_box()
    stage = page.locator("#stage").bounding_box()
    assert placed is not None
    assert stage is not None
    drawn = (4 * 30 + 4) / (30 * 1.35 + 4)  # four characters of 30 pixels, a line 1.35 high, 2 pixels of margin around
    assert placed["width"] / placed["height"] == pytest.approx(drawn, rel=0.05)
    assert stage["x"] < placed["x"] < stage["x"] + stage["width"]


def test_a_closed_item_shows_its_line_and_the_way_on(sign_in: SignIn, served: Served) -> None:
    """The page of a closed item offers the request, and neither pages nor file names."""
    page = sign_in("engineer")
    page.goto(f"{served.address}/items/{served.archive.items['accounts']}")
    expect(page.get_by_role("heading", level=1)).to_have_text("2020年度财务决算工作总结")
    expect(page.get_by_role("link", name="申请阅览")).to_be_visible()
    expect(page.get_by_role("link", name="查阅")).to_have_count(0)
    assert ".png" not in page.content()


def test_reading_ends_with_the_grant(sign_in: SignIn, served: Served) -> None:
    """The banner says until when; once that is past, turning the page takes everything out of sight."""
    served.archive.grant("accountant", "lathe")
    page = sign_in("accountant")
    page.goto(f"{served.address}/items/{served.archive.items['lathe']}/view")
    expect(page.get_by_text("可阅至")).to_be_visible()
    expect(page.locator("#text")).to_contain_text("拟购置数控车床")
    served.archive.clock.pass_time(timedelta(hours=4))
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("无权进行此操作")
    expect(page.get_by_text("拟购置数控车床")).to_have_count(0)


def test_the_viewer_fits_a_tablet(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """On a tablet held upright nothing is cut off sideways, and the page image has most of the room."""
    page = sign_in("accountant")
    page.set_viewport_size({"width": 768, "height": 1024})
    page.goto(f"{served.address}/items/{served.archive.items['safety']}/view")
    expect(page.locator("#text")).to_contain_text("安全生产月")
    assert page.evaluate("document.documentElement.scrollWidth") <= 768
    stage = page.locator("#stage").bounding_box()
    assert stage is not None
    assert stage["width"] * stage["height"] > 0.4 * 768 * 1024
