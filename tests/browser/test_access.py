"""Everybody can use it: axe finds nothing serious on any page of the daily work."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from playwright.sync_api import FilePayload, Page
from sqlalchemy import select

from archive.catalogue.models import Box, Item
from archive.digitization.models import Draft
from archive.handlers import job_handlers
from archive.platform.jobs.worker import Worker
from tests.browser.conftest import Served, complaints_of
from tests.unit.records.scans import tiff

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


def _seen(page: Page, served: Served, *paths: str) -> list[str]:
    """The complaints of all these pages."""
    complaints = []
    for path in paths:
        page.goto(f"{served.address}{path}")
        page.wait_for_load_state("networkidle")
        complaints += complaints_of(page)
    return complaints


def test_signing_in(page: Page, served: Served) -> None:
    """The form by which everybody comes in."""
    assert _seen(page, served, "/sign-in") == []


def test_finding_and_reading(sign_in: SignIn, served: Served) -> None:
    """Today, search with and without hits, item, viewer, request form and requests, as a reader sees them."""
    page, items = sign_in("accountant"), served.archive.items
    paths = ("/", "/search?q=演练", "/search?q=月球基地", "/search?q=年度:x", f"/items/{items['safety']}")
    asking = (f"/items/{items['lathe']}", f"/requests/new?item={items['lathe']}", "/requests", "/nowhere")
    assert _seen(page, served, *paths, f"/items/{items['safety']}/view?q=演练", *asking) == []


def test_asking_and_deciding(sign_in: SignIn, served: Served) -> None:
    """A request that waits, the inbox of who decides, and the grants that run."""
    page = sign_in("engineer")
    page.goto(f"{served.address}/requests/new?item={served.archive.items['accounts']}")
    page.get_by_role("textbox", name="利用目的").fill("核对设备折旧")
    page.get_by_role("button", name="提交审批").click()
    complaints = complaints_of(page)
    page.context.clear_cookies()
    served.archive.grant("engineer", "lathe")
    assert complaints + _seen(sign_in("director"), served, "/", "/inbox", "/grants", "/audit") == []


def test_keeping(sign_in: SignIn, served: Served) -> None:
    """The archivist's pages: batches, a batch, the review, boxes, a box, the task, the audit trail."""
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches")
    page.get_by_label("扫描件").set_input_files(FilePayload(name="两页.tif", mimeType="image/tiff", buffer=tiff(2)))
    page.get_by_role("button", name="上传扫描件").click()
    page.wait_for_url("**/batches/*")
    complaints = complaints_of(page)
    complaints += _seen(page, served, f"/drafts/{_draft(served)}", "/batches", "/boxes", f"/boxes/{_box(served)}")
    assert complaints + _seen(page, served, f"/grants/task?item={served.archive.items['lathe']}", "/audit") == []


def test_in_english(sign_in: SignIn, served: Served) -> None:
    """Another language says the same to who cannot see it."""
    page = sign_in("accountant")
    page.get_by_role("button", name="简体中文").click()
    page.get_by_role("button", name="English").click()
    assert page.locator("html").get_attribute("lang") == "en"
    assert _seen(page, served, "/", "/search?q=演练", f"/items/{served.archive.items['safety']}/view?q=演练") == []


def _draft(served: Served) -> str:
    """The id of the only draft, once its pages are read."""
    parts = served.archive.parts
    worker = Worker(replace(parts, settings=replace(parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass
    with parts.database.reading() as session:
        return session.scalars(select(Draft.id)).one()


def _box(served: Served) -> str:
    """A box with an item in it."""
    with served.archive.parts.database.writing() as session:
        item = session.get_one(Item, served.archive.items["lathe"])
        box = Box(
            fonds_id=item.fonds_id,
            unit_id=item.unit_id,
            year=item.year,
            retention=item.retention,
            number=1,
            created_at=served.archive.clock(),
        )
        session.add(box)
        session.flush()
        item.box_id = box.id
        return box.id
