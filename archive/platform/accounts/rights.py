"""Roles and clearance of people, as the security administrator gives them; and how they came about."""

from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.duties import Duty, open_things
from archive.platform.accounts.models import Clearance, Credential, Person, Role, RoleHolding
from archive.platform.accounts.role_rules import check_compatible, check_one_remains
from archive.platform.accounts.sessions import WebSessions
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, ForbiddenError
from archive.platform.i18n import _

__all__ = ["RightsService", "history_of"]

_HISTORY = (
    AuditAction.PERSON_CREATED,
    AuditAction.ROLES_CHANGED,
    AuditAction.CLEARANCE_CHANGED,
    AuditAction.PERSON_CLOSED,
    AuditAction.PERSON_REOPENED,
)


class RightsService:
    """What a person may do, in the caller's transaction and in the actor's name; nobody changes his own rights.

    `duties` is what a new administrator may not have in hand any more (`archive.handlers.open_duties`).
    """

    def __init__(self, session: Session, clock: Clock, actor: Actor, duties: Sequence[Duty] = ()) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._duties = duties

    def set_roles(self, person: Person, roles: Iterable[Role]) -> None:
        """The roles from now on, all others end.

        Raises InvalidError (they exclude each other), ForbiddenError (one's own), ConflictError (a closed account; the
        last administrator of his kind; a new administrator whose password somebody else knows, or with work in hand).
        """
        self._check(person)
        wanted, before = check_compatible(roles), person.roles
        if wanted == before:
            return
        check_one_remains(self._session, person, without=before - wanted)
        if wanted & Role.administrators():
            self._check_may_administer(person)
        for holding in [one for one in person.holdings if one.role not in wanted]:
            person.holdings.remove(holding)
        person.holdings += [RoleHolding(role=role) for role in sorted(wanted - before)]
        self._session.flush()
        if (wanted ^ before) & Role.administrators():
            # A session opened in one office does not grow into the other: he signs in anew.
            WebSessions(self._session, self._clock).close_all(person)
        details = {"former": sorted(before), "roles": sorted(wanted)}
        record(self._session, self._clock, self._actor, AuditAction.ROLES_CHANGED, "person", person.id, **details)

    def set_clearance(self, person: Person, clearance: Clearance) -> None:
        """The clearance from now on. Raises ForbiddenError (one's own), ConflictError (a closed account)."""
        self._check(person)
        if clearance is person.clearance:
            return
        details = {"former": person.clearance, "clearance": clearance}
        person.clearance = clearance
        record(self._session, self._clock, self._actor, AuditAction.CLEARANCE_CHANGED, "person", person.id, **details)

    def _check(self, person: Person) -> None:
        if person.id == self._actor.person_id:
            raise ForbiddenError(_("不能更改自己的角色和涉密等级，请由另一位安全保密管理员办理。"))
        if not person.active:
            raise ConflictError(_("此账户已停用。"))

    def _check_may_administer(self, person: Person) -> None:
        credential = self._session.get(Credential, person.id)
        if credential is not None and credential.temporary:
            raise ConflictError(_("此人尚未改过初始密码；请本人登录并修改密码后，再任命为管理员。"))
        # An administrator decides nothing about records: what waits for him by name would wait for ever.
        if open_things(self._session, self._duties, person.id):
            raise ConflictError(_("此人还有未办结的事项，请先由系统管理员办理离岗并移交，再任命为管理员。"))


def history_of(session: Session, person: Person) -> Sequence[AuditEntry]:
    """What became of his rights, the newest first, from the audit trail."""
    entries = select(AuditEntry).where(
        AuditEntry.subject_id == person.id, AuditEntry.action.in_([action.value for action in _HISTORY])
    )
    return session.scalars(entries.order_by(AuditEntry.at.desc(), AuditEntry.id.desc())).all()
