"""What an archivist corrects of an issuer is proposed on its next document; what contradicts itself is not."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import pytest
from sqlalchemy import select

from archive.digitization.fields import DraftFields
from archive.digitization.learning.models import IssuerRule, Taught
from archive.digitization.learning.rules import Lesson, lessons
from archive.digitization.learning.service import LearningService
from archive.digitization.models import Batch, Draft, DraftPage, DraftState
from archive.digitization.proposing import settle
from archive.digitization.quarantine import MarkedPage, quarantine
from archive.digitization.review import DraftService
from archive.platform.accounts.models import Person, Role
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.models import AuditEntry
from archive.platform.errors import ForbiddenError
from archive.platform.parts import Parts
from tests.factories.organisation import Organisation
from tests.unit.ingest.layouts import laid_out
from tests.unit.records.databases import on_both_databases
from tests.unit.records.scans import take_in, tiff

NOTICE = """
    !东江港务集团公司文件
    ^东巷办〔2020〕{number}号

    #东江港务集团公司关于{matter}的通知
    各处室、各分公司：
    _现将有关事项通知如下。

    >东江港务集团公司
    >2020年3月9日
"""
READ = "东江港务集团公司"
RunJobs = Callable[[], int]


@dataclass
class Desk:
    """An archivist's desk: documents come in with what stands on them, and are accepted with corrections."""

    parts: Parts
    organisation: Organisation
    run_jobs: RunJobs
    came: int = 0

    def take(self, matter: str) -> str:
        """Take in a notice of the issuer; returns the id of its draft, which waits for review."""
        self.came += 1
        scan = [(f"{self.came}.tif", tiff(1, str(self.came)))]
        _, (file,) = take_in(self.parts, self.person("archivist"), self.organisation.category, scan)
        self.run_jobs()
        with self.parts.database.writing() as session:
            draft = session.get_one(Draft, file.id)
            draft.state = DraftState.RECOGNISING
            draft.pages[0].content = laid_out(NOTICE.format(number=self.came, matter=matter)).to_json()
        settle(self.parts, file.id)
        return file.id

    def accept(self, draft_id: str, login: str = "archivist", *, file: bool = True, **corrected: Any) -> None:
        """Accept a draft with these fields changed, and file it."""
        person = self.person(login)
        with self.parts.database.writing() as session:
            service = DraftService(session, self.parts.clock, Actor(person.id, person.name))
            draft = service.draft(draft_id, person)
            service.accept(draft, draft.revision, replace(DraftFields.from_json(draft.fields), **corrected), person)
        if file:
            self.run_jobs()

    def person(self, login: str) -> Person:
        """Somebody of the organisation."""
        return self.organisation.people[login]

    def fields(self, draft_id: str) -> DraftFields:
        """What a reviewer finds filled in."""
        with self.parts.database.reading() as session:
            return DraftFields.from_json(session.get_one(Draft, draft_id).fields)

    def notes(self, draft_id: str) -> set[str]:
        """The fields that come from rules."""
        with self.parts.database.reading() as session:
            return {one["field"] for one in session.get_one(Draft, draft_id).proposals if "rule" in one}

    def rules(self) -> list[IssuerRule]:
        """All rules."""
        with self.parts.database.reading() as session:
            return list(session.scalars(select(IssuerRule).order_by(IssuerRule.id)))


@pytest.fixture
def desk(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> Desk:
    """A desk without rules."""
    return Desk(parts, organisation, run_jobs)


@on_both_databases
def test_the_next_document_is_proposed_as_the_last_was_corrected(desk: Desk) -> None:
    """Name, department, period, circle, carrier, sign of the number and the name before the title are learnt."""
    unit = desk.organisation.units["CWB"].id
    first, waiting = desk.take("放假"), desk.take("值班")
    desk.accept(
        first,
        issuer="东江港务集团有限公司",
        title="关于放假的通知",
        document_number="东港办〔2020〕1号",
        unit_id=unit,
        retention="D10",
        control="public",
        electronic_only=False,
    )
    later = desk.take("防汛")
    for draft_id, matter, number in ((waiting, "值班", 2), (later, "防汛", 3)):
        fields = desk.fields(draft_id)
        assert (fields.issuer, fields.title) == ("东江港务集团有限公司", f"关于{matter}的通知")
        assert (fields.document_number, fields.unit_id) == (f"东港办〔2020〕{number}号", unit)
        assert (fields.retention, fields.control, fields.electronic_only) == ("D10", "public", False)
        assert desk.notes(draft_id) == {
            "issuer", "title", "document_number", "unit_id", "retention", "control", "carrier",
        }  # fmt: skip


def test_a_rule_holds_names_and_choices_only(desk: Desk) -> None:
    """No word of a title or of a page is kept, but for the name of the issuer."""
    desk.accept(
        desk.take("放假"), title="关于国庆节放假安排的通知", date="20200310", addressee="各部门", retention="D10"
    )
    assert [(rule.taught, rule.read, rule.value) for rule in desk.rules()] == [(Taught.RETENTION, "", "D10")]


def test_contradictions_silence_a_rule_until_it_is_borne_out(desk: Desk) -> None:
    """The last correction wins, but one that says otherwise is not followed before it was made once more."""
    desk.accept(desk.take("一事"), retention="D10")
    desk.accept(desk.take("二事"), retention="Y")
    third = desk.take("三事")
    assert (desk.fields(third).retention, desk.notes(third)) == ("D30", set())
    desk.accept(third, retention="Y")
    assert desk.fields(desk.take("四事")).retention == "Y"


def test_what_is_put_back_silences_a_rule(desk: Desk) -> None:
    """Who undoes what a rule proposed says that it is wrong."""
    desk.accept(desk.take("一事"), issuer="东江港务集团有限公司", title="关于一事的通知")
    second = desk.take("二事")
    desk.accept(second, issuer=READ, title=f"{READ}关于二事的通知")
    assert [rule.applies for rule in desk.rules()] == [False, False]
    third = desk.fields(desk.take("三事"))
    assert (third.issuer, third.title) == (READ, f"{READ}关于三事的通知")


def test_typed_fields_stay(desk: Desk) -> None:
    """A rule that is learnt meanwhile changes nothing a person typed on a waiting draft, nor who may accept it."""
    first, waiting = desk.take("一事"), desk.take("二事")
    person = desk.person("archivist2")
    with desk.parts.database.writing() as session:
        service = DraftService(session, desk.parts.clock, Actor(person.id, person.name))
        draft = service.draft(waiting, person)
        service.correct(draft, draft.revision, replace(DraftFields.from_json(draft.fields), retention="Y"))
        session.flush()
        seen = draft.revision
    desk.accept(first, retention="D10", control="public")
    fields = desk.fields(waiting)
    assert (fields.retention, fields.control) == ("Y", "public")
    with desk.parts.database.reading() as session:
        assert session.get_one(Draft, waiting).revision == seen


def test_nothing_is_learnt_before_it_is_a_record(desk: Desk) -> None:
    """Of a batch that turns out to bear a mark of secrecy no word enters a rule, though a person had accepted it."""
    draft_id = desk.take("一事")
    desk.accept(draft_id, file=False, issuer="东江港务集团有限公司")
    assert desk.rules() == []
    with desk.parts.database.reading() as session:
        page = session.scalars(select(DraftPage).where(DraftPage.draft_id == draft_id)).one()
        marked = MarkedPage(session.get_one(Batch, page.batch_id).id, page.file_id, 1)
    quarantine(desk.parts, marked)
    desk.run_jobs()
    assert desk.rules() == []


def test_archivists_teach(desk: Desk) -> None:
    """What a records officer corrects in his own drafts is no rule for all, and he may not manage rules."""
    with desk.parts.database.writing() as session:
        unit = desk.organisation.units["BGS"]
        officer = AccountService(session, desk.parts.clock, SYSTEM).create_person(
            "officer", "吴兼", unit, (Role.RECORDS_OFFICER,)
        )
    desk.organisation.people["officer"] = officer
    desk.accept(desk.take("一事"), "officer", retention="D10")
    assert desk.rules() == []
    with desk.parts.database.writing() as session, pytest.raises(ForbiddenError):
        LearningService(session, desk.parts.clock, SYSTEM).rules(officer)


def test_teaching_and_withdrawing_are_recorded(desk: Desk) -> None:
    """The trail says who taught and withdrew which rule, without a word of it; a withdrawn rule is not followed."""
    desk.accept(desk.take("一事"), retention="D10")
    (rule,) = desk.rules()
    person = desk.person("archivist2")
    with desk.parts.database.writing() as session:
        LearningService(session, desk.parts.clock, Actor(person.id, person.name)).withdraw(rule.id, person)
    assert desk.fields(desk.take("二事")).retention == "D30"
    with desk.parts.database.reading() as session:
        entries = session.scalars(select(AuditEntry).where(AuditEntry.subject_id == rule.id).order_by(AuditEntry.id))
        assert [(entry.action, entry.actor_name, entry.details) for entry in entries] == [
            ("digitization:rule:taught", "沈鉴", {"field": "retention"}),
            ("digitization:rule:withdrawn", "何守", {"field": "retention"}),
        ]


@pytest.mark.parametrize(
    ("read", "accepted", "lesson"),
    [
        ("东巷办〔2020〕1号", "东港办〔2020〕1号", Lesson(Taught.NUMBER_CODE, "东巷办", "东港办")),
        ("〔2020〕1号", "东港办〔2020〕1号", Lesson(Taught.NUMBER_CODE, "", "东港办")),
        ("东港办〔2020〕1号", "东港办〔2020〕7号", None),
        ("东港办〔2020〕1号", "JH-2020-1", None),
        ("", "东港办〔2020〕1号", None),
    ],
)
def test_signs_of_numbers(read: str, accepted: str, lesson: Lesson | None) -> None:
    """Only the sign before the year is taught, and only where nothing else of the number was wrong."""
    proposals = [{"field": "document_number", "value": read}]
    fields = DraftFields(document_number=accepted)
    assert list(lessons(proposals, fields, {"document_number"})) == ([lesson] if lesson else [])
