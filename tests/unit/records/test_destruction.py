"""A destroyed item is gone, word and byte; that it was there, and by whose order it went, stays for ever."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from archive.catalogue.destruction import destroy
from archive.catalogue.events import EventOutcome, EventType, PreservationEvent
from archive.catalogue.filing import write_descriptions
from archive.catalogue.models import (
    ArchivalCode,
    Item,
    ItemFile,
    ItemNote,
    ItemState,
    NoteKind,
    Page,
    PageTextVersion,
    Tombstone,
)
from archive.catalogue.new_item import NewNote
from archive.catalogue.service import facts
from archive.discovery.search import build_documents
from archive.platform.actor import Actor
from archive.platform.audit.models import AuditEntry
from archive.platform.db import Base
from archive.platform.delivery import drain_index
from archive.platform.errors import ConflictError
from archive.platform.grants import Grant, GrantKind
from archive.platform.guard import Act, Guard
from archive.platform.outbox import CopyOutbox, StoreOutbox
from archive.platform.parts import Parts
from archive.platform.rows import document_of
from storage.object_paths import ObjectPaths
from tests.factories.accepted import accept, file_item
from tests.factories.organisation import Organisation
from tests.unit.records.databases import on_both_databases

_ORDER = "销毁审批 2051-3"


@on_both_databases
def test_content_goes_and_the_catalogue_line_stays(parts: Parts, organisation: Organisation) -> None:
    """Rows, stored object and index entry go; item, tombstone, code and audit entry stay; another item is untouched."""
    notes = (NewNote(NoteKind.REMARK, "第 2 页缺角", organisation.people["archivist"].id, parts.clock()),)
    accepted = [accept(parts, organisation, files=2, notes=notes) for _ in range(2)]
    gone, kept = (file_item(parts, organisation, new).id for new in accepted)
    _work(parts)
    assert set(parts.index.ids()) == {gone, kept}
    _destroy(parts, organisation, gone)
    _work(parts)
    assert set(parts.index.ids()) == {kept}
    assert list(parts.repository.object_ids()) == [kept]
    assert [stored.key for stored in parts.store.list("") if gone in stored.key and stored.key[:6] != "intake"] == []
    with parts.database.reading() as session:
        item = session.get_one(Item, gone)
        assert (item.state, item.title, item.files, item.pages) == (ItemState.DESTROYED, item.title, [], [])
        assert [_count(session, table) for table in (ItemFile, Page, PageTextVersion, ItemNote)] == [2, 4, 4, 1]
        tombstone = session.get_one(Tombstone, gone)
        table = Base.metadata.tables["item"]
        row = session.execute(select(table).where(table.c.id == gone)).mappings().one()
        assert (tombstone.authority, tombstone.item) == (_ORDER, document_of(table, row))
        (entry,) = session.scalars(select(AuditEntry).where(AuditEntry.action == "catalogue:item:destroyed"))
        assert (entry.subject_id, entry.details["code"], len(entry.details["digests"])) == (gone, item.code, 2)
        (event,) = session.scalars(select(PreservationEvent).where(PreservationEvent.item_id == gone))
        assert (event.type, event.outcome) == (EventType.DELETION, EventOutcome.SUCCESS)
        assert session.get_one(Item, kept).state is not ItemState.DESTROYED


def test_its_code_is_never_given_again(parts: Parts, organisation: Organisation) -> None:
    """The next item gets the next number; the used one stays taken."""
    gone = file_item(parts, organisation, accept(parts, organisation))
    _destroy(parts, organisation, gone.id)
    _work(parts)
    following = file_item(parts, organisation, accept(parts, organisation))
    assert (str(gone.code)[-4:], str(following.code)[-4:]) == ("0001", "0002")
    with pytest.raises(IntegrityError), parts.database.writing() as session:
        session.add(ArchivalCode(code=str(gone.code), item_id=following.id, given_at=parts.clock()))


def test_a_grant_on_it_gives_nothing(parts: Parts, organisation: Organisation) -> None:
    """Who had leave to read it has none from the moment of the order."""
    reader = organisation.people["engineer"]
    item = file_item(parts, organisation, accept(parts, organisation))
    with parts.database.writing() as session:
        session.add(
            Grant(
                number="2021-0001-01",
                kind=GrantKind.APPROVED,
                person_id=reader.id,
                item_id=item.id,
                purpose="核对",
                starts_at=parts.clock(),
                ends_at=parts.clock() + timedelta(days=30),
                created_at=parts.clock(),
            )
        )
    with parts.database.reading() as session:
        guard = Guard(session, parts.clock, organisation.seat)
        assert guard.decide(reader, facts(session.get_one(Item, item.id)), Act.READ).allowed
    _destroy(parts, organisation, item.id)
    with parts.database.reading() as session:
        guard = Guard(session, parts.clock, organisation.seat)
        assert not guard.decide(reader, facts(session.get_one(Item, item.id)), Act.READ).allowed


def test_nobody_destroys_twice(parts: Parts, organisation: Organisation) -> None:
    """The first order stands; announced again, nothing more is removed or recorded."""
    item = file_item(parts, organisation, accept(parts, organisation))
    _destroy(parts, organisation, item.id)
    with pytest.raises(ConflictError):
        _destroy(parts, organisation, item.id)
    for _ in range(2):
        with parts.database.writing() as session:
            session.add(StoreOutbox(item_id=item.id, created_at=parts.clock()))
        assert write_descriptions(parts) == 1
    with parts.database.reading() as session:
        assert _count(session, PreservationEvent) == 1
        assert _count(session, StoreOutbox) == 0


def test_a_removal_that_broke_off_goes_on(parts: Parts, organisation: Organisation) -> None:
    """Half of the object is gone already: the rest follows, its copies are told, and it is described no more."""
    item = file_item(parts, organisation, accept(parts, organisation))
    _work(parts)
    _destroy(parts, organisation, item.id)
    for stored in list(parts.store.list(ObjectPaths.of(item.id).root))[::2]:
        parts.store.delete(stored.key)
    with parts.database.writing() as session:
        session.execute(Base.metadata.tables[CopyOutbox.__tablename__].delete())
    _work(parts)
    assert not parts.repository.exists(item.id)
    with parts.database.reading() as session:
        assert session.scalars(select(CopyOutbox.item_id)).all() == [item.id]
        assert session.get_one(Item, item.id).stored_version == 2


def _destroy(parts: Parts, organisation: Organisation, item_id: str) -> None:
    archivist = organisation.people["archivist"]
    with parts.database.writing() as session:
        actor = Actor(archivist.id, archivist.name)
        destroy(session, parts.clock, actor, session.get_one(Item, item_id), _ORDER)


def _work(parts: Parts) -> None:
    """The background work."""
    write_descriptions(parts)
    drain_index(parts, build_documents)


def _count(session: Session, table: type[Base]) -> int:
    return session.scalar(select(func.count()).select_from(table)) or 0
