"""The audit page: who did what, found by person, act, subject and day, shown to those who may see it."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.app import make_app
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.sealer import seal
from archive.platform.audit.service import record
from tests.factories.browsing import sign_in
from tests.factories.small_archive import SmallArchive, small_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SmallArchive]:
    """A small archive in which 孙敏 read a page today and 李工 one tomorrow; what was before is sealed."""
    folder: Path = tmp_path_factory.mktemp("archive")
    with small_archive(folder) as made:
        seal(made.parts)
        for login, name, item in (("accountant", "孙敏", "accounts"), ("engineer", "李工", "safety")):
            with made.parts.database.writing() as session:
                actor = Actor(made.people[login], name, address="10.0.0.7")
                record(session, made.clock, actor, AuditAction.PAGE_READ, "item", made.items[item], page=1)
            made.clock.pass_time(timedelta(days=1))
        yield made


@pytest.fixture(scope="module")
def auditor(archive: SmallArchive) -> TestApp:
    """The auditor's browser."""
    browser = TestApp(make_app(archive.parts))
    sign_in(browser, "auditadmin")
    return browser


def rows(page: Any) -> list[str]:
    """The text of each row of the list."""
    return [row.get_text(" ", strip=True) for row in page.html.select("table.list tbody tr")]


def test_shows_who_did_what(auditor: TestApp) -> None:
    """Every entry stands there with time, person, act in words, subject, and its place in the chain."""
    listed = rows(auditor.get("/audit"))
    assert "管三" in listed[0]
    assert any("李工" in row and "阅览" in row and "10.0.0.7" in row and "待封存" in row for row in listed)
    assert any("验收归档" in row and "待封存" not in row for row in listed)


@pytest.mark.parametrize(
    ("query", "who"),
    [
        ({"person": "孙敏"}, {"孙敏"}),
        ({"action": "discovery:page:read"}, {"孙敏", "李工"}),
        ({"action": "discovery:page:read", "since": "2021-03-06"}, {"李工"}),
        ({"action": "discovery:page:read", "until": "2021-03-05"}, {"孙敏"}),
        ({"person": "100%"}, set()),
        ({"person": "李工", "action": "nonsense", "since": "gestern", "page": "x"}, {"李工"}),
    ],
)
def test_filters_stand_in_the_address(auditor: TestApp, query: dict[str, str], who: set[str]) -> None:
    """Person, act and days narrow the list; what makes no sense is left out, never an error."""
    listed = rows(auditor.get("/audit", query))
    assert {name for name in ("孙敏", "李工") if any(name in row for row in listed)} == who


def test_subject_leads_to_its_history(auditor: TestApp, archive: SmallArchive) -> None:
    """All that happened to one item can be listed."""
    listed = rows(auditor.get("/audit", {"subject": archive.items["safety"]}))
    assert any("李工" in row for row in listed)
    with archive.parts.database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == archive.items["safety"])).all()
    assert len(listed) == len(entries)


def test_long_lists_have_pages(auditor: TestApp, archive: SmallArchive) -> None:
    """No entry is shown twice and none left out when one turns the pages, with the filters kept."""
    subject = archive.people["director"]
    with archive.parts.database.writing() as session:
        for _ in range(60):
            record(session, archive.clock, Actor(subject, "方正"), AuditAction.SIGNED_IN, "person", subject)
    first = auditor.get("/audit", {"person": "方正"})
    second = first.click(href="page=2")
    assert (len(rows(first)), len(rows(second))) == (50, 10)
    assert "方正" in second.request.GET["person"]


def test_closed_to_others(archive: SmallArchive) -> None:
    """A reader does not see the trail."""
    browser = TestApp(make_app(archive.parts))
    sign_in(browser, "engineer")
    assert browser.get("/audit", expect_errors=True).status_int == 403
