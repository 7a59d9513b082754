"""A batch steered click by click: paused, resumed, put first, cancelled after a second look."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from archive.catalogue.models import Category
from archive.handlers import job_handlers
from archive.platform.accounts.models import Person
from archive.platform.jobs.worker import Worker
from tests.browser.conftest import Served, complaints_of
from tests.unit.records.scans import take_in, tiff

pytestmark = pytest.mark.servers


def test_a_batch_is_steered(served: Served, sign_in: Callable[[str], Page], faults: list[str]) -> None:
    """Each press says how the batch is then; what cannot be undone wants a second press, and is explained before."""
    parts = replace(served.archive.parts, settings=replace(served.archive.parts.settings, engine="null"))
    with parts.database.reading() as session:
        person = session.get_one(Person, served.archive.people["archivist"])
        category = session.scalars(select(Category)).one()
    batch, _ = take_in(parts, person, category, [("会议纪要.tif", tiff(9, "a")), ("通知.tif", tiff(2, "b"))])
    worker = Worker(parts, job_handlers())
    for _ in range(3):
        worker.run_one()
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches/{batch.id}")
    page.get_by_role("button", name="暂停").click()
    expect(page.get_by_role("status").filter(has_text="已暂停")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("button", name="优先处理").click()
    expect(page.get_by_role("button", name="按正常次序")).to_be_visible()
    page.get_by_role("button", name="继续处理").click()
    expect(page.get_by_role("button", name="暂停")).to_be_visible()
    page.get_by_text("取消批次", exact=True).click()
    expect(page.get_by_text("不能恢复")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("button", name="确认取消批次").click()
    expect(page.get_by_role("status").filter(has_text="已取消")).to_be_visible()
    expect(page.get_by_role("button", name="暂停")).to_have_count(0)
