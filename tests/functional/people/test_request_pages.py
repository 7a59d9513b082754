"""Asking in a browser: from the hit list, like last time, on paper, for a leader; and the director's monthly list."""

import io
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from webtest import TestApp, Upload

from archive.borrowing.models import BasketItem, LineState, StandingAuthorisation, TaskList
from archive.borrowing.standing import close_lapsed
from archive.borrowing.task_list import month_bounds, tell_of_tasks
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person, Role, Unit
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.errors import NotFoundError
from archive.platform.notifications.models import Notice
from tests.factories.browsing import form_to
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]


def put_aside(reader: TestApp, *items: str) -> Any:
    """Tick items on the hit list."""
    page = reader.get("/search")
    token = form_to(page, "/requests/basket")["csrf_token"].value
    fields = [("csrf_token", token), ("next", "/search?q=2021"), *(("item", item) for item in items)]
    return reader.post("/requests/basket", fields, expect_errors=True)


def new_form(reader: TestApp, **query: str) -> Any:
    """The request form."""
    return form_to(reader.get("/requests/new", query), "/requests/new")


def count(small: SmallArchive, table: Any) -> int:
    """Rows of a table."""
    with small.parts.database.reading() as session:
        return int(session.query(table).count())


def test_several_items_from_the_hit_list(browser: Browser, small: SmallArchive) -> None:
    """Ticked, put aside, asked for together: pages and kinds for each; afterwards the basket is empty."""
    reader, accounts, lathe = browser("engineer"), small.items["accounts"], small.items["lathe"]
    back = put_aside(reader, accounts, lathe, accounts)
    assert back.headers["Location"].endswith("/search?q=2021")
    assert "申请单里有 2 件" in reader.get("/search").text
    form = new_form(reader)
    form[f"asked-{accounts}"] = ["view", "copy"]
    form[f"pages-{accounts}"] = "1"
    form["kind"], form["purpose"] = "compilation", "编写<i>年鉴</i>"
    page = form.submit().follow()
    assert page.text.count('class="request-line"') == 3
    for shown in ("复制", "编史修志", "编写&lt;i&gt;年鉴", "审批中"):
        assert shown in page.text
    assert "<i>年鉴" not in page.text
    assert count(small, BasketItem) == 0


def test_like_last_time(browser: Browser, small: SmallArchive) -> None:
    """One click fills the form from an earlier request; while that one waits, its number is said instead."""
    reader, item = browser("engineer"), small.items["accounts"]
    form = new_form(reader, item=item)
    form["purpose"] = "核对折旧"
    first = form.submit().follow()
    again = reader.get(first.html.find("a", string="再次申请")["href"])
    filled = form_to(again, "/requests/new")
    assert (filled["purpose"].value, filled["item"].value) == ("核对折旧", item)
    refused = filled.submit(expect_errors=True)
    assert refused.status_int == 409
    assert "2021-0001" in refused.text
    assert form_to(refused, "/requests/new")["purpose"].value == "核对折旧"
    form_to(reader.get(first.request.path), "/withdraw").submit()
    assert "2021-0003" not in filled.submit().follow().text
    other = browser("accountant")
    assert other.get("/requests/new", {"like": first.request.path.rpartition("/")[2]}, status="*").status_int == 404


@pytest.mark.parametrize("pages", ["9-1,0,99999", "1;DROP", "两页", "1-" + "9" * 150, "\x00-"])
def test_absurd_pages_are_said_at_their_field(browser: Browser, small: SmallArchive, pages: str) -> None:
    """Nothing typed is lost, and nothing is asked for."""
    reader, item = browser("engineer"), small.items["accounts"]
    form = new_form(reader, item=item)
    form["purpose"], form[f"pages-{item}"] = "核对", pages
    answer = form.submit(expect_errors=True)
    assert answer.status_int == 422
    assert answer.html.find(id=f"pages-{item}-error") is not None
    assert form_to(answer, "/requests/new")["purpose"].value == "核对"
    assert "这里列出" in reader.get("/requests").text


def test_what_is_readable_is_offered_as_such(browser: Browser, small: SmallArchive) -> None:
    """A public item: to read it nothing is asked; its copy may be."""
    reader, item = browser("engineer"), small.items["safety"]
    page = reader.get("/requests/new", {"item": item})
    assert "现在即可在线查阅" in page.text
    form = form_to(page, "/requests/new")
    form["purpose"] = "张贴"
    assert form.submit(expect_errors=True).status_int == 422
    form[f"asked-{item}"] = ["copy"]
    assert "审批中" in form.submit().follow().text


def test_five_hundred_at_once(browser: Browser, small: SmallArchive) -> None:
    """More than one request may hold is said in words, whether the items exist or not."""
    reader = browser("engineer")
    token = new_form(reader, item=small.items["lathe"])["csrf_token"].value
    times = {"starts_at": "2021-03-05T10:00", "ends_at": "2021-03-06T10:00", "kind": "work", "purpose": "全要"}
    many = [f"none-{number}" for number in range(499)] + [small.items["lathe"]]
    fields = [("csrf_token", token), *times.items(), *(("item", one) for one in many)]
    answer = reader.post("/requests/new", fields + [(f"asked-{one}", "view") for one in many], status="*")
    assert answer.status_int == 422
    assert "最多 200 项" in answer.text


def test_answering_a_question_on_the_page(browser: Browser, small: SmallArchive) -> None:
    """Returned for information: the reader sees what was asked, answers there, and it waits again."""
    reader, head = browser("engineer"), browser("finance_head")
    form = new_form(reader, item=small.items["accounts"])
    form["purpose"] = "核对"
    page = form.submit().follow()
    waiting = head.get("/inbox")
    decision = next(form for form in waiting.forms.values() if "/inbox/steps/" in form.action)
    decision["comment"] = "请写明核对哪一年"
    decision.submit("verdict", value="return")
    shown = reader.get(page.request.path)
    assert "退回补充" in shown.text
    assert "请写明核对哪一年" in shown.text
    answer = form_to(shown, "/resubmit")
    answer["remark"] = "2020年"
    answer.submit()
    assert "审批中" in reader.get(page.request.path).text
    assert "2020年" in head.get("/inbox").text


def test_a_paper_form_at_the_desk(browser: Browser, small: SmallArchive) -> None:
    """First what is on it, then who signed, with the scan; the reader reads, and only those concerned get the scan."""
    archivist, item = browser("archivist"), small.items["accounts"]
    form = form_to(archivist.get("/requests/signed", {"item": item}), "/requests/signed")
    form["reader"], form["purpose"] = "engineer", "核对决算"
    second = form_to(form.submit(), "/requests/signed")
    assert second["purpose"].value == "核对决算"
    for number, login in ((1, "finance_head"), (2, "archivist")):
        second[f"signer-{number}"] = small.people[login]
        second[f"signed-{number}"] = "2021-03-05T09:30"
    second["scan"] = Upload("form.pdf", b"not a scan", "application/pdf")
    refused = second.submit(expect_errors=True)
    assert refused.status_int == 422
    assert refused.html.find(id="scan-error") is not None
    third = form_to(refused, "/requests/signed")
    assert third["signer-1"].value == small.people["finance_head"]
    third["scan"] = Upload("form.pdf", b"%PDF-1.7 signed by two", "application/pdf")
    made = third.submit().follow()
    for shown in ("钱明", "沈鉴", "纸质审批单", "2021-0001"):
        assert shown in made.text
    link = made.html.find("a", string="扫描件")["href"]
    reader = browser("engineer")
    assert reader.get(f"/items/{item}/pages/1/text").status_int == 200
    got = reader.get(link)
    assert got.body == b"%PDF-1.7 signed by two"
    assert got.headers["Content-Disposition"].startswith("attachment")
    assert browser("accountant").get(link, expect_errors=True).status_int == 404
    assert browser("engineer").get("/requests/signed", expect_errors=True).status_int == 403


def test_a_standing_authorisation(browser: Browser, small: SmallArchive) -> None:
    """Asked for, approved, listed, ended: each seen by those whom it concerns."""
    reader = browser("engineer")
    form = form_to(reader.get("/standing/new"), "/standing/new")
    form["purpose"] = "日常检修<script>"
    form["ends_on"] = "2099-01-01"
    refused = form.submit(expect_errors=True)
    assert refused.html.find(id="ends_on-error") is not None
    form = form_to(refused, "/standing/new")
    form["ends_on"] = "2021-12-31"
    page = form.submit().follow()
    assert "S2021-0001" in page.text
    assert "<script>日" not in page.text
    assert browser("accountant").get(page.request.path, expect_errors=True).status_int == 404
    with small.parts.database.reading() as session:
        assert session.query(Notice).filter_by(kind="step_due").count() == 1
    assert "S2021-0001" in browser("archivist").get("/standing").text
    form_to(reader.get(page.request.path), "/withdraw").submit()
    assert "已撤回" in reader.get(page.request.path).text
    assert "/withdraw" not in reader.get(page.request.path).text


def test_the_leaders_act(browser: Browser, small: SmallArchive) -> None:
    """The desk serves a leader as his secretary asked; he is shown it, and denies it with a word."""
    with small.parts.database.writing() as session:
        accounts = AccountService(session, small.clock, SYSTEM)
        unit = session.query(Unit).filter_by(code="BGS").one()
        leader = accounts.create_person("leader", "高远", unit, (Role.LEADER,))
        accounts.set_password(leader, PASSWORD)
        leader_id = leader.id
    archivist, item = browser("archivist"), small.items["accounts"]
    form = form_to(archivist.get("/leaders/new", {"item": item}), "/leaders/new")
    form["leader"], form["way"], form["purpose"] = leader_id, "secretary", "阅示"
    refused = form.submit(expect_errors=True)
    assert refused.html.find(id="bearer-error") is not None
    form = form_to(refused, "/leaders/new")
    form["bearer"] = "小周"
    made = form.submit().follow()
    assert "等待确认" in made.text
    his = browser("leader")
    his.extra_environ["REMOTE_ADDR"] = "192.0.2.7"
    assert his.get(f"/items/{item}/pages/1/text").status_int == 200
    answer = form_to(his.get(made.request.path), "/answer")
    answer["remark"] = "没有要求过"
    answer.submit("answer", value="denied")
    assert his.get(f"/items/{item}/pages/1/text", expect_errors=True).status_int == 403
    assert "领导否认" in archivist.get("/leaders").text


def test_the_directors_monthly_list(browser: Browser, small: SmallArchive) -> None:
    """What was opened for tasks, with its pages; told once on the first, seen once; formulas stay text."""
    archivist, item = browser("archivist"), small.items["accounts"]
    form = form_to(archivist.get("/grants/task", {"item": item}), "/grants/task")
    form["task"] = '=HYPERLINK("http://x")'
    form.submit()
    archivist.get(f"/items/{item}/pages/1/text")
    assert tell_of_tasks(small.parts) == 0
    small.clock.now = datetime(2021, 3, 31, 15, 59, tzinfo=UTC)
    assert tell_of_tasks(small.parts) == 0
    small.clock.pass_time(timedelta(minutes=1))
    assert (tell_of_tasks(small.parts), tell_of_tasks(small.parts)) == (1, 0)
    with small.parts.database.reading() as session:
        told = session.query(Notice).filter_by(kind="task_list").one()
        assert (session.get_one(Person, told.person_id).login, told.link) == ("director", "/tasks/2021-03")
    director = browser("director")
    page = director.get("/tasks/2021-03")
    for shown in ("沈鉴", "T2021-0001", "HYPERLINK", "2020年度财务决算工作总结"):
        assert shown in page.text
    with zipfile.ZipFile(io.BytesIO(director.get("/tasks/2021-03.xlsx").body)) as book:
        assert "<f>" not in book.read("xl/worksheets/sheet1.xml").decode()
    assert director.get("/tasks/2021-03.pdf").body.startswith(b"%PDF-")
    form_to(page, "/tasks/2021-03").submit()
    assert "方正 已审阅" in director.get("/tasks/2021-03").text
    assert count(small, TaskList) == 1
    assert browser("archivist").get("/tasks", expect_errors=True).status_int == 403


@pytest.mark.parametrize("month", ["2021-13", "0000-01", "9999-12", "x", ""])
def test_no_such_month(month: str) -> None:
    """What is no month is not found."""
    with pytest.raises(NotFoundError):
        month_bounds(month, ZoneInfo("Asia/Shanghai"))


def test_what_was_read_under_an_authorisation_closes_when_it_covers_no_longer(
    browser: Browser, small: SmallArchive
) -> None:
    """He moved to another department: within a minute the keeper ends what was opened, once."""
    with small.parts.database.writing() as session:
        units = {unit.code: unit for unit in session.query(Unit)}
        units["CWB"].parent_id = units["GCB"].id
        reader = session.get_one(Person, small.people["engineer"])
        until = small.clock() + timedelta(days=300)
        standing = StandingAuthorisation(
            number="S2021-0001",
            person_id=reader.id,
            category_id=session.get_one(Item, small.items["accounts"]).category_id,
            unit_id=units["CWB"].id,
            purpose="月度结账",
            starts_at=small.clock(),
            ends_at=until,
            applicant_id=reader.id,
            created_at=small.clock(),
            state=LineState.APPROVED,
        )
        session.add(standing)
    reader_page, item = browser("engineer"), small.items["accounts"]
    form = new_form(reader_page, item=item)
    form["purpose"] = "核对"
    assert "S2021-0001" in form.submit().follow().text
    assert reader_page.get(f"/items/{item}/pages/1/text").status_int == 200
    assert "长期授权" in browser("archivist").get("/grants").text
    assert close_lapsed(small.parts) == 0
    with small.parts.database.writing() as session:
        session.get_one(Person, small.people["engineer"]).unit_id = units["BGS"].id
    assert (close_lapsed(small.parts), close_lapsed(small.parts)) == (1, 0)
    assert reader_page.get(f"/items/{item}/pages/1/text", expect_errors=True).status_int == 403
