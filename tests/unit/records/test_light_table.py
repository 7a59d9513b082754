"""The light table: whatever is done to the pages of a batch, each is in one place, and every act can be undone."""

import io
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.catalogue.models import Page
from archive.digitization.fields import DraftFields
from archive.digitization.intake import stage
from archive.digitization.light_table.rows import Place
from archive.digitization.light_table.service import OPEN_DRAFTS, LightTableService
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
    PageRole,
    PageState,
)
from archive.digitization.reasons import EMPTIED
from archive.digitization.review import DraftService
from archive.digitization.service import IntakeService
from archive.digitization.sweep import sweep_intake
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM, Actor
from archive.platform.errors import ConflictError, DangguiError
from archive.platform.parts import Parts
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]

#: ids of drafts -> how a person saw them arranged
Seen = dict[str, int]

#: where each page is: role, draft, number
Arrangement = dict[str, tuple[PageRole, str | None, int | None]]


@dataclass(frozen=True)
class Table:
    """A batch in the hands of one person."""

    session: Session
    batch: Batch
    service: LightTableService

    @property
    def seen(self) -> Seen:
        """What a person who looks at it now has seen."""
        open_drafts = select(Draft.id, Draft.arrangement).where(Draft.batch_id == self.batch.id)
        return dict(self.session.execute(open_drafts.where(Draft.state.in_(OPEN_DRAFTS))).all())

    @property
    def all_seen(self) -> Seen:
        """The same with drafts that have no pages now."""
        drafts = select(Draft.id, Draft.arrangement).where(Draft.batch_id == self.batch.id)
        wanted = drafts.where(Draft.state.in_(OPEN_DRAFTS) | (Draft.reason == EMPTIED))
        return dict(self.session.execute(wanted).all())

    @property
    def arrangement(self) -> Arrangement:
        """Where everything is."""
        columns = select(DraftPage.id, DraftPage.role, DraftPage.draft_id, DraftPage.number)
        wanted = columns.where(DraftPage.batch_id == self.batch.id)
        return {page: (role, draft, number) for page, role, draft, number in self.session.execute(wanted)}

    @property
    def rows(self) -> dict[str, list[str]]:
        """The pages of each draft that has some, drafts and pages in order."""
        columns = select(DraftPage.draft_id, DraftPage.id).join(Draft, DraftPage.draft_id == Draft.id)
        wanted = columns.where(DraftPage.batch_id == self.batch.id).order_by(Draft.position, DraftPage.number)
        rows: dict[str, list[str]] = {}
        for draft, page in self.session.execute(wanted):
            rows.setdefault(str(draft), []).append(page)
        return rows


@contextmanager
def at_table(parts: Parts, batch_id: str, person: Person) -> Iterator[Table]:
    """The batch, in one transaction."""
    with parts.database.writing() as session:
        service = LightTableService(session, parts.clock, Actor(person.id, person.name))
        yield Table(session, session.get_one(Batch, batch_id), service)


@pytest.fixture
def read_batch(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> str:
    """A batch of two files of four pages each, read, one draft each."""
    files = [("甲.tif", tiff(4, "a")), ("乙.tif", tiff(4, "b"))]
    batch, _ = take_in(parts, organisation.people["archivist"], organisation.category, files)
    run_jobs()
    return batch.id


def test_items_are_called_by_the_pages_they_have(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, read_batch: str
) -> None:
    """Split, both are called anew, and so are their titles, unless typed; undone, the first is its file again."""
    person = organisation.people["archivist"]

    def names(column: Any) -> list[Any]:
        with parts.database.reading() as session:
            wanted = select(column).where(Draft.batch_id == read_batch, Draft.state.in_(OPEN_DRAFTS))
            return list(session.scalars(wanted.order_by(Draft.position)))

    with parts.database.writing() as session:
        first = session.scalars(select(Draft).where(Draft.name == "甲.tif")).one()
        service = DraftService(session, parts.clock, Actor(person.id, person.name))
        service.correct(first, first.revision, replace(DraftFields.from_json(first.fields), title="值班表"))
    with at_table(parts, read_batch, person) as table:
        (_, row_a), (_, row_b) = table.rows.items()
        table.service.split(table.batch, table.seen, row_a[1])
        undo = table.service.split(table.batch, table.seen, row_b[2])
    run_jobs()
    assert names(Draft.name) == ["甲 · 第1页", "甲 · 第2–4页", "乙 · 第1–2页", "乙 · 第3–4页"]
    assert names(Draft.fields["title"].as_string()) == ["值班表", "甲 · 第2–4页", "乙 · 第1–2页", "乙 · 第3–4页"]
    with at_table(parts, read_batch, person) as table:
        table.service.put_back(table.batch, table.all_seen, undo)
        second = list(table.rows)[1]
        table.service.move(table.batch, table.seen, [row_a[3]], second, row_a[1])
    assert names(Draft.name) == ["甲 · 第1页", "甲 · 第2–4页", "乙.tif"]


def test_more_drafts_than_a_statement_takes_are_only_unknown(
    parts: Parts, organisation: Organisation, read_batch: str
) -> None:
    """Whoever sends that he saw forty thousand drafts is told that something changed, and nothing breaks."""
    with (
        at_table(parts, read_batch, organisation.people["archivist"]) as table,
        pytest.raises(ConflictError, match="调整"),
    ):
        table.service.merge(table.batch, {str(n): 0 for n in range(40_000)}, "1", "2")


# --- whatever is done


def _enter(session: Session, organisation: Organisation, clock: SetClock) -> Batch:
    """A batch of three files, read, without bytes."""
    category = organisation.category
    batch = Batch(
        number="20210305-09",
        source=BatchSource.UPLOAD,
        fonds_id=category.fonds_id,
        category_id=category.id,
        created_by=organisation.people["archivist"].id,
        created_at=clock(),
    )
    session.add(batch)
    session.flush()
    for position in (1, 2, 3):
        file = BatchFile(
            batch_id=batch.id,
            position=position,
            name=f"{position}.tif",
            intake_key=f"intake/{batch.id}/{position}",
            size=1,
            sha256=f"{position}" * 64,
            state=FileState.OPENED,
        )
        session.add(file)
        session.flush()
        draft = Draft(id=file.id, batch_id=batch.id, position=position, name=file.name, state=DraftState.READY)
        session.add(draft)
        session.flush()
        page = {"batch_id": batch.id, "file_id": file.id, "draft_id": draft.id, "state": PageState.DONE}
        session.add_all(DraftPage(**page, source_page=n, number=n + 1) for n in range(4))
    session.flush()
    return batch


class Chance:
    """What hypothesis draws, for a person at the table."""

    def __init__(self, table: Table, data: st.DataObject) -> None:
        self._data = data
        self.table, self.rows = table, table.rows
        places = table.arrangement
        self.in_drafts = [page for row in self.rows.values() for page in row]
        self.of_role = {role: [page for page, place in places.items() if place[0] is role] for role in PageRole}

    def one(self, of: list[Any]) -> Any:
        """One of several; None if there is none."""
        return self._data.draw(st.sampled_from(of)) if of else None

    def some(self, of: list[str]) -> list[str]:
        """Some of several."""
        return self._data.draw(st.lists(st.sampled_from(of), min_size=1, max_size=5, unique=True)) if of else []


def _move(at: Chance, on: LightTableService, batch: Batch, seen: Seen) -> Any:
    pages, draft = at.some(at.in_drafts), at.one(list(at.rows))
    return on.move(batch, seen, pages, draft, at.one([*(p for p in at.rows[draft] if p not in pages), None]))


#: what a person may do; what it returns undoes it
_ACTS: dict[str, Callable[[Chance, LightTableService, Batch, Seen], Any]] = {
    "move": _move,
    "gather": lambda at, on, batch, seen: on.gather(batch, seen, at.some(at.in_drafts), at.one([*at.rows, None])),
    "split": lambda at, on, batch, seen: on.split(batch, seen, at.one(at.in_drafts)),
    "merge": lambda at, on, batch, seen: on.merge(batch, seen, at.one(list(at.rows)), at.one(list(at.rows))),
    "rotate": lambda at, on, batch, seen: on.rotate(batch, seen, at.some(at.in_drafts), at.one([90, 180, 270])),
    "remove": lambda at, on, batch, seen: on.remove(batch, seen, at.some(at.in_drafts)),
    "restore": lambda at, on, batch, seen: on.restore(batch, at.some(at.of_role[PageRole.REMOVED])),
    "separate": lambda at, on, batch, seen: on.separate(batch, seen, at.one(at.in_drafts)),
    "place": lambda at, on, batch, seen: on.move(
        batch, seen, at.some(at.of_role[PageRole.SEPARATOR]), at.one(list(at.rows))
    ),
}


def _check(table: Table, pages: int) -> None:
    """Every page is in exactly one place; numbers run from 1 without gaps; only content is in drafts."""
    places = table.arrangement
    assert len(places) == pages
    numbers: dict[str, list[int]] = {}
    for role, draft, number in places.values():
        assert (draft is None) == (number is None)
        if draft is not None and number is not None:
            assert role is PageRole.CONTENT
            numbers.setdefault(draft, []).append(number)
    assert all(sorted(row) == list(range(1, len(row) + 1)) for row in numbers.values())
    assert numbers.keys() == table.seen.keys()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_every_page_is_in_one_place(
    parts: Parts, organisation: Organisation, clock: SetClock, data: st.DataObject
) -> None:
    """After any acts no page is lost or doubled and numbers have no gaps; undone, an act leaves what was before it."""
    session = parts.database.session(writes=True)
    try:
        batch = _enter(session, organisation, clock)
        table = Table(session, batch, LightTableService(session, clock, Actor("p", "沈鉴")))
        for _step in range(data.draw(st.integers(1, 6))):
            before = table.arrangement
            undo = _try(table, data)
            _check(table, len(before))
            if undo is not None and data.draw(st.booleans()):
                after = table.arrangement
                again = table.service.put_back(batch, table.all_seen, undo)
                assert table.arrangement == before
                table.service.put_back(batch, table.all_seen, again)
                assert table.arrangement == after
                _check(table, len(before))
    finally:
        session.rollback()
        session.close()


def _try(table: Table, data: st.DataObject) -> list[Place] | None:
    """One act; what is not possible just now is refused, and leaves everything as it was."""
    before, chance = table.arrangement, Chance(table, data)
    if not table.rows:
        table.service.restore(table.batch, chance.of_role[PageRole.REMOVED])
        return None
    try:
        undo: list[Place] | None = _ACTS[chance.one(list(_ACTS))](chance, table.service, table.batch, table.seen)
    except DangguiError:
        assert table.arrangement == before
        return None
    return undo


# --- each act, with its work


@on_both_databases
def test_an_order_made_by_hand_is_what_is_filed(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, read_batch: str
) -> None:
    """Split, joined, reordered, turned and thinned out: the item has exactly these pages, in this order."""
    person = organisation.people["archivist"]
    with at_table(parts, read_batch, person) as table:
        (first, row_a), (second, row_b) = table.rows.items()
        table.service.split(table.batch, table.seen, row_a[2])
        table.service.merge(table.batch, table.seen, first, second)
        table.service.move(table.batch, table.seen, [row_b[3], row_b[0]], first, row_a[0])
        table.service.remove(table.batch, table.seen, [row_b[1]])
        table.service.rotate(table.batch, table.seen, [row_a[0]], 90)
        wanted = [row_b[3], row_b[0], row_a[0], row_a[1], row_b[2]]
        assert list(table.rows.values()) == [wanted, row_a[2:]]
    run_jobs()
    with parts.database.writing() as session:
        draft = session.get_one(Draft, first)
        assert draft.state is DraftState.READY
        fields = replace(DraftFields.from_json(draft.fields), title="合订", electronic_only=True)
        DraftService(session, parts.clock, Actor(person.id, person.name)).accept(draft, draft.revision, fields, person)
    run_jobs()
    with parts.database.reading() as session:
        pages = session.scalars(select(Page).where(Page.item_id == first).order_by(Page.number)).all()
        assert [(page.number, page.rotation) for page in pages] == [(1, 0), (2, 0), (3, 90), (4, 0), (5, 0)]
        assert [page.file.name[0] for page in pages] == ["乙", "乙", "甲", "甲", "乙"]
        assert [page.source_page for page in pages] == [2, 0, 0, 1, 1]


def test_what_was_typed_stays(parts: Parts, organisation: Organisation, run_jobs: RunJobs, read_batch: str) -> None:
    """When pages come, the fields are proposed anew, but for those a person typed; the reviewer notices the change."""
    person = organisation.people["archivist"]
    with parts.database.writing() as session:
        first, second = session.scalars(select(Draft).where(Draft.batch_id == read_batch).order_by(Draft.position))
        service = DraftService(session, parts.clock, Actor(person.id, person.name))
        service.correct(first, first.revision, replace(DraftFields.from_json(first.fields), title="我写的题名"))
        session.flush()
        seen, year = first.revision, first.fields["year"]
    with at_table(parts, read_batch, person) as table:
        table.service.merge(table.batch, table.seen, first.id, second.id)
    run_jobs()
    with parts.database.reading() as session:
        draft = session.get_one(Draft, first.id)
        assert (draft.state, draft.fields["title"], draft.fields["year"]) == (DraftState.READY, "我写的题名", year)
        assert draft.revision > seen
        assert session.get_one(Draft, second.id).reason == EMPTIED


@on_both_databases
def test_the_second_at_the_table_is_told(parts: Parts, organisation: Organisation, read_batch: str) -> None:
    """Who acts on what somebody else has changed since is refused, told by whom, and nothing is changed."""
    first, second = organisation.people["archivist"], organisation.people["archivist2"]
    with at_table(parts, read_batch, second) as table:
        seen, rows = table.seen, table.rows
    draft, row = next(iter(rows.items()))
    with at_table(parts, read_batch, first) as table:
        table.service.rotate(table.batch, table.seen, [row[0]], 180)
    with pytest.raises(ConflictError, match=first.name), at_table(parts, read_batch, second) as table:
        table.service.remove(table.batch, seen, [row[0]])
    with pytest.raises(ConflictError), at_table(parts, read_batch, second) as table:
        table.service.move(table.batch, {}, [row[0]], draft)
    with at_table(parts, read_batch, second) as table:
        assert table.rows == rows


def test_nothing_of_what_is_filed_is_touched(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, read_batch: str
) -> None:
    """An accepted draft, and a batch that was cancelled, refuse every act; who accepted is named."""
    person = organisation.people["archivist"]
    with at_table(parts, read_batch, person) as table:
        seen, (row, _other) = table.seen, table.rows.values()
        draft = table.session.get_one(Draft, next(iter(table.rows)))
        fields = replace(DraftFields.from_json(draft.fields), electronic_only=True)
        DraftService(table.session, parts.clock, Actor(person.id, person.name)).accept(
            draft, draft.revision, fields, person
        )
    with pytest.raises(ConflictError, match=person.name), at_table(parts, read_batch, person) as table:
        table.service.split(table.batch, seen, row[1])
    with parts.database.writing() as session:
        session.get_one(Batch, read_batch).state = BatchState.CANCELLED
    with pytest.raises(ConflictError, match="取消"), at_table(parts, read_batch, person) as table:
        table.service.restore(table.batch, [row[0]])


def test_a_page_is_replaced(parts: Parts, organisation: Organisation, run_jobs: RunJobs, read_batch: str) -> None:
    """A file of one page takes the place of a page, which can be put back; it is read as every other."""
    person = organisation.people["archivist"]
    new = _added(parts, read_batch, tiff(1, "neu"))
    with at_table(parts, read_batch, person) as table:
        draft, row = next(iter(table.rows.items()))
        file = table.session.get_one(BatchFile, new)
        table.service.insert(table.batch, table.seen, file, row[1], replace=True)
    run_jobs()
    with at_table(parts, read_batch, person) as table:
        shown = [table.session.get_one(DraftPage, page) for page in table.rows[draft]]
        assert [page.file_id == new for page in shown] == [False, True, False, False]
        assert all(page.state is PageState.DONE for page in shown)
        assert table.session.scalar(select(func.count()).where(DraftPage.file_id == new)) == 1
        table.service.restore(table.batch, [row[1]])
        assert table.rows[draft] == [row[0], row[1], shown[1].id, *row[2:]]


def _added(parts: Parts, batch_id: str, data: bytes) -> str:
    """A file more in a batch; its id."""
    staged = stage(parts.store, batch_id, io.BytesIO(data), "补扫.tif")
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, SYSTEM, parts.settings.zone)
        return intake.add_file(session.get_one(Batch, batch_id), staged).id


def test_bytes_stay_as_long_as_they_can_be_put_back(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, read_batch: str, clock: SetClock
) -> None:
    """Removed pages and given-up drafts keep bytes and pictures for 30 days; then these go, with their texts."""
    person = organisation.people["archivist"]
    with at_table(parts, read_batch, person) as table:
        (first, row_a), (second, row_b) = table.rows.items()
        table.service.remove(table.batch, table.seen, row_a)
        table.service.discard(table.batch, table.seen, second)
    sweep_intake(parts)
    assert _kept(parts, read_batch) == 10
    clock.pass_time(RECOVERABLE - timedelta(days=1))
    sweep_intake(parts)
    with at_table(parts, read_batch, person) as table:
        table.service.restore(table.batch, row_a[:1])
        table.service.restore_draft(table.batch, second)
        assert table.rows == {first: row_a[:1], second: row_b}
    run_jobs()
    clock.pass_time(timedelta(days=2))
    sweep_intake(parts)
    assert _kept(parts, read_batch) == 2 + 1 + 4
    with pytest.raises(ConflictError, match="30 天"), at_table(parts, read_batch, person) as table:
        table.service.restore(table.batch, row_a[1:2])
    with parts.database.reading() as session:
        words: Mapping[str, Any] = {page: session.get_one(DraftPage, page).content for page in row_a}
    assert [words[page] is None for page in row_a] == [False, True, True, True]


def _kept(parts: Parts, batch_id: str) -> int:
    return sum(1 for _stored in parts.store.list(f"intake/{batch_id}/"))
