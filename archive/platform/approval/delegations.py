"""Delegation 委托: who is away lets another decide in his place, for a time and for some kinds of cases or all."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Select, or_, select
from sqlalchemy.orm import Session, joinedload

from archive.platform.accounts.models import Person, Unit
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.approval.models import Delegation
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _

__all__ = ["LONGEST", "DelegationService", "DelegationWish"]

#: the longest time one delegation may last
LONGEST = timedelta(days=366)
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class DelegationWish:
    """To whom (his id), from when until before when (aware), for which kinds of subject; none: all."""

    to_id: str
    starts_at: datetime
    ends_at: datetime
    kinds: tuple[str, ...] = ()


class DelegationService:
    """Delegations, in the caller's transaction. They end by themselves; nobody passes one on."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def delegate(self, giver: Person, wish: DelegationWish, known_kinds: Collection[str]) -> Delegation:
        """Let another decide in the giver's place. Raises InvalidError (field), ConflictError (he does already)."""
        if wish.to_id == giver.id:
            raise InvalidError(_("不能委托给自己。"), field="to")
        taker = self._session.get(Person, wish.to_id)
        if taker is None or not _may_take(taker):
            raise InvalidError(_("请选择受托人。"), field="to")
        self._check_time(wish)
        if not set(wish.kinds) <= set(known_kinds):
            raise InvalidError(_("请选择委托的类别。"), field="kinds")
        self._refuse_twice(giver, wish)
        now = self._clock()
        made = Delegation(
            from_id=giver.id,
            to_id=taker.id,
            kinds=sorted(wish.kinds),
            starts_at=max(wish.starts_at, now),
            ends_at=wish.ends_at,
            created_at=now,
        )
        self._session.add(made)
        self._session.flush()
        self._record(AuditAction.DELEGATION_GIVEN, made, to=taker.id, kinds=made.kinds)
        return made

    def end(self, delegation_id: str, person: Person) -> None:
        """End one's own delegation now. Raises NotFoundError, ConflictError (over already)."""
        found = self._session.get(Delegation, delegation_id, with_for_update=True, populate_existing=True)
        if found is None or person.id not in {found.from_id, found.to_id}:
            raise NotFoundError(_("没有这项委托。"))
        if found.ended_at is not None or found.ends_at <= self._clock():
            raise ConflictError(_("这项委托已经结束。"))
        self._end(found)

    def end_all(self, person_id: str) -> int:
        """End every delegation from or to somebody who leaves; returns how many."""
        theirs = self.open_of(person_id)
        for one in theirs:
            self._end(one)
        return len(theirs)

    def open_of(self, person_id: str) -> Sequence[Delegation]:
        """Delegations from or to a person that run now or begin later."""
        wanted = self._of(person_id).where(Delegation.ended_at.is_(None), Delegation.ends_at > self._clock())
        return self._session.scalars(wanted).all()

    def takers(self, giver: Person) -> list[Person]:
        """Whom he may choose: every other employee with an account that is open, by department and name."""
        others = select(Person).join(Person.unit).where(Person.active, Person.id != giver.id)
        people = self._session.scalars(others.options(joinedload(Person.unit)).order_by(Unit.code, Person.name))
        return [one for one in people if _may_take(one)]

    def shown(self, person: Person) -> Sequence[Delegation]:
        """Delegations from or to a person, the newest first, over ones too."""
        people = (joinedload(Delegation.giver), joinedload(Delegation.taker))
        newest = self._of(person.id).options(*people).order_by(Delegation.starts_at.desc(), Delegation.id.desc())
        return self._session.scalars(newest.limit(_SHOWN)).all()

    def _of(self, person_id: str) -> Select[Delegation]:
        return select(Delegation).where(or_(Delegation.from_id == person_id, Delegation.to_id == person_id))

    def _check_time(self, wish: DelegationWish) -> None:
        if wish.ends_at <= self._clock():
            raise InvalidError(_("结束时间应在现在以后。"), field="ends_at")
        if wish.ends_at <= wish.starts_at:
            raise InvalidError(_("结束时间应在开始时间以后。"), field="ends_at")
        if wish.ends_at - wish.starts_at > LONGEST:
            raise InvalidError(_("一次委托不超过 {days} 天。"), field="ends_at", days=LONGEST.days)

    def _refuse_twice(self, giver: Person, wish: DelegationWish) -> None:
        same = select(Delegation).where(Delegation.from_id == giver.id, Delegation.to_id == wish.to_id)
        same = same.where(Delegation.ended_at.is_(None))
        overlap = same.where(Delegation.starts_at < wish.ends_at, Delegation.ends_at > wish.starts_at)
        if any(
            not one.kinds or not wish.kinds or set(one.kinds) & set(wish.kinds)
            for one in self._session.scalars(overlap)
        ):
            raise ConflictError(_("这段时间已经委托给这个人，请先结束原有委托。"))

    def _end(self, delegation: Delegation) -> None:
        delegation.ended_at = self._clock()
        self._record(AuditAction.DELEGATION_ENDED, delegation, to=delegation.to_id)

    def _record(self, action: AuditAction, delegation: Delegation, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, "delegation", delegation.id, **details)


def _may_take(person: Person) -> bool:
    """Whether somebody may decide in another's place: an employee, never one of the three administrators."""
    return person.active and Permission.REQUEST in permissions_of(person.roles)
