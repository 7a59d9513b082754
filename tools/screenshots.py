"""Takes the README's screenshots from a fresh demo: each picture is what its person really sees.

python -m tools.screenshots
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from secrets import token_urlsafe

from playwright.sync_api import Browser, Page, sync_playwright

__all__ = ["main"]

TARGET = Path(__file__).parent.parent / "docs" / "screenshots"
_QUERY = "采集设备"


def main() -> None:
    """Prepare a demo archive, walk through it, and write the pictures."""
    TARGET.mkdir(parents=True, exist_ok=True)
    password = token_urlsafe(12)
    with tempfile.TemporaryDirectory(prefix="danggui-screenshots-") as folder:
        second = Path(folder) / "second"
        second.mkdir()
        os.environ |= {"DANGGUI_FOLDER": folder, "DANGGUI_SECOND_STORAGE": second.as_uri()}
        archive = [sys.executable, "-m", "archive.cli"]
        subprocess.run([*archive, "demo", "--password", password], check=True, stdin=subprocess.DEVNULL)
        with _served(archive) as address, sync_playwright() as playwright:
            _wait_for_copies(archive)
            browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
            _take_all(browser, address, password)
            browser.close()


def _wait_for_copies(archive: list[str]) -> None:
    """Until everything lies in the second store, too, and was read again."""
    while "complete" not in subprocess.run([*archive, "doctor"], check=False, capture_output=True, text=True).stdout:
        time.sleep(1)
    subprocess.run([*archive, "verify"], check=True, stdin=subprocess.DEVNULL)


def _take_all(browser: Browser, address: str, password: str) -> None:
    with _signed_in(browser, address, "lihua", password) as reader:
        _search_and_ask(reader)
    with _signed_in(browser, address, "shenguodong", password) as head:
        head.goto("/inbox")
        _take(head, "inbox")
    with _signed_in(browser, address, "zhoumin", password) as archivist:
        _review(archivist)
        archivist.goto("/preservation")
        _take(archivist, "preservation")
    with _signed_in(browser, address, "wutao", password) as auditor:
        auditor.goto("/audit")
        _take(auditor, "audit")


def _search_and_ask(reader: Page) -> None:
    """Find something, read what may be read, ask for what may not."""
    reader.goto(f"/search?q={_QUERY}")
    _take(reader, "search")
    found = reader.locator("[data-open]")
    for number in range(found.count()):
        reader.goto(f"/search?q={_QUERY}")
        found.nth(number).click()
        if reader.get_by_role("link", name="查阅").count():
            reader.get_by_role("link", name="查阅").click()
            reader.wait_for_load_state("networkidle")
            _take(reader, "viewer")
        else:
            reader.get_by_role("link", name="申请阅览").click()
            reader.get_by_label("阅览目的").fill("编制2022年设备更新计划，需参考当年购置论证的内容。")
            reader.get_by_role("button", name="提交审批").click()


def _review(archivist: Page) -> None:
    archivist.goto("/batches")
    archivist.locator("a[href*='/batches/']").first.click()
    archivist.wait_for_load_state("networkidle")
    _take(archivist, "batch")
    archivist.locator("a[href*='/drafts/']").first.click()
    archivist.wait_for_load_state("networkidle")
    _take(archivist, "review")


def _take(page: Page, name: str) -> None:
    page.screenshot(path=TARGET / f"{name}.png")


@contextmanager
def _served(archive: list[str]) -> Iterator[str]:
    """The address of the running front end."""
    server = subprocess.Popen(
        [*archive, "serve", "--listen", "127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True
    )
    try:
        assert server.stdout is not None
        address = server.stdout.readline().strip()
        if not address:
            sys.exit(f"danggui serve ended with {server.wait()}")
        yield address
    finally:
        server.terminate()
        server.wait()


@contextmanager
def _signed_in(browser: Browser, address: str, login: str, password: str) -> Iterator[Page]:
    """A page of a person of the demo, in a browser profile of his own."""
    context = browser.new_context(
        base_url=address, locale="zh-CN", timezone_id="Asia/Shanghai", viewport={"width": 1366, "height": 768}
    )
    page = context.new_page()
    page.goto("/sign-in")
    page.get_by_label("登录名").fill(login)
    page.get_by_label("密码").fill(password)
    page.get_by_role("button", name="登录").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    yield page
    context.close()


if __name__ == "__main__":
    main()
