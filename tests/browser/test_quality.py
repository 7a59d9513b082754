"""The quality of a batch in a real browser: plan, sample, verdict by keys, acceptance."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from archive.catalogue.models import Category
from archive.digitization.models import Batch, DraftPage
from archive.handlers import job_handlers
from archive.platform.accounts.models import Person
from archive.platform.jobs.worker import Worker
from tests.browser.conftest import Served, complaints_of
from tests.factories.drawn_pages import drawn_page
from tests.unit.records.scans import take_in

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


@pytest.fixture(scope="module")
def batch_id(served: Served) -> str:
    """Three pages that the director's secretary scanned, read, one of them with a finding."""
    parts = served.archive.parts
    with parts.database.reading() as session:
        scanner = session.get_one(Person, served.archive.people["engineer"])
        category = session.scalars(select(Category)).first()
    assert category is not None
    files = [(f"通知{n}.png", drawn_page((f"关于第{n}次会议的通知", "各部门："))[0]) for n in "一二三"]
    batch, _ = take_in(parts, scanner, category, files)
    worker = Worker(replace(parts, settings=replace(parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass
    with parts.database.writing() as session:
        session.get_one(Batch, batch.id).complete = True
        for page in session.scalars(select(DraftPage).where(DraftPage.batch_id == batch.id)):
            page.findings = []
        page.findings = [{"code": "skew", "value": 3.6, "box": None}]
    return batch.id


def test_plan_sample_and_pass(sign_in: SignIn, served: Served, faults: list[str], batch_id: str) -> None:
    """From the finding over plan and originals to a sample that is judged by keys alone, and passed."""
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches/{batch_id}/quality")
    expect(page.get_by_text("页面歪斜 3.6 度。")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_label("扫描设备").fill("一号机")
    page.get_by_label("应有页数").fill("4")
    page.get_by_label("抽检比例（%）").fill("50")
    page.get_by_label("至少抽检页数").fill("2")
    page.get_by_label("允许差错率（%）").fill("50")
    page.get_by_role("button", name="保存计划").click()
    expect(page.get_by_text("扫描页数与计划相差 1 页。")).to_be_visible()
    page.get_by_label("接收人或单位").fill("江海数字化公司 王强")
    page.get_by_label("交出件数").fill("3")
    page.get_by_label("交出张数").fill("3")
    page.get_by_label("交出页数").fill("3")
    page.get_by_role("button", name="登记交出").click()
    expect(page.get_by_role("button", name="登记收回")).to_be_visible()
    page.get_by_role("button", name="抽样检查 2 页").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("抽检第 1 页，共 2 页")
    expect(page.locator(".check-image img")).to_be_visible()
    expect(page.get_by_role("button", name="合格", exact=False).first).to_be_in_viewport(ratio=1)
    assert complaints_of(page) == []
    page.keyboard.press("1")
    expect(page.get_by_role("heading", level=1)).to_contain_text("抽检第 2 页，共 2 页")
    page.keyboard.press("4")
    expect(page.get_by_text("可以验收通过")).to_be_visible()
    page.get_by_role("button", name="验收通过").click()
    expect(page.locator("#sampling")).to_contain_text("50.0%")
    expect(page.locator("#sampling .status-green")).to_have_text("验收通过")
    page.get_by_role("link", name="数字化统计").click()
    row = page.get_by_role("row", name="李工")
    expect(row).to_contain_text("50.0%")
    assert complaints_of(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="导出 CSV").click()
    assert "李工,1,3,1,33.3,2,1,50.0" in Path(download.value.path()).read_text("utf-8-sig")
