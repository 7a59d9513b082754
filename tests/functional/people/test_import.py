"""Importing people from Excel and CSV: a preview with what is wrong, then all or nothing."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp, Upload

from archive.platform.accounts.models import Person
from archive.platform.spreadsheets import Cell, as_csv, as_xlsx
from tests.factories.browsing import form_to, sign_in
from tests.factories.small_archive import SmallArchive

Browser = Callable[..., TestApp]
HEAD = ("登录名", "姓名", "机构代码", "岗位")
GOOD: list[tuple[Cell, ...]] = [HEAD, ("liuyang", "刘洋", "GCB", "资料员"), ("maxin", "马欣", "CWB", "")]


def preview(sysadmin: TestApp, data: bytes, name: str = "people.csv") -> Any:
    """Choose a file; returns the answer."""
    form = form_to(sysadmin.get("/people/import"), "/people/import")
    form["file"] = Upload(name, data)
    return form.submit(expect_errors=True)


def logins(small: SmallArchive) -> set[str]:
    """Everybody who has an account."""
    with small.parts.database.reading() as session:
        return set(session.scalars(select(Person.login)))


FILES = {
    "csv": as_csv(GOOD),
    "gb18030": "\n".join(",".join(str(cell) for cell in row) for row in GOOD).encode("gb18030"),
    "xlsx": as_xlsx(GOOD, "人员"),
}


@pytest.mark.parametrize("kind", FILES)
def test_people_come_from_a_file_once_it_was_looked_at(kind: str, browser: Browser, small: SmallArchive) -> None:
    """The preview makes nobody; the confirmation makes all, in their units and posts, without roles."""
    sysadmin, before = browser("sysadmin"), logins(small)
    shown = preview(sysadmin, FILES[kind])
    assert "2 行都可以导入" in shown.text
    assert logins(small) == before
    done = form_to(shown, "/people/import").submit()
    assert "已建立 2 个账户" in done.text
    assert logins(small) == before | {"liuyang", "maxin"}
    with small.parts.database.reading() as session:
        person = session.scalars(select(Person).where(Person.login == "liuyang")).one()
        assert (person.unit.code, person.post, person.roles) == ("GCB", "资料员", frozenset())


def test_passwords_are_given_to_a_whole_page_once(browser: Browser, small: SmallArchive) -> None:
    """Whoever was imported has none; the list gives each his own, which opens; sent again, nobody gets another."""
    sysadmin = browser("sysadmin")
    form_to(preview(sysadmin, FILES["csv"]), "/people/import").submit()
    form = form_to(sysadmin.get("/people?state=new&unit="), "/people/passwords")
    given = {row.select("td")[2].text: row.select("td")[3].text for row in form.submit().html.select("tbody tr")}
    assert {"liuyang", "maxin"} <= set(given)
    assert "engineer" not in given
    assert sign_in(browser(), "maxin", given["maxin"]).headers["Location"].endswith("/")
    assert "他们都已有密码" in form.submit().text


def test_what_is_wrong_stands_beside_its_row_and_nobody_is_made(browser: Browser, small: SmallArchive) -> None:
    """A taken login, one that comes twice, an unknown unit, a missing name: each with its row; the good ones wait."""
    rows = [
        HEAD,
        ("liuyang", "刘洋", "GCB", ""),
        ("LIUYANG", "刘洋", "GCB", ""),
        ("Engineer", "李工", "GCB", ""),
        ("maxin", "马欣", "XXX", ""),
        ("nobody", "", "GCB", ""),
        ("x" * 65, "太长", "GCB", ""),
    ]
    before = logins(small)
    answer = preview(browser("sysadmin"), as_csv(rows))
    assert answer.status_int == 422
    numbers = [row.find("td").text for row in answer.html.select("table.list tbody tr")]
    assert numbers == ["3", "4", "5", "6", "7"]
    assert "没有代码为 XXX 的机构" in answer.text
    assert logins(small) == before


def test_somebody_came_in_between(browser: Browser, small: SmallArchive) -> None:
    """A login taken between preview and confirmation stops all of it."""
    sysadmin = browser("sysadmin")
    shown = preview(sysadmin, FILES["csv"])
    first = form_to(preview(sysadmin, as_csv([HEAD, ("maxin", "马欣", "GCB", "")])), "/people/import")
    first.submit()
    refused = form_to(shown, "/people/import").submit(expect_errors=True)
    assert refused.status_int == 422
    assert "liuyang" not in logins(small)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"PK\x03\x04 no workbook",
        b"\xff\xfe\x00\xff",
        b"a,b,c\n1,2,3\n",
        "登录名,姓名,机构代码\n".encode(),
        b"x" * 3_000_000,
    ],
    ids=["empty", "broken workbook", "no text", "other columns", "only a head", "too large"],
)
def test_what_is_no_list_of_people_is_refused_with_words(browser: Browser, data: bytes) -> None:
    """The file is named as the field that cannot be used."""
    answer = preview(browser("sysadmin"), data)
    assert answer.status_int == 422
    assert answer.html.find(id="file-error") is not None
