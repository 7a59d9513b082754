"""The viewer's closed states in a real browser: pages that are not granted, and the reading room that is elsewhere."""

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from archive.catalogue.models import Control, Item
from archive.platform.seats.models import Seat
from tests.browser.conftest import Served

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


@pytest.fixture
def item(served: Served) -> Iterator[str]:
    """The item with two pages, internal to another department than the reader's."""
    item_id = served.archive.items["safety"]
    with served.archive.parts.database.writing() as session:
        session.get_one(Item, item_id).control = Control.INTERNAL
    yield item_id
    with served.archive.parts.database.writing() as session:
        session.get_one(Item, item_id).control = Control.PUBLIC


def test_a_closed_page_says_why_and_leads_on(sign_in: SignIn, served: Served, item: str, faults: list[str]) -> None:
    """The granted page opens first; of the other nothing is fetched or shown but the reason; keys and strip lead on."""
    served.archive.grant("accountant", "safety", pages="2")
    page = sign_in("accountant")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(f"{served.address}/items/{item}/view")
    expect(page.locator("#where")).to_have_text("第 2 页，共 2 页")
    expect(page.locator(".leave")).to_contain_text("限第 2 页")
    expect(page.locator("#text")).to_contain_text("附件：活动安排表")
    page.keyboard.press("PageUp")
    expect(page.locator(".stage-note")).to_have_text("您没有获准阅览这一页。如需阅览，请另行申请。")
    expect(page.locator("#text")).to_have_text("")
    expect(page.locator("#strip .shut")).to_have_count(1)
    for key in ("+", "r", "0"):
        page.keyboard.press(key)
    page.keyboard.press("PageDown")
    expect(page.locator("#text")).to_contain_text("附件：活动安排表")
    expect(page.locator(".stage-note")).to_have_count(0)
    assert not [url for url in asked if "/pages/1/" in url or f"/iiif/{item}/1/" in url]


def test_elsewhere_the_way_to_the_room_is_shown(sign_in: SignIn, served: Served, item: str) -> None:
    """When the seat is closed under way the next piece ends it; opened again, the page names the reading room."""
    served.archive.grant("accountant", "safety", "2021-0030-01")
    page = sign_in("accountant")
    page.goto(f"{served.address}/items/{item}/view")
    expect(page.locator("#text")).to_contain_text("安全生产月")
    with served.archive.parts.database.writing() as session:
        seat = session.scalars(select(Seat)).one()
        seat.closed_at = served.archive.clock()
    page.keyboard.press("PageDown")
    expect(page.locator(".stage-note")).to_contain_text("阅览已结束")
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("请到阅览室阅览")
    page.get_by_role("link", name="查看目录信息").click()
    expect(page.locator(".notice")).to_contain_text("在登记的座位上登录后打开")
    with served.archive.parts.database.writing() as session:
        session.get_one(Seat, seat.id).closed_at = None
    page.goto(f"{served.address}/items/{item}/view")
    expect(page.locator(".leave")).to_contain_text("2021-0030-01")
