"""Units, people, the posts they hold, and the passwords they are given: one named method, one audit entry."""

from collections.abc import Iterable, Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.platform.accounts.duties import Duty, open_things
from archive.platform.accounts.email import check_email
from archive.platform.accounts.models import (
    Clearance,
    Credential,
    Language,
    Person,
    Post,
    PostHolding,
    Role,
    RoleHolding,
    Unit,
)
from archive.platform.accounts.passwords import hash_password, random_password
from archive.platform.accounts.role_rules import check_compatible, check_one_remains
from archive.platform.accounts.sessions import WebSessions
from archive.platform.accounts.tokens import end_tokens
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, ForbiddenError, InvalidError
from archive.platform.i18n import _

__all__ = ["AccountService"]


class AccountService:
    """Units, people and posts, in the caller's transaction and in the actor's name.

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
        self._record(AuditAction.UNIT_CREATED, "unit", unit.id, code=code)
        return unit

    # --- people ---

    def create_person(
        self,
        login: str,
        name: str,
        unit: Unit,
        roles: Iterable[Role] = (),
        *,
        post: str = "",
        language: Language = Language.SIMPLIFIED,
    ) -> Person:
        """A new account, without a password yet, in the post of that name in the unit, which is made if need be.

        Raises ConflictError (login taken), InvalidError (roles).
        """
        login, held = login.strip(), check_compatible(roles)
        self._check_free(login)
        person = Person(
            login=login, name=name, unit_id=unit.id, language=language, active=True, created_at=self._clock()
        )
        person.holdings = [RoleHolding(role=role) for role in sorted(held)]
        person.post_holdings = []
        self._session.add(person)
        self._session.flush()
        self._record(AuditAction.PERSON_CREATED, "person", person.id, roles=sorted(held), unit=unit.id)
        if post:
            self.begin_holding(person, self.post_in(unit, post))
        return person

    def change_person(self, person: Person, *, login: str, name: str, unit: Unit) -> None:
        """Correct who he is and where he belongs; his posts stay. Raises ConflictError if the login is taken."""
        login = login.strip()
        if login.casefold() != person.login.casefold():
            self._check_free(login)
        changed = [
            field
            for field, before, after in (
                ("login", person.login, login),
                ("name", person.name, name),
                ("unit", person.unit_id, unit.id),
            )
            if before != after
        ]
        if changed:
            person.login, person.name, person.unit = login, name, unit
            self._record(AuditAction.PERSON_CHANGED, "person", person.id, changed=changed, unit=unit.id)

    def close(self, person: Person, successor: Person | None = None) -> None:
        """The account ends with its roles: nobody signs in with it; posts and what is open go to the successor.

        Raises ConflictError (something is open and nobody takes it, last administrator of his kind), ForbiddenError
        (one's own account), InvalidError (a useless successor).
        """
        self._check_not_himself(person)
        check_one_remains(self._session, person, without=person.roles)
        held = [holding for holding in person.post_holdings if holding.ended_at is None]
        if successor is not None:
            for holding in held:
                self.begin_holding(_able(successor, person), holding.post)
        self._hand_over(person, successor)
        for holding in held:
            self._end(holding)
        self._record(AuditAction.PERSON_CLOSED, "person", person.id, roles=sorted(person.roles))
        for role in list(person.holdings):
            person.holdings.remove(role)
        person.active, person.clearance = False, Clearance.NONE
        self._sessions.close_all(person)
        end_tokens(self._session, self._clock, person)

    def reopen(self, person: Person) -> None:
        """The account may be used again, without post, role or clearance, once it is given a password."""
        if person.active:
            raise ConflictError(_("此账户没有停用。"))
        person.active = True
        credential = self._session.get(Credential, person.id)
        if credential is not None:
            self._session.delete(credential)
        self._record(AuditAction.PERSON_REOPENED, "person", person.id)

    def change_language(self, person: Person, language: Language) -> None:
        """Choose the language of the interface."""
        person.language = language
        self._record(AuditAction.LANGUAGE_CHANGED, "person", person.id, language=language)

    def change_email(self, person: Person, address: str) -> None:
        """Where his notices are sent; "" for nowhere. Raises InvalidError (field email)."""
        address = check_email(address)
        if address != person.email:
            person.email = address
            self._record(AuditAction.PERSON_CHANGED, "person", person.id, changed=["email"])

    # --- passwords that are given ---

    def set_password(self, person: Person, password: str, *, temporary: bool = False) -> None:
        """Give a password; ends any lock-out and every session. `temporary`: to be changed at first use.

        Raises InvalidError if it is too short or too long.
        """
        hashed, now = hash_password(password), self._clock()
        credential = self._session.get(Credential, person.id)
        if credential is None:
            credential = Credential(person_id=person.id)
            self._session.add(credential)
        credential.password_hash, credential.changed_at, credential.temporary = hashed, now, temporary
        credential.failures, credential.locked_until = 0, None
        self._sessions.close_all(person)
        end_tokens(self._session, self._clock, person)
        self._record(AuditAction.PASSWORD_SET, "person", person.id)

    def give_password(self, person: Person) -> str:
        """A new random password, shown once and changed at first use; returns it.

        Raises ForbiddenError for oneself and for an administrator: whoever could give him a password could be him.
        ConflictError if the account is closed.
        """
        self._check_not_himself(person)
        if person.roles & Role.administrators():
            raise ForbiddenError(
                _("管理员的密码不能在网页上重置，请由运维人员在服务器上用 danggui password 命令设置。")
            )
        if not person.active:
            raise ConflictError(_("此账户已停用。"))
        password = random_password()
        self.set_password(person, password, temporary=True)
        return password

    # --- posts and who holds them ---

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
        self._record(AuditAction.POST_CREATED, "post", post.id, unit=unit.id)
        return post

    def begin_holding(self, person: Person, post: Post) -> PostHolding:
        """The person holds the post from now on; done again, it stays as it is. Raises ConflictError (closed)."""
        for held in person.post_holdings:
            if held.post_id == post.id and held.ended_at is None:
                return held
        if post.closed_at is not None or not person.active:
            raise ConflictError(_("岗位或账户已停用，不能到岗。"))
        holding = PostHolding(post=post, began_at=self._clock())
        person.post_holdings.append(holding)
        self._session.flush()
        self._record(AuditAction.POST_TAKEN, "person", person.id, post=post.id)
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

    def open_of(self, person: Person) -> list[tuple[str, list[tuple[str, str]]]]:
        """What this person has in hand, as `duties.open_things` tells it."""
        return open_things(self._session, self._duties, person.id)

    def _hand_over(self, person: Person, successor: Person | None) -> None:
        if successor is None:
            if self.open_of(person):
                raise ConflictError(_("此人还有未办结的事项，请先选择接手人。"))
            return
        _able(successor, person)
        handed = sum(
            duty.hand_over(self._session, self._clock, self._actor, person.id, successor.id) for duty in self._duties
        )
        details = {"successor": successor.id, "things": handed}
        self._record(AuditAction.DUTIES_HANDED_OVER, "person", person.id, **details)

    def _end(self, holding: PostHolding) -> None:
        holding.ended_at = self._clock()
        self._record(AuditAction.POST_LEFT, "person", holding.person_id, post=holding.post_id)

    def _check_free(self, login: str) -> None:
        # Two that differ in capitals only would be taken for each other.
        if self._session.scalar(select(Person.id).where(func.lower(Person.login) == login.lower())):
            raise ConflictError(_("登录名 {login} 已被使用。"), login=login)

    def _check_not_himself(self, person: Person) -> None:
        if person.id == self._actor.person_id:
            raise ForbiddenError(_("不能对自己的账户进行此项操作，请由另一位管理员办理。"))

    def _record(self, action: AuditAction, kind: str, subject: str, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, kind, subject, **details)


def _able(successor: Person, leaving: Person) -> Person:
    """The successor, if he can be one. Raises InvalidError."""
    if successor.id == leaving.id or not successor.active:
        raise InvalidError(_("接手人应是另一位在职人员。"), field="successor")
    return successor
