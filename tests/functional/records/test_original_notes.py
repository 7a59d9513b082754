"""What is noted of paper originals, from the tick at the scanner to the 备考表 of the filed item."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import Category, ItemNote, NoteKind
from archive.catalogue.new_item import NewNote
from archive.catalogue.stored_object import DA_T_46, METADATA
from archive.digitization.models import Batch, Draft
from archive.digitization.original_notes import Noted
from archive.handlers import job_handlers
from archive.platform.accounts.models import Person
from archive.platform.jobs.worker import Worker
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.servers.scanner import FEEDER_PAGES, scanners
from tests.unit.records.scans import take_in, tiff

Browser = Callable[..., TestApp]


def _work(small: SmallArchive) -> None:
    worker = Worker(replace(small.parts, settings=replace(small.parts.settings, engine="null")), job_handlers())
    while worker.run_one():
        pass


@pytest.fixture
def draft_id(small: SmallArchive, browser: Browser) -> str:
    """A draft of two files of one page each, of which the second was torn when it was scanned."""
    with small.parts.database.reading() as session:
        archivist = session.get_one(Person, small.people["archivist"])
        category = session.scalars(select(Category)).one()
    take_in(small.parts, archivist, category, [("一.tif", tiff(1)), ("二.tif", tiff(1, "b"))])
    _work(small)
    with small.parts.database.writing() as session:
        first, second = session.scalars(select(Draft).order_by(Draft.position))
        (page,) = second.pages
        page.draft_id, page.number = first.id, 2
        page.file.notes = [_note(small, NoteKind.DAMAGED).to_json()]
        return first.id


def _note(small: SmallArchive, kind: NoteKind, text: str = "") -> NewNote:
    return NewNote(kind, text, small.people["archivist2"], small.parts.clock())


def test_ticks_of_the_files_count_until_a_person_says_otherwise(
    small: SmallArchive, browser: Browser, draft_id: str
) -> None:
    """The review page shows what was ticked at the scanner; kept so it stays theirs, changed it is the draft's."""
    app = browser("archivist")
    form = form_to(app.get(f"/drafts/{draft_id}"), f"/drafts/{draft_id}")
    ticked = [box.checked for box in form.fields["noted"]]
    assert ticked == [False, True, False]
    form = form_to(form.submit("act", value="keep").follow(), f"/drafts/{draft_id}")
    with small.parts.database.reading() as session:
        assert session.get_one(Draft, draft_id).notes is None
    form.fields["noted"][0].checked, form.fields["noted"][1].checked = True, False
    form["note_words"] = " 第 2 页\n右上角\x07残缺 "
    form = form_to(form.submit("act", value="keep").follow(), f"/drafts/{draft_id}")
    assert ([box.checked for box in form.fields["noted"]], form["note_words"].value) == (
        [True, False, False],
        "第 2 页 右上角 残缺",
    )


def test_what_was_typed_wrong_leaves_the_ticks(small: SmallArchive, browser: Browser, draft_id: str) -> None:
    """Where a field is refused, what was said of the originals comes back as it was typed."""
    form = form_to(browser("archivist").get(f"/drafts/{draft_id}"), f"/drafts/{draft_id}")
    form["title"], form["note_words"] = "", "缺第 3 页"
    form.fields["noted"][2].checked = True
    again = form_to(form.submit(status=422), f"/drafts/{draft_id}")
    assert ([box.checked for box in again.fields["noted"]], again["note_words"].value) == (
        [False, True, True],
        "缺第 3 页",
    )


def test_notes_become_the_items_own(small: SmallArchive, browser: Browser, draft_id: str) -> None:
    """Filed, they are rows of the item, each with who said it when; its page and its stored object tell them."""
    app = browser("archivist")
    form = form_to(app.get(f"/drafts/{draft_id}"), f"/drafts/{draft_id}")
    form.fields["noted"][0].checked = True
    form["note_words"], form["title"], form["carrier"] = "第 2 页右上角残缺", "关于档案工作的通知", "electronic"
    form.submit()
    _work(small)
    first = json.loads(small.parts.repository.read(draft_id, METADATA))["accepted"]["notes"]
    assert [(note["kind"], note["text"]) for note in first] == [
        ("unbound", ""),
        ("damaged", ""),
        ("remark", "第 2 页右上角残缺"),
    ]
    write_descriptions(small.parts)
    with small.parts.database.reading() as session:
        rows = session.scalars(select(ItemNote).where(ItemNote.item_id == draft_id).order_by(ItemNote.id)).all()
        assert [(row.kind.value, row.text) for row in rows] == [(note["kind"], note["text"]) for note in first]
        assert [row.made_by for row in rows] == [small.people[one] for one in ("archivist", "archivist2", "archivist")]
        assert session.get_one(Draft, draft_id).notes == []
    stored = json.loads(small.parts.repository.read(draft_id, METADATA))
    assert {note["kind"] for note in stored["notes"]} == {"unbound", "damaged", "remark"}
    assert "备考表：第 2 页右上角残缺" in small.parts.repository.read(draft_id, DA_T_46).decode()
    shown = app.get(f"/items/{draft_id}")
    assert [word in shown for word in ("备考表", "拆钉", "破损", "第 2 页右上角残缺")] == [True] * 4


def test_who_may_only_know_of_an_item_reads_no_notes(small: SmallArchive, browser: Browser) -> None:
    """The words of 备考表 may tell of the content: they are for readers, and for those who keep the originals."""
    item = small.items["accounts"]
    with small.parts.database.writing() as session:
        note = _note(small, NoteKind.REMARK, "附件一缺第 3 页")
        session.add(ItemNote(item_id=item, kind=note.kind, text=note.text, made_by=note.made_by, made_at=note.made_at))
    assert "附件一缺第 3 页" in browser("archivist").get(f"/items/{item}")
    assert "附件一缺第 3 页" not in browser("engineer").get(f"/items/{item}")


@pytest.mark.servers
def test_a_tick_at_the_scanner_is_of_the_pages_scanned_then(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The pages of this stack bear it, those of the next do not; who scanned said it."""
    scanners(tmp_path / "sane", monkeypatch, 1, "resolution_max 60")
    app = browser("archivist")
    form = form_to(app.get("/digitization/scan?device=test:0"), "/digitization/scan")
    form.fields["noted"][1].checked = True
    batch = form.submit().headers["Location"].rpartition("/")[2]
    Worker(small.parts, job_handlers()).run_one()
    form_to(app.get(f"/digitization/scan/{batch}"), f"/digitization/scan/{batch}").submit()
    Worker(small.parts, job_handlers()).run_one()
    with small.parts.database.reading() as session:
        files = session.get_one(Batch, batch).files
        assert [[note["kind"] for note in file.notes] for file in files] == [["damaged"]] * FEEDER_PAGES + [
            []
        ] * FEEDER_PAGES
        assert {note["made_by"] for file in files for note in file.notes} == {small.people["archivist"]}


def test_what_was_noted_before_keeps_its_person(small: SmallArchive) -> None:
    """Saying the same again changes nothing; unknown ticks are no notes."""
    before = [_note(small, NoteKind.DAMAGED), _note(small, NoteKind.REMARK, "缺角")]
    noted = Noted.of_form(["damaged", "burnt"], "缺角")
    assert noted == Noted.of_notes(before)
    assert noted.notes("other", small.parts.clock(), before) == before
