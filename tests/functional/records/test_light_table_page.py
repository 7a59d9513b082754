"""The light table over the web: acts are answered with the screen and with what undoes them."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

from sqlalchemy import event, select
from webtest import TestApp, Upload

from archive.catalogue.models import Category
from archive.digitization.models import (
    RECOVERABLE,
    Batch,
    BatchFile,
    BatchSource,
    BatchState,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageState,
)
from archive.handlers import job_handlers
from archive.platform.accounts.models import RoleHolding
from archive.platform.jobs.worker import Worker
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import tiff

Browser = Callable[..., TestApp]


class Visitor:
    """Somebody at the light table of a batch."""

    def __init__(self, app: TestApp, batch: str) -> None:
        self.app, self.batch = app, batch
        self.shown = app.get(f"/batches/{batch}/light-table")
        self._token = {"X-CSRF-Token": str(self.shown.html.find("meta", {"name": "csrf-token"})["content"])}

    @property
    def rows(self) -> list[list[str]]:
        """Ids of the pages of each item on the screen."""
        rows = self.shown.html.select("[data-row][data-draft]")
        return [[str(page["data-page"]) for page in row.select("[role=option]")] for row in rows]

    @property
    def drafts(self) -> list[str]:
        """Ids of the items on the screen."""
        return [str(row["data-draft"]) for row in self.shown.html.select("[data-row][data-draft]")]

    @property
    def seen(self) -> dict[str, int]:
        """How they are arranged."""
        return {
            str(row["data-draft"]): int(row["data-seen"]) for row in self.shown.html.select("[data-row][data-draft]")
        }

    def act(self, act: str, status: int = 200, **asked: Any) -> dict[str, Any]:
        """Do something; returns what undoes it."""
        answer = self.send(json.dumps({"act": act, "seen": self.seen, **asked}).encode())
        assert answer.status_int == status
        if status != 200:
            return {"said": answer.text}
        self.shown = answer
        undo: dict[str, Any] = json.loads(str(answer.html.find(attrs={"data-undo": True})["data-undo"]))
        return undo

    def send(self, body: bytes) -> Any:
        """Post whatever it is."""
        headers = {**self._token, "Content-Type": "application/json"}
        return self.app.post(f"/batches/{self.batch}/light-table", body, headers=headers, expect_errors=True)

    def replace(self, page: str, data: bytes, status: int = 200, how: str = "replace") -> Any:
        """Send another scan for a page."""
        sent = {"act": how, "page": page, "seen": json.dumps(self.seen), "file": Upload("补扫.tif", data)}
        address = f"/batches/{self.batch}/light-table/replace"
        self.shown = self.app.post(address, sent, headers=self._token, status=status)
        return self.shown


def _work(small: SmallArchive) -> None:
    worker = Worker(replace(small.parts, settings=replace(small.parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass


def _sit_down(small: SmallArchive, app: TestApp) -> Visitor:
    form = form_to(app.get("/batches"), "/batches")
    form["files"] = [Upload("甲.tif", tiff(3, "a")), Upload("乙.tif", tiff(2, "b"))]
    batch = form.submit().location.rpartition("/")[2]
    _work(small)
    return Visitor(app, batch)


def test_each_act_is_undone_by_its_answer(small: SmallArchive, browser: Browser) -> None:
    """Move, gather, split, join, set apart, remove, turn, give up: what the answer holds leads back to what was."""
    table = _sit_down(small, browser("archivist"))
    before, (first, second) = table.rows, table.drafts
    (one, two, three), (four, five) = before
    acts: list[dict[str, Any]] = [
        {"act": "move", "pages": [five, one], "draft": first, "before": three},
        {"act": "move", "pages": [one], "draft": second, "number": 2},
        {"act": "gather", "pages": [two, four], "draft": ""},
        {"act": "split", "before": two},
        {"act": "merge", "draft": first, "before": second},
        {"act": "separate", "before": two},
        {"act": "remove", "pages": [one, two, three]},
        {"act": "rotate", "pages": [one], "turn": 90},
        {"act": "discard", "draft": second},
    ]
    for asked in acts:
        undo = table.act(**asked)
        assert table.rows != before or asked["act"] == "rotate", asked
        table.act(**undo)
        assert table.rows == before, asked
    _work(small)
    assert [len(row) for row in Visitor(table.app, table.batch).rows] == [3, 2]


def test_a_page_is_replaced_by_an_upload(small: SmallArchive, browser: Browser) -> None:
    """A scan of one page takes the place of a page, or stands behind it; of more, known or broken, it is refused."""
    table = _sit_down(small, browser("archivist"))
    (one, two, three), _other = table.rows
    for data, said in ((tiff(2, "zwei"), "2 页"), (tiff(3, "a"), "3 页"), (b"nothing", "重新"), (b"", "0 字节")):
        assert said in table.replace(two, data, status=400).text
        table = Visitor(table.app, table.batch)
    table.replace(two, tiff(1, "neu"))
    new = table.rows[0][1]
    assert table.rows[0] == [one, new, three]
    stored = [one.key for one in small.parts.store.list("intake/")]
    assert "完全相同" in table.replace(three, tiff(1, "neu"), status=400).text
    assert [one.key for one in small.parts.store.list("intake/")] == stored
    table = Visitor(table.app, table.batch)
    table.replace(three, tiff(1, "noch"), how="insert")
    assert table.rows[0][:3] == [one, new, three]
    table.act("restore", pages=[two])
    assert table.rows[0][:3] == [one, two, new]
    _work(small)
    assert table.app.get(f"/batches/{table.batch}/pages/{new}/thumbnail").content_type == "image/jpeg"


def test_who_comes_second_is_told(small: SmallArchive, browser: Browser) -> None:
    """Somebody else was first: the page says who, what was not done, and what to do."""
    first = _sit_down(small, browser("archivist"))
    second = Visitor(browser("archivist"), first.batch)
    first.act("rotate", pages=[first.rows[0][0]], turn=90)
    said = second.act("remove", status=409, pages=[second.rows[0][0]])["said"]
    assert "沈鉴 刚调整过" in said
    assert "没有执行" in said


def test_pictures_are_seen_by_those_who_work_on_the_batch(small: SmallArchive, browser: Browser) -> None:
    """A stranger sees nothing; removed pages are seen as long as they can be restored, isolated ones never."""
    table = _sit_down(small, browser("archivist"))
    page = f"/batches/{table.batch}/pages/{table.rows[0][0]}/"
    table.act("remove", pages=[table.rows[0][0]])
    with small.parts.database.writing() as session:
        session.add(RoleHolding(person_id=small.people["engineer"], role="records_officer"))
    stranger = browser("engineer")
    for kind in ("image", "thumbnail"):
        assert table.app.get(page + kind).content_type == "image/jpeg"
        assert stranger.get(page + kind, status=404)
        assert table.app.get(f"/batches/{table.batch}/pages/unknown/{kind}", status=404)
    assert stranger.get(f"/batches/{table.batch}/light-table", status=404)
    small.clock.pass_time(RECOVERABLE - timedelta(hours=1))
    table.app = browser("archivist")
    assert table.app.get(page + "thumbnail").content_type == "image/jpeg"
    with small.parts.database.writing() as session:
        session.get_one(Batch, table.batch).state = BatchState.QUARANTINED
    assert table.app.get(page + "thumbnail", status=404)


_NONSENSE = (
    b"",
    b"[]",
    b"\xff",
    b'{"act": "fly"}',
    b'{"act": "move", "pages": 1}',
    b'{"act": "move", "pages": ["a"], "draft": {}}',
    b'{"act": "rotate", "pages": ["a"], "turn": 45, "seen": {}}',
    b'{"act": "rotate", "pages": ["a"], "turn": 1e99, "seen": {}}',
    b'{"act": "remove", "pages": [], "seen": {}}',
    b'{"act": "put_back", "places": [{"page": "a", "role": "content", "draft": "b", "number": -1}]}',
    b'{"act": "put_back", "places": [{"page": "a", "role": "king"}]}',
    b'{"act": "move", "seen": {"a": "b"}}',
)


def test_nonsense_is_refused(small: SmallArchive, browser: Browser) -> None:
    """Whatever is sent, the answer is a plain refusal and nothing is changed."""
    table = _sit_down(small, browser("archivist"))
    for body in _NONSENSE:
        assert table.send(body).status_int == 400, body
    assert Visitor(table.app, table.batch).rows == table.rows


def test_a_large_batch_takes_no_more_questions(small: SmallArchive, browser: Browser) -> None:
    """For a batch with many items the database is asked as often as for a small one; the page says of how many."""
    app = browser("archivist")
    asked = {}
    for items in (3, 60):
        batch = _batch_of(small, items)
        for path in ("", "/progress", "/rows", "/light-table"):
            asked[items, path] = _questions(small, app, f"/batches/{batch}{path}")
    assert f"共 {60} 件" in app.get(f"/batches/{batch}?page=2")
    assert len(app.get(f"/batches/{batch}?page=2").html.select("table tbody tr")) == 10
    assert "第 1 屏，共 2 屏" in app.get(f"/batches/{batch}/light-table")
    for path in ("", "/progress", "/rows", "/light-table"):
        assert asked[60, path] <= asked[3, path] + 1, path
    assert asked[60, "/progress"] < asked[60, ""]


def _questions(small: SmallArchive, app: TestApp, address: str) -> int:
    """How often the database is asked for a page."""
    said: list[str] = []

    def listen(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        said.append(statement)

    event.listen(small.parts.database.engine, "before_cursor_execute", listen)
    try:
        app.get(address)
    finally:
        event.remove(small.parts.database.engine, "before_cursor_execute", listen)
    return len(said)


def _batch_of(small: SmallArchive, items: int) -> str:
    """A batch of that many items of two pages each, some of which failed or were filed; without bytes."""
    with small.parts.database.writing() as session:
        category = session.scalars(select(Category)).first()
        assert category is not None
        batch = Batch(
            number=f"20210305-{items}",
            source=BatchSource.UPLOAD,
            fonds_id=category.fonds_id,
            category_id=category.id,
            created_by=small.people["archivist"],
            created_at=small.clock(),
        )
        session.add(batch)
        session.flush()
        for position in range(1, items + 1):
            of_file = {"batch_id": batch.id, "position": position, "name": f"{position}.tif", "size": 1}
            file = BatchFile(**of_file, intake_key=f"intake/{batch.id}/{position}", sha256=f"{position:064}")
            file.state = FileState.OPENED
            session.add(file)
            session.flush()
            state = DraftState.READY if position % 3 else DraftState.RECOGNISING
            session.add(Draft(id=file.id, batch_id=batch.id, position=position, name=file.name, state=state))
            session.flush()
            page = {"batch_id": batch.id, "file_id": file.id, "draft_id": file.id}
            session.add(DraftPage(**page, source_page=0, number=1, state=PageState.DONE))
            session.add(DraftPage(**page, source_page=1, number=2, state=PageState.FAILED, reason="damaged"))
        return batch.id
