"""The removal of a destroyed item killed between every two steps: done again, nothing of it is left."""

import signal
from pathlib import Path

import pytest
from sqlalchemy import func, select

from archive.catalogue.destruction import destroy
from archive.catalogue.events import EventType, PreservationEvent
from archive.catalogue.models import ArchivalCode, Item, ItemState, PageTextVersion, Tombstone
from archive.platform.actor import SYSTEM
from archive.platform.outbox import IndexOutbox, StoreOutbox
from storage.layout import Outcome
from tests.crash.crashing_archive import new_archive, opened, work_in_process


# The first thing that the process writes is the mark that the object is being removed.
@pytest.mark.parametrize("place", ["filesystem.published", "filing.described", "filing.indexed"])
def test_killed_while_an_item_is_removed(tmp_path: Path, place: str) -> None:
    """Killed there and begun again: the object is out of the store, the other item is whole, the order stands."""
    folder = tmp_path / "archive"
    new_archive(folder, files=2, pages=1, size=(200, 300))
    assert work_in_process(folder) == 0
    with opened(folder) as parts:
        gone, kept = sorted(parts.repository.object_ids())
        with parts.database.writing() as session:
            destroy(session, parts.clock, SYSTEM, session.get_one(Item, gone), "销毁审批 2051-3")
    assert work_in_process(folder, fault=place) == -signal.SIGKILL
    assert work_in_process(folder) == 0
    with opened(folder) as parts, parts.database.reading() as session:
        assert list(parts.repository.object_ids()) == [kept]
        assert list(parts.index.ids()) == [kept]
        assert {check.outcome for check in parts.repository.verify(kept)} == {Outcome.OK}
        assert [stored.key for stored in parts.store.list("ocfl/") if gone in stored.key] == []
        assert list(parts.store.list("staging/")) == []
        item = session.get_one(Item, gone)
        assert item.state is ItemState.DESTROYED
        assert session.get_one(ArchivalCode, item.code).item_id == gone
        assert session.get_one(Tombstone, gone).item["title"] == item.title
        assert session.scalar(select(func.count()).select_from(PageTextVersion)) == 1
        assert session.scalars(select(PreservationEvent.type)).all() == [EventType.DELETION]
        assert [session.scalar(select(func.count()).select_from(box)) for box in (StoreOutbox, IndexOutbox)] == [0, 0]
