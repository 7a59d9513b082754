"""Signing in and out, one's own password, and sessions that can be listed and ended."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from archive.platform.accounts.begun import BegunSignIns
from archive.platform.accounts.models import Credential, Pending, Person, WebSession
from archive.platform.accounts.passwords import hash_password, matches, rest_after
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.second_factor import SecondFactorService
from archive.platform.accounts.sessions import WebSessions
from archive.platform.accounts.spraying import SprayingGuard, login_digest
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ForbiddenError, InvalidError, NotFoundError
from archive.platform.i18n import _

__all__ = ["Entered", "SignInService", "has_password"]


@dataclass(frozen=True, slots=True)
class Entered:
    """How far somebody came: the token of his `session`; or that of a `begun` sign-in, which still wants a code."""

    session: str = ""
    begun: str = ""


class SignInService:
    """What a person does with his own account, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._sessions = WebSessions(session, clock)

    def sign_in(self, login: str, password: str, device: str = "", wanted: str = "/") -> Entered | None:
        """How far he came, or None: unknown, wrong, closed and locked look and last the same.

        A refusal writes too (count, audit), so the caller must commit in both cases.
        """
        person = person_by_login(self._session, login)
        credential = self._locked_row(person)
        fits = matches(password, credential.password_hash if credential else None)
        if person is None or credential is None or not self._may_enter(person, credential, fits):
            self.refuse(login, person)
            return None
        credential.failures, credential.locked_until = 0, None
        return self.let_in(person, device, wanted)

    def let_in(self, person: Person, device: str, wanted: str) -> Entered:
        """Who he is, is known; whoever has a second factor is asked for a code before he is in."""
        if SecondFactorService(self._session, self._clock, self._actor).of(person) is None:
            return Entered(session=self._open(person, device))
        return Entered(begun=BegunSignIns(self._session, self._clock).begin(wanted, person_id=person.id))

    def give_code(self, begun: str, code: str, device: str) -> tuple[str, str] | None:
        """The token of a new session and the path to go on to, or None: the code does not fit.

        Raises NotFoundError (nothing was begun, or too long ago). A wrong code is counted, so the caller must commit.
        """
        started = BegunSignIns(self._session, self._clock)
        found = started.find(begun)
        person = self._session.get(Person, found.person_id) if found and found.person_id else None
        if found is None or person is None or not person.active:
            raise NotFoundError(_("登录已过期，请重新登录。"))
        factors = SecondFactorService(self._session, self._clock, self._named(person))
        if not factors.check(person, code):
            self.refuse(person.login, person)
            return None
        wanted = found.wanted
        started.end(begun)
        return self._open(person, device), wanted

    def sign_out(self, token: str) -> None:
        """End the session; the token is worth nothing afterwards."""
        person_id = self._sessions.close(token)
        if person_id is not None:
            self._record(AuditAction.SIGNED_OUT, person_id)

    def change_password(self, person: Person, old: str, new: str, token: str) -> str:
        """Choose another password; every session but that of `token` ends, and that gets the token returned.

        Raises InvalidError (`old` is wrong or the account rests after wrong ones; `new` cannot be used). A wrong one
        is counted, so the caller must commit in both cases.
        """
        credential = self._confirmed(person, old, field="old")
        if new == old or person.login.casefold() in new.casefold():
            raise InvalidError(_("新密码不能与原密码相同，也不能包含登录名。"), field="password")
        credential.password_hash, credential.changed_at = hash_password(new), self._clock()
        credential.failures, credential.locked_until, credential.temporary = 0, None, False
        self._sessions.close_all(person, but=token)
        self._record(AuditAction.PASSWORD_CHANGED, person.id)
        return self._sessions.settle(token)

    def confirm_password(self, person: Person, password: str) -> None:
        """It is he himself who sits there. Raises InvalidError; a wrong one is counted, so the caller must commit."""
        credential = self._confirmed(person, password, field="password")
        credential.failures, credential.locked_until = 0, None

    def raise_session(self, person: Person, token: str) -> str:
        """What this session may do has grown: it goes on under the token returned, and his other sessions end."""
        self.end_sessions(person, but=token)
        return self._sessions.settle(token)

    def sessions_of(self, person: Person) -> Sequence[WebSession]:
        """His sessions that have not ended, the one used last first."""
        return self._session.scalars(self._sessions.alive(person)).all()

    def end_session(self, person: Person, digest: str) -> None:
        """End one of his sessions, named by the digest of its token. Raises NotFoundError."""
        if not self._sessions.close_by_digest(person, digest):
            raise NotFoundError(_("这个登录会话已经结束。"))
        self._record(AuditAction.SESSIONS_ENDED, person.id, sessions=1)

    def end_sessions(self, person: Person, *, but: str = "") -> int:
        """End all his sessions, except that of the token `but`; returns how many."""
        ended = self._sessions.close_all(person, but=but)
        if ended:
            self._record(AuditAction.SESSIONS_ENDED, person.id, sessions=ended)
        return ended

    def unlock(self, person: Person) -> None:
        """An account that rests after wrong passwords takes one again. Raises ForbiddenError for one's own."""
        if person.id == self._actor.person_id:
            raise ForbiddenError(_("不能对自己的账户进行此项操作，请由另一位管理员办理。"))
        credential = self._locked_row(person)
        if credential is not None and credential.failures:
            credential.failures, credential.locked_until = 0, None
            self._record(AuditAction.ACCOUNT_UNLOCKED, person.id)
        SecondFactorService(self._session, self._clock, self._actor).unlock(person)

    def refuse(self, login: str, person: Person | None = None) -> None:
        """Somebody was not let in: said in the audit, and counted where it came from."""
        digest = login_digest(login)
        kind, subject = ("person", person.id) if person else ("login", digest)
        record(self._session, self._clock, self._nobody(), AuditAction.SIGN_IN_REFUSED, kind, subject)
        SprayingGuard(self._session, self._clock).count(self._actor.address, login)

    def _open(self, person: Person, device: str) -> str:
        record(self._session, self._clock, self._named(person), AuditAction.SIGNED_IN, "person", person.id)
        credential = self._session.get(Credential, person.id)
        pending = Pending.NEW_PASSWORD if credential is not None and credential.temporary else None
        return self._sessions.open(person, self._actor.address, device, pending)

    def _confirmed(self, person: Person, password: str, *, field: str) -> Credential:
        credential = self._locked_row(person)
        fits = matches(password, credential.password_hash if credential else None)
        if credential is None or not self._may_enter(person, credential, fits):
            raise InvalidError(_("密码不正确。连续输错五次后，需等待几分钟再试。"), field=field)
        return credential

    def _locked_row(self, person: Person | None) -> Credential | None:
        # Locked, so that guesses made at the same time are all counted.
        if person is None:
            return None
        return self._session.get(Credential, person.id, with_for_update=True, populate_existing=True)

    def _may_enter(self, person: Person, credential: Credential, fits: bool) -> bool:
        """Whether the account takes a password now and this one fits; a wrong one is counted."""
        locked = credential.locked_until is not None and self._clock() < credential.locked_until
        if locked or not person.active:
            return False
        if not fits:
            self._count_failure(person, credential)
        return fits

    def _count_failure(self, person: Person, credential: Credential) -> None:
        credential.failures += 1
        rest = rest_after(credential.failures)
        if rest is not None:
            credential.locked_until = self._clock() + rest
            details = {"failures": credential.failures}
            record(
                self._session, self._clock, self._nobody(), AuditAction.ACCOUNT_LOCKED, "person", person.id, **details
            )

    def _nobody(self) -> Actor:
        return Actor(None, "", address=self._actor.address)

    def _named(self, person: Person) -> Actor:
        return Actor(person.id, person.name, address=self._actor.address)

    def _record(self, action: AuditAction, person_id: str, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "person", person_id, **details)


def has_password(session: Session, login: str) -> bool:
    """Whether somebody with this login has a password here."""
    person = person_by_login(session, login)
    return person is not None and session.get(Credential, person.id) is not None
