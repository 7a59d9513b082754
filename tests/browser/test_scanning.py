"""Scanning from the browser with a real scanner without hardware: the pages are counted as they come."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from archive.handlers import job_handlers
from archive.platform.jobs.worker import Worker
from tests.browser.conftest import Served, complaints_of
from tests.servers.scanner import FEEDER_PAGES, scanners

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers


def test_scan_a_stack(
    sign_in: SignIn, served: Served, faults: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Choose a scanner, scan what lies in its feeder, see the count without reloading, end, and stand on the batch."""
    scanners(tmp_path, monkeypatch, 2, "resolution_max 60")
    parts = served.archive.parts
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches")
    page.get_by_role("link", name="用扫描仪扫描").click()
    page.get_by_label("扫描仪").select_option("test:1")
    page.wait_for_url("**/digitization/scan?device=test*1")
    page.get_by_label("进纸方式").select_option("feeder")
    assert complaints_of(page) == []
    page.get_by_role("button", name="开始扫描").click()
    expect(page.get_by_role("button", name="停止扫描")).to_be_visible()
    Worker(replace(parts, settings=replace(parts.settings, engine="null")), job_handlers()).run_one()
    expect(page.locator(".scan-count")).to_contain_text(f"{FEEDER_PAGES} 页已扫描")
    expect(page.get_by_role("button", name="继续扫描")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("button", name="结束扫描").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批次")
    expect(page.get_by_text("扫描仪 ·")).to_be_visible()
