"""The desk as pages: paper fetched, handed over, taken back; what leaves; visitors; seats; the alarms of the keeper."""

import io
import re
from collections.abc import Callable
from datetime import timedelta

import pypdfium2
import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.borrowing.paper.duties import PaperDuty
from archive.borrowing.paper.keeping import watch_paper
from archive.borrowing.paper.models import (
    IncidentKind,
    OutAct,
    OutKind,
    PaperIncident,
    PaperReading,
    ReadingState,
    Visit,
    VisitItem,
    Whereabouts,
)
from archive.borrowing.paper.models import PaperCustody as Custody
from archive.borrowing.paper.out_acts import Order
from archive.borrowing.paper.queries import paper_wanted
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.models import Notice
from archive.platform.seats.models import Seat
from tests.factories.browsing import form_to
from tests.factories.papers import Counter, counted, put_in_box
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]


@pytest.fixture
def shelved(small: SmallArchive) -> str:
    """The accounts lie in a box, and the accountant asked for the paper; gives their archival code."""
    with small.parts.database.writing() as session:
        item = session.get_one(Item, small.items["accounts"])
        put_in_box(session, item, small.clock)
        Counter(session, small.clock).ask(session.get_one(Person, small.people["accountant"]), item)
        AccountService(session, small.clock, SYSTEM).set_password(
            session.get_one(Person, small.people["archivist2"]), PASSWORD
        )
        return str(item.code)


def give_to_read(small: SmallArchive) -> None:
    """Fetched and handed over by the archivist, two pages."""
    with small.parts.database.writing() as session:
        desk, archivist = Counter(session, small.clock), session.get_one(Person, small.people["archivist"])
        seat = session.scalars(select(Seat.id)).one()
        desk.custody(archivist).fetch(paper_wanted(session, small.clock())[0].id, archivist)
        desk.custody(archivist).hand_over(small.items["accounts"], archivist, counted(2), seat_id=seat)


def words(pdf: bytes) -> str:
    """What a print says."""
    document = pypdfium2.PdfDocument(io.BytesIO(pdf))
    return "".join("".join(page.get_textpage().get_text_bounded() for page in document).split())


def test_the_archivist_serves_a_reader(small: SmallArchive, shelved: str, browser: Browser) -> None:
    """Seen on the desk, fetched, handed over with its count, taken back with a difference written up, shelved."""
    desk = browser("archivist")
    page = desk.get("/desk")
    assert shelved in page.text
    item = form_to(page, "/fetch").submit().follow()
    form = form_to(item, "/hand-over")
    form["pages"] = "zwei"
    refused = form.submit(expect_errors=True)
    assert refused.status_int == 422
    form = form_to(refused, "/hand-over")
    form["pages"] = "2"
    assert "在阅" in form.submit().follow().text
    assert "件在阅，16:30 到点" in desk.get("/").text
    back = desk.get("/desk", {"code": shelved}).follow()
    form = form_to(back, "/take-back")
    form["pages"] = "1"
    refused = form.submit(expect_errors=True)
    assert refused.status_int == 422
    assert "请写明差异" in refused.text
    form = form_to(refused, "/take-back")
    form["pages"], form["note"] = "1", "缺第 2 页"
    returned = form.submit().follow()
    assert "已还" in returned.text
    form_to(returned, "/shelve").submit().follow()
    log = desk.get(f"/desk/items/{small.items['accounts']}")
    assert [act in log.text for act in ("调出", "交付阅览", "归还清点", "上架")] == [True] * 4
    assert "已报告，待查找或鉴定" in desk.get("/desk/incidents").text
    assert desk.get("/desk?code=Z109-NONE").text.count("没有档号为 Z109-NONE 的文件") >= 1


def test_a_desk_is_for_archivists(small: SmallArchive, shelved: str, browser: Browser) -> None:
    """A reader and a director find no desk; the director sees what leaves and what went wrong."""
    for login in ("accountant", "director", "secadmin"):
        assert browser(login).get("/desk", expect_errors=True).status_int == 403
    assert browser("director").get("/desk/out").status_int == 200
    assert browser("director").get("/desk/incidents").status_int == 200
    assert browser("accountant").get("/desk/out", expect_errors=True).status_int == 403
    assert shelved


def test_closing_time_is_an_alarm(small: SmallArchive, shelved: str, browser: Browser) -> None:
    """Archivists and director are told once what is still 在阅, red on their pages; overnight it is an incident."""
    give_to_read(small)
    assert watch_paper(small.parts) == 0
    small.clock.pass_time(timedelta(hours=6, minutes=30))  # 16:30
    assert watch_paper(small.parts) == 1
    assert watch_paper(small.parts) == 0
    with small.parts.database.reading() as session:
        told = session.scalars(select(Notice).where(Notice.kind == NoticeKind.PAPER_AT_CLOSING)).all()
        assert {notice.person_id for notice in told} == {
            small.people[login] for login in ("archivist", "archivist2", "director")
        }
    for login in ("archivist", "director"):
        assert "已到闭馆时间，仍有 1 件原件在阅" in browser(login).get("/").text
    assert "闭馆时间" not in browser("engineer").get("/").text
    printed = browser("archivist").get("/desk/closing.pdf")
    assert printed.content_type == "application/pdf"
    assert re.search("孙敏.*阅览室1号机", words(printed.body))
    small.clock.pass_time(timedelta(days=1))
    assert watch_paper(small.parts) == 1
    assert watch_paper(small.parts) == 0
    with small.parts.database.reading() as session:
        assert session.scalars(select(PaperIncident.kind)).all() == [IncidentKind.OVERDUE]
    assert shelved


def test_paper_goes_to_repair_and_comes_back_late(small: SmallArchive, shelved: str, browser: Browser) -> None:
    """Ordered, approved in the inbox, handed by one, signed by the other, with its out-card; overdue it is an alarm."""
    archivist, taker, director = browser("archivist"), browser("engineer"), browser("director")
    form = form_to(archivist.get("/desk/out/new"), "/desk/out/new")
    form["kind"], form["codes"], form["ground"] = "repair", f"{shelved}\nZ109-NONE", "虫蛀修裱"
    form["ordered_by"], form["destination"], form["due_back"] = "江海办〔2021〕30号", "修复室", "2021-03-10"
    refused = form.submit(expect_errors=True)
    assert "没有档号为 Z109-NONE 的文件" in refused.text
    form = form_to(refused, "/desk/out/new")
    form["codes"] = shelved
    act = form.submit().follow()
    assert taker.get(act.request.path, expect_errors=True).status_int == 404
    approve(director)
    form = form_to(archivist.get(act.request.path), "/give")
    line = next(name for name in form.fields if name and name.startswith("pages-"))
    form[line], form["taker"] = "2", "engineer"
    assert "等接收人签收" in form.submit().follow().text
    assert "等您签收" in taker.get("/").text
    form_to(taker.get(act.request.path), "/take").submit()
    with small.parts.database.reading() as session:
        assert session.scalars(select(Custody.place)).all() == [Whereabouts.OUT]
    card = words(archivist.get(f"{act.request.path}/card.pdf").body)
    wanted = ("代卷卡", shelved[:8], "修复室", "2021-03-10", "沈鉴", "李工", "1-02-03-4")
    assert [part for part in wanted if part not in card] == []
    small.clock.pass_time(timedelta(days=6))
    assert watch_paper(small.parts) == 1
    assert watch_paper(small.parts) == 0
    again = browser("archivist")
    assert "份出库单逾期未还" in again.get("/").text
    form = form_to(again.get(act.request.path), "/back")
    form[line] = "2"
    assert "已全部归还" in form.submit().follow().text
    with small.parts.database.reading() as session:
        assert session.scalars(select(Custody.place)).all() == [Whereabouts.DESK]
        told = session.scalars(select(Notice.kind).where(Notice.person_id == small.people["director"])).all()
        assert NoticeKind.OUT_OVERDUE in told


def approve(browser: TestApp) -> None:
    """Decide the first of what waits."""
    forms = sorted(browser.get("/inbox").forms.items(), key=str)
    form = next(form for _key, form in forms if "/inbox/steps/" in form.action)
    form.submit("verdict", value="approve")


def test_an_outsider_without_account_signs_before_a_witness(
    small: SmallArchive, shelved: str, browser: Browser
) -> None:
    """An emergency may leave before it is approved; the page says until when that has to follow, and if it did not."""
    with small.parts.database.writing() as session:
        archivist = session.get_one(Person, small.people["archivist"])
        order = Order(OutKind.EMERGENCY, "库房漏水", "值班领导", "三楼", due_back="2021-03-08")
        item = session.get_one(Item, small.items["accounts"])
        act_id = Counter(session, small.clock).out(archivist).order(order, [item], archivist).id
    page = browser("archivist").get(f"/desk/out/{act_id}")
    assert "补批时限" in page.text
    form = form_to(page, "/give")
    form[next(name for name in form.fields if name and name.startswith("pages-"))] = "2"
    form["outsider"] = "陈志远，消防队，工作证 0123"
    form.submit()
    witness = browser("archivist2")
    form_to(witness.get(f"/desk/out/{act_id}"), "/take").submit()
    with small.parts.database.reading() as session:
        assert session.get_one(OutAct, act_id).taken_by == small.people["archivist2"]
    small.clock.pass_time(timedelta(days=1))
    assert watch_paper(small.parts) == 1
    assert "没有在一天内获得批准" in browser("director").get(f"/desk/out/{act_id}").text
    small.clock.pass_time(timedelta(days=3))
    assert (watch_paper(small.parts), watch_paper(small.parts)) == (1, 0)
    with small.parts.database.reading() as session:
        assert session.scalars(select(PaperIncident.kind)).all() == [IncidentKind.OVERDUE]
    assert shelved


def test_a_visitor_at_the_desk(small: SmallArchive, shelved: str, browser: Browser) -> None:
    """Registered, reads the screen beside his companion with his own name in the mark, and leaves."""
    desk = browser("archivist")
    form = form_to(desk.get("/desk/visitors/new"), "/desk/visitors/new")
    form["name"], form["organisation"], form["letter"], form["purpose"] = "陈志远", "市志办", "市志函8号", "编修市志"
    form["document_kind"], form["document_tail"], form["companion"] = (
        "identity_card",
        "330102199001011234",
        "accountant",
    )
    form.fields["document_tail"][0].attrs.pop("maxlength", None)
    refused = form.submit(expect_errors=True)
    assert "只登记证件号码的最后四位" in refused.text
    form = form_to(refused, "/desk/visitors/new")
    form["document_tail"] = "123X"
    visit = form.submit().follow()
    for asked in ("view", "paper"):
        form = form_to(visit, visit.request.path)
        form["code"], form["asked"] = shelved, asked
        visit = form.submit().follow()
    assert visit.text.count("已批准") == 2
    with small.parts.database.reading() as session:
        assert session.scalars(select(Visit.document_tail)).all() == ["123X"]
        assert len(session.scalars(select(VisitItem)).all()) == 2
    assert "陈志远" in desk.get("/desk").text
    left = form_to(desk.get(visit.request.path), "/leave").submit().follow()
    assert "已离开" in left.text
    assert "陈志远" in desk.get("/desk/visitors").text


def test_a_reader_books_a_seat(small: SmallArchive, browser: Browser) -> None:
    """One click books, another sees it taken, one more gives it back; the desk closes a day with its reason."""
    reader, other, desk = browser("accountant"), browser("engineer"), browser("archivist")
    page = reader.get("/reading-room")
    form = form_to(page, "/reading-room")
    booked = {name: form[name].value for name in ("seat", "day", "half", "csrf_token")}
    assert "我的预约" in form.submit().follow().text
    assert "已约" in other.get("/reading-room").text
    token = form_to(other.get("/reading-room"), "/reading-room")["csrf_token"].value
    twice = other.post("/reading-room", {**booked, "csrf_token": token}, expect_errors=True)
    assert (twice.status_int, "已有座位" in twice.text) == (409, True)
    assert "我的预约" not in form_to(reader.get("/reading-room"), "/cancel").submit().follow().text
    forms = [form for form in desk.get("/desk/hours").forms.values() if form.action.endswith("/desk/hours")]
    day = next(form for form in forms if form["what"].value == "day")
    day["day"], day["reason"] = "2021-03-08", "馆藏清点"
    assert "馆藏清点" in day.submit().follow().text
    assert "馆藏清点" in reader.get("/reading-room").text


def test_leaving_shows_paper_in_hand(small: SmallArchive, shelved: str) -> None:
    """Whoever leaves has his 在阅 paper among what is open; no click takes it from him."""
    give_to_read(small)
    with small.parts.database.writing() as session:
        duty, leaver = PaperDuty(), small.people["accountant"]
        assert len(duty.open(session, leaver)) == 1
        duty.hand_over(session, small.clock, SYSTEM, leaver, small.people["engineer"])
        assert len(duty.open(session, leaver)) == 1
        assert session.scalars(select(PaperReading.state)).one() is ReadingState.READING
    assert shelved
