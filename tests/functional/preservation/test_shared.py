"""The audit trail and the journal are read again like records: damage is found, named and mended, and told once."""

import pytest
from sqlalchemy import select

from archive.catalogue.events import EventOutcome, EventType
from archive.catalogue.models import Fonds
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.sealer import seal_all
from archive.platform.audit.verify import verify as verify_trail
from archive.platform.journal.segments import segment_key, snapshot_key
from archive.platform.journal.snapshot import take_snapshot
from archive.platform.journal.writer import write_journal_now
from archive.platform.parts import Location
from archive.preservation.copying import copy_shared
from archive.preservation.shared import check_shared, read_shared_again
from tests.factories.journalled import agreement
from tests.factories.two_stores import TwoStores

FIRST, SECOND = Location


@pytest.fixture
def noted(archive: TwoStores) -> TwoStores:
    """The trail, and the journal in two segments, lie in both stores."""
    seal_all(archive.parts)
    for name in ("一", "二"):
        with archive.parts.database.writing() as session:
            session.scalars(select(Fonds)).one().name = name
        write_journal_now(archive.parts)
    copy_shared(archive.parts)
    return archive


@pytest.mark.parametrize("prefix", ["audit/", "journal/"])
@pytest.mark.parametrize("location", list(Location))
def test_damage_is_mended_from_the_other_store(noted: TwoStores, prefix: str, location: Location) -> None:
    """A segment that is altered in either store is brought back byte for byte."""
    store = noted.parts.stores[location]
    key = next(stored.key for stored in store.list(prefix))
    good = store.read(key)
    noted.damage(store, key)
    found = check_shared(noted.parts, mend=False)
    assert (found[location].damaged, found[location].clean) == ([key], False)
    assert read_shared_again(noted.parts) > 0
    assert store.read(key) == good
    assert all(not read.bad for read in check_shared(noted.parts, mend=False).values())
    assert noted.events(EventType.RECOVERY)[-1].details == {"paths": [key]}


@pytest.mark.parametrize("prefix", ["audit/", "journal/"])
def test_what_the_first_store_lost_comes_back(noted: TwoStores, prefix: str) -> None:
    """A segment that is gone from the first store is fetched from the second, which kept it."""
    key = next(stored.key for stored in noted.first.list(prefix))
    good = noted.first.read(key)
    noted.first.delete(key)
    copy_shared(noted.parts)
    assert check_shared(noted.parts, mend=True)[FIRST].missing == [key]
    assert noted.first.read(key) == good
    assert verify_trail(noted.parts).ok


def test_damage_in_both_stores_is_told_once(noted: TwoStores) -> None:
    """A segment of the trail that neither store has whole is named each time, and told to the trail once."""
    key = next(stored.key for stored in noted.first.list("audit/"))
    for store in noted.parts.stores.values():
        noted.damage(store, key)
    for _ in range(3):
        found = check_shared(noted.parts, mend=True)
        assert (found[FIRST].damaged, found[FIRST].repaired) == ([key], [])
    told = [event for event in noted.events(EventType.FIXITY_CHECK) if event.outcome is EventOutcome.FAILURE]
    assert [event.details["damaged"] for event in told] == [[key]] * 3
    damaged = select(AuditEntry.details).where(AuditEntry.action == AuditAction.OBJECT_DAMAGED)
    with noted.parts.database.reading() as session:
        assert session.scalars(damaged).all() == [{"location": "primary", "paths": [key]}]


@pytest.mark.parametrize("lost", ["segment", "snapshot"])
def test_a_journal_lost_in_both_stores_is_written_anew(noted: TwoStores, lost: str) -> None:
    """A part of the journal that is gone everywhere is made needless by a snapshot: a rebuild finds no gap."""
    if lost == "snapshot":
        take_snapshot(noted.parts)
        copy_shared(noted.parts)
    key = segment_key(1) if lost == "segment" else snapshot_key(2)
    for store in noted.parts.stores.values():
        noted.damage(store, key)
    found = check_shared(noted.parts, mend=True)
    assert (found[FIRST].damaged, found[FIRST].repaired) == ([key], [key])
    write_journal_now(noted.parts)
    assert agreement(noted.parts).findings == []
    check_shared(noted.parts, mend=True)
    copy_shared(noted.parts)
    assert all(not read.bad for read in check_shared(noted.parts, mend=True).values())
