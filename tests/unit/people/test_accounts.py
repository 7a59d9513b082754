"""Accounts: signing in, lock-out, sessions and roles, on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Credential, Person, Role, WebSession
from archive.platform.accounts.passwords import rest_after
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.sessions import ABSOLUTE_END, IDLE_END, WebSessions
from archive.platform.accounts.sign_in import SignInService
from archive.platform.actor import SYSTEM, Actor
from archive.platform.audit.models import AuditEntry
from archive.platform.errors import ConflictError, InvalidError
from tests.factories.clock import SetClock
from tests.factories.organisation import Organisation

PASSWORD = "correct horse battery"


@pytest.fixture
def accounts(session: Session, clock: SetClock, organisation: Organisation) -> AccountService:
    """The service, with a password for the engineer."""
    service = AccountService(session, clock, SYSTEM)
    service.set_password(organisation.people["engineer"], PASSWORD)
    return service


@pytest.fixture
def entrance(accounts: AccountService, session: Session, clock: SetClock) -> SignInService:
    """Where people sign in."""
    return SignInService(session, clock, Actor(None, "anonymous", address="10.0.0.1"))


def token_of(entrance: SignInService) -> str:
    """The token of the session that the right password opens."""
    entered = entrance.sign_in("engineer", PASSWORD)
    return entered.session if entered else ""


def test_the_right_password_opens_a_session(entrance: SignInService, session: Session, clock: SetClock) -> None:
    """A token is given, only its digest is stored, and it leads back to the person."""
    token = token_of(entrance)
    assert token
    row = session.scalars(select(WebSession)).one()
    assert token not in (row.token_sha256, row.person_id)
    resumed = WebSessions(session, clock).resume(token)
    assert resumed.person is not None
    assert resumed.person.login == "engineer"
    assert WebSessions(session, clock).resume(token + "x").person is None


@pytest.mark.parametrize("login", ["engineer", "nobody", "accountant", ""])
def test_wrong_unknown_and_passwordless_are_refused_alike(entrance: SignInService, login: str) -> None:
    """A wrong password, an unknown login and an account without a password get the same answer."""
    assert entrance.sign_in(login, "wrong") is None


def test_five_failures_lock_and_the_lock_doubles(
    entrance: SignInService, session: Session, clock: SetClock, organisation: Organisation
) -> None:
    """After the fifth failure even the right password is refused, for two minutes; the next failure costs four."""
    for _attempt in range(5):
        assert entrance.sign_in("engineer", "wrong") is None
    assert entrance.sign_in("engineer", PASSWORD) is None
    clock.pass_time(timedelta(minutes=2))
    assert entrance.sign_in("engineer", "wrong") is None
    clock.pass_time(timedelta(minutes=3))
    assert entrance.sign_in("engineer", PASSWORD) is None
    clock.pass_time(timedelta(minutes=1))
    assert entrance.sign_in("engineer", PASSWORD) is not None
    credential = session.get_one(Credential, organisation.people["engineer"].id)
    assert (credential.failures, credential.locked_until) == (0, None)


def test_attempts_while_locked_do_not_prolong_the_lock(entrance: SignInService, clock: SetClock) -> None:
    """Somebody who keeps guessing cannot keep the owner out for ever."""
    for _attempt in range(8):
        entrance.sign_in("engineer", "wrong")
    clock.pass_time(timedelta(minutes=2))
    assert entrance.sign_in("engineer", PASSWORD) is not None


def test_the_rest_has_a_longest() -> None:
    """Four failures cost nothing; the rest grows, and stops at an hour."""
    assert rest_after(4) is None
    assert [rest_after(n) for n in (5, 6, 7)] == [timedelta(minutes=m) for m in (2, 4, 8)]
    assert rest_after(1000) == timedelta(hours=1)


def test_a_session_ends_when_idle_and_at_the_latest_after_a_day(
    entrance: SignInService, session: Session, clock: SetClock
) -> None:
    """Eight hours without a request end a session, and a day ends it even when it was used."""
    token, sessions = token_of(entrance), WebSessions(session, clock)
    began = clock()
    while clock() - began < ABSOLUTE_END - IDLE_END:
        clock.pass_time(IDLE_END - timedelta(minutes=1))
        assert sessions.resume(token).stale
        sessions.touch(token)
    clock.now = began + ABSOLUTE_END
    assert sessions.resume(token).person is None
    clock.now = began
    assert sessions.resume(token).person is not None
    token = token_of(entrance)
    clock.pass_time(IDLE_END)
    assert sessions.resume(token).person is None


def test_signing_out_makes_the_token_worthless(entrance: SignInService, session: Session, clock: SetClock) -> None:
    """After signing out the old cookie opens nothing."""
    token = token_of(entrance)
    entrance.sign_out(token)
    session.flush()
    assert WebSessions(session, clock).resume(token).person is None


def test_a_closed_account_can_neither_enter_nor_stay(
    entrance: SignInService, session: Session, clock: SetClock, organisation: Organisation
) -> None:
    """Whoever left is out at once, with his session, and cannot come back."""
    token = token_of(entrance)
    organisation.people["engineer"].active = False
    assert WebSessions(session, clock).resume(token).person is None
    assert entrance.sign_in("engineer", PASSWORD) is None


def test_the_trail_holds_no_password_and_no_login_that_was_typed(entrance: SignInService, session: Session) -> None:
    """Refusals are recorded without what was typed, which may have been a password."""
    entrance.sign_in("my secret typed into the wrong box", "wrong")
    entrance.sign_in("engineer", PASSWORD)
    session.flush()
    entries = session.scalars(select(AuditEntry)).all()
    told = " ".join(f"{entry.subject_id} {entry.details} {entry.actor_name}" for entry in entries)
    assert "accounts:session:refused" in {entry.action for entry in entries}
    assert "secret" not in told
    assert PASSWORD not in told


def test_an_administrator_holds_his_role_alone(accounts: AccountService, organisation: Organisation) -> None:
    """No person combines an administrator's role with any other."""
    with pytest.raises(InvalidError):
        accounts.create_person(
            "both", "兼", organisation.units["BGS"], [Role.SYSTEM_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR]
        )
    with pytest.raises(InvalidError):
        accounts.create_person("both", "兼", organisation.units["BGS"], [Role.SECURITY_ADMINISTRATOR, Role.READER])


def test_logins_and_unit_codes_are_given_once(accounts: AccountService, organisation: Organisation) -> None:
    """A login name or unit code that is taken is refused."""
    with pytest.raises(ConflictError):
        accounts.create_person("engineer", "另一人", organisation.units["BGS"], [Role.READER])
    with pytest.raises(ConflictError):
        accounts.create_unit("BGS", "又一个办公室")


def test_a_short_password_is_refused(accounts: AccountService, session: Session) -> None:
    """Fewer than eight characters are no password."""
    person = session.scalars(select(Person).where(Person.login == "accountant")).one()
    with pytest.raises(InvalidError) as refused:
        accounts.set_password(person, "1234567")
    assert refused.value.field == "password"
