"""The register of use: made from what is recorded, closed by months, told in figures; and what use was good for."""

import io
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pytest
from pypdf import PdfReader
from sqlalchemy import select, update
from webtest import TestApp

from archive.borrowing.ledger.effects import ask_for_effects
from archive.borrowing.ledger.models import EffectState, LedgerMonth, UseEffect
from archive.borrowing.ledger.register import Register
from archive.borrowing.ledger.uses import UseWay, count
from archive.borrowing.models import LineState, PurposeKind, ReadingRequest, RequestLine
from archive.borrowing.paper.models import Condition, PaperReading, ReadingState
from archive.catalogue.models import Item, Secrecy
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM, Actor
from archive.platform.approval.models import ApprovalCase, CaseState
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.db import new_id
from archive.platform.grants import GrantKind
from archive.platform.notifications.kinds import NoticeKind
from archive.platform.notifications.models import Notice
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive

_ZONE = ZoneInfo("Asia/Shanghai")
_MARCH = (date(2021, 3, 1), date(2021, 3, 31))


def _read(small: SmallArchive, login: str, item: str, page: int, grant_id: str | None) -> None:
    with small.parts.database.writing() as session:
        person = session.get_one(Person, small.people[login])
        actor = Actor(person.id, person.name)
        details = {"page": page, "reason": "grant", "grant": grant_id, "number": None}
        record(session, small.clock, actor, AuditAction.PAGE_READ, "item", small.items[item], **details)


def _register(small: SmallArchive, session: Any) -> Register:
    return Register(session, small.clock, SYSTEM, _ZONE)


def _request(small: SmallArchive, item: str, grant_id: str | None, number: str = "2021-0012") -> str:
    """A request of the engineer's that was approved; returns its id."""
    with small.parts.database.writing() as session:
        now, reader = small.clock(), small.people["engineer"]
        asked = ReadingRequest(
            id=new_id(),
            number=number,
            reader_id=reader,
            purpose_kind=PurposeKind.RESEARCH,
            purpose="核对数据",
            starts_at=now,
            ends_at=now + timedelta(hours=4),
            created_at=now,
        )
        case = ApprovalCase(
            id=new_id(),
            subject_kind="request_line",
            subject_id="",
            applicant_id=reader,
            state=CaseState.APPROVED,
            created_at=now,
        )
        session.add_all([asked, case])
        session.flush()
        line = RequestLine(
            id=new_id(),
            position=1,
            item_id=small.items[item],
            case_id=case.id,
            grant_id=grant_id,
            state=LineState.APPROVED,
        )
        asked.lines.append(line)
        session.flush()
        return asked.id


def _paper(small: SmallArchive, item: str, request_id: str, pages: int) -> None:
    """The paper of an item was handed over and is back."""
    with small.parts.database.writing() as session:
        line = session.scalars(select(RequestLine).where(RequestLine.request_id == request_id)).one()
        at = small.clock()
        reading = PaperReading(
            id=new_id(),
            number=line.number,
            item_id=small.items[item],
            line_id=line.id,
            state=ReadingState.SHELVED,
            box="Z109-2021-Y-BGS-1",
            shelf="",
            pages=pages,
            condition=Condition.SOUND,
            fetched_at=at,
            handed_at=at,
            returned_at=at,
        )
        session.add(reading)


def test_rows_come_from_what_is_recorded(small: SmallArchive) -> None:
    """Reading on screen, paper and tasks each make one row an act, with its pages counted once; tasks count apart."""
    grant = small.grant("engineer", "accounts", "2021-0012-01")
    request_id = _request(small, "accounts", grant)
    for page in (1, 1, 2):
        _read(small, "engineer", "accounts", page, grant)
    _read(small, "engineer", "safety", 0, None)
    task = small.grant("archivist", "cadres", "T2021-0001", kind=GrantKind.TASK)
    _read(small, "archivist", "cadres", 1, task)
    small.clock.pass_time(timedelta(days=1))
    _paper(small, "accounts", request_id, 7)
    with small.parts.database.reading() as session:
        uses = _register(small, session).uses(*_MARCH)
    rows = [(use.way, use.number, use.pages, use.purpose, use.name) for use in uses]
    assert (UseWay.SCREEN, "2021-0012-01", 2, PurposeKind.RESEARCH, uses[0].name) in rows
    assert (UseWay.OPEN, "", 2, PurposeKind.WORK, uses[0].name) in rows
    assert [use.way for use in uses].count(UseWay.TASK) == 1
    assert uses[-1].way is UseWay.PAPER
    counts = count(uses)
    assert (counts.person_times, counts.uses, counts.pages, counts.copied) == (2, 3, 11, 0)


def test_an_act_over_the_end_of_a_month_is_one(small: SmallArchive) -> None:
    """Reading that goes on in April has a row there with its pages, but its person-time stays in March."""
    small.clock.now = small.clock.now.replace(day=31)
    grant = small.grant("engineer", "accounts", hours=100)
    _read(small, "engineer", "accounts", 1, grant)
    small.clock.pass_time(timedelta(days=1))
    _read(small, "engineer", "accounts", 1, grant)
    _read(small, "engineer", "accounts", 2, grant)
    with small.parts.database.reading() as session:
        register = _register(small, session)
        march, april = register.uses(*_MARCH), register.uses(date(2021, 4, 1), date(2021, 4, 30))
        both = register.uses(date(2021, 3, 1), date(2021, 4, 30))
    assert [(use.begins, use.pages) for use in (*march, *april)] == [(True, 1), (False, 2)]
    assert both == [*march, *april]
    assert (count(april).person_times, count(april).pages, count(both).person_times) == (0, 2, 1)


def test_a_closed_month_does_not_change(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """It is closed when it is over, once; what is recorded for it later is named, and what was changed is found out."""
    grant = small.grant("engineer", "accounts", hours=100)
    _read(small, "engineer", "accounts", 1, grant)
    archivist = browser("archivist")
    assert "月结</button>" not in archivist.get("/ledger?from=2021-03-01&until=2021-03-31")
    small.clock.pass_time(timedelta(days=30))
    archivist = browser("archivist")
    form_to(archivist.get("/ledger?from=2021-03-01&until=2021-03-31"), "/ledger/close").submit().follow()
    page = archivist.get("/ledger?from=2021-03-01&until=2021-03-31")
    assert "2021-03 已由" in page
    assert "记录与月结时一致" in page
    with small.parts.database.writing() as session:
        closed = session.scalars(select(LedgerMonth)).one()
        assert (closed.month, closed.rows, closed.person_times, closed.pages) == ("2021-03", 1, 1, 1)
        late = small.clock.now
    token = form_to(page, "/sign-out")["csrf_token"].value
    archivist.post("/ledger/close", {"csrf_token": token, "month": "2021-03"}, status=409)
    archivist.post("/ledger/close", {"csrf_token": token, "month": "2021-04"}, status=409)
    archivist.post("/ledger/close", {"csrf_token": token, "month": "0001-01"}, status=400)
    small.clock.now = late.replace(month=3, day=31)
    with small.parts.database.writing() as session:
        session.execute(update(LedgerMonth).values(closed_at=small.clock.now - timedelta(days=1)))
    _read(small, "engineer", "safety", 1, None)
    small.clock.now = late
    assert "其后补登 1 行" in archivist.get("/ledger?from=2021-03-01&until=2021-03-31")
    with small.parts.database.writing() as session:
        session.execute(update(LedgerMonth).values(digest="0" * 64))
    assert "与月结时不一致" in archivist.get("/ledger?from=2021-03-01&until=2021-03-31")


def test_register_and_statistics_go_out(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """Page, Excel and PDF say the same; a cell that looks like a formula stays text; rates show their parts."""
    grant = small.grant("engineer", "accounts", "2021-0012-01")
    _request(small, "accounts", grant)
    _read(small, "engineer", "accounts", 1, grant)
    with small.parts.database.writing() as session:
        session.get_one(Person, small.people["engineer"]).name = '=HYPERLINK("http://x")'
    archivist, span = browser("archivist"), "from=2021-03-01&until=2021-03-31"
    assert "共 1 人次、1 件次，阅览 1 页" in archivist.get(f"/ledger?{span}")
    sheet = openpyxl.load_workbook(io.BytesIO(archivist.get(f"/ledger/register.xlsx?{span}").body)).active
    assert sheet is not None
    assert (sheet["C2"].value, sheet["C2"].data_type, sheet["I2"].value) == ('=HYPERLINK("http://x")', "s", 1)
    text = PdfReader(io.BytesIO(archivist.get(f"/ledger/register.pdf?{span}").body)).pages[0].extract_text()
    assert "2021-0012-01" in text
    assert "1 人次，1 件次" in text
    for by in ("month", "quarter", "year", "unit", "purpose", "way", "category", "item"):
        page = archivist.get(f"/ledger/statistics?by={by}&{span}")
        assert "1 / 1" in page
    assert "学术研究" in archivist.get(f"/ledger/statistics?by=purpose&{span}")
    assert "<svg" in page
    sheet = openpyxl.load_workbook(io.BytesIO(archivist.get(f"/ledger/statistics.xlsx?by=way&{span}").body)).active
    assert sheet is not None
    assert [cell.value for cell in sheet[2]] == ["在线阅览", 1, 1, 1, 0, "100.0%", "1 / 1"]
    assert archivist.get(f"/ledger/statistics.pdf?by=way&{span}").body.startswith(b"%PDF")


def test_what_one_may_not_know_of_stays_hidden(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """Neither the register nor the list of most used items names a record that whoever asks may not know of."""
    grant = small.grant("engineer", "accounts", "2021-0012-01")
    _read(small, "engineer", "accounts", 1, grant)
    with small.parts.database.writing() as session:
        session.get_one(Item, small.items["accounts"]).secrecy = Secrecy.SECRET
    archivist, span = browser("archivist"), "from=2021-03-01&until=2021-03-31"
    assert "题名不予显示" in archivist.get(f"/ledger?{span}")
    for path in (f"/ledger?{span}", f"/ledger/statistics?by=item&{span}"):
        assert "财务决算" not in archivist.get(path)
    sheet = openpyxl.load_workbook(io.BytesIO(archivist.get(f"/ledger/register.xlsx?{span}").body)).active
    assert sheet is not None
    assert (sheet["E2"].value or "", sheet["F2"].value) == ("", "题名不予显示")


@pytest.mark.parametrize("span", ["from=x", "from=0001-01-01&until=0001-01-02", "from=2021-02-01&until=2020-01-01"])
def test_days_that_are_none(browser: Callable[..., TestApp], span: str) -> None:
    """Days nobody can mean are said, and the present month is shown instead."""
    for path in ("/ledger", "/ledger/statistics", "/ledger/effects"):
        assert "已改为显示本期" in browser("archivist").get(f"{path}?{span}")


def test_nobody_else_sees_the_ledger(browser: Callable[..., TestApp]) -> None:
    """The register is the archivist's and the director's."""
    for path in ("/ledger", "/ledger/statistics", "/ledger/effects", "/ledger/register.xlsx"):
        browser("engineer").get(path, status=403)


def test_effects_are_asked_once_and_answered(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """Once a used request is over its reader is asked, reminded once after a week, and his answer is registered."""
    grant = small.grant("engineer", "accounts", "2021-0012-01")
    _request(small, "accounts", grant)
    assert ask_for_effects(small.parts) == 0
    small.clock.pass_time(timedelta(hours=5))
    assert ask_for_effects(small.parts) == 0, "nothing was read"
    small.clock.pass_time(-timedelta(hours=3))
    _read(small, "engineer", "accounts", 1, grant)
    small.clock.pass_time(timedelta(hours=3))
    assert (ask_for_effects(small.parts), ask_for_effects(small.parts)) == (1, 0)
    small.clock.pass_time(timedelta(days=7))
    assert (ask_for_effects(small.parts), ask_for_effects(small.parts)) == (1, 0)
    engineer = browser("engineer")
    with small.parts.database.reading() as session:
        effect = session.scalars(select(UseEffect)).one()
        kinds = session.scalars(select(Notice.kind).order_by(Notice.created_at)).all()
    assert kinds == [NoticeKind.EFFECT_ASKED, NoticeKind.EFFECT_REMINDED]
    form = form_to(engineer.get(f"/effects/{effect.id}"), f"/effects/{effect.id}")
    form["words"] = "编制年度计划时采用<script>alert(1)</script>"
    assert "请选择效果类别" in form.submit(status=422)
    form["kind"], form["benefit"] = "economic", "1.5 万"
    assert "经济效益请填写整数元" in form.submit(status=422)
    form["benefit"] = "126,000"
    form.submit()
    assert "已处理，无须再办" in engineer.get("/notices")
    archivist = browser("archivist")
    page = archivist.get("/ledger/effects")
    assert "126,000" in page
    assert "<script>alert" not in page
    pdf = archivist.get(f"/ledger/effects/{effect.id}.pdf").body
    assert "126,000 元" in PdfReader(io.BytesIO(pdf)).pages[0].extract_text()
    sheet = openpyxl.load_workbook(io.BytesIO(archivist.get("/ledger/effects.xlsx").body)).active
    assert sheet is not None
    assert sheet["I2"].value == 126000
    assert "效果登记率（已登记 / 已征询）" in archivist.get("/ledger/statistics")
    browser("accountant").get(f"/effects/{effect.id}", status=404)


def test_effects_may_be_declined(small: SmallArchive, browser: Callable[..., TestApp]) -> None:
    """Whoever does not want to answer says so, and is not reminded."""
    request_id = _request(small, "accounts", None)
    _paper(small, "accounts", request_id, 3)
    assert ask_for_effects(small.parts) == 1
    with small.parts.database.reading() as session:
        effect = session.scalars(select(UseEffect)).one()
    engineer = browser("engineer")
    form_to(engineer.get(f"/effects/{effect.id}"), "/decline").submit()
    small.clock.pass_time(timedelta(days=8))
    assert ask_for_effects(small.parts) == 0
    with small.parts.database.reading() as session:
        assert session.get_one(UseEffect, effect.id).state is EffectState.DECLINED
        actions = session.scalars(select(AuditEntry.action).where(AuditEntry.subject_kind == "use_effect")).all()
    assert sorted(actions) == ["borrowing:use_effect:asked", "borrowing:use_effect:declined"]
