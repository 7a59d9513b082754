"""The guard on a real database: it finds the grants that run now, and says the same for one record and for all."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from archive.catalogue.models import Control, ItemState
from archive.catalogue.service import facts
from archive.platform.grants import Grant, GrantKind, Place
from archive.platform.guard import Act, Guard, Reason, audience
from search.interface import Rights
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_item

HOUR = timedelta(hours=1)


def give(session: Session, clock: SetClock, person_id: str, item_id: str, **bounds: object) -> Grant:
    """A grant from now on, for one hour. `bounds`: more columns, such as its pages."""
    grant = Grant(
        number=f"2021-{item_id[-8:]}",
        person_id=person_id,
        item_id=item_id,
        purpose="核对",
        starts_at=clock(),
        ends_at=clock() + HOUR,
        created_at=clock(),
        **{"kind": GrantKind.APPROVED, **bounds},
    )
    session.add(grant)
    session.flush()
    return grant


def test_a_grant_opens_for_its_time_only(session: Session, clock: SetClock, organisation: Organisation) -> None:
    """Before it begins, after it ended, and once revoked, a grant opens nothing; in between it does."""
    item, engineer = make_item(session, organisation, "决算"), organisation.people["engineer"]
    guard, grant = Guard(session, clock, organisation.seat), give(session, clock, engineer.id, item.id)
    clock.pass_time(-timedelta(seconds=1))
    assert guard.decide(engineer, facts(item), Act.READ).reason is Reason.NOT_APPROVED
    clock.pass_time(timedelta(seconds=1))
    assert guard.decide(engineer, facts(item), Act.READ).grant is grant
    clock.pass_time(HOUR)
    assert not guard.decide(engineer, facts(item), Act.READ).allowed
    clock.pass_time(-HOUR / 2)
    grant.revoked_at = clock()
    session.flush()
    assert not guard.decide(engineer, facts(item), Act.READ).allowed
    assert guard.rights(engineer).readable_ids == frozenset()


def test_a_grant_is_for_one_person_and_one_item(session: Session, clock: SetClock, organisation: Organisation) -> None:
    """Neither another person nor another item is opened by a grant."""
    item, other = make_item(session, organisation, "决算"), make_item(session, organisation, "预算")
    engineer, head = organisation.people["engineer"], organisation.people["engineering_head"]
    give(session, clock, engineer.id, item.id)
    guard = Guard(session, clock, organisation.seat)
    assert not guard.decide(engineer, facts(other), Act.READ).allowed
    assert not guard.decide(head, facts(item), Act.READ).allowed
    assert guard.rights(engineer).readable_ids == frozenset({item.id})


def test_secrecy_raised_later_closes_at_once(session: Session, clock: SetClock, organisation: Organisation) -> None:
    """A running grant on a record that became a work secret of another department opens nothing any more."""
    item, engineer = make_item(session, organisation, "决算"), organisation.people["engineer"]
    give(session, clock, engineer.id, item.id)
    item.control = Control.WORK_SECRET
    assert Guard(session, clock, organisation.seat).decide(engineer, facts(item), Act.READ).reason is Reason.NOT_KNOWN


@pytest.mark.parametrize("login", ["sysadmin", "secadmin", "auditadmin", None])
def test_administrators_and_nobody_have_no_rights(
    session: Session, clock: SetClock, organisation: Organisation, login: str | None
) -> None:
    """The three administrators, and who is not signed in, know of no record, not even a public one."""
    item = make_item(session, organisation, "通讯录", control=Control.PUBLIC)
    person = organisation.people[login] if login else None
    guard = Guard(session, clock, organisation.seat)
    assert guard.rights(person) == Rights()
    assert not guard.decide(person, facts(item), Act.KNOW).allowed


@pytest.mark.parametrize("control", list(Control))
@pytest.mark.parametrize("state", [ItemState.FILED, ItemState.DESTROYED])
@pytest.mark.parametrize(
    "bounds",
    [
        {},
        {"pages": "1"},
        {"place": Place.ANYWHERE},
        {"place": Place.ANYWHERE, "kind": GrantKind.VISITOR},
        {"act": Act.DOWNLOAD},
    ],
    ids=str,
)
def test_the_same_answer_for_one_and_for_all(
    session: Session,
    clock: SetClock,
    organisation: Organisation,
    control: Control,
    state: ItemState,
    bounds: dict[str, object],
) -> None:
    """For every person of the enterprise, at the seat and elsewhere, matching his rights against the record's tokens is
    the guard's decision on the whole record."""
    item = make_item(session, organisation, "决算", control=control, state=state)
    give(session, clock, organisation.people["engineer"].id, item.id, **bounds)
    know, read = audience(facts(item))
    for seat in (organisation.seat, None):
        guard = Guard(session, clock, seat)
        for person in organisation.people.values():
            rights = guard.rights(person)
            known = bool(know & rights.know)
            readable = known and (bool(read & rights.read) or item.id in rights.readable_ids)
            assert guard.decide(person, facts(item), Act.KNOW).allowed == known
            assert guard.decide(person, facts(item), Act.READ).allowed == readable
            one = guard.page(person, facts(item), 1)
            every = guard.pages(person, facts(item), Act.READ, [1])
            assert one[Act.READ] == every[1] == guard.decide(person, facts(item), Act.READ, page=1)
