"""Sending scans in a real browser: a broken upload goes on after a reload, a folder is sent whole, in order."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, Route, expect
from sqlalchemy import select

from archive.digitization.models import Batch, BatchFile
from archive.digitization.upload import form, views
from tests.browser.conftest import Served, complaints_of
from tests.unit.records.scans import tiff

SignIn = Callable[[str], Page]

PIECE = 64 * 1024

pytestmark = pytest.mark.servers


@pytest.fixture(autouse=True)
def small_pieces(monkeypatch: pytest.MonkeyPatch) -> None:
    """A browser under test hands every byte it sends to whoever watches it."""
    monkeypatch.setattr(form, "PIECE", PIECE)
    monkeypatch.setattr(views, "PIECE", PIECE)


def _large(folder: Path, mark: str) -> Path:
    """A scan of three pieces."""
    path = folder / f"{mark}.tif"
    path.write_bytes(tiff(1, mark) + bytes(2 * PIECE))
    return path


def _came(served: Served, name: str) -> BatchFile:
    with served.archive.parts.database.reading() as session:
        return session.scalars(select(BatchFile).where(BatchFile.name == name)).one()


def test_a_broken_upload_goes_on(sign_in: SignIn, served: Served, tmp_path: Path) -> None:
    """After a broken connection and a reload, the same file chosen again goes on where it stopped."""
    page, scan = sign_in("archivist"), _large(tmp_path, "断点")
    offsets: list[int] = []

    def let_one_through(route: Route) -> None:
        if offsets:
            route.abort()
        else:
            note(route)

    def note(route: Route) -> None:
        if route.request.method == "PATCH":
            offsets.append(int(route.request.headers["upload-offset"]))
        route.continue_()

    page.route("**/uploads/*/*", let_one_through)
    page.goto(f"{served.address}/batches")
    page.get_by_label("扫描件").set_input_files(scan)
    expect(page.get_by_text("已选 1 个文件")).to_be_visible()
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_text("连接中断")).to_be_visible()
    page.unroute("**/uploads/*/*")
    page.on("dialog", lambda dialog: dialog.accept())
    page.goto(f"{served.address}/batches")
    expect(page.get_by_text("已传完 0 / 1 个文件，64 KB /")).to_be_visible()
    page.route("**/uploads/*/*", note)
    page.get_by_label("扫描件").set_input_files(scan)
    expect(page.get_by_text("其中 1 个属于未传完的批次")).to_be_visible()
    assert complaints_of(page) == []
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批次")
    assert offsets == [0, PIECE, 2 * PIECE]
    file = _came(served, scan.name)
    assert file.sha256 == hashlib.sha256(scan.read_bytes()).hexdigest()
    with served.archive.parts.database.reading() as session:
        assert session.get_one(Batch, file.batch_id).complete


def test_pause(sign_in: SignIn, served: Served, tmp_path: Path, faults: list[str]) -> None:
    """Between two pieces an upload stops when it is told to, and goes on when it is told to."""
    page, scan = sign_in("archivist"), _large(tmp_path, "暂停")
    page.goto(f"{served.address}/batches")
    page.get_by_label("扫描件").set_input_files(scan)
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route("**/uploads/*/*", hold)
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_text("正在上传 暂停.tif")).to_be_visible()
    page.get_by_role("button", name="暂停").click()
    held[0].continue_()
    expect(page.get_by_text("已暂停")).to_be_visible()
    page.unroute("**/uploads/*/*")
    page.get_by_role("button", name="继续").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批次")
    assert _came(served, scan.name).size == scan.stat().st_size


def test_a_folder_is_sent_in_order(sign_in: SignIn, served: Served, tmp_path: Path, faults: list[str]) -> None:
    """The files of a folder become one batch, by their names as a person counts, without hidden ones."""
    folder = tmp_path / "第3盒"
    folder.mkdir()
    for number in (10, 2, 1):
        (folder / f"{number}.tif").write_bytes(tiff(1, f"盒 {number}"))
    (folder / ".DS_Store").write_bytes(b"hidden")
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches")
    with page.expect_file_chooser() as asked:
        page.get_by_role("button", name="选择文件夹").click()
    asked.value.set_files(folder)
    page.get_by_label("拆分方式").select_option("every")
    page.get_by_label("每件页数").fill("2")
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("批次")
    with served.archive.parts.database.reading() as session:
        batch = session.scalars(select(Batch).order_by(Batch.id.desc()).limit(1)).one()
        assert [file.name for file in batch.files] == ["第3盒/1.tif", "第3盒/2.tif", "第3盒/10.tif"]
        assert (batch.split_rule, batch.split_pages, batch.complete) == ("every", 2, True)


def test_what_cannot_be_taken_is_said(sign_in: SignIn, served: Served, tmp_path: Path) -> None:
    """A refusal stands on the page in plain words, and nothing is begun."""
    page = sign_in("archivist")
    page.goto(f"{served.address}/batches")
    page.get_by_label("扫描件").set_input_files(_large(tmp_path, "无盒"))
    page.get_by_label("档案盒").fill("没有的盒")
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_text("没有标签为 没有的盒 的档案盒")).to_be_visible()
