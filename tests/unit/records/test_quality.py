"""The plan of a batch, the custody of its originals, and the check that stands before filing."""

import io
from collections.abc import Callable

import pytest
from sqlalchemy import select

from archive.digitization.intake import stage
from archive.digitization.light_table.service import LightTableService
from archive.digitization.models import Batch, Draft, DraftPage, DraftState
from archive.digitization.proposing import settle
from archive.digitization.quality.gate import tally
from archive.digitization.quality.models import BatchPlan, CheckOutcome, Counts, SamplingCheck, Verdict
from archive.digitization.quality.overview import issues_of
from archive.digitization.quality.service import Opinion, QualityService
from archive.digitization.service import IntakeService
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.models import AuditEntry
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.parts import Parts
from ingest.context import ColourMode
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]

PLAN = {
    "prepared_by": None,
    "scanned_by": None,
    "checked_by": None,
    "device": "一号机",
    "wanted_dpi": 100,
    "wanted_colour": None,
    "expected_items": 2,
    "expected_sheets": None,
    "expected_pages": 7,
    "check_demanded": True,
    "share": 50.0,
    "least": 1,
    "highest_error": 25.0,
}

GOOD, BAD = Opinion(Verdict.GOOD), Opinion(Verdict.BAD, "blur")


class Line:
    """A batch of two items, four pages and three, that the archivist scanned; what two people do to it."""

    def __init__(self, parts: Parts, organisation: Organisation, run_jobs: RunJobs, **plan: object) -> None:
        self.parts, self.run_jobs = parts, run_jobs
        self.scanner, self.checker = (organisation.people[login] for login in ("archivist", "archivist2"))
        files = [("一.tif", tiff(4)), ("二.tif", tiff(3, "b"))]
        batch, _ = take_in(parts, self.scanner, organisation.category, files, accept=True)
        self.batch_id = batch.id
        with parts.database.writing() as session:
            found = session.get_one(Batch, batch.id)
            found.complete = True
            session.flush()
            self.service(session, self.scanner).save_plan(found, {**PLAN, **plan})
        run_jobs()

    def service(self, session: object, person: Person) -> QualityService:
        return QualityService(session, self.parts.clock, Actor(person.id, person.name))  # type: ignore[arg-type]

    def plan(self, person: Person, **values: object) -> None:
        with self.parts.database.writing() as session:
            self.service(session, person).save_plan(session.get_one(Batch, self.batch_id), {**PLAN, **values})

    def draw(self, person: Person) -> str:
        with self.parts.database.writing() as session:
            return self.service(session, person).draw_sample(session.get_one(Batch, self.batch_id), person).id

    def check(self, check_id: str, *opinions: Opinion, by: Person | None = None) -> None:
        person = by or self.checker
        with self.parts.database.writing() as session:
            service, batch = self.service(session, person), session.get_one(Batch, self.batch_id)
            check = service.check(batch, check_id)
            for position, opinion in enumerate(opinions, 1):
                service.judge(batch, check, position, person, opinion)

    def conclude(self, check_id: str, by: Person | None = None) -> CheckOutcome:
        person = by or self.checker
        with self.parts.database.writing() as session:
            service, batch = self.service(session, person), session.get_one(Batch, self.batch_id)
            check = service.check(batch, check_id)
            service.conclude(batch, check, person)
            return check.outcome

    def states(self) -> list[DraftState]:
        with self.parts.database.reading() as session:
            wanted = select(Draft.state).where(Draft.batch_id == self.batch_id).order_by(Draft.position)
            return list(session.scalars(wanted))


@on_both_databases
def test_files_unseen_only_after_a_check_passed(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """A batch that is filed without review waits for its check; passed by a second person, it is filed at once."""
    line = Line(parts, organisation, run_jobs)
    assert line.states() == [DraftState.READY, DraftState.READY]
    check = line.draw(line.checker)
    line.check(check, GOOD, GOOD, GOOD, BAD)
    assert line.conclude(check) is CheckOutcome.PASSED
    run_jobs()
    assert line.states() == [DraftState.ACCEPTED, DraftState.ACCEPTED]
    with parts.database.reading() as session:
        passed = session.scalars(select(AuditEntry).where(AuditEntry.action == "digitization:sample:passed")).one()
        kept = session.get_one(SamplingCheck, check)
        assert (kept.concluded_by, tally(session, kept).error_rate) == (line.checker.id, 25)
    assert (passed.actor_id, passed.details) == (line.checker.id, {"number": 1, "pages": 4, "failures": 1})


def test_sends_a_bad_batch_back(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Too many bad pages: nothing is filed, every item says so, until a new sample passes."""
    line = Line(parts, organisation, run_jobs)
    first = line.draw(line.checker)
    line.check(first, BAD, BAD)
    assert line.conclude(first) is CheckOutcome.FAILED
    run_jobs()
    with parts.database.reading() as session:
        drafts = session.scalars(select(Draft).where(Draft.batch_id == line.batch_id)).all()
        assert [(draft.state, draft.findings) for draft in drafts] == [
            (DraftState.READY, [{"code": "sample_failed", "value": 50.0}])
        ] * 2
    second = line.draw(line.checker)
    line.check(second, *[GOOD] * 4)
    assert line.conclude(second) is CheckOutcome.PASSED
    run_jobs()
    assert line.states() == [DraftState.ACCEPTED, DraftState.ACCEPTED]


def test_nobody_checks_what_he_scanned(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Who scanned neither draws nor judges nor concludes: the person of the plan, or else who sent the batch."""
    line = Line(parts, organisation, run_jobs)
    with pytest.raises(ConflictError, match="另一人"):
        line.draw(line.scanner)
    check = line.draw(line.checker)
    with pytest.raises(ConflictError, match="另一人"):
        line.check(check, GOOD, by=line.scanner)
    line.check(check, *[GOOD] * 4)
    with pytest.raises(ConflictError, match="另一人"):
        line.conclude(check, by=line.scanner)
    with parts.database.writing() as session:
        service, batch = line.service(session, line.scanner), session.get_one(Batch, line.batch_id)
        with pytest.raises(ConflictError, match="扫描人"):
            service.save_plan(batch, {**PLAN, "scanned_by": line.checker.id})
        with pytest.raises(InvalidError, match="检查人"):
            service.save_plan(batch, {**PLAN, "checked_by": line.scanner.id})


def test_a_check_is_not_hurried(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """No conclusion with pages left, no second sample beside the first, no verdict after the conclusion."""
    line = Line(parts, organisation, run_jobs)
    check = line.draw(line.checker)
    line.check(check, GOOD)
    with pytest.raises(ConflictError, match="还有 3 页"):
        line.conclude(check)
    with pytest.raises(ConflictError, match="还没有结论"):
        line.draw(line.checker)
    with pytest.raises(InvalidError, match="原因"):
        line.check(check, Opinion(Verdict.BAD))
    line.check(check, *[GOOD] * 4)
    line.conclude(check)
    with pytest.raises(ConflictError, match="已有结论"):
        line.check(check, BAD)


def test_counts_and_numbers_are_compared(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """What the plan expects is compared with what came; flawed and deviating pages are listed where they are."""
    line = Line(parts, organisation, run_jobs, expected_items=3, expected_pages=9, wanted_colour=ColourMode.COLOUR)
    with parts.database.writing() as session:
        pages = session.scalars(select(DraftPage).join(Draft).order_by(Draft.position, DraftPage.number)).all()
        for number, page in enumerate(pages):
            page.findings, page.dpi, page.colour = [], 100, ColourMode.COLOUR
            page.numbers = [number + 1] if number < 4 else [number + 3]
        pages[1].findings = [{"code": "blur", "value": 14, "box": None}]
        pages[2].dpi, pages[3].colour = 60, ColourMode.GREY
        batch = session.get_one(Batch, line.batch_id)
        found = issues_of(session, batch, session.get_one(BatchPlan, batch.id), settled=True)
    assert [(issue.code, issue.value, issue.number) for issue in found] == [
        ("pages_differ", 2, 0),
        ("items_differ", 1, 0),
        ("blur", 14, 2),
        ("below_plan", 60, 3),
        ("colour_missing", 0, 4),
    ]


def test_a_missing_page_number_stops_filing(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """An item whose printed page numbers have a gap is not filed unseen, though the check passed."""
    line = Line(parts, organisation, run_jobs)
    with parts.database.writing() as session:
        draft = session.scalars(select(Draft).where(Draft.name == "一.tif")).one()
        for page, number in zip(draft.pages, (1, 2, 4, 5), strict=True):
            page.numbers = [number]
        draft.state = DraftState.RECOGNISING
        draft_id, missed = draft.id, draft.pages[2].id
    settle(parts, draft_id)
    check = line.draw(line.checker)
    line.check(check, *[GOOD] * 4)
    line.conclude(check)
    run_jobs()
    assert line.states() == [DraftState.READY, DraftState.ACCEPTED]
    with parts.database.reading() as session:
        assert session.get_one(Draft, draft_id).findings == [{"code": "number_missing", "value": 3, "page": missed}]


def test_originals_go_out_and_come_back(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Each way is recorded with counts; they come back once, and a difference needs a reason."""
    line = Line(parts, organisation, run_jobs)
    with parts.database.writing() as session:
        service, batch = line.service(session, line.scanner), session.get_one(Batch, line.batch_id)
        with pytest.raises(ConflictError):
            service.hand_back(batch, "王强", Counts(2, 7, 9), "")
        with pytest.raises(InvalidError, match="页数"):
            service.hand_out(batch, "江海数字化公司 王强", Counts(2, 7, None))
        service.hand_out(batch, "江海数字化公司 王强", Counts(2, 7, 9))
        with pytest.raises(ConflictError):
            service.hand_out(batch, "另一家", Counts(2, 7, 9))
        with pytest.raises(InvalidError, match="备注"):
            service.hand_back(batch, "王强", Counts(2, 6, 9), "")
        service.hand_back(batch, "王强", Counts(3, 6, 9), "第 5 张遗失，已立案")
        plan = session.get_one(BatchPlan, batch.id)
        assert (plan.handed_out_by, plan.taken_back_by) == (line.scanner.id, line.scanner.id)
        found = {(issue.code, issue.value) for issue in issues_of(session, batch, plan, settled=False)}
    assert {("sheets_not_back", 1), ("items_too_many_back", 1)} <= found
    assert not any(code.startswith("pages_") for code, _ in found)
    with parts.database.reading() as session:
        acts = session.scalars(select(AuditEntry).where(AuditEntry.action.like("%originals%")).order_by(AuditEntry.id))
        counts = [{"items": 2, "sheets": 7, "pages": 9}, {"items": 3, "sheets": 6, "pages": 9}]
        assert [entry.details for entry in acts] == counts


def test_originals_that_go_out_again_leave_their_first_time_on_record(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs
) -> None:
    """Who had them the first time, how many, and why some were missing, stays when they go out a second time."""
    line = Line(parts, organisation, run_jobs)
    with parts.database.writing() as session:
        service, batch = line.service(session, line.scanner), session.get_one(Batch, line.batch_id)
        service.hand_out(batch, "江海公司", Counts(2, 7, 9))
        service.hand_back(batch, "王强", Counts(2, 6, 9), "第 5 张遗失，已立案")
        service.hand_out(batch, "另一家", Counts(1, 1, 1))
    with parts.database.reading() as session:
        plan = session.get_one(BatchPlan, line.batch_id)
        (first,) = plan.former_custody
        assert (plan.handed_out_to, plan.handed_back, plan.handed_back_note) == ("另一家", (None, None, None), "")
    assert (first["handed_out_to"], first["handed_back_by"]) == ("江海公司", "王强")
    assert (first["handed_out_sheets"], first["handed_back_sheets"]) == (7, 6)
    assert first["handed_back_note"] == "第 5 张遗失，已立案"


def test_naming_another_makes_nobody_a_second_person(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs
) -> None:
    """Who was named scanner, and names another instead, may not check what he scanned; nor who opened the batch."""
    line = Line(parts, organisation, run_jobs, scanned_by=organisation.people["archivist2"].id)
    line.plan(line.checker, scanned_by=organisation.people["engineer"].id)
    with pytest.raises(ConflictError, match="另一人"):
        line.draw(line.checker)
    with pytest.raises(ConflictError, match="另一人"):
        line.draw(line.scanner)


def test_who_put_pages_in_does_not_check(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Who replaced a page on the light table scanned that one: another person has to check the batch."""
    line = Line(parts, organisation, run_jobs)
    staged = stage(parts.store, line.batch_id, io.BytesIO(tiff(1, "c")), "补.tif")
    with parts.database.writing() as session:
        batch, actor = session.get_one(Batch, line.batch_id), Actor(line.checker.id, line.checker.name)
        file = IntakeService(session, parts.clock, actor, parts.settings.zone).add_file(batch, staged)
        draft = session.scalars(select(Draft).order_by(Draft.position)).first()
        assert draft is not None
        table, page = LightTableService(session, parts.clock, actor), draft.pages[0].id
        table.insert(batch, {draft.id: draft.arrangement}, file, page, replace=True)
    run_jobs()
    with pytest.raises(ConflictError, match="另一人"):
        line.draw(line.checker)


def test_who_prepared_does_not_check(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Who was ever named as preparer does not check, also after the name was taken out of the plan."""
    line = Line(parts, organisation, run_jobs, prepared_by=organisation.people["archivist2"].id)
    line.plan(line.scanner, prepared_by=None)
    with pytest.raises(ConflictError, match="另一人"):
        line.draw(line.checker)
    with pytest.raises(InvalidError, match="检查人"):
        line.plan(line.scanner, checked_by=line.checker.id)


@pytest.mark.parametrize(
    ("field", "easier", "harder"),
    [("share", 20.0, 60.0), ("least", 1, 3), ("highest_error", 50.0, 0.0), ("check_demanded", False, True)],
)
def test_the_gate_is_not_moved_after_the_first_sample(
    parts: Parts, organisation: Organisation, run_jobs: RunJobs, field: str, easier: object, harder: object
) -> None:
    """After a check failed the next one asks as much, or more; what was asked is not given up either."""
    line = Line(parts, organisation, run_jobs, least=2)
    check = line.draw(line.checker)
    line.check(check, BAD, BAD)
    line.conclude(check)
    with pytest.raises(InvalidError, match="放宽") as refused:
        line.plan(line.checker, **{"least": 2, field: easier})
    assert refused.value.field == field
    line.plan(line.checker, **{"least": 2, field: harder})


def test_the_trail_says_what_changed_in_a_plan(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> None:
    """Each changed value with what it was before, people by their ids; what was written in words by its digest."""
    line = Line(parts, organisation, run_jobs)
    line.plan(line.checker, share=60.0, prepared_by=line.scanner.id, device="二号机")
    with parts.database.reading() as session:
        planned = select(AuditEntry).where(AuditEntry.action == "digitization:batch:planned").order_by(AuditEntry.id)
        changed = session.scalars(planned).all()[-1].details["changed"]
    assert changed.keys() == {"share", "prepared_by", "device"}
    assert (changed["share"], changed["prepared_by"]) == ([50.0, 60.0], [None, line.scanner.id])
    assert "号机" not in str(changed["device"])
