"""Taking in and reviewing scans in a real browser: live progress, the lit place, acceptance by keys."""

from collections.abc import Callable
from dataclasses import asdict, replace

import pytest
from playwright.sync_api import FilePayload, Page, expect
from sqlalchemy import select

from archive.digitization.fields import DraftFields
from archive.digitization.models import Draft
from archive.handlers import job_handlers
from archive.platform.jobs.worker import Worker
from ingest.context import PageText, Proposal
from tests.browser.conftest import Served
from tests.factories.drawn_pages import drawn_page
from tests.unit.records.scans import tiff

SignIn = Callable[[str], Page]

TITLE, NUMBER = "关于开展消防检查的通知", "江海办〔2021〕31号"

pytestmark = pytest.mark.servers


def _worker(served: Served) -> Worker:
    """Does the work that waits, without recognition, when a test says so."""
    parts = served.archive.parts
    return Worker(replace(parts, settings=replace(parts.settings, engine="null")), job_handlers())


def _upload(page: Page, served: Served, *files: FilePayload) -> None:
    page.goto(f"{served.address}/batches")
    page.get_by_label("扫描件").set_input_files(list(files))
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批次")


def _two_drafts(page: Page, served: Served) -> list[str]:
    """Two scans wait for review, title and number as if they had been read; their ids."""
    drawn = [drawn_page((f"{TITLE}（{which}）", NUMBER, "各部门：", "请于本月底前完成自查。")) for which in "一二"]
    files = [FilePayload(name=f"通知{n}.png", mimeType="image/png", buffer=data) for n, (data, _) in enumerate(drawn)]
    _upload(page, served, *files)
    worker = _worker(served)
    while worker.run_one():
        pass
    return [_read(served, f"通知{n}.png", text) for n, (_, text) in enumerate(drawn)]


def _read(served: Served, name: str, text: PageText) -> str:
    """Give a draft what recognition would have given it."""
    with served.archive.parts.database.writing() as session:
        draft = session.scalars(select(Draft).where(Draft.name == name)).one()
        title, number = text.lines[0].text, text.lines[1].text
        draft.pages[0].content, draft.pages[0].width, draft.pages[0].height = text.to_json(), text.width, text.height
        found = (Proposal("title", title, 0.97, 1, 0), Proposal("document_number", number, 0.72, 1, 1))
        draft.proposals = [asdict(one) for one in found]
        fields = DraftFields.from_json(draft.fields)
        draft.fields = replace(fields, title=title, document_number=number).to_json()
        return draft.id


def test_progress_is_seen_without_reloading(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """The batch's page counts opened files and read pages by itself, and offers the review when they are done."""
    page = sign_in("archivist")
    _upload(page, served, FilePayload(name="十页.tif", mimeType="image/tiff", buffer=tiff(10, "live")))
    expect(page.get_by_text("还有 1 个文件等待打开")).to_be_visible()
    worker = _worker(served)
    worker.run_one()
    expect(page.get_by_text("已识别 0 页，失败 0 页，剩余 10 页")).to_be_visible()
    worker.run_one()
    expect(page.get_by_text("已识别 8 页，失败 0 页，剩余 2 页")).to_be_visible()
    while worker.run_one():
        pass
    expect(page.get_by_text("已识别 10 页，失败 0 页，剩余 0 页")).to_be_visible()
    expect(page.get_by_role("link", name="开始审核")).to_be_visible()


def test_the_place_lights_up_and_keys_lead_on(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """The place a value was read from is lit while its field has focus; Ctrl+Enter accepts and opens the next draft."""
    page = sign_in("archivist")
    first, second = _two_drafts(page, served)
    page.goto(f"{served.address}/drafts/{first}")
    lit = page.locator(".review-image polygon.lit")
    expect(lit).to_have_attribute("data-field", "title")
    page.get_by_label("文件编号").focus()
    expect(lit).to_have_attribute("data-field", "document_number")
    assert _lies_on_the_image(page)
    page.get_by_label("归档部门").focus()
    expect(lit).to_have_count(0)
    page.get_by_label("载体").select_option("electronic")
    page.get_by_label("题名").press("Control+Enter")
    page.wait_for_url(f"**/drafts/{second}?*")
    expect(page.get_by_label("题名")).to_have_value(f"{TITLE}（二）")
    expect(page.get_by_label("题名")).to_be_focused()
    expect(page.locator(".draft-state")).to_contain_text("归档中")
    _worker(served).run_one()
    expect(page.locator(".draft-state .code")).to_contain_text("Z109-WS·2021")


def _lies_on_the_image(page: Page) -> bool:
    """Whether the lit place is inside the picture and in sight."""
    image, place = (page.locator(f".review-image {part}").bounding_box() for part in ("img", "polygon.lit"))
    assert image is not None
    assert place is not None
    inside = image["x"] < place["x"] and place["x"] + place["width"] < image["x"] + image["width"]
    return inside and 0 < place["y"] < 768


def test_the_act_is_in_sight(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """However long form and page are, accepting is in sight, also with errors on the page; nothing is cut off."""
    page = sign_in("archivist")
    with served.archive.parts.database.reading() as session:
        draft = session.scalars(select(Draft.id).where(Draft.name == "十页.tif")).one()
    page.goto(f"{served.address}/drafts/{draft}")
    accept = page.get_by_role("button", name="验收归档")
    expect(accept).to_be_in_viewport(ratio=1)
    page.get_by_label("题名").fill("")
    page.on("console", lambda message: faults.clear())  # the refused form is said there, too
    accept.click()
    expect(page.get_by_text("请填写题名。").first).to_be_visible()
    expect(accept).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 1366


def test_a_row_opens(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """A click anywhere on the row of a batch opens it, as its link does."""
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches")
    row = page.locator("table.list tbody tr").first
    number = row.get_by_role("link").inner_text()
    row.get_by_role("cell", name="上传").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"批次 {number}")
