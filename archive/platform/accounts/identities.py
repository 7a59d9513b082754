"""People whom a directory or a provider knows: whose account they have, and the roles and posts their groups give."""

import hashlib
from collections.abc import Iterable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from archive.platform.accounts.models import Credential, Person, Post, Role, Unit
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.rights import RightsService
from archive.platform.accounts.service import AccountService
from archive.platform.accounts.sign_in_models import ExternalIdentity, GroupHolding, GroupRule, Source
from archive.platform.accounts.sources import Identity, Rules
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _

__all__ = ["GroupRuleService", "IdentityService"]

_LOGIN_LENGTH, _NAME_LENGTH, _SUBJECT_LENGTH = 64, 100, 500


class IdentityService:
    """What becomes of an identity that was proved, in the caller's transaction and in the name of its source."""

    def __init__(self, session: Session, clock: Clock, source: Source, address: str | None) -> None:
        self._session = session
        self._clock = clock
        self._source = source
        self._actor = Actor(None, source.value, address=address)

    def admit(self, identity: Identity, rules: Rules) -> Person | None:
        """Whose account this is, with the roles and posts of his groups; None: nobody's here, or a closed one."""
        person = self._known(identity) or self._linked(identity, rules) or self._created(identity, rules)
        if person is None or not person.active:
            digest = hashlib.sha256(identity.subject.encode()).hexdigest()
            self._record(AuditAction.IDENTITY_REFUSED, "identity", digest)
            return None
        self._follow(person, identity.groups, rules)
        return person

    def _known(self, identity: Identity) -> Person | None:
        row = self._session.scalar(
            select(ExternalIdentity).where(
                ExternalIdentity.source == self._source, ExternalIdentity.subject == identity.subject
            )
        )
        return row.person if row is not None else None

    def _linked(self, identity: Identity, rules: Rules) -> Person | None:
        """An account that waits for him: of his login, without a password, of nobody else there, no administrator's."""
        person = person_by_login(self._session, identity.login) if rules.link and identity.login else None
        if person is None or not person.active or person.roles & Role.administrators():
            return None
        others = select(ExternalIdentity.id).where(ExternalIdentity.person_id == person.id)
        if self._session.get(Credential, person.id) is not None or self._session.scalar(others) is not None:
            return None
        return self._link(person, identity)

    def _created(self, identity: Identity, rules: Rules) -> Person | None:
        unit = self._session.scalar(select(Unit).where(Unit.code == rules.create)) if rules.create else None
        login, name = identity.login.strip(), identity.name.strip()[:_NAME_LENGTH]
        fits = 0 < len(login) <= _LOGIN_LENGTH and login.isprintable() and name.isprintable()
        if unit is None or unit.closed_at is not None or not fits:
            return None
        try:
            person = AccountService(self._session, self._clock, self._actor).create_person(login, name, unit)
        except ConflictError:
            return None  # an account of that login is somebody else's
        return self._link(person, identity)

    def _link(self, person: Person, identity: Identity) -> Person | None:
        if len(identity.subject) > _SUBJECT_LENGTH:
            return None
        self._session.add(
            ExternalIdentity(
                source=self._source, subject=identity.subject, person_id=person.id, created_at=self._clock()
            )
        )
        self._record(AuditAction.IDENTITY_LINKED, "person", person.id)
        return person

    def _follow(self, person: Person, groups: Iterable[str], rules: Rules) -> None:
        """Roles and posts come and go with the groups; those given by hand stay."""
        known = {group.casefold() for group in groups}
        of_source = select(GroupRule).where(GroupRule.source == self._source)
        held = [rule for rule in self._session.scalars(of_source) if rule.group.casefold() in known]
        roles = {rule.role for rule in held if rule.role is not None}
        self._follow_roles(person, roles if rules.administrators else roles - Role.administrators())
        self._follow_posts(person, {rule.post_id for rule in held if rule.post_id is not None})
        self._session.flush()

    def _follow_roles(self, person: Person, wanted: set[Role]) -> None:
        given = {row.role: row for row in self._given(person) if row.role is not None}
        by_others = {row.role for row in self._given_by_others(person)}
        going = given.keys() - wanted
        self._set_roles(person, person.roles - (going - by_others))
        coming = _compatible(person.roles, wanted - person.roles)
        self._set_roles(person, person.roles | coming)
        for role in going - (person.roles - by_others):
            self._session.delete(given[role])
        self._session.add_all(
            GroupHolding(person_id=person.id, source=self._source, role=role) for role in coming & person.roles
        )

    def _set_roles(self, person: Person, roles: Iterable[Role]) -> None:
        try:
            RightsService(self._session, self._clock, self._actor).set_roles(person, roles)
        except ConflictError:
            return  # the last administrator of his kind stays until another is appointed

    def _follow_posts(self, person: Person, wanted: set[str]) -> None:
        accounts = AccountService(self._session, self._clock, self._actor)
        given = {row.post_id: row for row in self._given(person) if row.post_id is not None}
        by_others = {row.post_id for row in self._given_by_others(person)}
        now = {holding.post_id: holding for holding in person.post_holdings if holding.ended_at is None}
        for post_id in given.keys() - wanted:
            if post_id in now and post_id not in by_others:
                accounts.end_holding(now[post_id])
            self._session.delete(given[post_id])
        for post_id in wanted - now.keys():
            post = self._session.get_one(Post, post_id)
            if post.closed_at is None:
                accounts.begin_holding(person, post)
                self._session.add(GroupHolding(person_id=person.id, source=self._source, post_id=post_id))

    def _given(self, person: Person) -> Sequence[GroupHolding]:
        his = select(GroupHolding).where(GroupHolding.person_id == person.id)
        return self._session.scalars(his.where(GroupHolding.source == self._source)).all()

    def _given_by_others(self, person: Person) -> Sequence[GroupHolding]:
        his = select(GroupHolding).where(GroupHolding.person_id == person.id)
        return self._session.scalars(his.where(GroupHolding.source != self._source)).all()

    def _record(self, action: AuditAction, kind: str, subject: str) -> None:
        record(self._session, self._clock, self._actor, action, kind, subject, source=self._source)


class GroupRuleService:
    """The table of groups, as the security administrator keeps it, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def rules(self) -> Sequence[GroupRule]:
        """All of them, by group."""
        wanted = select(GroupRule).options(joinedload(GroupRule.post).joinedload(Post.unit))
        return self._session.scalars(wanted.order_by(GroupRule.source, GroupRule.group, GroupRule.id)).all()

    def add(self, source: Source, group: str, *, role: Role | None = None, post: Post | None = None) -> GroupRule:
        """Whoever is in the group holds the role, or the post, from his next sign-in on. Raises ConflictError."""
        same = select(GroupRule.id).where(GroupRule.source == source, GroupRule.group == group)
        given = GroupRule.role == role if post is None else GroupRule.post_id == post.id
        if (role is None) == (post is None):
            raise InvalidError(_("请选择一个角色或一个岗位。"), field="gives")
        if self._session.scalar(same.where(given)) is not None:
            raise ConflictError(_("这条对应关系已经有了。"))
        rule = GroupRule(source=source, group=group, role=role, post=post, created_at=self._clock())
        self._session.add(rule)
        self._session.flush()
        self._record(AuditAction.GROUP_RULE_ADDED, rule)
        return rule

    def remove(self, rule_id: str) -> None:
        """People lose what it gave at their next sign-in. Raises NotFoundError."""
        rule = self._session.get(GroupRule, rule_id)
        if rule is None:
            raise NotFoundError(_("这条对应关系已经删除。"))
        self._record(AuditAction.GROUP_RULE_REMOVED, rule)
        self._session.delete(rule)

    def _record(self, action: AuditAction, rule: GroupRule) -> None:
        details = {"source": rule.source, "group": rule.group}
        details |= {"role": rule.role} if rule.role else {"post": rule.post_id or ""}
        record(self._session, self._clock, self._actor, action, "group_rule", rule.id, **details)


def _compatible(held: frozenset[Role], coming: set[Role]) -> set[Role]:
    """What may be added: an administrator's role stays alone, whether it is held or comes."""
    if held & Role.administrators():
        return set()
    return coming if not held and len(coming) == 1 else coming - Role.administrators()
