"""The light table in a real browser, from the upload of a pile of pages to the records that are filed of it."""

import io
from collections.abc import Callable
from dataclasses import replace

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Locator, Page, expect
from sqlalchemy import select

from archive.catalogue.models import Item
from archive.catalogue.models import Page as FiledPage
from archive.digitization.models import Draft
from archive.handlers import job_handlers
from archive.platform.jobs.worker import Worker
from tests.browser.conftest import Served, complaints_of
from tests.unit.records.scans import tiff

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


def _work(served: Served) -> None:
    parts = served.archive.parts
    worker = Worker(replace(parts, settings=replace(parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass


def _row(page: Page, number: int) -> Locator:
    return page.get_by_role("region", name=f"第 {number} 件", exact=True)


def _pages(page: Page, number: int) -> Locator:
    return _row(page, number).get_by_role("option")


def _ids(page: Page, number: int) -> list[str]:
    return [str(one.get_attribute("data-page")) for one in _pages(page, number).all()]


def test_from_a_pile_to_records(sign_in: SignIn, served: Served, faults: list[str]) -> None:
    """Six pages are split, turned, reordered, thinned out and filled up again; what is filed is what lay there."""
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches")
    page.get_by_label("扫描件").set_input_files(
        [FilePayload(name="六页.tif", mimeType="image/tiff", buffer=tiff(6, "pile"))]
    )
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批次")
    _work(served)
    page.get_by_role("link", name="看片台").click()
    expect(_pages(page, 1)).to_have_count(6)
    _one, _two, three, four, five, six = _ids(page, 1)

    _pages(page, 1).nth(2).click()
    page.keyboard.press("s")
    expect(_pages(page, 2)).to_have_count(4)
    _pages(page, 2).nth(0).click()
    page.get_by_role("button", name="右转").click()
    expect(page.get_by_text("待识别")).to_be_visible()
    _work(served)
    expect(page.get_by_text("待识别")).to_have_count(0, timeout=10_000)
    _pages(page, 2).nth(3).drag_to(_pages(page, 2).nth(0), target_position={"x": 5, "y": 40})
    expect(_pages(page, 2).first).to_have_attribute("data-page", six)
    _pages(page, 2).nth(2).click()
    page.keyboard.press("Delete")
    expect(_pages(page, 2)).to_have_count(3)
    page.get_by_role("button", name="恢复").click()
    expect(_pages(page, 2)).to_have_count(4)
    assert _ids(page, 2) == [six, three, four, five]
    page.keyboard.press("Control+z")
    expect(_pages(page, 2)).to_have_count(3)
    assert complaints_of(page) == []

    _work(served)
    _row(page, 2).get_by_role("link", name="审核").click()
    page.get_by_label("载体").select_option("electronic")
    page.get_by_label("题名").press("Control+Enter")
    _work(served)
    _filed_as(served, [(5, 0), (2, 90), (4, 0)])


def _filed_as(served: Served, wanted: list[tuple[int, int]]) -> None:
    """The item has these pages of the pile, in this order and so turned; its original has them and no other."""
    parts = served.archive.parts
    with parts.database.reading() as session:
        draft = session.scalars(select(Draft).where(Draft.name == "六页 · 第3–6页")).one()
        item = session.get_one(Item, draft.id)
        pages = session.scalars(select(FiledPage).where(FiledPage.item_id == item.id).order_by(FiledPage.number)).all()
        (path,) = {page.file.path for page in pages}
    held = parts.repository.open(item.id, path)
    with held as stream, Image.open(io.BytesIO(stream.read())) as original:
        assert getattr(original, "n_frames", 1) == len(wanted)
        frames = []
        for number in range(len(wanted)):
            original.seek(number)
            frames.append(original.convert("L").tobytes())
    with Image.open(io.BytesIO(tiff(6, "pile"))) as pile:
        for page, (number, turn) in zip(pages, wanted, strict=True):
            pile.seek(number)
            assert frames[page.source_page] == pile.convert("L").tobytes()
            assert page.rotation == turn
