"""The archivist makes copies, extracts and certificates; whoever holds one verifies it."""

import io
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pypdfium2
import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.borrowing.copies import making
from archive.borrowing.copies.codes import grouped
from archive.borrowing.copies.duties import CopyDuty
from archive.borrowing.copies.limit import WINDOW
from archive.borrowing.copies.making import make_paper
from archive.borrowing.copies.models import CopyKind, IssuedCopy
from archive.borrowing.copies.service import CopyService, Sentence
from archive.borrowing.models import LineState, RequestLine
from archive.catalogue.models import Item, Secrecy
from archive.catalogue.scans import ScanCache
from archive.platform.accounts.models import Person
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from archive.platform.approval.chains import Asked
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError
from archive.platform.evidence import EVIDENCE, evidence
from tests.factories.browsing import form_to
from tests.factories.copying import approved_line
from tests.factories.small_archive import PASSWORD, SmallArchive

Browser = Callable[..., TestApp]


def _papers(small: SmallArchive) -> list[IssuedCopy]:
    with small.parts.database.reading() as session:
        return list(session.scalars(select(IssuedCopy).order_by(IssuedCopy.written_at)))


def _words(pdf: bytes) -> list[str]:
    with pypdfium2.PdfDocument(io.BytesIO(pdf)) as document:
        return [page.get_textpage().get_text_bounded() for page in document]


class _PowerCutError(Exception):
    """The process ends here."""


def _power_cut(_name: str) -> None:
    raise _PowerCutError


def _check(page: Any) -> Any:
    form = form_to(page, "/check")
    form["compared"] = "yes"
    return form.submit().follow()


def test_copy_from_request_to_hand_over(browser: Browser, small: SmallArchive) -> None:
    """A copy bears its statement, number, code, date and page x of y on every page; it is handed over and verified."""
    line = approved_line(small, "engineer", "safety", Asked.COPY)
    desk = browser("archivist")
    form = form_to(desk.get("/copies").click("制作", index=0), line)
    form["pages"] = "2"
    page = form.submit().follow()
    draft = _words(page.click("查看草稿 PDF").body)
    assert "草稿" in draft[0]
    assert "与原件核对无误" not in draft[0]
    page = _check(page)
    made = _papers(small)[0]
    assert made.number == f"复〔{small.clock().year}〕0001号"
    assert made.page_count == 1
    printed = form_to(page, "/print").submit()
    assert evidence(small.parts.store, made.sha256 or "") == printed.body
    words = _words(printed.body)[0]
    for wanted in ("与原件核对无误", made.number, "第1页", "共1页", "沈鉴", grouped(made.code or "")[:9]):
        assert wanted in words.replace(" ", "")
    page = desk.get(f"/copies/{made.id}")
    form = form_to(page, "/hand-over")
    form["sheets"] = "2"
    form = form_to(form.submit(status=422), "/hand-over")
    form["sheets"] = "1"
    assert "已交付" in form.submit().follow()
    answer = browser().get(f"/verify?code={grouped(made.code or '').lower()}")
    assert made.number in answer
    assert "有效" in answer
    assert "安全生产" not in answer


def test_secrecy_raised_later_stops_the_paper(browser: Browser, small: SmallArchive) -> None:
    """What nobody may know of any more is neither printed nor handed over, though it was checked before."""
    line = approved_line(small, "engineer", "safety", Asked.COPY)
    form = form_to(browser("archivist").get("/copies").click("制作", index=0), line)
    form["pages"] = "2"
    _check(form.submit().follow())
    with small.parts.database.writing() as session:
        session.get_one(Item, small.items["safety"]).secrecy = Secrecy.SECRET
    made = _papers(small)[0]
    with small.parts.database.writing() as session:
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        person = session.get_one(Person, small.people["archivist"])
        with pytest.raises(ForbiddenError):
            service.printed(made.id, person)


_MARKUP = "拟购置 #panic() *三台* $x^2$ _车床_ `预算` <a> @b [c] \\ 一百万元。"


def _extract(small: SmallArchive, kind: CopyKind = CopyKind.EXTRACT) -> str:
    line = approved_line(small, "engineer", "accounts", Asked.CERTIFICATE)
    sentences = [Sentence(_MARKUP, small.items["accounts"], 1)]
    with small.parts.database.writing() as session:
        writer = session.get_one(Person, small.people["archivist"])
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        return service.draft_text(line, writer, kind, "关于 #let *购置* 的证明", sentences).id


def _second_archivist(small: SmallArchive) -> None:
    with small.parts.database.writing() as session:
        person = session.get_one(Person, small.people["archivist2"])
        AccountService(session, small.clock, SYSTEM).set_password(person, PASSWORD)


def test_text_is_checked_by_another_archivist(browser: Browser, small: SmallArchive) -> None:
    """The writer of a certificate cannot check it, and what he wrote is printed as he wrote it, with its source."""
    made_id = _extract(small, CopyKind.CERTIFICATE)
    desk = browser("archivist")
    page = form_to(desk.get(f"/copies/{made_id}"), "/open").submit().follow()
    assert "/check" not in page
    token = form_to(page, "/discard")["csrf_token"].value
    assert desk.post(f"/copies/{made_id}/check", {"csrf_token": token, "compared": "yes"}, status=403)
    _second_archivist(small)
    other = browser("archivist2")
    assert "查看草稿" not in other.get(f"/copies/{made_id}")
    page = _check(form_to(other.get(f"/copies/{made_id}"), "/open").submit().follow())
    words = "".join(_words(form_to(page, "/print").submit().body)).replace(" ", "").replace("\r\n", "")
    assert _MARKUP.replace(" ", "") in words
    assert "关于#let*购置*的证明" in words
    assert "第1页）" in words
    assert "何守" in words


def test_what_a_code_tells(browser: Browser, small: SmallArchive) -> None:
    """What was not handed out, what is no code and what is unknown are answered alike; a void paper says so."""
    made_id = _extract(small)
    with small.parts.database.writing() as session:
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        checker = session.get_one(Person, small.people["archivist2"])
        code = service.check(made_id, checker).code or ""
        service.stored(made_id, "ab" * 32, 3)
    anybody = browser()
    wrong = [anybody.get(f"/verify?code={quote(typed)}") for typed in (code, "0000000000000000", "《》", "' OR 1=1 --")]
    assert all("查无此件" in answer for answer in wrong)
    with small.parts.database.writing() as session:
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        checker = session.get_one(Person, small.people["archivist2"])
        service.printed(made_id, checker)
        service.hand_over(made_id, checker, "李工", 3)
    answer = anybody.get(f"/verify?code={grouped(code)}")
    assert "有效" in answer
    assert "abababababababab" in answer
    assert "摘〔2021〕0001号" in answer
    assert not any(hidden in answer for hidden in ("购置", "Z109", "李工", "engineer"))
    with small.parts.database.writing() as session:
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        service.void(made_id, session.get_one(Person, small.people["archivist"]), "姓名有误")
    assert "已作废" in anybody.get(f"/verify?code={code}")


def test_trying_codes_is_slowed_down(browser: Browser, small: SmallArchive) -> None:
    """An address that tries many codes has to wait, whether the next one is genuine or not."""
    anybody = browser()
    for _ in range(20):
        anybody.get("/verify?code=0")
    assert "验证次数过多" in anybody.get("/verify?code=0", status=429)
    small.clock.pass_time(WINDOW)
    assert "查无此件" in anybody.get("/verify?code=0")


def test_only_what_was_approved_is_copied(small: SmallArchive) -> None:
    """No line that is open, for other pages, of another kind, too late or done already brings a copy."""
    line = approved_line(small, "engineer", "safety", Asked.COPY, pages="1")
    with small.parts.database.writing() as session:
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        archivist = session.get_one(Person, small.people["archivist"])
        reader = session.get_one(Person, small.people["engineer"])
        with pytest.raises(ForbiddenError):
            service.draft_copy(line, reader, "1")
        with pytest.raises(InvalidError):
            service.draft_copy(line, archivist, "1-2")
        with pytest.raises(ConflictError):
            service.draft_text(line, archivist, CopyKind.CERTIFICATE, "证明", [])
        made = service.draft_copy(line, archivist, "")
        assert [part.page for part in made.parts] == [1]
        with pytest.raises(ConflictError):
            service.draft_copy(line, archivist, "1")
        service.discard(made.id, archivist)
        small.clock.pass_time(timedelta(days=4))
        with pytest.raises(ConflictError):
            service.draft_copy(line, archivist, "1")


def test_print_again_is_the_same_paper(browser: Browser, small: SmallArchive) -> None:
    """A second print has the same number and bytes; only its count goes up. The content asks for a task each time."""
    line = approved_line(small, "engineer", "accounts", Asked.COPY)
    desk = browser("archivist")
    page = _check(form_to(desk.get(f"/copies/lines/{line}"), line).submit().follow())
    first, second = form_to(page, "/print").submit().body, form_to(page, "/print").submit().body
    made = _papers(small)[0]
    assert first == second
    assert made.prints == 2
    assert made.page_count == 1
    small.clock.pass_time(timedelta(hours=3))
    assert form_to(page, "/print").submit(status=403)


def test_unmade_paper_is_made_later(small: SmallArchive, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed after it was numbered, or after its bytes were kept, a paper is made again: same bytes, same number."""
    made_id = _extract(small)
    with small.parts.database.writing() as session:
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        service.check(made_id, session.get_one(Person, small.people["archivist2"]))
    scans = ScanCache(small.parts.repository, small.parts.settings.folder / "cache")
    monkeypatch.setattr(making, "fault_point", _power_cut)
    with pytest.raises(_PowerCutError):
        make_paper(small.parts, scans, SYSTEM, made_id, "http://localhost/verify")
    monkeypatch.undo()
    kept = [stored.key for stored in small.parts.store.list(EVIDENCE)]
    make_paper(small.parts, scans, SYSTEM, made_id, "http://localhost/verify")
    assert [stored.key for stored in small.parts.store.list(EVIDENCE)] == kept
    assert kept == [f"{EVIDENCE}papers/{_papers(small)[0].sha256}"]


def test_withdrawn_approval_stops_a_draft(small: SmallArchive) -> None:
    """What was approved and taken back while the copy was a draft gets no number any more."""
    line = approved_line(small, "engineer", "safety", Asked.COPY)
    with small.parts.database.writing() as session:
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        archivist = session.get_one(Person, small.people["archivist"])
        made_id = service.draft_copy(line, archivist, "").id
    with small.parts.database.writing() as session:
        session.get_one(RequestLine, line).state = LineState.WITHDRAWN
    with small.parts.database.writing() as session:
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        with pytest.raises(ConflictError):
            service.check(made_id, session.get_one(Person, small.people["archivist"]))
    assert _papers(small)[0].number is None


def test_leaving_hands_drafts_over(small: SmallArchive) -> None:
    """Who takes a draft over did not write it: he checks it, and cannot change a word."""
    made_id = _extract(small)
    with small.parts.database.writing() as session:
        duty, both = CopyDuty(), (small.people["archivist"], small.people["archivist2"])
        assert duty.open(session, both[0])[0][1] == f"/copies/{made_id}"
        assert duty.hand_over(session, small.clock, SYSTEM, *both) == 1
        assert duty.open(session, both[0]) == []
        service = CopyService(session, small.clock, SYSTEM, small.parts.settings.zone)
        successor = session.get_one(Person, both[1])
        with pytest.raises(ForbiddenError):
            service.revise(made_id, successor, "标题", [])
        assert service.check(made_id, successor).number
