"""Correcting the text of a page in a real browser: beside its image, by keys, until the word is found in its place."""

from collections.abc import Callable
from dataclasses import replace
from itertools import chain

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from archive.digitization.models import Draft, DraftPage, DraftState, PageState
from archive.digitization.reading import queue_pages
from archive.discovery.boxes import boxes_of
from archive.discovery.search import build_documents
from archive.handlers import job_handlers
from archive.platform.delivery import drain_index
from archive.platform.jobs.service import JobQueue
from archive.platform.jobs.worker import Worker
from tests.browser.conftest import Served, complaints_of
from tests.factories.drawn_pages import drawn_page

SignIn = Callable[[str], Page]

LINES = ("关于开展消防检查的通知", "江海办〔2021〕31号", "各部门：", "请于本月底前完成消防自查。")
DRAWN, TEXT = drawn_page(LINES)

pytestmark = pytest.mark.servers


def _work(served: Served) -> None:
    parts = served.archive.parts
    worker = Worker(replace(parts, settings=replace(parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass


def _misread(served: Served) -> str:
    """The one draft, as if its last line had been misread and the second not seen; its id."""
    lines = [*TEXT.lines[:1], *TEXT.lines[2:]]
    lines[-1] = replace(lines[-1], text=lines[-1].text.replace("消防", "消访"), confidence=0.6)
    with served.archive.parts.database.writing() as session:
        page = session.scalars(select(DraftPage)).one()
        page.content = replace(TEXT, lines=tuple(lines)).to_json()
        return str(page.draft_id)


def _draft(page: Page, served: Served) -> str:
    """The page is uploaded, and misread."""
    page.goto(f"{served.address}/batches")
    page.get_by_label("扫描件").set_input_files([FilePayload(name="通知.png", mimeType="image/png", buffer=DRAWN)])
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批次")
    _work(served)
    return _misread(served)


def _correct(page: Page) -> None:
    """The doubtful line by keys, the missed one by a box, and save."""
    expect(page.locator('[data-part="state"]')).to_contain_text("1 行存疑")
    page.get_by_role("button", name="下一处存疑").click()
    line = page.get_by_label("第 3 行", exact=True)
    expect(line).to_be_focused()
    expect(page.locator(".review-image polygon.lit")).to_have_count(1)
    line.fill("写错了")
    line.press("Escape")
    expect(line).to_have_value("请于本月底前完成消访自查。")
    line.fill(LINES[3])
    page.get_by_role("button", name="补一行").click()
    _drag(page, 1)
    added = page.get_by_label("第 2 行", exact=True)
    expect(added).to_be_focused()
    page.keyboard.type(LINES[1])
    page.keyboard.press("Control+s")
    expect(page.locator('[data-part="state"]')).to_have_text("已保存")
    expect(added).to_be_focused()


def _accept(page: Page) -> None:
    page.get_by_label("控制范围").select_option(label="公开")
    page.get_by_label("载体").select_option("electronic")
    page.get_by_role("button", name="验收归档").click()
    page.wait_for_url("**/batches/**")


def _read_again(served: Served, draft_id: str) -> None:
    """Recognition comes once more, and sees nothing at all."""
    parts = served.archive.parts
    with parts.database.writing() as session:
        draft = session.get_one(Draft, draft_id)
        draft.state, draft.pages[0].state = DraftState.RECOGNISING, PageState.WAITING
        queue_pages(JobQueue(session, parts.clock), draft.pages[0].file, 0, 1, mark=":again")
    _work(served)


def _drag(page: Page, line: int) -> None:
    """Draw a box around a line of the drawn page."""
    frame = page.locator(".review-image").bounding_box()
    assert frame is not None
    scale = frame["width"] / TEXT.width
    (left, top), _, (right, bottom), _ = TEXT.lines[line].quad
    page.mouse.move(frame["x"] + left * scale, frame["y"] + top * scale)
    page.mouse.down()
    page.mouse.move(frame["x"] + right * scale, frame["y"] + bottom * scale, steps=4)
    page.mouse.up()


def test_from_a_misread_line_to_the_hit_in_its_place(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """A line is corrected and a missed one added, by mouse and keys; recognition that comes later changes nothing of
    it; once accepted, the corrected word is found, and marked where it stands on the page."""
    page = sign_in("archivist")
    draft_id = _draft(page, served)
    page.goto(f"{served.address}/drafts/{draft_id}")
    page.get_by_role("button", name="更正文字").click()
    _correct(page)
    assert complaints_of(page) == []
    _read_again(served, draft_id)
    page.goto(f"{served.address}/drafts/{draft_id}")
    expect(page.locator(".line-words")).to_have_text(list(LINES))
    expect(page.get_by_label("题名")).to_have_value(LINES[0])
    _accept(page)
    _work(served)
    drain_index(served.archive.parts, build_documents)
    page.goto(f"{served.address}/search?q=消防自查")
    page.get_by_role("link", name="第 1 页").click()
    expect(page.locator("#text mark.mark-current")).to_have_text("消防自查")
    expect(page.locator(".stage .box-current")).to_be_visible()
    hits = page.request.get(f"{served.address}/items/{draft_id}/pages/1/text?q=消防自查").json()["hits"]
    (box,) = hits[0]["boxes"]
    start = TEXT.text.index("消防自查")
    (drawn,) = boxes_of(TEXT, start, start + 4)
    assert [*chain(*box)] == pytest.approx([*chain(*drawn)], abs=1)


def test_a_filed_page_is_corrected_and_taken_back(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """From the viewer to the editor; what is saved is the newest version; an older one can be looked at, and chosen."""
    page = sign_in("archivist")
    page.goto(f"{served.address}/items/{served.archive.items['safety']}/view?page=2")
    page.get_by_role("link", name="更正文字").click()
    expect(page.locator("#where")).to_have_text("第 2 页，共 2 页")
    page.get_by_text("第四周").click()
    page.keyboard.press("End")
    page.keyboard.type("全年")
    page.keyboard.press("Control+s")
    expect(page.locator('[data-part="state"]')).to_have_text("已保存")
    page.get_by_text("历次文字").click()
    expect(page.locator(".versions li").first).to_contain_text("沈鉴")
    page.get_by_role("button", name="查看第 1 版").click()
    expect(page.locator("#older")).to_contain_text("正在查看第 1 版")
    expect(page.locator(".line-words").last).to_have_text("第四周  总结评比，演练记录归档")
    page.get_by_role("button", name="采用这一版").click()
    expect(page.locator(".versions li")).to_have_count(3)
    expect(page.locator(".line-words").last).to_have_text("第四周  总结评比，演练记录归档")
    assert complaints_of(page) == []
