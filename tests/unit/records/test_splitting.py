"""Batches are divided by their rule, however large, whoever dies meanwhile; pages scanned before are flagged."""

import io
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

import numpy as np
import pytest
from PIL import Image, ImageDraw
from sqlalchemy import event, insert, select
from sqlalchemy.orm import Session

from archive.catalogue.models import Box, Control, Item, ItemState, Retention
from archive.digitization.intake import stage
from archive.digitization.light_table.board import board_of
from archive.digitization.lines import file_lines
from archive.digitization.models import (
    Batch,
    BatchFile,
    BatchSource,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageRole,
    PageState,
    SplitRule,
    Splitting,
)
from archive.digitization.progress import progress_of
from archive.digitization.proposing import settle
from archive.digitization.separators.models import SeparatorSet
from archive.digitization.separators.sets import SeparatorSetService
from archive.digitization.separators.twins import seen_before, twin_findings, twin_of
from archive.digitization.service import IntakeService
from archive.digitization.splitting import split
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM
from archive.platform.db import new_id
from archive.platform.guard import Guard
from archive.platform.parts import Parts
from ingest.context import Line, PageText, Sheet
from ingest.steps.fingerprint import fingerprint
from ingest.steps.separators import SheetCode
from tests.factories.accepted import accept, file_item
from tests.factories.organisation import Organisation
from tests.factories.worn_sheets import printed
from tests.unit.records.databases import on_both_databases

RunJobs = Callable[[], int]

_BOX = "Z109-2021-Y-BGS-7"
WHITE = np.full((60, 60, 3), 255, np.uint8)


def opened(
    parts: Parts, organisation: Organisation, splitting: Splitting, files: Sequence[tuple[str, bytes]], person: Person
) -> str:
    """The id of a complete batch of these files."""
    batch_id = new_id()
    staged = [stage(parts.store, batch_id, io.BytesIO(data), name) for name, data in files]
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, SYSTEM, parts.settings.zone)
        category = intake.default_category(electronic_only=False)
        batch = intake.open_batch(person, category, BatchSource.UPLOAD, batch_id=batch_id, splitting=splitting)
        for file in staged:
            intake.add_file(batch, file)
        intake.complete(batch)
    return batch_id


def scans(pages: Sequence[Image.Image]) -> bytes:
    """A TIFF of these pages."""
    out = io.BytesIO()
    pages[0].save(out, "TIFF", save_all=True, append_images=pages[1:], compression="tiff_deflate", dpi=(100, 100))
    return out.getvalue()


def written(mark: str) -> Image.Image:
    """A page with a few signs on it."""
    page = Image.new("RGB", (300, 420), "white")
    ImageDraw.Draw(page).text((40, 40), mark, fill="black", font_size=30)
    return page


@on_both_databases
def test_a_stack_with_sheets_becomes_items(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Two sheets of a set of three, the first for a box: two items in order, the box chosen, the third sheet missed."""
    archivist = organisation.people["archivist"]
    with parts.database.writing() as session:
        unit = organisation.units["BGS"]
        session.add(
            Box(
                fonds_id=organisation.category.fonds_id,
                unit_id=unit.id,
                year=2021,
                retention=Retention.PERMANENT,
                number=7,
                created_at=parts.clock(),
            )
        )
        made = SeparatorSetService(session, parts.clock).make(
            archivist, [("box", _BOX), ("plain", ""), ("entry", "消防检查")]
        )
        codes = [SheetCode(made.mark, n, 3, *carried) for n, carried in enumerate(made.carried, 1)]
    first, _second, third = (Image.fromarray(sheet) for sheet in printed(codes, 100))
    stack = [first, written("A1"), written("A2"), third, third, written("B1")]
    batch_id = opened(parts, organisation, Splitting(SplitRule.SEPARATORS), [("扫描.tif", scans(stack))], archivist)
    run_jobs()
    with parts.database.reading() as session:
        batch = session.get_one(Batch, batch_id)
        drafts = session.scalars(select(Draft).where(Draft.batch_id == batch_id).order_by(Draft.position)).all()
        assert [draft.name for draft in drafts] == ["扫描 · 第2–3页", "扫描 · 第6页"]
        assert [draft.state for draft in drafts] == [DraftState.READY] * 2
        assert [draft.separator for draft in drafts] == [f"box:{_BOX}", f"box:{_BOX}\nentry:消防检查"]
        for draft in drafts:
            assert (draft.fields["year"], draft.fields["retention"], draft.fields["unit_id"]) == (2021, "Y", unit.id)
            assert draft.fields["box_id"]
        assert [one["code"] for one in batch.findings] == ["separators_missing"]
        assert [[one["code"] for one in draft.findings] for draft in drafts] == [["separators_missing"], []]
        roles = session.scalars(select(DraftPage.role).order_by(DraftPage.source_page)).all()
        assert [role is PageRole.SEPARATOR for role in roles] == [True, False, False, True, True, False]
        assert session.scalars(select(SeparatorSet.met)).one() == [1, 3]


def test_a_stack_may_come_in_several_files(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Items go over the ends of files, a box holds on in the next file, and a file of sheets alone is no item."""
    codes = [SheetCode("0A1B2C3D4E", 1, 4, "box", _BOX), *(SheetCode("0A1B2C3D4E", n, 4) for n in (2, 3, 4))]
    first, second, third, fourth = (Image.fromarray(sheet) for sheet in printed(codes, 100))
    files = [
        ("甲.tif", scans([first, written("A1")])),
        ("乙.tif", scans([written("A2"), second, written("B1")])),
        ("丙.tif", scans([third, fourth])),
        ("丁.tif", scans([written("D1")])),
    ]
    archivist = organisation.people["archivist"]
    batch_id = opened(parts, organisation, Splitting(SplitRule.SEPARATORS), files, archivist)
    run_jobs()
    with parts.database.reading() as session:
        batch = session.get_one(Batch, batch_id)
        drafts = session.scalars(select(Draft).order_by(Draft.position)).all()
        assert [draft.name for draft in drafts] == ["甲 – 乙", "乙 · 第3页", "丁.tif"]
        places = [[(page.file.name, page.source_page) for page in draft.pages] for draft in drafts]
        assert places == [[("甲.tif", 1), ("乙.tif", 0)], [("乙.tif", 2)], [("丁.tif", 0)]]
        assert [draft.separator for draft in drafts] == [f"box:{_BOX}"] * 3
        assert (batch.findings, [draft.state for draft in drafts]) == ([], [DraftState.READY] * 3)
        assert file_lines(session, batch, 1).files == []


def test_a_batch_of_nothing_but_sheets_ends(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """No item comes of it, nothing waits for ever, and the sheets stay to be seen on the light table."""
    sheets = [Image.fromarray(sheet) for sheet in printed([SheetCode("0A1B2C3D4E", n, 2) for n in (1, 2)], 100)]
    files = [("甲.tif", scans(sheets[:1])), ("乙.tif", scans(sheets[1:]))]
    archivist = organisation.people["archivist"]
    batch_id = opened(parts, organisation, Splitting(SplitRule.SEPARATORS), files, archivist)
    run_jobs()
    with parts.database.reading() as session:
        batch = session.get_one(Batch, batch_id)
        assert session.scalars(select(Draft)).all() == []
        assert not progress_of(session, batch, parts.clock()).working
        assert [len(board_of(session, batch, 1, 1, parts.clock()).sheets), split(parts, batch_id)] == [2, []]


def test_a_sheet_for_an_unknown_box_is_doubtful(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Nothing is put anywhere; the draft says which label nobody knows."""
    sheet = Image.fromarray(printed([SheetCode("0A1B2C3D4E", 1, 1, "box", "Z109-1999-Y-XXX-1")], 100)[0])
    archivist = organisation.people["archivist"]
    opened(parts, organisation, Splitting(SplitRule.SEPARATORS), [("a.tif", scans([sheet, written("A")]))], archivist)
    run_jobs()
    with parts.database.reading() as session:
        draft = session.scalars(select(Draft)).one()
        assert [one["code"] for one in draft.findings] == ["box_unknown"]
        assert not draft.fields["box_id"]


def test_a_whole_file_with_sheets_inside_is_doubtful(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs
) -> None:
    """Where each file is one item nothing is divided or dropped, but the draft says that sheets are in it."""
    sheet = Image.fromarray(printed([SheetCode("0A1B2C3D4E", 1, 1)], 100)[0])
    stack = scans([written("A"), sheet, written("B")])
    opened(parts, organisation, Splitting(), [("a.tif", stack)], organisation.people["archivist"])
    run_jobs()
    with parts.database.reading() as session:
        draft = session.scalars(select(Draft)).one()
        assert [(one["code"], one["value"]) for one in draft.findings] == [("separators_unasked", {"sheets": 1})]
        assert len(draft.pages) == 3


def test_blank_sheets_are_kept_and_shown(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """A blank sheet divides; it stays in the batch as a sheet between items, with its picture."""
    stack = [written("A"), Image.new("RGB", (300, 420), "white"), written("B")]
    archivist = organisation.people["archivist"]
    opened(parts, organisation, Splitting(SplitRule.BLANK), [("a.tif", scans(stack))], archivist)
    run_jobs()
    with parts.database.reading() as session:
        assert [draft.name for draft in session.scalars(select(Draft).order_by(Draft.position))] == [
            "a · 第1页",
            "a · 第3页",
        ]
        sheet = session.scalars(select(DraftPage).where(DraftPage.role == PageRole.SEPARATOR)).one()
        assert (sheet.source_page, sheet.draft_id, sheet.blank) == (1, None, True)
        with parts.store.open(sheet.thumbnail_key) as picture:
            assert picture.read()


def read_batch(parts: Parts, organisation: Organisation, pages: int, each: int) -> str:
    """A batch of so many read pages, a patch page before each so many; as jobs would have left it."""
    batch_id = opened(
        parts, organisation, Splitting(SplitRule.SEPARATORS), [("a.tif", b"none")], organisation.people["archivist"]
    )
    with parts.database.writing() as session:
        file = session.scalars(select(BatchFile).where(BatchFile.batch_id == batch_id)).one()
        file.state = FileState.OPENED
        rows = []
        for at in range(pages):
            sheet = None if at % each else asdict(Sheet("patch"))
            role = PageRole.CONTENT if at % each else PageRole.SEPARATOR
            own = {"id": new_id(), "batch_id": batch_id, "file_id": file.id, "source_page": at}
            rows.append({**own, "state": PageState.DONE, "role": role, "sheet": sheet})
        session.execute(insert(DraftPage), rows)
    return batch_id


@on_both_databases
def test_large_batches_take_few_statements(parts: Parts, organisation: Organisation) -> None:
    """However many pages: the number of statements stays the same, and a second try changes nothing."""
    counts = []
    for pages in (40, 1200):
        batch_id = read_batch(parts, organisation, pages, 4)
        statements: list[str] = []

        def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
            statements.append(statement)  # noqa: B023

        event.listen(parts.database.engine, "before_cursor_execute", note)
        drafts = split(parts, batch_id)
        event.remove(parts.database.engine, "before_cursor_execute", note)
        assert not [one for one in statements if "draft_page.content" in one]
        assert len(drafts) == pages // 4
        counts.append(len(statements))
        assert split(parts, batch_id) == drafts
        with parts.database.reading() as session:
            sizes = select(DraftPage.draft_id).where(DraftPage.batch_id == batch_id, DraftPage.draft_id.is_not(None))
            assert len(session.scalars(sizes).all()) == pages // 4 * 3
    assert counts[1] <= counts[0] + 10


def text_of(*lines: str) -> PageText:
    """A page with these lines."""
    made = []
    for at, line in enumerate(lines):
        top, edges = 20.0 + 30 * at, tuple(n / len(line) for n in range(len(line) + 1))
        made.append(Line(line, ((20.0, top), (180.0, top), (180.0, top + 20), (20.0, top + 20)), edges, 0.9))
    return PageText(200, 280, tuple(made), "drawn 1")


LETTER = (
    "关于开展2021年度消防安全检查的通知",
    "各部门：为加强消防安全管理，经研究决定，自3月8日起开展消防安全检查。请各部门于3月20日前完成自查，",
    "并将整改情况报行政处。联系人：王芳，电话：62150812。",
)


def draft_of(session: Session, batch: Batch, *texts: PageText, state: DraftState = DraftState.READY) -> Draft:
    """A draft whose pages say this."""
    file = batch.files[0]
    taken = session.scalars(select(DraftPage.source_page).where(DraftPage.file_id == file.id)).all()
    draft = Draft(id=new_id(), batch_id=batch.id, position=len(taken) + 1, name="a", state=state)
    session.add(draft)
    session.flush()
    for number, text in enumerate(texts, 1):
        session.add(
            DraftPage(
                batch_id=batch.id,
                file_id=file.id,
                source_page=len(taken) + number - 1,
                draft_id=draft.id,
                number=number,
                state=PageState.DONE,
                content=text.to_json(),
                fingerprint=fingerprint(WHITE, text),
            )
        )
    session.flush()
    return draft


def test_pages_scanned_before_are_flagged(parts: Parts, organisation: Organisation) -> None:
    """The same letter again, read with two errors, is flagged with its twin; the next form of its kind is not."""
    archivist, stranger = organisation.people["archivist"], organisation.people["engineer"]
    batch_id = opened(parts, organisation, Splitting(), [("a.tif", b"x")], archivist)
    again = tuple(line.replace("整改", "整攺").replace("检查", "检査", 1) for line in LETTER)
    form = tuple(line.replace("62150812", "62150937").replace("王芳", "李建国") for line in LETTER)
    with parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id)
        first = draft_of(session, batch, text_of(*LETTER), text_of("附件"))
        second = draft_of(session, batch, text_of("封面"), text_of(*again))
        third = draft_of(session, batch, text_of(*form))
        gone = draft_of(session, batch, text_of(*form), state=DraftState.DISCARDED)
        twice = draft_of(session, batch, text_of("一份完全不同的会议记录，出席人员较多，讨论年度预算与决算事项。"))
        twice_too = draft_of(
            session, batch, *[text_of("另一份关于设备采购的合同，甲乙双方就价款与交付期限达成一致。")] * 2
        )
        value = {"page": 2, "twin_page": 1, "kind": "draft", "twin": first.id}
        found = twin_findings(session, second.id)
        assert [(one["code"], one["value"]) for one in found] == [("near_duplicate", value)]
        assert [twin_findings(session, one.id) for one in (third, twice)] == [[], []]
        doubled = twin_findings(session, twice_too.id)
        assert [(one["code"], one["value"]["page"]) for one in doubled] == [("page_doubled", 2)]
        guard = Guard(session, parts.clock)
        twin = twin_of(found[0], session, guard, archivist)
        assert twin is not None
        assert (twin.kind, twin.id, twin.page) == ("draft", first.id, 1)
        assert twin_of(found[0], session, guard, stranger) is None
        assert gone.id not in {one["value"]["twin"] for one in twin_findings(session, third.id)}


def test_filed_twins_are_known(parts: Parts, organisation: Organisation) -> None:
    """A page that was filed is found again by its fingerprint; whoever may not know of the item gets no link."""
    archivist, stranger = organisation.people["archivist"], organisation.people["engineer"]
    new = accept(parts, organisation, pages=1, control=Control.WORK_SECRET)
    (file,) = new.files
    page = replace(file.pages[0], text=text_of(*LETTER), fingerprint=fingerprint(WHITE, text_of(*LETTER)))
    item = file_item(parts, organisation, replace(new, files=(replace(file, pages=(page,)),)))
    batch_id = opened(parts, organisation, Splitting(), [("a.tif", b"x")], archivist)
    with parts.database.writing() as session:
        draft = draft_of(session, session.get_one(Batch, batch_id), text_of("封面"), text_of(*LETTER))
        (found,) = twin_findings(session, draft.id)
        assert found["value"] == {"page": 2, "twin_page": 1, "kind": "item", "twin": item.id}
        guard = Guard(session, parts.clock)
        twin = twin_of(found, session, guard, archivist)
        assert twin is not None
        assert (twin.kind, twin.id) == ("item", item.id)
        assert twin_of(found, session, guard, stranger) is None
        session.get_one(Item, item.id).state = ItemState.DESTROYED
        session.flush()
        assert twin_findings(session, draft.id) == []


@pytest.mark.parametrize(
    ("other", "same"),
    [
        (LETTER, True),
        (tuple(line.replace("消防", "消昉", 1) for line in LETTER), True),
        (tuple(line.replace("62150812", "62150813") for line in LETTER), False),
        (LETTER[:2], False),
        (("一份完全不同的文件",), False),
    ],
)
def test_readings_of_one_page_differ_in_single_signs(other: Sequence[str], same: bool) -> None:
    """Errors of recognition are single signs and no figures; what somebody filled in is more."""
    assert seen_before("\n".join(LETTER), "\n".join(other)) is same


def test_settling_again_keeps_what_the_division_said(parts: Parts, organisation: Organisation) -> None:
    """Findings of the division stay when a draft is settled anew; twins are looked for again."""
    archivist = organisation.people["archivist"]
    batch_id = opened(parts, organisation, Splitting(), [("a.tif", b"x")], archivist)
    with parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id)
        draft = draft_of(session, batch, text_of(*LETTER), state=DraftState.RECOGNISING)
        gone = {"page": 1, "twin_page": 1, "kind": "draft", "twin": new_id()}
        draft.findings = [
            {"code": "pages_short", "page": None, "value": {}},
            {"code": "near_duplicate", "page": None, "value": gone},
        ]
        draft_id = draft.id
    settle(parts, draft_id)
    with parts.database.reading() as session:
        assert [one["code"] for one in session.get_one(Draft, draft_id).findings] == ["pages_short"]
