"""The store or the index is away for a while: people are told so, nothing is lost, and the work goes on by itself."""

import io
import re
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image, ImageDraw
from playwright.sync_api import FilePayload, Page, expect

from tests.factories.installation import Installation
from tests.servers.doorway import Doorway, doorway
from tests.servers.s3 import S3Bucket, S3Server

PASSWORD = "one for all, for the test"
PAGES = 12
#: what a batch may take after the part is back
_PATIENCE_MS = 90_000

pytestmark = [pytest.mark.servers, pytest.mark.timeout(300)]


@pytest.fixture
def store_door(s3_server: S3Server) -> Iterator[Doorway]:
    """A door in front of the S3 server."""
    with doorway(s3_server.endpoint) as door:
        yield door


@pytest.fixture
def index_door(elasticsearch_url: str) -> Iterator[Doorway]:
    """A door in front of Elasticsearch."""
    with doorway(elasticsearch_url) as door:
        yield door


def _sign_in(page: Page, address: str) -> None:
    page.goto(address)
    page.get_by_label("登录名").fill("zhoumin")
    page.get_by_label("密码").fill(PASSWORD)
    page.get_by_role("button", name="登录").click()
    expect(page.get_by_role("navigation", name="主导航")).to_be_visible()


def _upload(page: Page, address: str, shade: int) -> None:
    """Send a scan of many pages, of one shade of grey so that it is a new one."""
    pages = [Image.new("L", (620, 877), 255) for _ in range(PAGES)]
    for number, image in enumerate(pages):
        ImageDraw.Draw(image).rectangle((40, 40 + 20 * number, 300, 50 + 20 * number), fill=shade)
    stream = io.BytesIO()
    pages[0].save(stream, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_lzw", dpi=(150, 150))
    page.goto(f"{address}/batches")
    file: FilePayload = {"name": f"扫描{shade}.tif", "mimeType": "image/tiff", "buffer": stream.getvalue()}
    page.get_by_label("扫描件").set_input_files([file])
    page.get_by_role("button", name="上传扫描件").click()


def test_store_away_in_the_middle_of_a_batch(
    s3_bucket: S3Bucket, s3_server: S3Server, store_door: Doorway, page: Page, tmp_path: Path
) -> None:
    """An upload waits, and says so, while the store is away; it and a batch under way go on when the store is back."""
    storage = s3_bucket.url.replace(s3_server.endpoint, store_door.url)
    installation = Installation(tmp_path, {"DANGGUI_STORAGE": storage, "DANGGUI_ENGINE": "null"})
    installation.run("demo", "--password", PASSWORD)
    with installation.served() as served:
        _sign_in(page, served.address)
        store_door.shut()
        _upload(page, served.address, 20)
        expect(page.get_by_text("连接中断")).to_be_visible(timeout=_PATIENCE_MS)
        assert "store" in installation.run("doctor", code=1)
        store_door.open()
        expect(page.get_by_role("heading", level=1, name=re.compile("^批次"))).to_be_visible(timeout=_PATIENCE_MS)
        store_door.shut()
        page.wait_for_timeout(6_000)
        store_door.open()
        expect(page.get_by_text(f"已识别 {PAGES} 页，失败 0 页，剩余 0 页")).to_be_visible(timeout=_PATIENCE_MS)
    assert installation.ask("verify")["damaged"] == []


def test_index_away_while_filing(index_door: Doorway, page: Page, tmp_path: Path) -> None:
    """Searching says that the index is away; filing goes on meanwhile, and what was filed is found afterwards."""
    search = f"{index_door.url}/away-{uuid4().hex[:8]}"
    installation = Installation(tmp_path, {"DANGGUI_SEARCH": search, "DANGGUI_ENGINE": "null"})
    installation.run("demo", "--password", PASSWORD)
    with installation.served() as served:
        _sign_in(page, served.address)
        index_door.shut()
        page.goto(f"{served.address}/search?q=月球基地")
        expect(page.get_by_role("heading", name="检索暂时无法使用")).to_be_visible()
        _accept_a_draft(page, served.address, "关于月球基地选址的报告")
        index_door.open()
        hit = page.locator(".hit", has_text="关于月球基地选址的报告")
        for _ in range(60):
            page.goto(f"{served.address}/search?q=月球基地")
            if hit.count():
                break
            page.wait_for_timeout(1_000)
        expect(hit).to_be_visible()


def _accept_a_draft(page: Page, address: str, title: str) -> None:
    """Review one of the drafts the demo leaves; it gets its code although the index is away."""
    page.goto(f"{address}/batches")
    page.locator("table.list a[data-open]").first.click()
    page.get_by_role("link", name="审核").first.click()
    page.get_by_label("题名").fill(title)
    page.get_by_label("年度").fill("2020")
    page.get_by_label("归档部门").select_option(label="综合办公室")
    page.get_by_label("载体").select_option("electronic")
    page.get_by_role("button", name="验收归档").click()
    expect(page.locator(".draft-state .code")).to_have_text(re.compile(r"^Z109-WS·2020-"), timeout=_PATIENCE_MS)
