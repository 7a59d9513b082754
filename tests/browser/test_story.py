"""The main job from paper to approved reading, done in a real browser, twice: embedded, and on real servers."""

import io
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from PIL import Image, ImageChops, ImageStat
from playwright.sync_api import Browser, FilePayload, Page, expect
from sqlalchemy import update

from archive.platform.db import Database
from archive.platform.grants import Grant
from tests.factories.installation import Installation

SAMPLES = Path(__file__).parents[2] / "samples"
PASSWORD = "one for all, for the test"

ARCHIVIST, HEAD, READER = "zhoumin", "gujianping", "wangxiaoyan"  # BGS, head of BGS, CWB
#: an internal item of the general office, and words that stand only on its pages, in both scripts
MINUTES = "总经理办公会议纪要"
SECRET_WORDS = ("临时工棚", "臨時工棚")

pytestmark = [pytest.mark.servers, pytest.mark.timeout(600)]


@pytest.fixture
def embedded(tmp_path: Path) -> Installation:
    """Everything in one folder."""
    return Installation(tmp_path / "archive", {})


@pytest.fixture
def on_servers(request: pytest.FixtureRequest, tmp_path: Path) -> Installation:
    """The same code on PostgreSQL, an S3 bucket and Elasticsearch."""
    return Installation(
        tmp_path / "folder",
        {
            "DANGGUI_DATABASE": request.getfixturevalue("postgres_database"),
            "DANGGUI_STORAGE": request.getfixturevalue("s3_bucket").url,
            "DANGGUI_SEARCH": f"{request.getfixturevalue('elasticsearch_url')}/story-{uuid4().hex[:8]}",
            "DANGGUI_WORKERS": "local://2",
        },
    )


@pytest.fixture(params=["embedded", "on_servers"])
def installation(request: pytest.FixtureRequest) -> Installation:
    """The demo, prepared by its command."""
    chosen: Installation = request.getfixturevalue(request.param)
    chosen.run("demo", "--password", PASSWORD)
    return chosen


SignIn = Callable[[str], Page]


@contextmanager
def _people(browser: Browser, address: str) -> Iterator[SignIn]:
    """Lets people sign in, each in a browser profile of his own."""
    contexts = []

    def sign_in(login: str) -> Page:
        context = browser.new_context(base_url=address, locale="zh-CN", viewport={"width": 1366, "height": 768})
        context.set_default_timeout(30_000)
        contexts.append(context)
        page = context.new_page()
        page.goto("/")
        page.get_by_label("登录名").fill(login)
        page.get_by_label("密码").fill(PASSWORD)
        page.get_by_role("button", name="登录").click()
        expect(page.get_by_role("navigation", name="主导航")).to_be_visible()
        return page

    try:
        yield sign_in
    finally:
        for context in contexts:
            context.close()


def test_from_paper_to_approved_reading(installation: Installation, browser: Browser) -> None:
    """Scans become searchable records that can only be read with approval; every part agrees at the end."""
    with installation.served() as served, _people(browser, served.address) as sign_in:
        archivist, reader, head = sign_in(ARCHIVIST), sign_in(READER), sign_in(HEAD)
        code = _upload_review_and_accept(archivist)
        _drop_into_the_watch_folder(installation, archivist)
        _find_in_either_script(reader, code)
        item = _see_only_the_catalogue_line(reader)
        _request(reader, item)
        _refuse_before_approval(reader, item)
        _approve(head)
        _refuse_before_approval(reader, item)
        _approve(archivist)
        _read_with_the_mark(reader, item)
        _let_the_time_end(installation)
        _refuse_before_approval(reader, item)
        _look_at_the_trail(archivist)
    _prove(installation)


def _upload_review_and_accept(page: Page) -> str:
    """Upload a scan, see its progress, correct what was proposed, accept; returns the archival code."""
    page.goto("/batches")
    files = [_altered(SAMPLES / name) for name in ("2020-sjb-inspection-letter.jpg", "2021-sjb-safety-month.jpg")]
    page.get_by_label("扫描件").set_input_files(files)
    page.get_by_role("button", name="上传扫描件").click()
    expect(page.get_by_text("已识别 2 页")).to_be_visible(timeout=90_000)
    page.locator("tr", has_text="2021-sjb-safety-month.jpg").get_by_role("link", name="审核").click()
    expect(page.get_by_label("题名")).to_have_value("关于开展2021年“安全生产月”活动的通知")
    expect(page.locator(".review-image img").first).to_be_visible()
    expect(page.locator(".review-text").first).to_contain_text("安全生产")
    page.get_by_label("题名").fill("关于再次开展“安全生产月”活动的通知")
    page.get_by_label("归档部门").select_option(label="生产技术部")
    page.get_by_label("控制范围").select_option(label="公开")
    page.get_by_label("载体").select_option("paper")
    page.get_by_role("button", name="验收归档").click()
    shown = page.locator(".draft-state .code")
    expect(shown).to_have_text(re.compile(r"^Z109-WS·2021-\w+-SJB-\d{4}$"))
    return shown.inner_text()


def _altered(path: Path) -> FilePayload:
    """The same page as another file: the demo has taken in the sample itself already."""
    with Image.open(path) as image:
        stream = io.BytesIO()
        image.save(stream, "PNG", dpi=image.info.get("dpi", (200, 200)))
    return {"name": path.name, "mimeType": "image/png", "buffer": stream.getvalue()}


def _drop_into_the_watch_folder(installation: Installation, page: Page) -> None:
    """What is dropped there becomes a batch; a file that is here already is recognised, and said so."""
    watch = installation.folder / "watch"
    watch.mkdir(exist_ok=True)
    shutil.copy(SAMPLES / "2020-rlb-training-report.tif", watch)
    row = page.locator("tr", has_text="监视文件夹")
    for _ in range(40):
        page.goto("/batches")
        if row.count():
            break
        page.wait_for_timeout(500)
    row.get_by_role("link").first.click()
    expect(page.get_by_text("查看已有的一份")).to_be_visible()


def _find_in_either_script(page: Page, code: str) -> None:
    """Simplified and traditional find the new record, with the words highlighted in the text and on the page."""
    for words in ("再次开展“安全生产月”", "再次開展“安全生產月”"):
        page.goto(f"/search?q={words}")
        hit = page.locator(".hit", has_text=code)
        expect(hit).to_be_visible()
    page.goto("/search?q=安全生產")
    hit = page.locator(".hit", has_text=code)
    expect(hit.locator(".snippet mark").first).to_have_text("安全生产")
    hit.get_by_role("link", name="查阅").click()
    expect(page.locator("#text mark").first).to_have_text("安全生产")
    expect(page.locator("#stage .hit-box, #stage [data-hit], #stage svg polygon").first).to_be_attached()


def _see_only_the_catalogue_line(page: Page) -> str:
    """An internal item of another department is found by its title, never by its text; returns its address."""
    for word in SECRET_WORDS:
        page.goto(f"/search?q={word}")
        expect(page.get_by_text("共 0 件")).to_be_visible()
    page.goto(f"/search?q={MINUTES}")
    hit = page.locator(".hit", has_text=MINUTES)
    expect(hit.locator(".snippet")).to_have_count(0)
    expect(hit.get_by_role("link", name="申请阅览")).to_be_visible()
    hit.get_by_role("heading").get_by_role("link").click()
    return re.sub(r"\?.*", "", page.url)


def _request(page: Page, item: str) -> None:
    page.goto(item)
    page.get_by_role("link", name="申请阅览").click()
    page.get_by_role("textbox", name="利用目的").fill("核对三季度经营数据")
    page.get_by_role("button", name="提交审批").click()
    expect(page.get_by_role("main").get_by_text(MINUTES)).to_be_visible()


def _content_addresses(item: str) -> list[str]:
    image = item.replace("/items/", "/iiif/") + "/1"
    return [
        f"{item}/view",
        f"{item}/pages/1/text",
        f"{item}/pdf",
        f"{image}/info.json",
        f"{image}/full/max/0/default.jpg",
    ]


def _refuse_before_approval(page: Page, item: str) -> None:
    """Every content route refuses, and says no word of the pages."""
    for address in _content_addresses(item):
        answer = page.request.get(address)
        assert answer.status == 403, f"{address}: {answer.status}"
        assert not any(word in answer.text() for word in SECRET_WORDS)


def _approve(page: Page) -> None:
    page.goto("/inbox")
    line = page.locator(".inbox-line", has_text="核对三季度经营数据")
    line.get_by_label("审批意见").fill("同意")
    line.get_by_role("button", name="同意", exact=True).click()
    page.get_by_role("link", name="我已办理").click()
    expect(page.locator("tr", has_text=MINUTES)).to_be_visible()


def _read_with_the_mark(page: Page, item: str) -> None:
    """Now the pages open, view-only, found by their text, with a mark burned into the image that is delivered."""
    page.goto(f"/search?q={SECRET_WORDS[1]}")
    page.locator(".hit", has_text=MINUTES).get_by_role("link", name="查阅").click()
    expect(page.get_by_text("可阅至")).to_be_visible()
    expect(page.get_by_text("仅供在线阅览")).to_be_visible()
    expect(page.locator("#text mark").first).to_have_text(SECRET_WORDS[0])
    image = item.replace("/items/", "/iiif/") + "/1"
    piece = page.request.get(f"{image}/0,0,512,512/512,/0/default.jpg")
    assert piece.ok
    assert "no-store" in piece.headers["cache-control"]
    assert _ink(piece.body()) > 0
    assert page.request.get(f"{item}/pdf").status == 403


def _ink(jpeg: bytes) -> float:
    """How much the top left corner of the page, plain paper in the scan, differs from one colour."""
    with Image.open(io.BytesIO(jpeg)) as image:
        grey = image.convert("L")
        paper = Image.new("L", grey.size, round(ImageStat.Stat(grey).median[0]))
        return sum(ImageChops.difference(grey, paper).histogram()[24:]) / (grey.width * grey.height)


def _let_the_time_end(installation: Installation) -> None:
    """As if the end of every grant had come."""
    url = installation.settings.get("DANGGUI_DATABASE", f"sqlite:///{installation.folder / 'danggui.db'}")
    database = Database(url)
    with database.writing() as session:
        session.execute(update(Grant).values(ends_at=datetime.now(UTC) - timedelta(seconds=1)))
    database.dispose()


def _look_at_the_trail(page: Page) -> None:
    """The audit page names who did what."""
    page.goto("/audit")
    for name in ("周敏", "顾建平", "王晓燕"):
        expect(page.get_by_role("main").get_by_text(name).first).to_be_visible()


def _prove(installation: Installation) -> None:
    """The chain is whole, every original is as it was stored, and nothing waits to be written."""
    assert installation.ask("audit", "verify")["ok"]
    verified = installation.ask("verify")
    assert verified["checked"] > 0
    assert (verified["damaged"], verified["missing"]) == ([], [])
    assert verified["ok"] == verified["checked"]
    installation.run("doctor")
