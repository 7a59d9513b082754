"""Text corrected by hand in intake: it counts, it stays whatever is read later, and nobody overwrites another."""

from collections.abc import Callable
from dataclasses import asdict
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.digitization.correction import CorrectionService, MarkRevealedError, seen_of, text_of
from archive.digitization.light_table.service import LightTableService
from archive.digitization.models import Draft, DraftPage, DraftState, PageState
from archive.digitization.proposing import propose_anew
from archive.digitization.reading import queue_pages
from archive.platform.actor import SYSTEM
from archive.platform.audit.models import AuditEntry
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.jobs.service import JobQueue
from archive.platform.parts import Parts
from ingest.context import PageText, Proposal
from ingest.correction import turn_text
from tests.factories.drawn_pages import drawn_page
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]

LINES = ("关于开展消访检查的通知", "江海办〔2021〕31号", "各部门：", "请于本月底前完成自查。")
_, READ = drawn_page(LINES)


@pytest.fixture
def draft_id(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> str:
    """A draft of one page that waits for review, read like READ, its title from the first line."""
    _, (file,) = take_in(parts, organisation.people["archivist"], organisation.category, [("一.tif", tiff(1))])
    run_jobs()
    with parts.database.writing() as session:
        draft = session.get_one(Draft, file.id)
        draft.pages[0].content = READ.to_json()
        draft.proposals = [asdict(Proposal("title", LINES[0], 0.9, 1, 0)), asdict(Proposal("issuer", "", 0.9))]
    return file.id


def _open(session: Session, parts: Parts, draft_id: str) -> tuple[CorrectionService, Draft, DraftPage]:
    draft = session.get_one(Draft, draft_id)
    return CorrectionService(session, parts.clock, SYSTEM), draft, draft.pages[0]


def _sent(*texts: str) -> list[dict[str, object]]:
    return [{"text": text, "index": index} for index, text in enumerate(texts)]


NOWHERE: tuple[list[Any], ...] = (["a"] * 4, [1, 2, 3], [5, 5, 5, 5], [0, 0, 10, 99999], [float("nan")] * 4)
WRONG: tuple[Any, ...] = (
    None,
    {},
    [1],
    [{"text": 1}],
    [{"text": "甲", "index": 99}],
    [{"text": "甲"}],
    [{"text": "字" * 2001}],
    *([{"text": "甲", "box": box}] for box in NOWHERE),
)
RIGHT = _sent(LINES[0].replace("访", "防"), *LINES[1:])


@on_both_databases
def test_a_correction_counts_beside_what_was_read(parts: Parts, draft_id: str) -> None:
    """Words change, places stay to the character, the machine's reading too; the trail holds counts and no word."""
    with parts.database.writing() as session:
        service, draft, page = _open(session, parts, draft_id)
        revision = draft.revision
        service.save(draft, page.id, seen_of(page), RIGHT)
        assert draft.revision == revision  # who has the fields open may still accept them
    with parts.database.reading() as session:
        page = session.scalars(select(DraftPage)).one()
        text = text_of(page)
        assert text is not None
        assert text.lines[0].text == "关于开展消防检查的通知"
        assert text.lines[0].quad == READ.lines[0].quad
        assert text.lines[0].edges == pytest.approx(READ.lines[0].edges, abs=1e-4)
        assert PageText.from_json(page.content or {}) == READ
        entry = session.scalars(select(AuditEntry).where(AuditEntry.action.like("%text_corrected"))).one()
        assert (entry.details["page"], entry.details["changed"], entry.details["removed"]) == (1, 1, 0)
        assert "消防" not in str(entry.details)


@on_both_databases
def test_lines_come_and_go_and_places_follow(parts: Parts, draft_id: str) -> None:
    """A line that is left out is gone, one with a box is new; values read from the others keep their places."""
    with parts.database.writing() as session:
        service, draft, page = _open(session, parts, draft_id)
        added = {"text": "特急", "box": [100, 10, 200, 60]}
        lines = [added, RIGHT[0], *RIGHT[2:], {"text": "抄送：存档", "box": [100, 900, 600, 960]}]
        service.save(draft, page.id, seen_of(page), lines)
        text = text_of(page)
        assert text is not None
        assert text.text.split("\n") == ["特急", "关于开展消防检查的通知", *LINES[2:], "抄送：存档"]
        assert draft.proposals[0]["line"] == 1
        service.save(draft, page.id, seen_of(page), [{"text": "特急", "index": 0}])
        assert draft.proposals[0]["line"] is None
        service.restore(draft, page.id, seen_of(page))
        assert text_of(page) == READ


@on_both_databases
def test_who_comes_second_is_told(parts: Parts, draft_id: str) -> None:
    """Two people had the page before them; or it was turned meanwhile, or what is sent is no line of it."""
    with parts.database.writing() as session:
        service, draft, page = _open(session, parts, draft_id)
        seen = seen_of(page)
        service.save(draft, page.id, seen, RIGHT)
        with pytest.raises(ConflictError):
            service.save(draft, page.id, seen, RIGHT)
        with pytest.raises(ConflictError):
            service.restore(draft, page.id, seen)
        with pytest.raises(ConflictError):
            service.save(draft, "another", seen_of(page), RIGHT)
        for wrong in WRONG:
            with pytest.raises(InvalidError):
                service.save(draft, page.id, seen_of(page), wrong)
        LightTableService(session, parts.clock, SYSTEM).rotate(
            draft.batch, {draft.id: draft.arrangement}, [page.id], 90
        )
        with pytest.raises(ConflictError):
            service.save(draft, page.id, seen_of(page), RIGHT)


def test_what_no_database_holds_becomes_blank(parts: Parts, draft_id: str) -> None:
    """Signs that are no writing, pasted from anywhere, do not spoil what is kept."""
    with parts.database.writing() as session:
        service, draft, page = _open(session, parts, draft_id)
        service.save(draft, page.id, seen_of(page), [{"text": "甲\x00乙\ud800丙\uffff\n", "index": 0}])
        text = text_of(page)
        assert text is not None
        assert text.text == "甲 乙 丙"


@on_both_databases
def test_later_readings_leave_it_and_turns_turn_it(parts: Parts, draft_id: str, run_jobs: RunJobs) -> None:
    """The page is turned on the light table and read again, then read once more: the correction is there, turned."""
    with parts.database.writing() as session:
        service, draft, page = _open(session, parts, draft_id)
        service.save(draft, page.id, seen_of(page), RIGHT)
        kept = text_of(page)
        table = LightTableService(session, parts.clock, SYSTEM)
        table.rotate(draft.batch, {draft.id: draft.arrangement}, [page.id], 90)
    run_jobs()
    assert kept is not None
    _is_kept(parts, turn_text(kept, 90))
    with parts.database.writing() as session:
        page = session.scalars(select(DraftPage)).one()
        page.state, session.get_one(Draft, draft_id).state = PageState.WAITING, DraftState.RECOGNISING
        queue_pages(JobQueue(session, parts.clock), page.file, 0, 1, mark=":again")
    run_jobs()
    _is_kept(parts, turn_text(kept, 90))


def _is_kept(parts: Parts, text: PageText) -> None:
    with parts.database.reading() as session:
        page = session.scalars(select(DraftPage)).one()
        assert (page.state, page.rotation) == (PageState.DONE, 90)
        assert text_of(page) == text
        assert PageText.from_json(page.content or {}).text != text.text


@on_both_databases
def test_fields_are_read_anew_from_corrected_text(parts: Parts, draft_id: str) -> None:
    """The title follows the correction; what a person typed stays."""
    with parts.database.writing() as session:
        service, draft, page = _open(session, parts, draft_id)
        service.save(draft, page.id, seen_of(page), RIGHT)
        draft.fields, draft.typed = {**draft.fields, "addressee": "全体"}, ["addressee"]
        propose_anew(parts, session, draft)
        assert draft.fields["title"] == "关于开展消防检查的通知"
        assert draft.fields["addressee"] == "全体"


def test_a_mark_of_secrecy_is_not_kept(parts: Parts, draft_id: str) -> None:
    """Words that turn out to bear a mark of state secrecy are handed on to the isolation, and stored nowhere."""
    with parts.database.writing() as session:
        service, draft, page = _open(session, parts, draft_id)
        with pytest.raises(MarkRevealedError) as revealed:
            service.save(draft, page.id, seen_of(page), _sent("机密★10年", *LINES[1:]))
        assert (revealed.value.marked.batch_id, revealed.value.marked.page) == (draft.batch_id, 1)
        assert page.corrected is None
