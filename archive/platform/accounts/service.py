"""Every change to units, people and their sign-in: one named method, one audit entry."""

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.duties import Duty
from archive.platform.accounts.models import (
    Credential,
    Language,
    Person,
    Post,
    PostHolding,
    Role,
    RoleHolding,
    Unit,
)
from archive.platform.accounts.passwords import hash_password, matches, rest_after
from archive.platform.accounts.sessions import WebSessions
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.i18n import _

__all__ = ["AccountService"]


class AccountService:
    """Units, people, passwords and sessions, in the caller's transaction and in the actor's name.

    `duties` is what leaving looks at (`archive.handlers.open_duties`).
    """

    def __init__(self, session: Session, clock: Clock, actor: Actor, duties: Sequence[Duty] = ()) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._duties = duties
        self._sessions = WebSessions(session, clock)

    def create_unit(self, code: str, name: str, parent: Unit | None = None) -> Unit:
        """A new department. Raises ConflictError if the code is taken."""
        if self._session.scalar(select(Unit.id).where(Unit.code == code)):
            raise ConflictError(_("机构代码 {code} 已存在。"), code=code)
        unit = Unit(code=code, name=name, parent_id=parent.id if parent else None)
        self._session.add(unit)
        self._session.flush()
        self._record(self._actor, AuditAction.UNIT_CREATED, "unit", unit.id, code=code)
        return unit

    def create_person(
        self,
        login: str,
        name: str,
        unit: Unit,
        roles: Iterable[Role],
        *,
        post: str = "",
        language: Language = Language.SIMPLIFIED,
    ) -> Person:
        """A new account, without a password yet, in the post of that name in the unit, which is made if need be.

        Raises ConflictError (login taken), InvalidError (roles).
        """
        login, held = login.strip(), _compatible(roles)
        if self.find(login) is not None:
            raise ConflictError(_("登录名 {login} 已被使用。"), login=login)
        person = Person(
            login=login, name=name, unit_id=unit.id, language=language, active=True, created_at=self._clock()
        )
        person.holdings = [RoleHolding(role=role) for role in sorted(held)]
        person.post_holdings = []
        self._session.add(person)
        self._session.flush()
        self._record(self._actor, AuditAction.PERSON_CREATED, "person", person.id, roles=sorted(held), unit=unit.id)
        if post:
            self.begin_holding(person, self.post_in(unit, post))
        return person

    def post_in(self, unit: Unit, name: str) -> Post:
        """The post of this name in the unit: made if there is none, opened again if it was closed."""
        post = self._session.scalar(select(Post).where(Post.unit_id == unit.id, Post.name == name))
        if post is None:
            post = Post(unit_id=unit.id, name=name)
            self._session.add(post)
        elif post.closed_at is None:
            return post
        post.closed_at = None
        self._session.flush()
        self._record(self._actor, AuditAction.POST_CREATED, "post", post.id, unit=unit.id)
        return post

    def begin_holding(self, person: Person, post: Post) -> PostHolding:
        """The person holds the post from now on; done again, it stays as it is."""
        for held in person.post_holdings:
            if held.post_id == post.id and held.ended_at is None:
                return held
        holding = PostHolding(post=post, began_at=self._clock())
        person.post_holdings.append(holding)
        self._session.flush()
        self._record(self._actor, AuditAction.POST_TAKEN, "person", person.id, post=post.id)
        return holding

    def end_holding(self, holding: PostHolding, successor: Person | None = None) -> None:
        """The post is left: to the successor, who takes over what is open; or to nobody, if nothing is.

        Raises ConflictError if it was left already or something is open; InvalidError for a useless successor.
        """
        if holding.ended_at is not None:
            raise ConflictError(_("此人已不在该岗位。"))
        if successor is not None:
            self.begin_holding(_able(successor, holding.person), holding.post)
        self._hand_over(holding.person, successor)
        self._end(holding)

    def close(self, person: Person, successor: Person | None = None) -> None:
        """The account ends: nobody signs in with it any more, its posts and what is open go to the successor.

        Raises as `end_holding` does.
        """
        held = [holding for holding in person.post_holdings if holding.ended_at is None]
        if successor is not None:
            for holding in held:
                self.begin_holding(_able(successor, person), holding.post)
        self._hand_over(person, successor)
        for holding in held:
            self._end(holding)
        person.active = False
        self._sessions.close_all(person)
        self._record(self._actor, AuditAction.PERSON_CLOSED, "person", person.id)

    def set_password(self, person: Person, password: str) -> None:
        """Give a password; ends any lock-out. Raises InvalidError if it is too short or too long."""
        hashed, now = hash_password(password), self._clock()
        credential = self._session.get(Credential, person.id)
        if credential is None:
            credential = Credential(person_id=person.id)
            self._session.add(credential)
        credential.password_hash, credential.changed_at = hashed, now
        credential.failures, credential.locked_until = 0, None
        self._record(self._actor, AuditAction.PASSWORD_SET, "person", person.id)

    def find(self, login: str) -> Person | None:
        """The person with this login name, if any."""
        return self._session.scalar(select(Person).where(Person.login == login.strip()))

    def sign_in(self, login: str, password: str, address: str | None) -> str | None:
        """The token of a new session, or None: unknown, wrong, closed and locked look and last the same.

        A refusal writes too (count, audit), so the caller must commit in both cases.
        """
        person = self.find(login)
        credential = self._locked_row(person)
        fits = matches(password, credential.password_hash if credential else None)
        if person is None or credential is None or not self._may_enter(person, credential, fits, address):
            self._refuse(login, person, address)
            return None
        credential.failures, credential.locked_until = 0, None
        self._record(_named(person, address), AuditAction.SIGNED_IN, "person", person.id)
        return self._sessions.open(person, address)

    def sign_out(self, token: str) -> None:
        """End the session; the token is worth nothing afterwards."""
        person_id = self._sessions.close(token)
        if person_id is not None:
            self._record(self._actor, AuditAction.SIGNED_OUT, "person", person_id)

    def change_language(self, person: Person, language: Language) -> None:
        """Choose the language of the interface."""
        person.language = language
        self._record(self._actor, AuditAction.LANGUAGE_CHANGED, "person", person.id, language=language)

    def _hand_over(self, person: Person, successor: Person | None) -> None:
        if successor is None:
            if any(duty.open(self._session, person.id) for duty in self._duties):
                raise ConflictError(_("此人还有未办结的事项，请先选择接手人。"))
            return
        _able(successor, person)
        handed = sum(
            duty.hand_over(self._session, self._clock, self._actor, person.id, successor.id) for duty in self._duties
        )
        details = {"successor": successor.id, "things": handed}
        self._record(self._actor, AuditAction.DUTIES_HANDED_OVER, "person", person.id, **details)

    def _end(self, holding: PostHolding) -> None:
        holding.ended_at = self._clock()
        self._record(self._actor, AuditAction.POST_LEFT, "person", holding.person_id, post=holding.post_id)

    def _locked_row(self, person: Person | None) -> Credential | None:
        # Locked, so that guesses made at the same time are all counted.
        if person is None:
            return None
        return self._session.get(Credential, person.id, with_for_update=True, populate_existing=True)

    def _may_enter(self, person: Person, credential: Credential, fits: bool, address: str | None) -> bool:
        """Whether the account takes a password now and this one fits; a wrong one is counted."""
        locked = credential.locked_until is not None and self._clock() < credential.locked_until
        if locked or not person.active:
            return False
        if not fits:
            self._count_failure(person, credential, address)
        return fits

    def _count_failure(self, person: Person, credential: Credential, address: str | None) -> None:
        credential.failures += 1
        rest = rest_after(credential.failures)
        if rest is not None:
            credential.locked_until = self._clock() + rest
            nobody = Actor(None, "", address=address)
            self._record(nobody, AuditAction.ACCOUNT_LOCKED, "person", person.id, failures=credential.failures)

    def _refuse(self, login: str, person: Person | None, address: str | None) -> None:
        # What was typed may be a password in the wrong box: only its digest is kept.
        digest = hashlib.sha256(login.strip().encode()).hexdigest()
        kind, subject = ("person", person.id) if person else ("login", digest)
        self._record(Actor(None, "", address=address), AuditAction.SIGN_IN_REFUSED, kind, subject)

    def _record(self, actor: Actor, action: AuditAction, kind: str, subject: str, **details: object) -> None:
        record(self._session, self._clock, actor, action, kind, subject, **details)


def _named(person: Person, address: str | None) -> Actor:
    return Actor(person.id, person.name, address=address)


def _able(successor: Person, leaving: Person) -> Person:
    """The successor, if he can be one. Raises InvalidError."""
    if successor.id == leaving.id or not successor.active:
        raise InvalidError(_("接手人应是另一位在职人员。"), field="successor")
    return successor


def _compatible(roles: Iterable[Role]) -> frozenset[Role]:
    """The roles, if one person may hold them together: an administrator holds his alone. Raises InvalidError."""
    held = frozenset(roles)
    if held & Role.administrators() and len(held) > 1:
        raise InvalidError(
            _("系统管理员、安全保密管理员、安全审计员相互独立，不得由一人兼任，也不得兼任其他角色。"), field="roles"
        )
    return held
