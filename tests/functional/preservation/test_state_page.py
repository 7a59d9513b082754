"""The page 保存状态: figures from the rows at once, what is wrong and what to do, for those who may see it."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.app import make_app
from archive.catalogue.models import Item
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.sealer import seal_all
from archive.platform.journal.writer import write_journal_now
from archive.platform.outbox import CopyOutbox
from archive.platform.parts import Location
from archive.preservation.models import CopyState, ObjectCopy
from archive.preservation.rounds import read_again
from archive.preservation.state import Preservation, PreservationState
from tests.factories.browsing import form_to, sign_in
from tests.factories.kept_archive import stored_file
from tests.factories.small_archive import SmallArchive, small_archive

FIRST, SECOND = Location


def browser_of(archive: SmallArchive, login: str) -> TestApp:
    """Somebody's browser."""
    browser = TestApp(make_app(archive.parts))
    sign_in(browser, login)
    return browser


def figures(archive: SmallArchive) -> PreservationState:
    """What the page is made of."""
    with archive.parts.database.reading() as session:
        return Preservation(session, archive.clock, archive.parts.settings).state()


def change_copies(archive: SmallArchive, change: Callable[[ObjectCopy], Any], location: Location = FIRST) -> None:
    """Do something to the rows of one location."""
    with archive.parts.database.writing() as session:
        for copy in session.scalars(select(ObjectCopy).where(ObjectCopy.location == location)):
            change(copy)


def test_figures_follow_the_rows(kept: SmallArchive) -> None:
    """Never read, read, overdue, bad: every copy is counted where it belongs, in its own location."""
    assert {(one.objects, one.never, one.checked, one.size) for one in figures(kept).copies.values()} == {(4, 4, 0, 0)}
    for location in Location:
        read_again(kept.parts, location)
    read = figures(kept).copies
    assert {(one.never, one.checked, one.overdue, one.remaining) for one in read.values()} == {(0, 4, 0, 0)}
    assert read[FIRST].newest_check == kept.clock()
    assert read[FIRST].rate == read[FIRST].size // 600

    def age(copy: ObjectCopy) -> None:
        if copy.item_id in {kept.items["lathe"], kept.items["safety"]}:
            copy.checked_at = kept.clock() - timedelta(days=181)

    change_copies(kept, age)
    first, second = (figures(kept).copies[location] for location in Location)
    assert (first.checked, first.overdue, second.checked, second.overdue) == (2, 2, 4, 0)
    assert first.through_at is not None
    assert first.through_at > kept.clock()
    today, yesterday = figures(kept).days[:2]
    assert (today.read, yesterday.read) == ({FIRST: 2, SECOND: 4}, {FIRST: 0, SECOND: 0})


def test_journal_and_trail_show_their_reach(kept: SmallArchive) -> None:
    """How far catalogue and audit are safe in the store stands there as soon as they are written."""
    assert (figures(kept).journal_until, figures(kept).audit_reach) == (None, 0)
    write_journal_now(kept.parts)
    seal_all(kept.parts)
    assert figures(kept).journal_until is not None
    assert figures(kept).audit_reach > 0


def test_all_is_well(kept: SmallArchive) -> None:
    """Read and sound: one green sentence; before the first round nothing is claimed."""
    page = browser_of(kept, "archivist").get("/preservation")
    assert "首次核验还没有开始" in page
    for location in Location:
        read_again(kept.parts, location)
    page = browser_of(kept, "archivist").get("/preservation")
    assert "一切正常" in page
    assert "全部已复制到第二存储" in page
    assert page.html.select_one("#bad") is None


def test_what_is_wrong_stands_on_top(kept: SmallArchive) -> None:
    """Overdue copies and a second store that lags are named with what to do next."""
    for location in Location:
        read_again(kept.parts, location)
    kept.clock.pass_time(timedelta(days=181))
    with kept.parts.database.writing() as session:
        session.add(CopyOutbox(item_id=kept.items["lathe"], created_at=kept.clock() - timedelta(days=2)))
    page = browser_of(kept, "archivist").get("/preservation")
    notices = [notice.get_text() for notice in page.html.select(".notice")]
    assert any("8 份副本超过期限没有核验" in notice and "DANGGUI_FIXITY_RATE" in notice for notice in notices)
    assert any("1 件等待复制已超过一天" in notice for notice in notices)


def test_damage_without_a_second_copy(tmp_path: Path) -> None:
    """Damaged: the copy, its file and the way out stand there; a check that is ordered comes before all others."""
    with small_archive(tmp_path) as archive:
        with archive.parts.database.writing() as session:
            session.add_all(
                ObjectCopy(item_id=item_id, location=FIRST, version=1, state=CopyState.UNCHECKED)
                for item_id in archive.items.values()
            )
        stored_file(archive, "accounts", "v1/content/**/*.png").unlink()
        assert read_again(archive.parts, FIRST) == 4
        browser = browser_of(archive, "archivist")
        page = browser.get("/preservation")
        assert "没有第二存储" in page.html.select_one(".notice-red").get_text()
        (row,) = page.html.select("section[aria-labelledby=bad] tbody tr")
        with archive.parts.database.reading() as session:
            code = session.get_one(Item, archive.items["accounts"]).code
        assert code is not None
        assert code in row.get_text()
        assert "缺失" in row.get_text()
        assert ".png" in row.get_text()
        page = form_to(page, "/check").submit().follow()
        assert "等待核验" in page.html.select_one("section[aria-labelledby=bad]").get_text()
        assert (figures(archive).copies[FIRST].overdue, figures(archive).copies[FIRST].ordered) == (0, 1)
        assert read_again(archive.parts, FIRST) == 1
        with archive.parts.database.reading() as session:
            ordered = select(AuditEntry).where(AuditEntry.action == AuditAction.CHECK_ORDERED)
            assert session.scalars(ordered).one().actor_name == "沈鉴"


def test_who_may_see_it(kept: SmallArchive) -> None:
    """Archivist and office director see the page; readers and auditors do not, and a wrong copy is not found."""
    for login, code in (("archivist", 200), ("director", 200), ("engineer", 403), ("auditadmin", 403)):
        assert browser_of(kept, login).get("/preservation", expect_errors=True).status_int == code
    browser = browser_of(kept, "archivist")
    token = browser.get("/preservation").html.find("meta", {"name": "csrf-token"})["content"]
    answer = browser.post("/preservation/copies/none/check", {"csrf_token": token}, expect_errors=True)
    assert answer.status_int == 404


@pytest.mark.parametrize(("language", "words"), [("zh_Hant", "保存狀態"), ("en", "Storage health")])
def test_speaks_three_languages(kept: SmallArchive, language: str, words: str) -> None:
    """Every word of the page is translated."""
    for location in Location:
        read_again(kept.parts, location)
    browser = browser_of(kept, "archivist")
    form = form_to(browser.get("/preservation"), "/settings/language")
    form.submit("language", value=language)
    text = browser.get("/preservation").html.select_one("main").get_text()
    assert words in text
    if language == "en":
        assert not [character for character in text.replace("·", "") if "一" <= character <= "鿿"]


def test_empty_archive_says_what_the_page_is_for(tmp_path: Path) -> None:
    """With nothing stored there is one sentence."""
    with small_archive(tmp_path) as archive:
        empty = replace(archive, items={})
        assert "文件归档后，后台会自动核验" in browser_of(empty, "archivist").get("/preservation")
