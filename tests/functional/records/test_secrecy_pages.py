"""The pages of secrecy incidents: who sees them, what they say, and the way to an end."""

import io
from collections.abc import Callable
from typing import Any

import pypdf
import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.digitization.models import BatchFile
from archive.digitization.quarantine import MarkedPage, quarantine
from archive.digitization.secrecy.models import SecrecyIncident
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.functional.faults.working import work
from tests.functional.records.test_retry import upload
from tests.unit.records.scans import tiff

Browser = Callable[..., TestApp]


@pytest.fixture
def address(small: SmallArchive, browser: Browser) -> str:
    """The page of an incident: the second of two scans, both with telling names, bore a mark."""
    upload(browser("archivist"), ("绝密一.tif", tiff(1)), ("绝密二.tif", tiff(1, "b")))
    with small.parts.database.reading() as session:
        file = session.scalars(select(BatchFile).order_by(BatchFile.position.desc())).first()
    assert file is not None
    quarantine(small.parts, MarkedPage(file.batch_id, file.id, 1))
    with small.parts.database.reading() as session:
        return f"/secrecy/{session.scalars(select(SecrecyIncident.id)).one()}"


def _text(answer: Any) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(answer.body)).pages)


def test_a_false_alarm_is_ended_by_two(small: SmallArchive, browser: Browser, address: str) -> None:
    """The archivist says why, the security administrator agrees; every page tells where, none what."""
    archivist, guardian = browser("archivist"), browser("secadmin")
    assert "第 2 个文件第 1 页" in archivist.get("/secrecy")
    page = archivist.get(address)
    assert "确认清除" not in page
    form = form_to(page, "/propose")
    form["reason"] = "表格栏目名"
    page = form.submit().follow()
    assert "等待另一方" in page
    page = form_to(guardian.get(address), "/release").submit().follow()
    assert "误报，已解除" in page
    with small.parts.database.reading() as session:
        batch = session.scalars(select(SecrecyIncident.batch_id)).one()
    stopped = archivist.get(f"/batches/{batch}").html.select_one(".notice")
    assert "扫描件已重新收入" in stopped.text
    work(small)
    assert archivist.get(stopped.select_one("a")["href"]).status_int == 200
    shown = [
        page.text,
        archivist.get(address).text,
        archivist.get("/batches").text,
        _text(guardian.get(f"{address}/report")),
    ]
    assert not any("绝密" in words for words in shown)
    assert "表格栏目名" in shown[-1]


def test_erasing_is_the_security_administrators(small: SmallArchive, browser: Browser, address: str) -> None:
    """He has the isolated scans deleted; the report says so; nobody can act on it any more."""
    guardian = browser("secadmin")
    page = form_to(guardian.get(address), "/erase").submit().follow()
    assert "已清除" in page
    with small.parts.database.reading() as session:
        batch = session.scalars(select(SecrecyIncident.batch_id)).one()
    assert "扫描件已清除" in browser("archivist").get(f"/batches/{batch}").html.select_one(".notice").text
    assert "隔离内容已清除" in _text(guardian.get(f"{address}/report"))
    assert "申请解除" not in browser("archivist").get(address)


def test_others_do_not_see_them(browser: Browser, address: str) -> None:
    """Neither readers nor the other administrators."""
    for login in ("accountant", "director", "sysadmin", "auditadmin"):
        assert browser(login).get(address, expect_errors=True).status_int == 403
