"""The journal: every change comes into the store, and the last state of every row can be read from there alone."""

import io
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from pathlib import Path

import pytest
from sqlalchemy import delete, func, insert, select, text, update

from archive.catalogue.events import EventOutcome, EventType, record_event
from archive.catalogue.models import Fonds
from archive.cli.checks import diagnose
from archive.migrations import upgrade
from archive.platform.accounts.models import Person, Unit
from archive.platform.db import Base, Database
from archive.platform.journal import snapshot, writer
from archive.platform.journal.models import JournalOutbox, JournalSegment
from archive.platform.journal.reader import JournalState
from archive.platform.journal.segments import segment_key, snapshot_key, stored_journal
from archive.platform.journal.snapshot import take_snapshot, write_snapshot
from archive.platform.journal.triggers import missing
from archive.platform.journal.writer import OlderCopyError, continue_journal, write_journal, write_journal_now
from archive.platform.outbox import StoreOutbox
from archive.platform.parts import Parts
from archive.platform.rows import key_column
from archive.platform.tables import FATES, Fate, tables_of
from tests.factories.journalled import agreement, state_of
from tests.factories.organisation import make_organisation
from tests.factories.rows import insert_row, row_values_for

#: What hangs on no database in particular is tried beside one.
embedded = pytest.mark.parametrize("settings", ["sqlite"], indirect=True)


def noted(database: Database) -> list[tuple[str, str]]:
    """What waits in the outbox; it is emptied."""
    with database.writing() as session:
        rows = session.execute(select(JournalOutbox).order_by(JournalOutbox.id)).scalars().all()
        session.execute(delete(JournalOutbox))
        return [(row.table_name, row.row_key) for row in rows]


def rename(parts: Parts, *names: str) -> None:
    """A fonds gets one name after the other, each journalled in a segment of its own."""
    for name in names:
        with parts.database.writing() as session:
            fonds = session.scalar(select(Fonds))
            if fonds is None:
                session.add(Fonds(code="Z109", name=name))
            else:
                fonds.name = name
        write_journal_now(parts)


def segments(parts: Parts) -> list[int]:
    """The segments in the store."""
    return list(stored_journal(parts.store).segments)


def names(state: JournalState) -> list[str]:
    """The names of the fonds in it."""
    return [row["name"] for row in state.rows("fonds")]


def damage_object(parts: Parts, key: str, damage: Callable[[bytes], bytes]) -> None:
    """Something happens to what is stored."""
    data = damage(parts.store.read(key))
    parts.store.replace(key, io.BytesIO(data), sha256=sha256(data).hexdigest())


def forget_segments(parts: Parts, first: int) -> None:
    """The database is as old as the segment before."""
    with parts.database.writing() as session:
        session.execute(delete(JournalSegment).where(JournalSegment.number >= first))


# --- triggers ---


def test_every_change_of_every_table_is_noted(parts: Parts) -> None:
    """Whether by mapped object, statement or raw SQL a row is inserted, changed or deleted: it is noted.

    A table that is declared and has no trigger fails here.
    """
    tables = tables_of(Fate.JOURNAL)
    assert {table.name for table in tables} == {name for name, fate in FATES.items() if fate is Fate.JOURNAL}
    classes = {str(mapper.local_table): mapper.class_ for mapper in Base.registry.mappers}
    for table in tables:
        key = key_column(table)
        with parts.database.writing() as session:
            by_statement = insert_row(session.connection(), table)[key.name]
            values = row_values_for(session.connection(), table)
        by_object = str(values[key.name])
        noted(parts.database)
        with parts.database.writing() as session:
            session.add(classes[table.name](**values))
        assert noted(parts.database) == [(table.name, by_object)]
        quoted = parts.database.engine.dialect.identifier_preparer.quote
        column = next(column for column in table.columns if not column.primary_key)
        for change in (
            update(table).where(key == by_statement).values({column: getattr(table.c, column.name)}),
            text(f"UPDATE {quoted(table.name)} SET {column.name} = {column.name} WHERE {key.name} = '{by_statement}'"),
            delete(table).where(key == by_statement),
        ):
            with parts.database.writing() as session:
                session.execute(change)
            assert noted(parts.database) == [(table.name, str(by_statement))], (table.name, str(change))
        with parts.database.writing() as session:
            session.delete(session.get_one(classes[table.name], values[key.name]))
        assert noted(parts.database) == [(table.name, by_object)]


def test_what_is_not_journalled_is_not_noted(parts: Parts) -> None:
    """Passwords, sessions and work under way leave no trace in the journal."""
    for table in tables_of(Fate.LOST, Fate.DERIVED, Fate.OBJECT):
        with parts.database.writing() as session:
            values = row_values_for(session.connection(), table)
        noted(parts.database)
        if table.name == "journal_outbox":
            continue
        with parts.database.writing() as session:
            session.execute(insert(table).values(values))
        assert noted(parts.database) == [], table.name


def test_another_key_is_another_row(parts: Parts) -> None:
    """A row whose key changes is gone under the old one and there under the new one."""
    with parts.database.writing() as session:
        session.add(Unit(id="old", code="A", name="甲"))
    write_journal_now(parts)
    with parts.database.writing() as session:
        session.execute(text("UPDATE unit SET id = 'new' WHERE id = 'old'"))
    write_journal_now(parts)
    with state_of(parts) as state:
        assert [row["id"] for row in state.rows("unit")] == ["new"]


def test_replaced_row_is_noted(parts: Parts) -> None:
    """A row that one statement puts aside for another is gone from the journal, too, however the database says it."""
    with parts.database.writing() as session:
        session.add(Unit(id="old", code="A", name="甲"))
    write_journal_now(parts)
    values = "INTO unit (id, code, name) VALUES ('new', 'A', '乙')"
    conflict = "ON CONFLICT (code) DO UPDATE SET id = excluded.id, name = excluded.name"
    replacing = f"OR REPLACE {values}" if parts.database.is_sqlite else f"{values} {conflict}"
    with parts.database.writing() as session:
        session.execute(text(f"INSERT {replacing}"))
    write_journal_now(parts)
    agreement(parts)


def test_emptied_table_is_noted(parts: Parts) -> None:
    """All rows gone at a stroke, each is noted."""
    with parts.database.writing() as session:
        session.add_all([Unit(id=key, code=key, name=key) for key in "ab"])
    noted(parts.database)
    with parts.database.writing() as session:
        session.execute(text("DELETE FROM unit" if parts.database.is_sqlite else "TRUNCATE unit CASCADE"))
    assert {("unit", "a"), ("unit", "b")} <= set(noted(parts.database))


def test_missing_trigger_is_made_again(parts: Parts) -> None:
    """Who takes a trigger away is found out; `danggui init` makes it again and journals every row of that table."""
    with parts.database.writing() as session:
        session.add_all([Unit(id="a", code="A", name="甲"), Fonds(code="Z109", name="乙")])
    noted(parts.database)
    with parts.database.writing() as session:
        sqlite = parts.database.is_sqlite
        session.execute(
            text("DROP TRIGGER journal_unit_insert" if sqlite else "ALTER TABLE unit DISABLE TRIGGER journal_unit_row")
        )
        session.add(Unit(id="b", code="B", name="丙"))
        session.flush()
        assert missing(session.connection()) == ["unit"]
    upgrade(parts.database)
    assert sorted(noted(parts.database)) == [("unit", "a"), ("unit", "b")]
    upgrade(parts.database)
    assert noted(parts.database) == []
    with parts.database.engine.connect() as connection:
        assert missing(connection) == []


def test_table_no_longer_journalled(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """A table taken off the list is left in peace from then on; what of it still waits holds up nothing."""
    with parts.database.writing() as session:
        session.add(Unit(id="a", code="A", name="甲"))
    monkeypatch.setitem(FATES, "unit", Fate.DERIVED)
    upgrade(parts.database)
    with parts.database.writing() as session:
        session.add(Unit(id="b", code="B", name="丙"))
    assert write_journal_now(parts) == 1
    with state_of(parts) as state:
        assert state.count("unit") == 0


# --- segments ---


def test_store_knows_what_the_database_has(parts: Parts, clock: Callable[[], datetime]) -> None:
    """A whole organisation, changed and partly deleted: read from the store it is the same, field by field."""
    with parts.database.writing() as session:
        organisation = make_organisation(session, clock)
        session.add(Fonds(code="Z110", name="撤销全宗"))
    assert write_journal_now(parts) > 0
    with parts.database.writing() as session:
        for table in tables_of(Fate.JOURNAL):
            insert_row(session.connection(), table)
        session.get_one(Person, organisation.people["engineer"].id).name = "改名 \u2028 𠮷\n\t'\"\\"
        session.execute(delete(Fonds).where(Fonds.code == "Z110"))
    assert write_journal_now(parts) > 0
    state = agreement(parts)
    assert (state.segments, state.findings) == (2, [])
    assert write_journal_now(parts) == 0


@embedded
@pytest.mark.parametrize(("age", "due"), [(0, False), (6, True), (-60, True)])
def test_segment_is_due_after_some_seconds(parts: Parts, age: int, due: bool) -> None:
    """A change waits for others to come along, but not long; a clock set back meanwhile does not hold it up."""
    with parts.database.writing() as session:
        session.add(Fonds(code="Z109", name="全宗"))
        session.flush()
        row = session.scalars(select(JournalOutbox)).one()
        row.created_at -= timedelta(seconds=age)
    assert write_journal(parts) == int(due)
    assert segments(parts) == ([1] if due else [])


def test_many_changes_are_due_at_once(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """When enough waits nobody waits for the clock; no segment holds more than it may, none is lost between them."""
    monkeypatch.setattr(writer, "_DUE_ROWS", 10)
    monkeypatch.setattr(writer, "_MOST_ROWS", 4)
    monkeypatch.setattr(writer, "_CHUNK", 2)
    with parts.database.writing() as session:
        session.add_all([Unit(id=f"{number}", code=f"{number}", name="部") for number in range(15)])
    assert write_journal(parts) == 8
    assert segments(parts) == [1, 2]
    write_journal_now(parts)
    agreement(parts)


@embedded
def test_segment_has_bounded_size(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Rows are large: segments hold few of them."""
    monkeypatch.setattr(writer, "_MOST_BYTES", 500)
    monkeypatch.setattr(writer, "_CHUNK", 1)
    with parts.database.writing() as session:
        session.add_all([Unit(id=f"{number}", code=f"{number}", name="部" * 100) for number in range(4)])
    write_journal_now(parts)
    assert segments(parts) == [1, 2]
    agreement(parts)


@embedded
def test_row_changed_often_is_written_once(parts: Parts) -> None:
    """Of a row that changed many times its state now is what counts."""
    with parts.database.writing() as session:
        fonds = Fonds(code="Z109", name="一")
        session.add(fonds)
        for name in "二三四":
            session.flush()
            fonds.name = name
    assert write_journal_now(parts) == 4
    assert parts.store.read(segment_key(1)).count(b'"table"') == 1
    agreement(parts)


@embedded
def test_text_that_is_no_text(parts: Parts) -> None:
    """Half a character, as a broken program may put it into a document, holds up nothing and comes back as it was."""
    with parts.database.writing() as session:
        record_event(session, parts.clock, EventType.INGESTION, EventOutcome.SUCCESS, name="𠮷 \ud800 \u2028")
    write_journal_now(parts)
    assert parts.store.read(segment_key(1)).decode()
    agreement(parts)


# --- until when it is complete ---


def test_complete_until_the_moment_it_was_written(parts: Parts) -> None:
    """Nothing waits any more: complete up to the moment at which the database was read."""
    before = datetime.now(UTC) - timedelta(seconds=1)
    rename(parts, "一")
    with state_of(parts) as state:
        assert state.complete_until is not None
        assert before < state.complete_until <= datetime.now(UTC)


def test_complete_until_the_oldest_that_waits(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """What did not fit into the segment, or is in no stored object yet, is not claimed; what then is, once."""
    at = datetime(2021, 3, 5, tzinfo=UTC)
    with parts.database.writing() as session:
        session.add(StoreOutbox(item_id="i", created_at=at))
    rename(parts, "一")
    with state_of(parts) as state:
        assert state.complete_until == at
    assert write_journal_now(parts) == 0
    with parts.database.writing() as session:
        session.execute(delete(StoreOutbox))
    for _ in range(3):
        write_journal(parts)
    assert segments(parts) == [1, 2]
    with state_of(parts) as state:
        assert state.complete_until is not None
        assert state.complete_until > at
    monkeypatch.setattr(writer, "_MOST_ROWS", 1)
    monkeypatch.setattr(writer, "_CHUNK", 1)
    with parts.database.writing() as session:
        session.add_all([Unit(id=key, code=key, name=key) for key in "ab"])
        session.flush()
        for row, day in zip(session.scalars(select(JournalOutbox).order_by(JournalOutbox.id)), (4, 3), strict=True):
            row.created_at = at.replace(day=day)
    writer._write_segment(parts)
    with state_of(parts) as state:
        assert state.complete_until == at.replace(day=3)


@pytest.mark.parametrize("settings", [pytest.param("postgresql", marks=pytest.mark.servers)], indirect=True)
def test_late_commit_is_neither_lost_nor_claimed(parts: Parts) -> None:
    """A change that was made before a segment and committed after it comes with the next one."""
    with parts.database.session(writes=True) as late:
        late.add(Unit(id="late", code="L", name="迟"))
        late.flush()
        rename(parts, "一")
        with state_of(parts) as state:
            claimed = state.complete_until
        late.commit()
        committed = datetime.now(UTC)
    assert claimed is not None
    assert claimed < committed
    assert write_journal_now(parts) == 1
    agreement(parts)


# --- what is found there ---


def test_older_copy_of_the_database_is_refused(parts: Parts) -> None:
    """The database was restored from before two segments: it does not write over what it does not know, and says so."""
    rename(parts, "一", "二", "三")
    forget_segments(parts, 2)
    with parts.database.writing() as session:
        session.add(Unit(id="a", code="A", name="甲"))
    with pytest.raises(OlderCopyError, match="rebuild --from-storage"):
        write_journal_now(parts)
    assert segments(parts) == [1, 2, 3]
    finding = {finding.part: finding for finding in diagnose(parts.settings)}["journal"]
    assert not finding.ok
    assert "older copy" in finding.says


@embedded
def test_copy_older_by_one_segment_is_refused(parts: Parts) -> None:
    """Even a single segment that answers what does not wait here was written by a newer database."""
    rename(parts, "一", "二")
    forget_segments(parts, 2)
    with parts.database.writing() as session:
        session.add(Unit(id="a", code="A", name="甲"))
    with pytest.raises(OlderCopyError):
        write_journal_now(parts)


@embedded
def test_copy_older_than_a_snapshot_is_refused(parts: Parts) -> None:
    """The segments that would stand in the way were compacted: the snapshot stands there."""
    rename(parts, "一", "二", "三")
    take_snapshot(parts)
    rename(parts, "四")
    take_snapshot(parts)
    forget_segments(parts, 1)
    with parts.database.writing() as session:
        session.add(Unit(id="a", code="A", name="甲"))
    with pytest.raises(OlderCopyError):
        write_journal_now(parts)


def test_rebuilt_database_goes_on(parts: Parts) -> None:
    """A database that was filled from the journal writes the next segment of it."""
    rename(parts, "一", "二")
    forget_segments(parts, 1)
    with state_of(parts) as state, parts.database.writing() as session:
        continue_journal(session, state, parts.clock())
    rename(parts, "三")
    assert segments(parts) == [1, 2, 3]
    assert agreement(parts).findings == []


@embedded
def test_missing_segment_is_named(parts: Parts) -> None:
    """A gap is named with what may be lost; later states are read, and nothing is claimed beyond it."""
    rename(parts, "一")
    with state_of(parts) as state:
        claimed = state.complete_until
    rename(parts, "二", "三", "四")
    for number in (2, 3):
        parts.store.delete(segment_key(number))
    with state_of(parts) as state:
        assert names(state) == ["四"]
        assert state.complete_until == claimed
        (finding,) = state.findings
        assert segment_key(2) in finding
        assert segment_key(3) in finding


@embedded
@pytest.mark.parametrize(
    "damage",
    [
        lambda data: data[:-20],
        lambda data: data[: data.rindex(b"{")],
        lambda data: data.replace("二".encode(), "贰".encode()),
        lambda data: data.replace(b'"complete_until":"2', b'"complete_until":"3'),
        lambda data: data + b"{}\n",
        lambda _: b"",
        lambda _: b"\x00\xff[1]",
        lambda data: data.replace(b"danggui-journal/1", b"danggui-journal/2"),
        lambda data: b"[]\n" + data,
    ],
    ids=["cut", "without end", "changed row", "changed header", "longer", "empty", "noise", "newer format", "list"],
)
def test_damaged_segment_is_named(parts: Parts, damage: Callable[[bytes], bytes]) -> None:
    """Whatever happened to a segment: it is named and left out, and the rest is read."""
    rename(parts, "一", "二")
    damage_object(parts, segment_key(2), damage)
    with parts.database.writing() as session:
        session.add(Unit(id="a", code="A", name="甲"))
    write_journal_now(parts)
    with state_of(parts) as state:
        assert names(state) == ["一"]
        assert state.count("unit") == 1
        (finding,) = state.findings
        assert segment_key(2) in finding


@embedded
def test_replaced_segment_is_named(parts: Parts) -> None:
    """A segment that is whole but not the one the next follows was put there by somebody else."""
    rename(parts, "一", "二", "三")

    def other(data: bytes) -> bytes:
        lines = data.replace("二".encode(), "贰".encode())
        lines = lines[: lines.rindex(b"{")]
        return lines + b'{"rows":1,"sha256":"%s"}\n' % sha256(lines).hexdigest().encode()

    damage_object(parts, segment_key(2), other)
    with state_of(parts) as state:
        assert names(state) == ["三"]
        assert any("replaced" in finding for finding in state.findings)


# --- snapshots ---


def test_snapshot_replaces_segments(parts: Parts, clock: Callable[[], datetime]) -> None:
    """Segments before the older of two snapshots go, with the snapshots before; what is read stays the same."""
    assert take_snapshot(parts) == 0
    with parts.database.writing() as session:
        make_organisation(session, clock)
    rename(parts, "一", "二")
    rows = take_snapshot(parts)
    with parts.database.reading() as session:
        assert rows == sum(session.scalar(select(func.count()).select_from(t)) or 0 for t in tables_of(Fate.JOURNAL))
    assert segments(parts) == [1, 2]
    rename(parts, "三")
    take_snapshot(parts)
    rename(parts, "四")
    take_snapshot(parts)
    rename(parts, "五")
    stored = stored_journal(parts.store)
    assert (list(stored.segments), stored.snapshots) == ([4, 5], [3, 4])
    assert agreement(parts).findings == []
    with parts.database.reading() as session:
        assert list(session.scalars(select(JournalSegment.number).order_by(JournalSegment.number))) == [4, 5]


@embedded
def test_snapshot_is_taken_when_due(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not for a few changes; after enough segments, or enough bytes."""
    rename(parts, "一", "二")
    assert write_snapshot(parts) == 0
    monkeypatch.setattr(snapshot, "_DUE_SEGMENTS", 2)
    assert write_snapshot(parts) == 1
    assert write_snapshot(parts) == 0
    monkeypatch.setattr(snapshot, "_DUE_BYTES", 10)
    rename(parts, "三")
    assert write_snapshot(parts) == 1


@embedded
@pytest.mark.parametrize(
    "damage", [lambda data: data[:-9], lambda _: b"", lambda data: data[:40] + b"\x00\x01" + data[42:]]
)
def test_damaged_snapshot_costs_nothing(parts: Parts, damage: Callable[[bytes], bytes]) -> None:
    """The newest snapshot is cut off or changed: the one before and the segments since give the same."""
    rename(parts, "一")
    take_snapshot(parts)
    rename(parts, "二")
    take_snapshot(parts)
    rename(parts, "三")
    damage_object(parts, snapshot_key(2), damage)
    state = agreement(parts)
    (finding,) = state.findings
    assert snapshot_key(2) in finding


def test_change_during_a_snapshot(parts: Parts, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is changed and journalled while a snapshot is written is in a later segment, and counts."""
    rename(parts, "一")
    written = snapshot._write_rows

    def meanwhile(parts: Parts, path: Path) -> int:
        number = written(parts, path)
        rename(parts, "二")
        return number

    monkeypatch.setattr(snapshot, "_write_rows", meanwhile)
    take_snapshot(parts)
    agreement(parts)


@embedded
def test_empty_store_has_no_journal(parts: Parts) -> None:
    """Nothing was journalled: that is said, not guessed."""
    with state_of(parts) as state:
        assert (state.complete_until, state.segments, state.findings) == (None, 0, [])
        assert list(state.rows("unit")) == []


# --- doctor ---


def test_doctor_tells_of_the_journal(parts: Parts) -> None:
    """How far it is, and whether anything keeps it from going on."""
    assert _doctor(parts) == (True, "not begun; nothing waits")
    with parts.database.writing() as session:
        session.add(Fonds(code="Z109", name="全宗"))
    write_journal_now(parts)
    ok, says = _doctor(parts)
    assert ok
    assert says.startswith("segment 1, complete until 20")
    assert says.endswith("; nothing waits")


def _doctor(parts: Parts) -> tuple[bool, str]:
    found = {finding.part: finding for finding in diagnose(parts.settings)}["journal"]
    return found.ok, found.says
