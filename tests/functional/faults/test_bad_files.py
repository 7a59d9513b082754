"""Every bad file in one upload beside a good one: each is told in the person's language, and the batch goes on."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select
from webtest import TestApp, Upload

from archive.catalogue.models import Item
from archive.digitization.models import Batch, BatchFile, Draft, DraftState
from archive.digitization.progress import progress_of
from archive.platform.accounts.models import Person
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from tests.factories.browsing import form_to
from tests.factories.small_archive import PASSWORD, SmallArchive
from tests.functional.faults.working import work
from tests.unit.records.scans import bomb, broken_jpeg, locked_pdf, tiff, zip_archive

Browser = Callable[..., TestApp]

_BAD = [
    ("空.jpg", b"", "文件是空的（0 字节）", "The file is empty (0 bytes)."),
    ("坏.jpg", broken_jpeg(), "文件已损坏", "The file is damaged"),
    ("锁.pdf", locked_pdf(), "PDF 设有密码", "The PDF has a password."),
    ("炸弹.png", bomb(), "页面像素过大", "The page has too many pixels"),
    ("压缩.pdf", zip_archive(), "文件内容与扩展名不符", "The content is not what the name says"),
    ("信.doc", b"not a scan", "这不是可识别的扫描件", "PDF, TIFF, JPEG, PNG or .eml"),
]


def _upload(app: TestApp, *files: tuple[str, bytes]) -> Any:
    form = form_to(app.get("/batches"), "/batches")
    form["files"] = [Upload(name, data) for name, data in files]
    return form.submit().follow()


def _drafts(small: SmallArchive) -> list[Draft]:
    with small.parts.database.reading() as session:
        return list(session.scalars(select(Draft).order_by(Draft.id)))


def test_each_is_told_and_the_good_one_is_filed(small: SmallArchive, browser: Browser) -> None:
    """Six bad files, one good and its twin: six reasons in two languages, one record, nothing waits."""
    app = browser("archivist")
    files = [(name, data) for name, data, _, _ in _BAD]
    address = _upload(app, *files, ("好.tif", tiff(1)), ("同.tif", tiff(1))).request.path
    work(small)
    told = app.get(address)
    for name, _, chinese, _ in _BAD:
        line = next(row for row in told.html.select("table tr") if name in row.text)
        assert chinese in line.text, name
    assert "与已有文件完全相同" in told.text
    draft = next(draft for draft in _drafts(small) if draft.state is DraftState.READY)
    form = form_to(app.get(f"/drafts/{draft.id}"), f"/drafts/{draft.id}")
    form["title"], form["carrier"] = "关于档案工作的通知", "electronic"
    assert form.submit().status_int == 303
    work(small)
    with small.parts.database.reading() as session:
        batch = session.scalars(select(Batch)).one()
        assert session.get_one(Item, draft.id).code
        assert not progress_of(session, batch, small.clock()).working
    form_to(app.get("/"), "/settings/language").submit("language", value="en")
    english = app.get(address).text
    assert all(sentence in english for _, _, _, sentence in _BAD)


def test_names_lead_nowhere_and_run_nothing(small: SmallArchive, browser: Browser) -> None:
    """A path in a name is cut off, a script in a name or title is text, on every page that shows it."""
    app = browser("archivist")
    script = "<script>alert(1)</script>"
    named = [
        ("../../../etc/passwd.tif", tiff(1, "a")),
        ("C:\\x\\..\\evil.tif", tiff(1, "b")),
        (f"{script}.tif", tiff(1, "c")),
    ]
    batch = _upload(app, *named).request.path
    work(small)
    with small.parts.database.reading() as session:
        files = session.scalars(select(BatchFile).order_by(BatchFile.position)).all()
    assert [file.name for file in files][:2] == ["passwd.tif", "evil.tif"]
    assert all(file.intake_key == f"intake/{file.batch_id}/{file.id}" for file in files)
    draft = _drafts(small)[-1]
    form = form_to(app.get(f"/drafts/{draft.id}"), f"/drafts/{draft.id}")
    form["title"], form["issuer"], form["carrier"], form["control"] = script, script, "electronic", "public"
    form.submit()
    work(small)
    pages = [batch, "/batches", f"/drafts/{draft.id}", f"/items/{draft.id}", f"/search?q={script}", "/audit"]
    for page in pages:
        answer = app.get(page, expect_errors=True)
        assert [tag for tag in answer.html.select("script") if not tag.get("src") and "alert" in tag.text] == [], page
    assert script in app.get(f"/items/{draft.id}").html.select_one("h1").text


def test_two_accept_at_the_same_moment(small: SmallArchive, browser: Browser) -> None:
    """Of two archivists who accept one draft at once one wins; the other is told by name who did; one record exists."""
    first = browser("archivist")
    _upload(first, ("a.tif", tiff(1)))
    work(small)
    (draft,) = _drafts(small)
    second = _second_archivist(small, browser)
    forms = [form_to(app.get(f"/drafts/{draft.id}"), f"/drafts/{draft.id}") for app in (first, second)]
    for form, title in zip(forms, ("甲", "乙"), strict=True):
        form["title"], form["carrier"] = title, "electronic"
    together = threading.Barrier(2)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda form: (together.wait(), form.submit(expect_errors=True))[1], forms))
    assert sorted(answer.status_int for answer in answers) == [303, 409]
    winner = next(place for place, answer in enumerate(answers) if answer.status_int == 303)
    assert ("沈鉴", "何守")[winner] in answers[1 - winner].text
    work(small)
    with small.parts.database.reading() as session:
        item = session.get_one(Item, draft.id)
        assert (item.title, item.accepted_by) == (
            ("甲", "乙")[winner],
            small.people[("archivist", "archivist2")[winner]],
        )
        assert len(session.scalars(select(Item)).all()) == len(small.items) + 1


def _second_archivist(small: SmallArchive, browser: Browser) -> TestApp:
    with small.parts.database.writing() as session:
        person = session.get_one(Person, small.people["archivist2"])
        AccountService(session, small.clock, SYSTEM).set_password(person, PASSWORD)
    return browser("archivist2")
