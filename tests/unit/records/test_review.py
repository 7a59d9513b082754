"""Review: one person's decision, never two; errors at their fields; everyone sees his own drafts only."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from archive.catalogue.models import Box, Retention
from archive.digitization.errors import FieldsError
from archive.digitization.fields import DraftFields
from archive.digitization.models import Draft, DraftState
from archive.digitization.review import DraftService
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.errors import ConflictError, NotFoundError
from archive.platform.jobs.service import JobQueue
from archive.platform.parts import Parts
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases
from tests.unit.records.scans import take_in, tiff

RunJobs = Callable[[], int]


@pytest.fixture
def draft_id(parts: Parts, organisation: Organisation, run_jobs: RunJobs) -> str:
    """A draft of the archivist that waits for review."""
    _, (file,) = take_in(parts, organisation.people["archivist"], organisation.category, [("a.tif", tiff(1))])
    run_jobs()
    return file.id


def _act(parts: Parts, draft_id: str, person: Person, act: Callable[[DraftService, Draft, DraftFields], None]) -> None:
    with parts.database.writing() as session:
        service = DraftService(session, parts.clock, Actor(person.id, person.name))
        draft = service.draft(draft_id, person)
        act(service, draft, DraftFields.from_json(draft.fields))


@on_both_databases
def test_the_second_reviewer_learns_who_was_first(parts: Parts, organisation: Organisation, draft_id: str) -> None:
    """Two people accept the same draft: one is told the other's name, and one job is queued."""
    first, second = organisation.people["archivist"], organisation.people["archivist2"]
    _act(parts, draft_id, first, lambda service, draft, fields: service.accept(draft, draft.revision, fields, first))
    with pytest.raises(ConflictError, match="沈鉴"):
        _act(parts, draft_id, second, lambda service, draft, fields: service.accept(draft, 0, fields, second))
    with parts.database.reading() as session:
        draft = session.get_one(Draft, draft_id)
        assert (draft.state, draft.accepted_by) == (DraftState.ACCEPTING, first.id)
        assert JobQueue(session, parts.clock).progress(draft.batch_id).waiting == 1


def test_a_correction_in_between_is_noticed(parts: Parts, organisation: Organisation, draft_id: str) -> None:
    """Who acts on an older state of a draft is refused, and what the other corrected stays."""
    person = organisation.people["archivist"]
    with parts.database.reading() as session:
        seen = session.get_one(Draft, draft_id).revision
    _act(
        parts,
        draft_id,
        person,
        lambda service, draft, fields: service.correct(draft, draft.revision, replace(fields, title="改正后的题名")),
    )
    with pytest.raises(ConflictError):
        _act(parts, draft_id, person, lambda service, draft, fields: service.discard(draft, seen))
    with parts.database.reading() as session:
        draft = session.get_one(Draft, draft_id)
        assert (draft.state, draft.fields["title"]) == (DraftState.READY, "改正后的题名")


def test_errors_stand_at_their_fields(parts: Parts, organisation: Organisation, draft_id: str) -> None:
    """Fields that cannot be used are all named, and nothing is accepted."""
    person = organisation.people["archivist"]
    with pytest.raises(FieldsError) as refused:
        _act(
            parts,
            draft_id,
            person,
            lambda service, draft, fields: service.accept(
                draft, draft.revision, replace(fields, title="", date="昨天"), person
            ),
        )
    assert set(refused.value.errors) == {"title", "date"}
    with parts.database.reading() as session:
        assert session.get_one(Draft, draft_id).state is DraftState.READY


def test_a_box_of_another_year_is_refused(parts: Parts, organisation: Organisation, draft_id: str) -> None:
    """The box a reviewer chooses must be of the item's year, period and department."""
    person = organisation.people["archivist"]
    with parts.database.writing() as session:
        box = Box(
            fonds_id=organisation.category.fonds_id,
            unit_id=person.unit_id,
            year=1999,
            retention=Retention.THIRTY_YEARS,
            number=1,
            created_at=parts.clock(),
        )
        session.add(box)
    with pytest.raises(FieldsError) as refused:
        _act(
            parts,
            draft_id,
            person,
            lambda service, draft, fields: service.accept(
                draft, draft.revision, replace(fields, electronic_only=False, box_id=box.id), person
            ),
        )
    assert set(refused.value.errors) == {"box_id"}


def test_discarded_is_gone(parts: Parts, organisation: Organisation, draft_id: str) -> None:
    """A discarded draft cannot be accepted any more."""
    person = organisation.people["archivist"]
    _act(parts, draft_id, person, lambda service, draft, _fields: service.discard(draft, draft.revision))
    with pytest.raises(ConflictError):
        _act(parts, draft_id, person, lambda service, draft, fields: service.accept(draft, 9, fields, person))
    with parts.database.reading() as session:
        assert session.get_one(Draft, draft_id).state is DraftState.DISCARDED


def test_others_do_not_see_a_draft(parts: Parts, organisation: Organisation, draft_id: str) -> None:
    """Whoever is neither archivist, nor of the draft's department, nor its sender, does not know of it."""
    with pytest.raises(NotFoundError):
        _act(parts, draft_id, organisation.people["engineer"], lambda service, draft, fields: None)
    with parts.database.reading() as session:
        assert session.get_one(Draft, draft_id).state is DraftState.READY
