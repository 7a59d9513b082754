"""The archivist at the desk: paper fetched, handed over and taken back with a few keys; an alarm at closing time."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from archive.borrowing.paper.keeping import watch_paper
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from tests.browser.conftest import Served, complaints_of
from tests.factories.papers import Counter, put_in_box

pytestmark = pytest.mark.servers


def _ask(served: Served) -> str:
    """The accountant asked for the paper of the accounts; gives their archival code."""
    archive = served.archive
    with archive.parts.database.writing() as session:
        item = session.get_one(Item, archive.items["accounts"])
        put_in_box(session, item, archive.clock)
        Counter(session, archive.clock).ask(session.get_one(Person, archive.people["accountant"]), item)
        return str(item.code)


def test_the_archivist_at_the_desk(served: Served, sign_in: Callable[[str], Page], faults: list[str]) -> None:
    """From the code to the hand-over and back by keyboard alone; every page is accessible; closing time is red."""
    code = _ask(served)
    page = sign_in("archivist")
    page.goto(f"{served.address}/desk")
    expect(page.get_by_label("档号")).to_be_focused()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="为 孙敏 调出")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_label("清点页数")).to_be_focused()
    assert complaints_of(page) == []
    page.keyboard.type("2")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="在阅")).to_contain_text("1")
    expect(page.get_by_text("1 件在阅，16:30 到点")).to_be_visible()
    assert complaints_of(page) == []
    served.archive.clock.pass_time(timedelta(hours=7))
    watch_paper(served.archive.parts)
    page.goto(f"{served.address}/")
    expect(page.get_by_role("alert")).to_contain_text("仍有 1 件原件在阅")
    page.goto(f"{served.address}/desk")
    expect(page.get_by_text("闭馆未还")).to_be_visible()
    page.keyboard.type(code)
    page.keyboard.press("Enter")
    expect(page.get_by_label("清点页数")).to_be_focused()
    page.keyboard.type("1")
    page.keyboard.press("Enter")
    expect(page.get_by_label("说明")).to_have_attribute("aria-invalid", "true")
    page.get_by_label("说明").fill("缺第 2 页")
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="放回 Z109-2021-Y-CWB-1")).to_be_focused()
    assert complaints_of(page) == []
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="放回 Z109-2021-Y-CWB-1")).to_have_count(0)
    page.goto(f"{served.address}/desk/incidents")
    expect(page.get_by_text("已报告，待查找或鉴定")).to_be_visible()
    for path in ("/desk/incidents", "/desk/out", "/desk/out/new", "/desk/visitors/new", "/desk/hours", "/reading-room"):
        page.goto(f"{served.address}{path}")
        assert complaints_of(page) == []
    # The browser says itself that a form was refused.
    assert all("422" in fault for fault in faults)
    faults.clear()
