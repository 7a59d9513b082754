"""Correcting the text of pages over the web: in intake by those who review, when filed by archivists who may read."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.catalogue.models import Item, Page, Secrecy
from archive.digitization.models import Batch, BatchState, Draft, DraftState
from archive.digitization.secrecy.models import SecrecyIncident
from archive.platform.outbox import IndexOutbox
from ingest.context import Proposal
from tests.factories.browsing import form_to
from tests.factories.drawn_pages import drawn_page
from tests.factories.small_archive import SmallArchive
from tests.functional.records.test_pages import _upload, _work
from tests.functional.test_routes import token_of
from tests.unit.records.scans import tiff

Browser = Callable[..., TestApp]

_, READ = drawn_page(("关于开展消访检查的通知", "江海办〔2021〕31号", "请于本月底前完成自查。"))


@pytest.fixture
def draft_id(small: SmallArchive, browser: Browser) -> str:
    """A draft of two pages that waits for review, the first read like READ."""
    _upload(browser("archivist"), ("扫描一.tif", tiff(2)))
    _work(small)
    with small.parts.database.writing() as session:
        draft = session.scalars(select(Draft)).one()
        draft.pages[0].content, draft.pages[0].width, draft.pages[0].height = READ.to_json(), READ.width, READ.height
        found = [Proposal("title", "关于", 0.9, 1, 0, 2), Proposal("attachments", "自查表", 0.7, 2, 0)]
        noted = {**asdict(Proposal("retention", "30", 0.75)), "rule": "one"}
        draft.proposals = [*map(asdict, found), noted]
        draft.findings = [{"code": "separator_near", "page": None, "value": None}]
        draft.pages[0].findings = [{"code": "skew", "value": 2.4, "box": None}]
        return draft.id


def _send(app: TestApp, address: str, status: int = 200, **sent: Any) -> Any:
    return app.post_json(address, sent, headers={"X-CSRF-Token": token_of(app)}, status=status)


def _lines(page: dict[str, Any], first: str) -> list[dict[str, Any]]:
    texts = [first, *(line["text"] for line in page["lines"][1:])]
    return [{"text": text, "index": index} for index, text in enumerate(texts)]


def test_a_page_is_corrected_where_it_is_reviewed(small: SmallArchive, browser: Browser, draft_id: str) -> None:
    """Words come page by page; what is sent is kept and comes back; who comes second is told; the machine's is kept."""
    app = browser("archivist")
    assert "消访" not in app.get(f"/drafts/{draft_id}")
    address = f"/drafts/{draft_id}/pages/1/text"
    page = app.get(address).json
    assert (page["editable"], page["corrected"]) == (True, False)
    assert page["places"] == [{"field": "title", "lines": [0, 1]}]
    assert "歪斜 2.4 度" in page["notes"][0]["text"]
    assert f"page={page['page']}#p-{page['page']}" in page["table"]
    right = _lines(page, "关于开展消防检查的通知")
    saved = _send(app, address, page=page["page"], seen=page["seen"], lines=right).json
    assert saved["lines"][0]["text"] == "关于开展消防检查的通知"
    assert saved["corrected"]
    late = _send(browser("archivist"), address, 409, page=page["page"], seen=page["seen"], lines=right)
    assert "刚被他人更正" in late
    back = _send(app, address, page=page["page"], seen=saved["seen"], act="restore").json
    assert (back["lines"], back["seen"], back["corrected"]) == (page["lines"], page["seen"], False)
    wrongs: tuple[Any, ...] = ("x", [], {"lines": []}, {**page, "lines": [{"index": 99}]})
    for wrong in wrongs:
        answer = app.post_json(address, wrong, headers={"X-CSRF-Token": token_of(app)}, expect_errors=True)
        assert answer.status_int in {400, 409}


def test_the_review_page_says_what_is_known(small: SmallArchive, browser: Browser, draft_id: str) -> None:
    """Findings in words, what was read beside the form's fields, and what comes from earlier corrections."""
    said = browser("archivist").get(f"/drafts/{draft_id}")
    for words in ("像是分隔页", "附件", "自查表", "识别把握 70%", "按以往更正"):
        assert words in said


def test_fields_are_read_anew_with_what_was_typed(small: SmallArchive, browser: Browser, draft_id: str) -> None:
    """The button keeps the fields as they are typed, and fills the others from the corrected text."""
    app, address = browser("archivist"), f"/drafts/{draft_id}/pages/1/text"
    page = app.get(address).json
    right = _lines(page, "关于开展消防检查的通知")
    _send(app, address, page=page["page"], seen=page["seen"], lines=right)
    form = form_to(app.get(f"/drafts/{draft_id}"), f"/drafts/{draft_id}")
    form["addressee"] = "各车间"
    shown = form_to(form.submit("act", value="propose").follow(), f"/drafts/{draft_id}")
    assert (shown["title"].value, shown["addressee"].value) == ("关于开展消防检查的通知", "各车间")


def test_a_mark_that_comes_to_light_isolates_the_batch(small: SmallArchive, browser: Browser, draft_id: str) -> None:
    """A correction that makes a mark of state secrecy readable does what recognising it would have done."""
    app, address = browser("archivist"), f"/drafts/{draft_id}/pages/1/text"
    page = app.get(address).json
    marked = _lines(page, "机密★10年")
    assert "隔离" in _send(app, address, 409, page=page["page"], seen=page["seen"], lines=marked)
    with small.parts.database.reading() as session:
        assert session.scalars(select(Batch.state)).one() is BatchState.QUARANTINED
        assert session.get_one(Draft, draft_id).state is DraftState.QUARANTINED
    assert app.get(address, expect_errors=True).status_int == 404


def test_a_filed_page_is_corrected_under_a_task(small: SmallArchive, browser: Browser) -> None:
    """With leave to read, an archivist corrects; versions say who and when; an older one can count again."""
    app, item = browser("archivist"), small.items["accounts"]
    address = f"/items/{item}/pages/1/reading"
    assert app.get(address, expect_errors=True).status_int == 403
    small.grant("archivist", "accounts", "Y2021-0001")
    page = app.get(address).json
    assert (page["seen"], page["editable"], page["corrected"]) == (1, True, False)
    saved = _send(app, address, page=page["page"], seen=1, lines=_lines(page, "二〇二〇年度决算")).json
    assert (saved["seen"], saved["lines"][0]["text"]) == (2, "二〇二〇年度决算")
    assert "刚被他人更正" in _send(app, address, 409, page=page["page"], seen=1, lines=_lines(page, "乙"))
    told = app.get(f"/items/{item}/pages/1/versions")
    for words in ("第 2 版", "人工更正", "沈鉴", "机器识别"):
        assert words in told
    older = app.get(f"{address}?version=1").json
    assert (older["lines"], older["editable"]) == (page["lines"], False)
    again = _send(app, address, page=page["page"], seen=2, act="take", version=1).json
    assert (again["seen"], again["lines"]) == (3, page["lines"])
    with small.parts.database.reading() as session:
        filed = session.scalars(select(Page).where(Page.item_id == item)).one()
        assert [text.version for text in filed.texts] == [1, 2, 3]
    assert app.get(f"{address}?version=9", expect_errors=True).status_int == 404
    assert _send(app, address, 400, page=page["page"], seen="3", lines=[]).status_int == 400


def test_a_mark_on_a_filed_page_closes_the_record(small: SmallArchive, browser: Browser) -> None:
    """Nobody reads it any more, nothing is kept of the words, and an incident says where; two people open it again."""
    app, guardian, item = browser("archivist"), browser("secadmin"), small.items["accounts"]
    small.grant("archivist", "accounts", "Y2021-0001")
    address = f"/items/{item}/pages/1/reading"
    page = app.get(address).json
    marked = {"page": page["page"], "seen": 1, "lines": _lines(page, "机密★10年")}
    assert "已停止利用" in _send(app, address, 409, **marked)
    assert app.get(address, expect_errors=True).status_int == 404
    with small.parts.database.reading() as session:
        closed, incident = session.get_one(Item, item), session.scalars(select(SecrecyIncident)).one()
        assert (closed.secrecy, [text.version for text in closed.pages[0].texts]) == (Secrecy.CONFIDENTIAL, [1])
        assert (incident.item_id, incident.page, incident.former_secrecy) == (item, 1, Secrecy.NONE)
        assert session.scalars(select(IndexOutbox.item_id)).all() == [item]
    about = f"/secrecy/{incident.id}"
    told = app.get(about)
    assert closed.code in told
    assert closed.title not in told.text
    assert "清除隔离内容" not in guardian.get(about)
    form = form_to(told, "/propose")
    form["reason"] = "误报"
    form.submit()
    form_to(guardian.get(about), "/release").submit()
    assert closed.code in app.get("/secrecy") or incident.number in app.get("/secrecy")
    assert guardian.get(f"{about}/report").content_type == "application/pdf"
    assert _send(app, address, **marked).json["seen"] == 2


def test_who_corrected_in_review_is_named(small: SmallArchive, browser: Browser, draft_id: str) -> None:
    """A page that was corrected before it was filed says by whom, like one that was corrected later."""
    app = browser("archivist")
    page = app.get(f"/drafts/{draft_id}/pages/1/text").json
    right = _lines(page, "关于开展消防检查的通知")
    _send(app, f"/drafts/{draft_id}/pages/1/text", page=page["page"], seen=page["seen"], lines=right)
    form = form_to(app.get(f"/drafts/{draft_id}"), f"/drafts/{draft_id}")
    form["title"], form["carrier"], form["control"] = "关于开展消防检查的通知", "electronic", "public"
    form.submit()
    _work(small)
    told = app.get(f"/items/{draft_id}/pages/1/versions").html
    assert "沈鉴" in next(row.text for row in told.select("tr, li") if "人工更正" in row.text)


def test_readers_cannot_correct(small: SmallArchive, browser: Browser) -> None:
    """Neither with an approved grant nor on a public record; nothing is changed."""
    small.grant("engineer", "accounts")
    reader = browser("engineer")
    for name in ("accounts", "safety"):
        for ending in ("correction", "reading", "versions"):
            assert reader.get(f"/items/{small.items[name]}/pages/1/{ending}", expect_errors=True).status_int == 403
        _send(reader, f"/items/{small.items[name]}/pages/1/reading", 403, seen=1, lines=[])
