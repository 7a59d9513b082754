"""Uploads in pieces: offsets are the server's, the same file goes on, ends are final, refusals are said."""

import hashlib
import shutil
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp
from webtest import Upload as WebUpload

from archive.digitization.models import Batch, BatchFile, BatchState, FileState
from archive.digitization.reasons import advice
from archive.digitization.upload import arriving, views
from archive.digitization.upload.models import Upload
from archive.digitization.upload.receiving import sweep_uploads
from archive.digitization.upload.service import ABANDONED, LARGEST, clean_name
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import tiff

Browser = Callable[..., TestApp]

SCAN = tiff(1, "upload") + bytes(5000)
FILE = {"name": "第1卷/扫描件.tif", "size": len(SCAN), "modified": 1_614_900_000_000}


class Sender:
    """A browser that sends files as the script does."""

    def __init__(self, browser: Browser, login: str = "archivist") -> None:
        self._app = browser(login)
        page = self._app.get("/batches")
        self._category = str(page.html.find("select", {"name": "category"}).find("option")["value"])
        self._headers = {"X-CSRF-Token": str(page.html.find("meta", {"name": "csrf-token"})["content"])}

    def begin(self, *files: dict[str, Any], batch: str = "", **fields: Any) -> Any:
        """Announce files, for a new batch or for one that was begun."""
        address = f"/uploads/{batch}" if batch else "/uploads"
        asked = {"category": self._category, **fields, "files": files}
        return self._app.post_json(address, asked, headers=self._headers, expect_errors=True)

    def send(self, batch: str, upload: str, offset: int, data: bytes) -> Any:
        """Send a piece."""
        headers = {**self._headers, "Upload-Offset": str(offset), "Content-Type": "application/octet-stream"}
        return self._app.patch(f"/uploads/{batch}/{upload}", data, headers=headers, expect_errors=True)

    def finish(self, batch: str) -> Any:
        """Say that nothing more comes."""
        return self._app.post(f"/uploads/{batch}/finish", headers=self._headers, expect_errors=True)

    def get(self, address: str) -> Any:
        """Open a page."""
        return self._app.get(address)


@pytest.fixture
def sender(browser: Browser) -> Sender:
    """An archivist who sends scans."""
    return Sender(browser)


def _begun(sender: Sender, *files: dict[str, Any]) -> tuple[str, list[str]]:
    answer = sender.begin(*(files or (FILE,))).json
    return answer["batch"], [file["id"] for file in answer["files"]]


def _files(small: SmallArchive, batch: str) -> list[BatchFile]:
    with small.parts.database.reading() as session:
        return list(session.get_one(Batch, batch).files)


def test_pieces_become_a_file(small: SmallArchive, sender: Sender) -> None:
    """A file sent in pieces is taken in with its last one, byte for byte; the end of the upload completes the batch."""
    batch, (upload,) = _begun(sender)
    assert sender.send(batch, upload, 0, SCAN[:3000]).json == {"size": 3000}
    assert _files(small, batch) == []
    assert sender.send(batch, upload, 3000, SCAN[3000:]).json == {"size": len(SCAN)}
    assert sender.finish(batch).headers["Location"].endswith(f"/batches/{batch}")
    (file,) = _files(small, batch)
    assert (file.name, file.sha256) == (FILE["name"], hashlib.sha256(SCAN).hexdigest())
    with small.parts.store.open(file.intake_key) as stored:
        assert stored.read() == SCAN
    with small.parts.database.reading() as session:
        assert session.get_one(Batch, batch).complete
        assert session.scalars(select(Upload)).all() == []
    assert list((small.parts.settings.folder / "uploads").iterdir()) == []


def test_what_broke_off_goes_on(sender: Sender) -> None:
    """The same file, announced again, is the same upload; the server says how much of it is here, and takes no gap."""
    batch, (upload,) = _begun(sender)
    sender.send(batch, upload, 0, SCAN[:1000])
    (known,) = sender.get("/uploads").json
    assert (known["batch"], known["files"]) == (batch, [FILE])
    again = sender.begin(FILE, {**FILE, "modified": 1}, batch=batch).json["files"]
    assert [(one["id"] == upload, one["size"], one["whole"]) for one in again] == [
        (True, 1000, False),
        (False, 0, False),
    ]
    misplaced = sender.send(batch, upload, 2000, SCAN[2000:])
    assert (misplaced.status_int, misplaced.json) == (409, {"size": 1000})
    sender.send(batch, upload, 1000, SCAN[1000:])
    assert sender.begin(FILE, batch=batch).json["files"][0]["whole"]
    # an answer that got lost: the last piece comes once more
    assert sender.send(batch, upload, 1000, SCAN[1000:]).json == {"size": len(SCAN)}


def test_what_never_came_is_named(small: SmallArchive, sender: Sender) -> None:
    """Ended early, the batch says which files did not come, and what to do; it takes nothing more."""
    batch, (first, second) = _begun(sender, FILE, {**FILE, "name": "b.tif"})
    sender.send(batch, first, 0, SCAN)
    sender.send(batch, second, 0, SCAN[:10])
    sender.finish(batch)
    files = {file.name: (file.state, file.reason) for file in _files(small, batch)}
    assert files == {FILE["name"]: (FileState.RECEIVED, ""), "b.tif": (FileState.REFUSED, "broken_off")}
    assert "重新选择" in advice("broken_off")
    assert "重新选择" in sender.get(f"/batches/{batch}").text
    assert sender.send(batch, second, 10, SCAN[10:]).status_int == 409
    assert "作为新的批次" in sender.begin(FILE, batch=batch).json["message"]


def test_dead_uploads_are_swept(small: SmallArchive, sender: Sender) -> None:
    """Uploads that nobody goes on with end by themselves: what came stays, the rest is named and cleared."""
    batch, (upload,) = _begun(sender)
    sender.send(batch, upload, 0, SCAN[:1000])
    small.clock.pass_time(ABANDONED - timedelta(hours=1))
    assert sweep_uploads(small.parts) == 0
    small.clock.pass_time(timedelta(hours=2))
    assert sweep_uploads(small.parts) == 1
    assert [file.reason for file in _files(small, batch)] == ["broken_off"]
    assert list((small.parts.settings.folder / "uploads").iterdir()) == []


def test_a_stopped_batch_takes_nothing_more(small: SmallArchive, sender: Sender) -> None:
    """Of a batch that was isolated for a secrecy mark the pieces go, and no name is written down."""
    batch, (upload,) = _begun(sender)
    sender.send(batch, upload, 0, SCAN[:1000])
    with small.parts.database.writing() as session:
        session.get_one(Batch, batch).state = BatchState.QUARANTINED
    assert sender.send(batch, upload, 1000, SCAN[1000:]).status_int == 409
    assert sweep_uploads(small.parts) == 1
    assert _files(small, batch) == []
    assert list((small.parts.settings.folder / "uploads").iterdir()) == []


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"files": []}, "请先选择"),
        ({"files": [{**FILE, "size": LARGEST + 1}]}, "8 GB"),
        ({"files": [{**FILE, "size": -1}]}, "8 GB"),
        ({"files": [{**FILE, "name": "名" * 2000}]}, "改名"),
        ({"files": [{**FILE, "name": "../.."}]}, "改名"),
        ({"files": ["a.tif"]}, "有误"),
        ({"files": [FILE], "rule": "every", "pages": "0"}, "页数"),
        ({"files": [FILE], "rule": "guess"}, "拆分方式"),
        ({"files": [FILE], "box": "Z109-1999-Y-BGS-1"}, "没有标签"),
    ],
)
def test_refusals_are_said(small: SmallArchive, sender: Sender, wrong: dict[str, Any], said: str) -> None:
    """What cannot be taken in is refused in words, before a batch is opened."""
    answer = sender.begin(*wrong.pop("files"), **wrong)
    assert (answer.status_int // 100, said in answer.json["message"]) == (4, True)
    with small.parts.database.reading() as session:
        assert session.scalars(select(Batch)).all() == []


def test_a_full_disk_is_said(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the disk has no room for is refused before it is sent."""
    monkeypatch.setattr(views, "free_bytes", lambda _settings: len(SCAN) - 1)
    assert "磁盘空间不足" in sender.begin(FILE).json["message"]


def test_room_is_promised_once(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """What others announced and have not sent yet is counted; what came of it lies on the disk already."""
    monkeypatch.setattr(views, "free_bytes", lambda _settings: 2 * len(SCAN) - 1000)
    batch, (upload,) = _begun(sender)
    assert "磁盘空间不足" in sender.begin({**FILE, "name": "b.tif"}).json["message"]
    sender.send(batch, upload, 0, SCAN[:1000])
    assert sender.begin({**FILE, "name": "b.tif"}).status_int == 200


def test_a_reserve_is_left_free(small: SmallArchive, sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """No piece draws on it, though the disk has room; what came stays, and it goes on when there is more."""
    batch, (upload,) = _begun(sender)
    sender.send(batch, upload, 0, SCAN[:1000])
    free = shutil.disk_usage(small.parts.settings.folder).free
    with monkeypatch.context() as patched:
        patched.setattr(arriving, "_MEGABYTE", free // small.parts.settings.reserve)
        refused = sender.send(batch, upload, 1000, SCAN[1000:])
        assert (refused.status_int, "磁盘空间不足" in refused.json["message"]) == (507, True)
        assert sender.begin(FILE, batch=batch).json["files"][0]["size"] == 1000
    assert sender.send(batch, upload, 1000, SCAN[1000:]).json == {"size": len(SCAN)}


def test_the_plain_form_is_refused_too(small: SmallArchive, browser: Browser, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without scripts what comes at once has to fit as well; nothing of it is taken in."""
    form = form_to(browser("archivist").get("/batches"), "/batches")
    form["files"] = [WebUpload("a.tif", SCAN)]
    monkeypatch.setattr(views, "free_bytes", lambda _settings: len(SCAN) - 1)
    assert "磁盘空间不足" in form.submit(expect_errors=True).text
    with small.parts.database.reading() as session:
        assert session.scalars(select(Batch)).all() == []


def test_pieces_that_are_too_large(sender: Sender, monkeypatch: pytest.MonkeyPatch) -> None:
    """A piece beyond the file's end, or larger than pieces are, is refused."""
    monkeypatch.setattr(views, "PIECE", 1000)
    batch, (upload,) = _begun(sender)
    assert sender.send(batch, upload, 0, SCAN[:1001]).status_int == 400
    assert sender.send(batch, upload, len(SCAN) - 10, bytes(11)).status_int == 400


def test_only_for_whoever_began(small: SmallArchive, browser: Browser, sender: Sender) -> None:
    """Nobody else can send to a batch, end it, or learn of it."""
    batch, (upload,) = _begun(sender)
    with small.parts.database.writing() as session:
        session.get_one(Batch, batch).created_by = small.people["director"]
    assert sender.send(batch, upload, 0, SCAN).status_int == 404
    assert sender.finish(batch).status_int == 404
    assert sender.get("/uploads").json == []
    assert browser("engineer").get("/uploads", expect_errors=True).status_int == 403


NAMES = {
    "../../etc/passwd.tif": "passwd.tif",
    "C:\\扫描\\通知.tif": "通知.tif",
    "😀" * 60 + ".tif": "😀" * 60 + ".tif",
    "第" * 83 + ".tif": "第" * 83 + ".tif",
    "<b onclick=x>&.tif": "<b onclick=x>&.tif",
}


def test_the_form_works_without_scripts(small: SmallArchive, browser: Browser) -> None:
    """The plain form takes files of any name as one batch, divided as asked; the page shows the names as they are."""
    app = browser("archivist")
    form = form_to(app.get("/batches"), "/batches")
    form["rule"], form["pages"], form["duplex"] = "every", "3", True
    sent = [("files", name, tiff(1, name), "image/tiff") for name in NAMES]
    answer = app.post("/batches", form.submit_fields(), upload_files=[(f, n, d, t) for f, n, d, t in sent])
    batch = answer.headers["Location"].rpartition("/")[2]
    assert [file.name for file in _files(small, batch)] == list(NAMES.values())
    with small.parts.database.reading() as session:
        row = session.get_one(Batch, batch)
        assert (row.split_rule, row.split_pages, row.duplex, row.complete) == ("every", 3, True, True)
    shown = answer.follow()
    assert "<b onclick" not in shown.text
    assert "&lt;b onclick" in shown.text


def test_an_empty_file_is_an_entry(small: SmallArchive, sender: Sender) -> None:
    """A file without bytes stands on the batch's page as what it is."""
    batch, (upload,) = _begun(sender, {**FILE, "size": 0})
    assert sender.send(batch, upload, 0, b"").json == {"size": 0}
    assert [file.reason for file in _files(small, batch)] == ["empty"]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("C:\\扫描\\通知.pdf", "C:/扫描/通知.pdf"),
        ("../../etc/passwd", "etc/passwd"),
        ("/a//b/./c.tif", "a/b/c.tif"),
        ("😀" * 60 + ".jpg", "😀" * 60 + ".jpg"),
        ("a\x00b\nc.tif", "a b c.tif"),
    ],
)
def test_names_are_only_names(name: str, shown: str) -> None:
    """A name keeps its words and its folders, and leads nowhere."""
    assert clean_name(name) == shown
