"""Requests no browser of ours sends: each gets an answer in words, none a fault, and no mark on the archive."""

from collections.abc import Callable

import pytest
from sqlalchemy import select
from webtest import TestApp, Upload

from archive.digitization.fields import DraftFields
from archive.digitization.models import Draft
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from tests.factories.browsing import form_to, sign_in
from tests.factories.small_archive import SmallArchive
from tests.functional.faults.working import work
from tests.unit.records.scans import tiff

Browser = Callable[..., TestApp]

_ENDLESS = "9" * 5000


@pytest.fixture
def archivist(browser: Browser) -> TestApp:
    """The archivist's browser."""
    return browser("archivist")


@pytest.mark.parametrize(
    "address",
    [
        "/search?q=%ff",
        "/search?%ff=1",
        "/search?q=%ed%a0%80",
        "/search?department=%ff",
        "/requests/new?item=%ff",
        "/items/{item}/view?q=%ff",
        "/drafts/x?accepted=%ff",
    ],
)
def test_what_is_no_text_is_refused_in_words(small: SmallArchive, archivist: TestApp, address: str) -> None:
    """An address that is not UTF-8 leads to a page that says so, with the way on, never to a fault."""
    answer = archivist.get(address.format(item=small.items["safety"]), expect_errors=True)
    assert answer.status_int in {400, 404}
    assert "提交的内容有误" in answer.text or "没有" in answer.text
    assert answer.html.select_one("main a.btn")["href"] == "/"


def test_it_is_refused_to_strangers_too(browser: Browser) -> None:
    """Who is not signed in gets the same page, without the navigation of the house."""
    answer = browser().get("/sign-in?next=%ff", expect_errors=True)
    assert answer.status_int == 400
    assert "提交的内容有误" in answer.text
    assert answer.html.select("nav.side a") == []


@pytest.mark.parametrize(
    ("login", "paths"),
    [("archivist", ["/search", "/batches", "/requests", "/items/{item}/view"]), ("auditadmin", ["/audit"])],
)
def test_a_page_without_end_is_some_page(small: SmallArchive, browser: Browser, login: str, paths: list[str]) -> None:
    """Whatever number stands in the address, a list comes back."""
    opened = browser(login)
    for path in paths:
        for number in ("0", "-1", "x", "٣", "9" * 30, _ENDLESS):
            assert opened.get(path.format(item=small.items["safety"]), {"page": number}).status_int == 200


def test_numbers_without_end_are_no_fault(small: SmallArchive, archivist: TestApp) -> None:
    """A revision or a year nobody can count is a mistake in the form."""
    form = form_to(archivist.get("/batches"), "/batches")
    form["files"] = [Upload("a.tif", tiff(1))]
    form.submit()
    work(small)
    with small.parts.database.reading() as session:
        draft = session.scalars(select(Draft)).one()
    review = form_to(archivist.get(f"/drafts/{draft.id}"), f"/drafts/{draft.id}")
    review["year"].force_value(_ENDLESS)
    answer = review.submit(expect_errors=True)
    assert answer.status_int == 422
    assert 'id="year-error"' in answer
    review["revision"].force_value(_ENDLESS)
    assert review.submit(expect_errors=True).status_int == 400


def test_signs_that_are_no_writing_never_reach_the_catalogue() -> None:
    """A NUL or a line break in a title is a blank: no PDF and no database holds the one, no list the other."""
    fields = DraftFields.from_form({"title": "关于\0会议\r\n的通知\x1b", "year": "2021"})
    assert fields.title == "关于 会议 的通知"


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("multipart/form-data", b"--xx\r\nnothing"),
        ("multipart/form-data; boundary=xx", b"--yy\r\nnothing"),
        ("application/x-www-form-urlencoded; charset=foo", b"a=%ff"),
        ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
        ("application/json", b"{"),
    ],
)
def test_a_form_that_is_not_whole_is_refused(archivist: TestApp, kind: str, body: bytes) -> None:
    """A form nobody can take apart changes nothing and is answered in words."""
    token = form_to(archivist.get("/batches"), "/batches")["csrf_token"].value
    headers = {"X-CSRF-Token": token, "Content-Type": kind}
    answer = archivist.post("/batches", body, headers=headers, expect_errors=True)
    assert answer.status_int == 400
    assert "请返回上一页" in answer.text


def test_other_methods_change_nothing(small: SmallArchive, archivist: TestApp) -> None:
    """What is only read cannot be written or deleted, with or without the token."""
    address = f"/items/{small.items['safety']}"
    before = archivist.get(address).html.select_one("h1").text
    token = form_to(archivist.get("/batches"), "/batches")["csrf_token"].value
    for method in ("PUT", "DELETE", "PATCH"):
        assert archivist.request(address, method=method, expect_errors=True).status_int == 400
        archivist.request(address, method=method, headers={"X-CSRF-Token": token}, expect_errors=True)
    assert archivist.get(address).html.select_one("h1").text == before


def test_nobody_chooses_his_own_address(small: SmallArchive, browser: Browser) -> None:
    """The trail names the machine that asked; what a request says of itself is not believed."""
    stranger = browser()
    claims = ("X-Forwarded-For", "X-Real-Ip", "Forwarded", "X-Forwarded-Host", "X-Forwarded-Proto")
    stranger.extra_environ |= {f"HTTP_{name.upper().replace('-', '_')}": "203.0.113.9" for name in claims}
    stranger.extra_environ["REMOTE_ADDR"] = "192.0.2.7"
    assert "203.0.113.9" not in sign_in(stranger, "engineer").headers["Location"]
    with small.parts.database.reading() as session:
        opened = select(AuditEntry).where(AuditEntry.action == AuditAction.SIGNED_IN.value)
        last = session.scalars(opened.order_by(AuditEntry.id.desc())).first()
    assert last is not None
    assert last.address == "192.0.2.7"
