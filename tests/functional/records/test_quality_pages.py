"""The pages 质量 and 数字化统计: what they list, refuse and export, and who may see them."""

import csv
import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.catalogue.models import Category
from archive.digitization.models import Batch, DraftPage
from archive.digitization.quality.models import BatchPlan
from archive.handlers import job_handlers
from archive.platform.accounts.models import Person
from archive.platform.jobs.worker import Worker
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import take_in, tiff

Browser = Callable[..., TestApp]


@pytest.fixture
def batch_id(small: SmallArchive) -> str:
    """Three pages that the engineer scanned, the second blurred."""
    with small.parts.database.reading() as session:
        scanner = session.get_one(Person, small.people["engineer"])
        category = session.scalars(select(Category)).one()
    batch, _ = take_in(small.parts, scanner, category, [("三页.tif", tiff(3))])
    worker = Worker(replace(small.parts, settings=replace(small.parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass
    with small.parts.database.writing() as session:
        session.get_one(Batch, batch.id).complete = True
        for page in session.scalars(select(DraftPage)):
            page.findings = [{"code": "blur", "value": 14, "box": None}] if page.number == 2 else []
    return batch.id


def test_lists_what_is_wrong_and_says_what_to_do(small: SmallArchive, browser: Browser, batch_id: str) -> None:
    """Each finding stands with its page, its words and what to do; a kind can be chosen; a plan can add to them."""
    page = browser("archivist").get(f"/batches/{batch_id}/quality")
    assert "边缘宽度约为字高的 14%" in page
    assert "请清洁稿台玻璃" in page
    assert "先保存下面的计划" in page
    form = form_to(page, "/quality")
    form["expected_pages"], form["wanted_dpi"] = "4", "300"
    page = form.submit().follow()
    assert "扫描页数与计划相差 1 页" in page
    assert "分辨率 100 dpi，低于本批计划" in page
    assert "相差 1 页" not in page.click("模糊 1")


def test_what_was_typed_wrong_stays(small: SmallArchive, browser: Browser, batch_id: str) -> None:
    """A plan that cannot be kept comes back as it was typed, with every error beside its field; nothing is kept."""
    form = form_to(browser("archivist").get(f"/batches/{batch_id}/quality"), "/quality")
    form["share"], form["least"], form["expected_items"], form["device"] = "500", "0", "三", "二号机"
    page = form.submit(status=422)
    assert "有 3 处需要更正" in page
    assert form_to(page, "/quality")["device"].value == "二号机"
    form = form_to(page, "/quality")
    form["share"], form["least"], form["expected_items"] = "5", "1", ""
    form["scanned_by"] = form["checked_by"] = small.people["archivist"]
    assert "检查人不能是送交、整理、扫描或换过扫描人的人" in form.submit(status=422)
    with small.parts.database.reading() as session:
        assert session.get(BatchPlan, batch_id) is None


def test_a_sample_is_judged_page_by_page(small: SmallArchive, browser: Browser, batch_id: str) -> None:
    """Drawn, judged, sent back; then what to do next is said, and another sample can be drawn."""
    app = browser("archivist")
    form = form_to(app.get(f"/batches/{batch_id}/quality"), "/quality")
    form["least"] = "2"
    check = form_to(form.submit().follow(), "/sample").submit().follow()
    assert "抽检第 1 页，共 2 页" in check
    form = next(form for form in check.forms.values() if form.id == "verdict")
    form["note"] = "右侧看不清"
    check = form.submit("verdict", value="blur").follow()
    assert "抽检第 2 页，共 2 页" in check
    assert "不合格的页已超过允许数" in check
    page = form_to(check, "/conclude").submit().follow()
    assert "本批已退回" in page
    assert "右侧看不清" in app.get(page.html.select_one("#sampling td a")["href"])
    assert form_to(page, "/sample").submit().follow().status_int == 200


def test_who_scanned_is_told_that_another_has_to_check(small: SmallArchive, browser: Browser, batch_id: str) -> None:
    """Who scanned sees everything and no way to check; who may not digitise sees nothing."""
    with small.parts.database.writing() as session:
        session.get_one(Batch, batch_id).created_by = small.people["archivist"]
    app = browser("archivist")
    form = form_to(app.get(f"/batches/{batch_id}/quality"), "/quality")
    page = form.submit().follow()
    assert "请由另一人抽检" in page
    assert "/sample" not in page
    token = page.html.find("meta", {"name": "csrf-token"})["content"]
    app.post(f"/batches/{batch_id}/quality/sample", {"csrf_token": token}, status=409)
    browser("engineer").get(f"/batches/{batch_id}/quality", status=403)
    browser("engineer").get("/digitization/statistics", status=403)


def test_counts_of_originals_are_shown_out_and_back(small: SmallArchive, browser: Browser, batch_id: str) -> None:
    """Handed out and back with three counts; a difference has to be explained, and both times stay to be read."""
    app = browser("archivist")

    def fill(page: Any, way: str, who: str, **counts: str) -> Any:
        form = form_to(page, "/custody")
        form["handed_out_to" if way == "out" else "handed_back_by"] = who
        for unit, count in counts.items():
            form[f"handed_{way}_{unit}"] = count
        return form

    page = app.get(f"/batches/{batch_id}/quality")
    assert "请填写交出的件数、张数和页数" in fill(page, "out", "江海公司", items="1", sheets="3").submit(status=422)
    page = fill(page, "out", "江海公司", items="1", sheets="3", pages="3").submit().follow()
    back = fill(page, "back", "王强", items="1", sheets="3", pages="2")
    page = back.submit(status=422)
    assert "请在备注中说明" in page
    form = fill(page, "back", "王强", items="1", sheets="3", pages="2")
    form["handed_back_note"] = "第 3 页原件即缺"
    page = form.submit().follow()
    assert "原件归还比交出少 1 页" in page
    page = fill(page, "out", "另一家", items="1", sheets="3", pages="2").submit().follow()
    assert [word in page for word in ("江海公司", "第 3 页原件即缺", "另一家")] == [True] * 3


def test_statistics_are_counted_and_exported(small: SmallArchive, browser: Browser, batch_id: str) -> None:
    """Pages and errors per operator, device and month; a device called like a formula is none in a spreadsheet."""
    with small.parts.database.writing() as session:
        session.add(BatchPlan(batch_id=batch_id, batch_number="1", device='=cmd|"/c calc"!A1'))
    app = browser("archivist")
    page = app.get("/digitization/statistics")
    assert [cell.text for cell in page.html.select("tbody tr > *")] == ["李工", "1", "3", "1", "33.3%", "0", "0", "—"]
    table = app.get("/digitization/statistics.csv?by=device")
    rows = list(csv.reader(io.StringIO(table.body.decode("utf-8-sig"))))
    assert rows[1] == ['\'=cmd|"/c calc"!A1', "1", "3", "1", "33.3", "0", "0", ""]
    assert rows[2][:3] == ["合计", "1", "3"]
    assert app.get("/digitization/statistics.xlsx?by=month").body.startswith(b"PK")
    assert "还没有批次" in app.get("/digitization/statistics?year=2001")
