"""Intake in a browser: upload, progress, review, acceptance; what is wrong is said where it is wrong."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp, Upload

from archive.catalogue.models import Item
from archive.digitization.models import Draft, DraftState
from archive.handlers import job_handlers
from archive.platform.accounts.models import RoleHolding
from archive.platform.jobs.worker import Worker
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import broken_jpeg, tiff

Browser = Callable[..., TestApp]


def _upload(app: TestApp, *files: tuple[str, bytes]) -> Any:
    form = form_to(app.get("/batches"), "/batches")
    form["files"] = [Upload(name, data) for name, data in files]
    return form.submit().follow()


def _work(small: SmallArchive) -> None:
    """Do the jobs that wait, without recognition."""
    worker = Worker(replace(small.parts, settings=replace(small.parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass


def _only_draft(small: SmallArchive) -> Draft:
    with small.parts.database.reading() as session:
        return session.scalars(select(Draft)).one()


def _accept(app: TestApp, draft_id: str, **fields: str) -> Any:
    form = form_to(app.get(f"/drafts/{draft_id}"), f"/drafts/{draft_id}")
    for name, value in fields.items():
        form[name] = value
    return form.submit(expect_errors=True)


def test_from_upload_to_record(small: SmallArchive, browser: Browser) -> None:
    """The archivist uploads, sees the progress, reviews beside the image, accepts, and sees the record's code."""
    app = browser("archivist")
    page = _upload(app, ("扫描一.tif", tiff(2)))
    assert "等待打开" in page
    assert "every 1s" in page
    _work(small)
    page = app.get(page.request.path)
    assert "已识别 2 页，失败 0 页，剩余 0 页" in page
    assert "every 1s" not in page
    draft = _only_draft(small)
    assert app.get(f"/drafts/{draft.id}/pages/2/image").content_type == "image/jpeg"
    assert app.get(f"/drafts/{draft.id}/pages/2/thumbnail").content_type == "image/jpeg"
    answer = _accept(app, draft.id, title="关于档案工作的通知", date="2021年3月5日", carrier="electronic")
    assert answer.status_int == 303
    assert "归档中" in app.get(f"/drafts/{draft.id}/state")
    _work(small)
    with small.parts.database.reading() as session:
        item = session.get_one(Item, draft.id)
    shown = app.get(f"/drafts/{draft.id}/state")
    assert str(item.code) in shown
    assert f"/items/{item.id}" in shown
    assert (item.title, item.date) == ("关于档案工作的通知", "20210305")
    assert app.get(f"/drafts/{draft.id}/pages/1/image", expect_errors=True).status_int == 404


def test_what_was_typed_is_kept_for_later(small: SmallArchive, browser: Browser) -> None:
    """暂存 keeps the fields as they are typed, even unfinished ones; the draft still waits for review."""
    app = browser("archivist")
    _upload(app, ("扫描一.tif", tiff(1)))
    _work(small)
    draft = _only_draft(small)
    form = form_to(app.get(f"/drafts/{draft.id}"), f"/drafts/{draft.id}")
    form["title"], form["unit_id"] = "写到一半的题名", ""
    shown = form.submit("act", value="keep").follow()
    again = form_to(shown, f"/drafts/{draft.id}")
    assert (again["title"].value, again["unit_id"].value) == ("写到一半的题名", "")
    assert _only_draft(small).state is DraftState.READY


def test_bad_files_are_told_on_the_batch(small: SmallArchive, browser: Browser) -> None:
    """Each file says what became of it and what to do; a known one leads to its twin."""
    app = browser("archivist")
    page = _upload(app, ("空.jpg", b" "[:0]), ("坏.jpg", broken_jpeg()), ("好.tif", tiff(1)), ("同.tif", tiff(1)))
    _work(small)
    page = app.get(page.request.path)
    assert "0 字节" in page
    assert "文件已损坏" in page
    assert "完全相同" in page
    assert page.click("查看已有的一份").status_int == 200


def test_errors_beside_the_fields(small: SmallArchive, browser: Browser) -> None:
    """What was typed stays, and each error stands at its field."""
    app = browser("archivist")
    _upload(app, ("a.tif", tiff(1)))
    _work(small)
    answer = _accept(app, _only_draft(small).id, title="", date="昨天", issuer="财务部")
    assert answer.status_int == 422
    form = form_to(answer, f"/drafts/{_only_draft(small).id}")
    assert (form["date"].value, form["issuer"].value) == ("昨天", "财务部")
    assert 'id="title-error"' in answer
    assert 'id="date-error"' in answer
    assert _only_draft(small).state is DraftState.READY


def test_the_second_is_told_who_was_first(small: SmallArchive, browser: Browser) -> None:
    """Two archivists have the same page open; the second one's acceptance is a conflict that names the first."""
    first = browser("archivist")
    _upload(first, ("a.tif", tiff(1)))
    _work(small)
    draft = _only_draft(small)
    late = form_to(first.get(f"/drafts/{draft.id}"), f"/drafts/{draft.id}")
    assert _accept(first, draft.id, title="甲").status_int == 303
    late["title"] = "乙"
    answer = late.submit(expect_errors=True)
    assert answer.status_int == 409
    assert "沈鉴" in answer


def test_discarding_leads_on(small: SmallArchive, browser: Browser) -> None:
    """After a draft is discarded the next one opens; after the last, the batch."""
    app = browser("archivist")
    batch = _upload(app, ("a.tif", tiff(1)), ("b.tif", tiff(1, "b"))).request.path
    _work(small)
    with small.parts.database.reading() as session:
        first, second = session.scalars(select(Draft.id).order_by(Draft.position)).all()
    answer = form_to(app.get(f"/drafts/{first}"), "/discard").submit()
    assert answer.location.endswith(f"/drafts/{second}")
    assert form_to(app.get(f"/drafts/{second}"), "/discard").submit().location.endswith(batch)


@pytest.mark.parametrize("path", ["/batches", "/batches/{batch}", "/batches/{batch}/progress", "/drafts/{draft}"])
def test_readers_have_no_way_in(small: SmallArchive, browser: Browser, path: str) -> None:
    """Scans that are not records yet are for those who digitize."""
    _upload(browser("archivist"), ("a.tif", tiff(1)))
    _work(small)
    draft = _only_draft(small)
    address = path.format(batch=draft.batch_id, draft=draft.id)
    assert browser("accountant").get(address, expect_errors=True).status_int == 403


def test_an_officer_sees_his_own_only(small: SmallArchive, browser: Browser) -> None:
    """A records officer finds neither batch nor draft of other people and departments."""
    _upload(browser("archivist"), ("a.tif", tiff(1)))
    _work(small)
    draft = _only_draft(small)
    with small.parts.database.writing() as session:
        session.add(RoleHolding(person_id=small.people["engineer"], role="records_officer"))
    app = browser("engineer")
    assert draft.batch_id not in app.get("/batches")
    for path in (f"/batches/{draft.batch_id}", f"/drafts/{draft.id}", f"/drafts/{draft.id}/pages/1/image"):
        assert app.get(path, expect_errors=True).status_int == 404
