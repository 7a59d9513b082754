"""Posts are held over time; whoever leaves hands over what is open."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Barrier

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Clearance, Person, Post, PostHolding, Role
from archive.platform.accounts.organisation import OrganisationService, unit_lines
from archive.platform.accounts.rights import RightsService
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.sign_in import SignInService
from archive.platform.actor import SYSTEM, Actor
from archive.platform.db import Clock, Database
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation, make_organisation


class Errands:
    """A duty of which some people have some in hand."""

    label = "待办差事"

    def __init__(self, **in_hand: int) -> None:
        self.in_hand = in_hand

    def open(self, _session: Session, person_id: str) -> list[tuple[str, str]]:
        """One line an errand."""
        return [(f"差事 {number}", "/") for number in range(self.in_hand.get(person_id, 0))]

    def hand_over(self, _session: Session, _clock: Clock, _actor: Actor, from_id: str, to_id: str) -> int:
        """All of them."""
        moved = self.in_hand.pop(from_id, 0)
        self.in_hand[to_id] = self.in_hand.get(to_id, 0) + moved
        return moved


@pytest.fixture
def accounts(session: Session, clock: SetClock, organisation: Organisation) -> AccountService:
    """The service for the enterprise; nobody has anything in hand."""
    assert organisation.people
    return AccountService(session, clock, SYSTEM)


def test_a_post_is_held_from_and_until(accounts: AccountService, organisation: Organisation, clock: SetClock) -> None:
    """The history of a person names every post with its times; what is held now stands after his name."""
    person, unit = organisation.people["accountant"], organisation.units["CWB"]
    first = accounts.begin_holding(person, accounts.post_in(unit, "会计"))
    accounts.begin_holding(person, accounts.post_in(unit, "出纳"))
    assert person.post == "会计、出纳"
    assert accounts.begin_holding(person, first.post) is first
    clock.pass_time(timedelta(days=1))
    accounts.end_holding(first)
    assert person.post == "出纳"
    assert first.ended_at == clock()
    with pytest.raises(ConflictError):
        accounts.end_holding(first)
    again = accounts.begin_holding(person, first.post)
    assert [holding.id for holding in person.post_holdings if holding.post_id == first.post_id] == [first.id, again.id]


def test_whoever_leaves_with_something_open_needs_a_successor(
    session: Session, clock: SetClock, organisation: Organisation
) -> None:
    """Nothing hangs: without a successor he stays in his post; with one, post and errands are the successor's."""
    leaver, heir = organisation.people["accountant"], organisation.people["finance_head"]
    errands = Errands(**{leaver.id: 2})
    accounts = AccountService(session, clock, SYSTEM, [errands])
    holding = accounts.begin_holding(leaver, accounts.post_in(organisation.units["CWB"], "会计"))
    assert accounts.open_of(leaver) == [("待办差事", [("差事 0", "/"), ("差事 1", "/")])]
    with pytest.raises(ConflictError):
        accounts.end_holding(holding)
    for useless in (leaver, _closed(accounts, organisation)):
        with pytest.raises(InvalidError):
            accounts.end_holding(holding, useless)
    assert holding.ended_at is None
    accounts.end_holding(holding, heir)
    assert errands.in_hand == {heir.id: 2}
    assert (leaver.post, heir.post) == ("", "会计")


def _closed(accounts: AccountService, organisation: Organisation) -> Person:
    gone = accounts.create_person("gone", "去", organisation.units["CWB"])
    accounts.close(gone)
    return gone


def test_a_closed_account_keeps_nothing(session: Session, clock: SetClock, organisation: Organisation) -> None:
    """Posts, roles, clearance and sessions end with it; opened again it has none of them, and no password."""
    leaver, heir = organisation.people["accountant"], organisation.people["engineer"]
    accounts, entrance = AccountService(session, clock, SYSTEM), SignInService(session, clock, SYSTEM)
    accounts.set_password(leaver, "correct horse battery")
    RightsService(session, clock, SYSTEM).set_clearance(leaver, Clearance.SECRET)
    accounts.begin_holding(leaver, accounts.post_in(organisation.units["CWB"], "会计"))
    assert entrance.sign_in("accountant", "correct horse battery") is not None
    accounts.close(leaver, heir)
    session.flush()
    assert (leaver.active, leaver.post, leaver.roles, leaver.clearance) == (False, "", frozenset(), Clearance.NONE)
    assert entrance.sessions_of(leaver) == []
    assert heir.post == "会计"
    accounts.reopen(leaver)
    session.flush()
    assert entrance.sign_in("accountant", "correct horse battery") is None
    assert leaver.roles == frozenset()


@pytest.mark.parametrize("role", sorted(Role.administrators()))
def test_one_administrator_of_each_kind_remains(
    role: Role, session: Session, clock: SetClock, organisation: Organisation
) -> None:
    """The last one can neither be closed nor be given another role; with a second one, he can."""
    accounts, rights = AccountService(session, clock, SYSTEM), RightsService(session, clock, SYSTEM)
    last = next(person for person in organisation.people.values() if role in person.roles)
    with pytest.raises(ConflictError):
        accounts.close(last)
    with pytest.raises(ConflictError):
        rights.set_roles(last, [Role.READER])
    rights.set_roles(organisation.people["accountant"], [role])
    rights.set_roles(last, [Role.READER])
    assert last.roles == {Role.READER}


@pytest.mark.parametrize("login", ["sysadmin", "secadmin", "auditadmin"])
def test_nobody_acts_on_himself(login: str, session: Session, clock: SetClock, organisation: Organisation) -> None:
    """No administrator gives himself roles, clearance, a password, or an unlocked account, nor closes his own."""
    me = organisation.people[login]
    actor = Actor(me.id, me.name)
    accounts, rights = AccountService(session, clock, actor), RightsService(session, clock, actor)
    for act in (
        lambda: rights.set_roles(me, [Role.READER]),
        lambda: rights.set_clearance(me, Clearance.TOP_SECRET),
        lambda: accounts.give_password(me),
        lambda: accounts.close(me),
        lambda: SignInService(session, clock, actor).unlock(me),
    ):
        with pytest.raises(ForbiddenError):
            act()


def test_nobody_knows_the_password_of_an_administrator(
    accounts: AccountService, session: Session, clock: SetClock, organisation: Organisation
) -> None:
    """Who could give him one could be him: none is given on a page, and nobody becomes one with a password given."""
    with pytest.raises(ForbiddenError):
        accounts.give_password(organisation.people["secadmin"])
    new = accounts.create_person("new", "新", organisation.units["BGS"])
    given, rights = accounts.give_password(new), RightsService(session, clock, SYSTEM)
    with pytest.raises(ConflictError):
        rights.set_roles(new, [Role.AUDIT_ADMINISTRATOR])
    SignInService(session, clock, SYSTEM).change_password(new, given, "known to nobody else", "")
    rights.set_roles(new, [Role.AUDIT_ADMINISTRATOR])
    assert new.roles == {Role.AUDIT_ADMINISTRATOR}


def test_nobody_becomes_administrator_with_work_in_hand(
    session: Session, clock: SetClock, organisation: Organisation
) -> None:
    """What waits for him by name would wait for ever; once it is handed over, he can."""
    person, errands = organisation.people["accountant"], Errands(**{organisation.people["accountant"].id: 1})
    rights = RightsService(session, clock, SYSTEM, [errands])
    with pytest.raises(ConflictError):
        rights.set_roles(person, [Role.AUDIT_ADMINISTRATOR])
    assert person.roles == {Role.READER}
    errands.hand_over(session, clock, SYSTEM, person.id, organisation.people["engineer"].id)
    rights.set_roles(person, [Role.AUDIT_ADMINISTRATOR])


def test_two_last_administrators_cannot_leave_at_once(database: Database, clock: SetClock) -> None:
    """Each counts on the other; whoever comes second is refused."""
    with database.writing() as session:
        organisation = make_organisation(session, clock)
        second = AccountService(session, clock, SYSTEM).create_person(
            "audit2", "管四", organisation.units["BGS"], [Role.AUDIT_ADMINISTRATOR]
        )
        leaving = (organisation.people["auditadmin"].id, second.id)
    together = Barrier(2)

    def leave(person_id: str) -> bool:
        together.wait()
        try:
            with database.writing() as session:
                AccountService(session, clock, SYSTEM).close(session.get_one(Person, person_id))
        except ConflictError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(leave, leaving)) == [False, True]


def test_the_tree_has_no_circle(accounts: AccountService, session: Session, clock: SetClock) -> None:
    """A unit cannot be moved below itself; the tree shows each unit once, below its own."""
    tree = OrganisationService(session, clock, SYSTEM)
    top = accounts.create_unit("X", "总公司")
    middle = accounts.create_unit("X1", "分公司", top)
    low = accounts.create_unit("X11", "车间", middle)
    for below in (top, middle, low):
        with pytest.raises(InvalidError) as refused:
            tree.change_unit(top, "总公司", below)
        assert refused.value.field == "parent"
    tree.change_unit(low, "一车间", top)
    shown = [(line.unit.name, line.depth) for line in unit_lines(session) if line.unit.code.startswith("X")]
    assert shown == [("总公司", 0), ("分公司", 1), ("一车间", 1)]


def test_a_unit_in_use_is_not_closed(
    accounts: AccountService, session: Session, clock: SetClock, organisation: Organisation
) -> None:
    """People, units below and held posts keep it open; when they are gone its posts close with it."""
    tree = OrganisationService(session, clock, SYSTEM)
    unit = accounts.create_unit("X", "筹建处")
    post = accounts.post_in(unit, "主任")
    holding = accounts.begin_holding(organisation.people["engineer"], post)
    with pytest.raises(ConflictError):
        tree.close_unit(unit)
    accounts.end_holding(holding)
    tree.close_unit(unit)
    assert unit.closed_at == post.closed_at == clock()
    with pytest.raises(ConflictError):
        accounts.begin_holding(organisation.people["engineer"], post)
    assert unit not in [line.unit for line in unit_lines(session)]


STEPS = st.lists(st.tuples(st.sampled_from(["begin", "end", "close", "reopen"]), st.integers(0, 2), st.integers(0, 1)))


@given(STEPS)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_whatever_happens_nobody_holds_a_post_twice_nor_after_he_left(
    session: Session, organisation: Organisation, steps: list[tuple[str, int, int]]
) -> None:
    """After any sequence of acts every holding ends after it began, and only open accounts hold anything."""
    clock = SetClock()
    with session.begin_nested() as undone:
        accounts = AccountService(session, clock, SYSTEM)
        people = [organisation.people[login] for login in ("accountant", "engineer", "archivist2")]
        posts = [accounts.post_in(organisation.units["BGS"], name) for name in ("甲岗", "乙岗")]
        for act, who, which in steps:
            clock.pass_time(timedelta(minutes=1))
            _try(accounts, act, people[who], posts[which])
            session.flush()
            held = session.scalars(select(PostHolding).where(PostHolding.ended_at.is_(None))).all()
            assert len({(one.person_id, one.post_id) for one in held}) == len(held)
            assert all(one.person.active for one in held)
        everything = session.scalars(select(PostHolding)).all()
        assert all(one.ended_at is None or one.began_at < one.ended_at for one in everything)
        undone.rollback()
    session.expire_all()


def _try(accounts: AccountService, act: str, person: Person, post: Post) -> None:
    """Do it, if the rules allow it."""
    try:
        if act == "close":
            accounts.close(person)
        elif act == "reopen":
            accounts.reopen(person)
        elif act == "begin":
            accounts.begin_holding(person, post)
        else:
            for holding in [one for one in person.post_holdings if one.post_id == post.id]:
                accounts.end_holding(holding)
    except ConflictError:
        pass
