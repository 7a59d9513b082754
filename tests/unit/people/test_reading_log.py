"""The register of reading."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from archive.platform.actor import Actor
from archive.platform.audit.models import AuditEntry
from archive.platform.db import Database
from archive.platform.grants import Grant
from archive.platform.guard import Decision, Reason
from archive.platform.reading_log import register_reading
from tests.factories.clock import SetClock
from tests.factories.organisation import make_organisation

BY_GRANT = Decision(True, Reason.GRANT, Grant(id="g1", number="2021-0001-01"))
OWN_UNIT = Decision(True, Reason.OWN_UNIT)


@pytest.fixture
def reader(database: Database, clock: SetClock) -> Actor:
    """Somebody who reads."""
    with database.writing() as session:
        person = make_organisation(session, clock).people["engineer"]
        return Actor(person.id, person.name)


def registered(database: Database) -> list[tuple[int, str | None]]:
    """Page and grant of each entry, in order."""
    with database.reading() as session:
        readings = select(AuditEntry).where(AuditEntry.action == "discovery:page:read").order_by(AuditEntry.id)
        return [(entry.details["page"], entry.details["grant"]) for entry in session.scalars(readings)]


def test_a_page_is_registered_once_in_ten_minutes(database: Database, clock: SetClock, reader: Actor) -> None:
    """The many tiles of a page make one entry; ten minutes later there is another."""
    for minutes in (0, 4, 5, 2):
        clock.pass_time(timedelta(minutes=minutes))
        register_reading(database, clock, reader, item_id="i", page=1, decision=BY_GRANT)
    assert registered(database) == [(1, "g1"), (1, "g1")]


def test_pages_and_grants_are_told_apart(database: Database, clock: SetClock, reader: Actor) -> None:
    """Another page, and the same page by another right, are readings of their own."""
    for page, decision in ((1, BY_GRANT), (2, BY_GRANT), (1, OWN_UNIT), (1, OWN_UNIT)):
        register_reading(database, clock, reader, item_id="i", page=page, decision=decision)
    assert registered(database) == [(1, "g1"), (2, "g1"), (1, None)]


def test_tiles_asked_for_at_the_same_time_make_one_entry(database: Database, clock: SetClock, reader: Actor) -> None:
    """Eight tiles at once do not register the reading eight times."""
    with ThreadPoolExecutor(8) as pool:
        for done in [
            pool.submit(register_reading, database, clock, reader, item_id="i", page=1, decision=BY_GRANT)
            for _tile in range(8)
        ]:
            done.result()
    assert registered(database) == [(1, "g1")]
