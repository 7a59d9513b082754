"""The highest secrecy that an archive is declared fit for: above it nothing comes in, below it only who is cleared."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select, update

from archive.catalogue.filing import enter_item, store_object
from archive.catalogue.models import Item, Secrecy
from archive.cli.init import initialise
from archive.digitization.accepted import new_item
from archive.digitization.correction import CorrectionService, MarkRevealedError, seen_of
from archive.digitization.errors import FieldsError
from archive.digitization.fields import DraftFields
from archive.digitization.models import Batch, BatchState, Draft, DraftPage, DraftState
from archive.digitization.review import DraftService, visible_batches, visible_drafts
from archive.discovery.search import build_documents
from archive.handlers import job_handlers
from archive.platform.accounts.models import Clearance, Person
from archive.platform.actor import Actor
from archive.platform.errors import InvalidError
from archive.platform.guard import Act, Guard, RecordFacts
from archive.platform.jobs.worker import Worker
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings, SettingsError
from tests.factories.clock import SetClock
from tests.factories.drawn_pages import drawn_page
from tests.factories.organisation import Organisation
from tests.unit.records.scans import take_in

_BODY = ["关于某事项的报告", "各部门：", "现将有关情况报告如下，请予审阅。"]


@pytest.fixture
def parts(tmp_path: Path, clock: SetClock) -> Iterator[Parts]:
    """An archive that is declared fit for 秘密, with the engine that reads."""
    settings = Settings.load(tmp_path / "archive", environment={"DANGGUI_MAX_SECRECY": "secret"})
    settings.folder.mkdir()
    with open_parts(replace(settings, engine="ppocr"), clock) as opened:
        initialise(opened)
        yield opened


def work(parts: Parts) -> None:
    """Do every job that can be done now."""
    worker = Worker(parts, job_handlers())
    while worker.run_one():
        pass


def scan(parts: Parts, organisation: Organisation, mark: str) -> str:
    """Take in and recognise a page with a mark; returns the id of its batch."""
    person, picture = organisation.people["archivist"], drawn_page([mark, "", *_BODY])[0]
    batch, _rows = take_in(parts, person, organisation.category, [("a.png", picture)])
    work(parts)
    return batch.id


def accept(parts: Parts, organisation: Organisation, secrecy: str) -> None:
    """Accept the one draft as of this level."""
    person = organisation.people["archivist"]
    with parts.database.writing() as session:
        draft = session.scalars(select(Draft)).one()
        fields = replace(DraftFields.from_json(draft.fields), secrecy=secrecy, electronic_only=True)
        service = DraftService(session, parts.clock, Actor(person.id, person.name))
        service.accept(draft, draft.revision, fields, person)


def clear(parts: Parts, organisation: Organisation, login: str, clearance: Clearance) -> None:
    """Trust somebody with secrets."""
    with parts.database.writing() as session:
        session.get_one(Person, organisation.people[login].id).clearance = clearance


def test_recognition_stops_above_the_limit_only(parts: Parts, organisation: Organisation) -> None:
    """A page marked 机密 stops its batch; one marked 秘密 is read, and its draft proposes the level."""
    above, within = scan(parts, organisation, "机密★10年"), scan(parts, organisation, "秘密★1年")
    with parts.database.reading() as session:
        assert session.get_one(Batch, above).state is BatchState.QUARANTINED
        assert session.get_one(Batch, within).state is BatchState.ACTIVE
        draft = session.scalars(select(Draft).where(Draft.batch_id == within)).one()
        assert (draft.state, draft.fields["secrecy"]) == (DraftState.READY, "secret")
    assert [stored.key for stored in parts.store.list(f"intake/{above}/")] == []


def test_in_intake_only_who_is_cleared_sees_it(parts: Parts, organisation: Organisation) -> None:
    """An archivist without clearance sees neither the draft nor its batch; with it he sees both."""
    scan(parts, organisation, "秘密★1年")
    for clearance, seen in ((Clearance.NONE, 0), (Clearance.SECRET, 1)):
        clear(parts, organisation, "archivist", clearance)
        with parts.database.reading() as session:
            archivist = session.get_one(Person, organisation.people["archivist"].id)
            assert len(session.scalars(visible_drafts(archivist)).all()) == seen
            assert len(session.scalars(visible_batches(archivist)).all()) == seen


def test_a_correction_that_reveals_a_higher_mark_is_not_kept(parts: Parts, organisation: Organisation) -> None:
    """Text is held to the same limit, whoever writes it."""
    scan(parts, organisation, "秘密★1年")
    person = organisation.people["archivist"]
    with parts.database.writing() as session:
        service = CorrectionService(session, parts.clock, Actor(person.id, person.name))
        draft, page = session.scalars(select(Draft)).one(), session.scalars(select(DraftPage)).one()
        lines = [{"index": 0, "text": "绝密"}]
        with pytest.raises(MarkRevealedError):
            service.save(draft, page.id, seen_of(page), lines)


def test_filing_refuses_what_is_above(parts: Parts, organisation: Organisation) -> None:
    """Review, stored object and rows each refuse by themselves; what is within the limit is filed with its level."""
    scan(parts, organisation, "秘密★1年")
    with pytest.raises(FieldsError) as refused:
        accept(parts, organisation, "confidential")
    assert set(refused.value.errors) == {"secrecy"}
    accept(parts, organisation, "secret")
    with parts.database.reading() as session:
        new = new_item(session, session.scalars(select(Draft)).one())
    assert new.secrecy is Secrecy.SECRET
    above = replace(new, secrecy=Secrecy.CONFIDENTIAL)
    with pytest.raises(InvalidError):
        store_object(parts, above, "沈鉴")
    assert not parts.repository.exists(new.id)
    with pytest.raises(InvalidError), parts.database.writing() as session:
        enter_item(session, parts.clock, Actor(None, "沈鉴"), above, 2021)
    work(parts)
    with parts.database.reading() as session:
        assert session.scalars(select(Item.secrecy)).one() is Secrecy.SECRET


def test_the_index_takes_nothing_above(parts: Parts, organisation: Organisation) -> None:
    """What is a higher secret by now has no document any more; whoever indexes removes it."""
    scan(parts, organisation, "秘密★1年")
    accept(parts, organisation, "secret")
    work(parts)
    with parts.database.reading() as session:
        (item_id,) = session.scalars(select(Item.id))
        assert [document.id for document in build_documents(session, [item_id])] == [item_id]
    with parts.database.writing() as session:
        session.execute(update(Item).values(secrecy=Secrecy.TOP_SECRET))
        assert build_documents(session, [item_id]) == []


def test_no_clearance_reaches_above_the_limit(parts: Parts, organisation: Organisation) -> None:
    """Somebody cleared for everything knows of what the archive is fit for, and of nothing above it."""
    clear(parts, organisation, "archivist", Clearance.TOP_SECRET)
    known = {}
    with parts.database.reading() as session:
        archivist = session.get_one(Person, organisation.people["archivist"].id)
        for secrecy in Secrecy:
            record = RecordFacts("r", "u", "internal", secrecy.value, "none", destroyed=False)
            known[secrecy.value] = Guard(session, parts.clock).decide(archivist, record, Act.KNOW).allowed
    assert known == {"none": True, "secret": True, "confidential": False, "top_secret": False}


def test_a_limit_that_is_none_of_ours_stops_the_start(tmp_path: Path) -> None:
    """The sentence says what to write."""
    with pytest.raises(SettingsError, match="top_secret"):
        Settings.load(tmp_path, environment={"DANGGUI_MAX_SECRECY": "high"})
