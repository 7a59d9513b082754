"""An item's stored object says everything that its rows say, so that they can be made again from it alone."""

import io
import json
import zipfile
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pypdf
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from archive.catalogue.description import describe
from archive.catalogue.events import EventOutcome, EventType, record_event
from archive.catalogue.filing import store_object, write_descriptions
from archive.catalogue.item_facts import ItemFacts, facts_of_item
from archive.catalogue.models import (
    Control,
    Item,
    NoteKind,
    Page,
    PageTextVersion,
    Retention,
    Secrecy,
    TextOrigin,
    TradeSecrecy,
)
from archive.catalogue.new_item import NewFile, NewItem, NewNote, NewPage
from archive.catalogue.stored_object import (
    ACCESS_PDF,
    ALTO,
    DA_T_46,
    METADATA,
    PAGE_TEXTS,
    PREMIS,
    accepted_item,
    rows_of,
)
from archive.platform.db import Base
from archive.platform.outbox import StoreOutbox
from archive.platform.parts import Parts
from archive.platform.rows import RowError
from ingest.context import PageText
from storage.layout import Content
from storage.testing.judge import assert_valid_repository
from tests.factories.accepted import accept, file_item, page_text
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases

_TABLES = ("item", "item_file", "page", "page_text", "item_note")


# --- the rows come back ---


@on_both_databases
def test_every_column_of_every_row_comes_back(parts: Parts, organisation: Organisation, tmp_path: Path) -> None:
    """All columns of the five tables, whichever there are, are the same when made from the object."""
    by, at = organisation.people["archivist2"].id, parts.clock()
    notes = NewNote(NoteKind.UNBOUND, "", by, at), NewNote(NoteKind.REMARK, "第 2 页缺角", by, at)
    items = [
        file_item(parts, organisation, accept(parts, organisation, files=1)),
        file_item(parts, organisation, accept(parts, organisation, files=3, notes=notes)),
    ]
    write_descriptions(parts)
    _read_again(parts, items[0].id, TextOrigin.HUMAN, "改正")
    write_descriptions(parts)
    made: dict[str, list[dict[str, Any]]] = {table: [] for table in _TABLES}
    for item in items:
        for table, values in rows_of(*_stored(parts, item.id)):
            made[table].append(values)
    with parts.database.reading() as session:
        for name in _TABLES:
            columns = Base.metadata.tables[name].columns
            there = [dict(row) for row in session.execute(select(*columns).order_by(columns.id)).mappings()]
            assert sorted(made[name], key=lambda row: str(row["id"])) == there
            assert all(row.keys() == set(columns.keys()) for row in made[name])
    assert_valid_repository(parts.store, tmp_path / "judged")


@on_both_databases
def test_a_database_takes_the_rows_as_they_come(parts: Parts, organisation: Organisation) -> None:
    """Each row comes after those that it refers to."""
    item = file_item(parts, organisation, accept(parts, organisation, files=2))
    write_descriptions(parts)
    with parts.database.writing() as session:
        for name in reversed(_TABLES):
            session.execute(Base.metadata.tables[name].delete())
        for name, values in rows_of(*_stored(parts, item.id)):
            session.execute(Base.metadata.tables[name].insert().values(values))
        assert session.get_one(Item, item.id).title == item.title


def test_an_item_that_never_got_a_row(parts: Parts, organisation: Organisation) -> None:
    """Version 1 says what was accepted, also of pages that could not be read: filing can go on from it."""
    new = accept(parts, organisation, files=2)
    (first, second) = new.files
    unread = NewPage(5, 1, 0, 0, 0, 0, False, None)
    new = replace(new, files=(first, replace(second, pages=(*second.pages, unread))))
    store_object(parts, new, "沈鉴")
    assert accepted_item(*_stored(parts, new.id)) == new
    with pytest.raises(RowError, match="never described"):
        list(rows_of(*_stored(parts, new.id)))
    file_item(parts, organisation, new)
    write_descriptions(parts)
    assert accepted_item(*_stored(parts, new.id)) is None
    assert [name for name, _ in rows_of(*_stored(parts, new.id))].count("page_text") == 4


_words = st.text(st.characters(codec="utf-8"), max_size=12)
_numbers = st.integers(0, 2**40)
_texts = st.builds(lambda words: page_text(words or "一"), _words)
_pages = st.builds(NewPage, *[_numbers] * 6, st.booleans(), st.none() | _texts, corrected=st.none() | _texts)
_files = st.builds(NewFile, _numbers, _words, _words, _words, _numbers, _words, st.lists(_pages, max_size=3).map(tuple))
_notes = st.builds(NewNote, st.sampled_from(NoteKind), _words, _words, st.datetimes(timezones=st.just(UTC)))
_items = st.builds(
    NewItem,
    box_id=st.none() | _words,
    year=st.integers(1900, 2100),
    retention=st.sampled_from(Retention),
    control=st.sampled_from(Control),
    secrecy=st.sampled_from(Secrecy),
    trade_secrecy=st.sampled_from(TradeSecrecy),
    accepted_at=st.datetimes(timezones=st.just(UTC)),
    files=st.lists(_files, max_size=2).map(tuple),
    notes=st.lists(_notes, max_size=2).map(tuple),
    **dict.fromkeys(
        ("id", "fonds_id", "category_id", "unit_id", "title", "document_number", "issuer", "addressee", "date"), _words
    ),
    accepted_by=_words,
)


@given(new=_items)
def test_accepted_facts_as_json_and_back(new: NewItem) -> None:
    """Whatever was accepted comes back from JSON the same; its texts lie elsewhere, by page and version."""
    texts: dict[tuple[int, int], PageText] = {}
    numbered = [(file, page) for file in new.files for page in file.pages]
    for number, (_, page) in enumerate(numbered):
        object.__setattr__(page, "number", number)
        if page.text is not None:
            texts[number, 1] = page.text
        if page.corrected is not None:
            texts[number, 2] = page.corrected
    told = json.loads(json.dumps(new.to_json()))
    assert NewItem.of_json(told, texts) == new
    del told["notes"]  # as it was written before there were any
    assert NewItem.of_json(told, texts) == replace(new, notes=())


# --- what makes a version, and what does not ---


def test_a_further_reading_is_added(parts: Parts, organisation: Organisation) -> None:
    """What holds texts is written anew with the further reading; what did not change is not written again."""
    item = file_item(parts, organisation, accept(parts, organisation))
    write_descriptions(parts)
    before = parts.repository.read(item.id, PAGE_TEXTS).splitlines()
    for origin, words in ((TextOrigin.HUMAN, "人工改正"), (TextOrigin.MACHINE, "再次识别")):
        _read_again(parts, item.id, origin, words)
        write_descriptions(parts)
    after = [json.loads(line) for line in parts.repository.read(item.id, PAGE_TEXTS).splitlines()]
    assert [(line["page"], line["version"], line["origin"]) for line in after] == [
        (1, 1, "machine"),
        (1, 2, "human"),
        (1, 3, "machine"),
        (2, 1, "machine"),
    ]
    assert [json.loads(line) for line in before] == [after[0], after[3]]
    versions = parts.repository.inventory(item.id).versions
    changed = {path for path, digest in versions[2].state.items() if versions[1].state[path] != digest}
    assert changed == {PAGE_TEXTS, METADATA, PREMIS, DA_T_46, ACCESS_PDF, ALTO}
    pdf = pypdf.PdfReader(io.BytesIO(parts.repository.read(item.id, ACCESS_PDF)))
    assert "人工改正" in pdf.pages[0].extract_text()
    with zipfile.ZipFile(io.BytesIO(parts.repository.read(item.id, ALTO))) as zipped:
        assert "人工改正" in zipped.read("0001.xml").decode()
    last = {path for path, digest in versions[3].state.items() if versions[2].state[path] != digest}
    assert last == {PAGE_TEXTS, METADATA, PREMIS}


def test_texts_and_rows_are_of_one_moment(parts: Parts, organisation: Organisation) -> None:
    """A reading that comes while an item is being described waits for the next version, whole."""
    item = file_item(parts, organisation, accept(parts, organisation))
    write_descriptions(parts)
    _read_again(parts, item.id, TextOrigin.HUMAN, "一")
    facts = _facts(parts, item.id)
    _read_again(parts, item.id, TextOrigin.HUMAN, "二")
    assert describe(parts, facts) == 3
    assert _readings(parts, item.id) == 3
    write_descriptions(parts)
    assert _readings(parts, item.id) == 4


@on_both_databases
def test_only_news_makes_a_version(parts: Parts, organisation: Organisation, clock: SetClock) -> None:
    """A good check or copy is no news, however often it is made; it is told with the next damage or repair."""
    item = file_item(parts, organisation, accept(parts, organisation))
    write_descriptions(parts)
    for kind in (EventType.FIXITY_CHECK, EventType.REPLICATION):
        _happened(parts, clock, item.id, kind, EventOutcome.SUCCESS)
    assert parts.repository.inventory(item.id).head == 2
    assert "fixity check" not in parts.repository.read(item.id, PREMIS).decode()
    _happened(parts, clock, item.id, EventType.FIXITY_CHECK, EventOutcome.FAILURE)
    _happened(parts, clock, item.id, EventType.RECOVERY, EventOutcome.SUCCESS)
    assert parts.repository.inventory(item.id).head == 4
    told = parts.repository.read(item.id, PREMIS).decode()
    assert [told.count(f">{kind.value}<") for kind in EventType] == [1, 2, 1, 1, 0, 0]


def test_objects_of_the_first_release_are_brought_up_to_date(
    parts: Parts, organisation: Organisation, tmp_path: Path
) -> None:
    """What was filed before there was a format gets it with its next version, and the former list of events goes."""
    new = accept(parts, organisation)
    _store_as_before(parts, new)
    item = file_item(parts, organisation, new)
    assert write_descriptions(parts) == 1
    state = parts.repository.inventory(item.id).state
    assert set(state) == {"content/0001.tif", ACCESS_PDF, ALTO, PAGE_TEXTS, METADATA, DA_T_46, PREMIS}
    assert [name for name, _ in rows_of(*_stored(parts, item.id))].count("page_text") == 2
    assert "<eventType>ingestion</eventType>" in parts.repository.read(item.id, PREMIS).decode()
    _announce(parts, item.id)
    write_descriptions(parts)
    assert parts.repository.inventory(item.id).head == 3
    assert_valid_repository(parts.store, tmp_path / "judged")


@pytest.mark.parametrize(
    ("item_json", "says"),
    [
        (b"{", "no JSON"),
        (b"[]", "no object"),
        (b"{}", "upgrade"),
        (b'{"format": "danggui-item/9"}', "danggui-item/9"),
        (b'{"format": "danggui-item/1"}', "cannot be understood"),
        (b'{"format": "danggui-item/1", "ingested": {}, "derived": []}', "cannot be understood"),
    ],
)
def test_what_is_no_description_is_refused(item_json: bytes, says: str) -> None:
    """Foreign or cut files give no rows; the message says what is wrong."""
    with pytest.raises(RowError, match=says):
        list(rows_of(item_json, b""))


@pytest.mark.parametrize(("pages_jsonl", "says"), [(b"", "is missing"), (b"[]\n", "cannot be understood")])
def test_texts_that_do_not_fit_are_refused(
    parts: Parts, organisation: Organisation, pages_jsonl: bytes, says: str
) -> None:
    """Rows are not made with half of their texts."""
    item = file_item(parts, organisation, accept(parts, organisation, pages=1))
    write_descriptions(parts)
    with pytest.raises(RowError, match=says):
        list(rows_of(parts.repository.read(item.id, METADATA), pages_jsonl))


# --- how ---


def _stored(parts: Parts, item_id: str) -> tuple[bytes, bytes]:
    """The two files from which rows are made."""
    return parts.repository.read(item_id, METADATA), parts.repository.read(item_id, PAGE_TEXTS)


def _readings(parts: Parts, item_id: str) -> int:
    return [name for name, _ in rows_of(*_stored(parts, item_id))].count("page_text")


def _facts(parts: Parts, item_id: str) -> ItemFacts:
    with parts.database.reading() as session:
        facts = facts_of_item(session, item_id)
    assert facts is not None
    return facts


def _announce(parts: Parts, item_id: str) -> None:
    with parts.database.writing() as session:
        session.add(StoreOutbox(item_id=item_id, created_at=parts.clock()))


def _read_again(parts: Parts, item_id: str, origin: TextOrigin, words: str) -> None:
    """Somebody, or a better engine, reads the first page again."""
    with parts.database.writing() as session:
        page = session.scalars(select(Page).where(Page.item_id == item_id, Page.number == 1)).one()
        version, content = 1 + len(page.texts), page_text(words).to_json()
        session.add(
            PageTextVersion(page_id=page.id, version=version, origin=origin, content=content, created_at=parts.clock())
        )
    _announce(parts, item_id)


def _happened(parts: Parts, clock: SetClock, item_id: str, kind: EventType, outcome: EventOutcome) -> None:
    """An hour later this happens to the object, and the item is described anew."""
    clock.pass_time(timedelta(hours=1))
    with parts.database.writing() as session:
        record_event(session, clock, kind, outcome, item_id=item_id, paths=["content/0001.tif"])
    _announce(parts, item_id)
    write_descriptions(parts)


def _store_as_before(parts: Parts, new: NewItem) -> None:
    """Versions 1 and 2 as the first release wrote them."""
    store_object(parts, new, "沈鉴")
    made = {path: parts.repository.read(new.id, path) for path in parts.repository.inventory(new.id).state}
    parts.repository.remove(new.id)
    lines = [json.loads(line) for line in made[PAGE_TEXTS].splitlines()]
    for line in lines:
        del line["version"], line["origin"]
    made[PAGE_TEXTS] = "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines).encode()
    made[METADATA] = json.dumps({"id": new.id, "title": new.title, "files": []}).encode()
    del made[PREMIS]
    events = {"metadata/events.json": b'{"events": []}\n', METADATA: made[METADATA] + b"\n"}
    for version, files in enumerate((made, events), start=1):
        parts.repository.commit(
            new.id,
            version,
            {path: Content.of_bytes(data) for path, data in files.items()},
            message="accepted",
            user="沈鉴",
            address="urn:danggui:archive",
            created=datetime(2021, 3, 5, tzinfo=UTC),
        )
