"""Separator sheets in a real browser: made, printed, scanned again; the batch is divided, the missed sheet is named."""

import io
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
from PIL import Image
from playwright.sync_api import FilePayload, Page, expect

from archive.handlers import job_handlers
from archive.platform.jobs.worker import Worker
from tests.browser.conftest import Served, complaints_of
from tests.factories.drawn_pages import drawn_page
from tests.factories.worn_sheets import scanned

SignIn = Callable[[str], Page]

pytestmark = pytest.mark.servers

_DPI = 100


def _printed(pdf: Path) -> list[Image.Image]:
    """The sheets of a downloaded PDF, as they come back from a scanner."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        sheets = [np.ascontiguousarray(sheet.render(scale=_DPI / 72).to_numpy()[:, :, :3]) for sheet in document]
    finally:
        document.close()
    rng = np.random.default_rng(1)
    return [Image.fromarray(scanned(sheet, rng, _DPI, "grey", 0.5)) for sheet in sheets]


def _written(word: str) -> Image.Image:
    return (
        Image.open(io.BytesIO(drawn_page((word, "各部门：", "请于本月底前完成自查。"))[0]))
        .convert("RGB")
        .resize((827, 1169))
    )


def _stack(pages: list[Image.Image]) -> bytes:
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate", dpi=(_DPI, _DPI))
    return out.getvalue()


def test_sheets_are_printed_and_divide_what_is_scanned(
    sign_in: SignIn, served: Served, tmp_path: Path, faults: list[str]
) -> None:
    """Three sheets are made and printed; scanned with one of them lost, two items wait, and the place of it is said."""
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches")
    page.get_by_role("link", name="打印分隔页").click()
    assert complaints_of(page) == []
    page.get_by_label("张数").fill("3")
    page.get_by_role("button", name="生成分隔页").click()
    expect(page.get_by_text("已生成 3 张分隔页")).to_be_visible()
    with page.expect_download() as download:
        page.get_by_role("link", name="下载 PDF").first.click()
    pdf = tmp_path / "sheets.pdf"
    download.value.save_as(pdf)
    first, _lost, third = _printed(pdf)
    stack = _stack([first, _written("通知一"), _written("附件"), third, _written("通知二")])
    page.goto(f"{served.address}/batches")
    page.get_by_label("扫描件").set_input_files([FilePayload(name="一叠.tif", mimeType="image/tiff", buffer=stack)])
    page.get_by_label("拆分方式").select_option("separators")
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批次")
    parts = served.archive.parts
    worker = Worker(replace(parts, settings=replace(parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass
    page.reload()
    expect(page.get_by_text("一叠 · 第2–3页").first).to_be_visible()
    expect(page.get_by_text("一叠 · 第5页").first).to_be_visible()
    said = "分隔页第 2 张（共 3 张）没有找到，应在“一叠.tif”第 1 页与“一叠.tif”第 4 页之间。"
    expect(page.get_by_text(said).first).to_be_visible()
    page.goto(f"{served.address}/digitization/separators")
    expect(page.locator("table.list tbody tr").first.get_by_role("cell").nth(5)).to_have_text("2")


def test_wrong_lines_are_said_beside_the_field(sign_in: SignIn, served: Served) -> None:
    """A label that no box has is refused, what was typed stays; lines are asked for only where they count."""
    page = sign_in("archivist")
    page.goto(f"{served.address}/digitization/separators")
    expect(page.get_by_label("内容")).to_be_hidden()
    page.get_by_label("分隔页上写什么").select_option("box")
    expect(page.get_by_label("张数")).to_be_hidden()
    page.get_by_label("内容").fill("Z999-2021-Y-BGS-1")
    page.get_by_role("button", name="生成分隔页").click()
    expect(page.locator("#lines-error")).to_contain_text("没有这些档案盒：Z999-2021-Y-BGS-1")
    expect(page.get_by_label("内容")).to_have_value("Z999-2021-Y-BGS-1")
