"""What waits for a person, what he decided, what he asked for: counted and paged by the database. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, exists, false, func, or_, select, true
from sqlalchemy.orm import Session, joinedload, selectinload

from archive.platform.accounts.facts import PersonFacts, facts_of
from archive.platform.accounts.models import Person
from archive.platform.approval.models import (
    ActKind,
    ApprovalAct,
    ApprovalCase,
    ApprovalStep,
    CaseState,
    Delegation,
    StepState,
)
from archive.platform.db import Clock

_Rows = TypeVar("_Rows")

__all__ = ["PAGE", "Inbox", "Narrowed", "mandates_of"]

#: rows of one page
PAGE = 20
_DECISIONS = (ActKind.APPROVED, ActKind.REFUSED, ActKind.RETURNED)


@dataclass(frozen=True, slots=True)
class Narrowed:
    """Which part of a list is wanted: a kind of subject, and a part of the applicant's name or of the number."""

    kind: str = ""
    words: str = ""

    def condition(self) -> ColumnElement[bool]:
        """The same in SQL, on ApprovalCase."""
        conditions: list[ColumnElement[bool]] = []
        if self.kind:
            conditions.append(ApprovalCase.subject_kind == self.kind)
        if words := self.words.strip():
            named = ApprovalCase.applicant.has(Person.name.contains(words, autoescape=True))
            conditions.append(or_(named, ApprovalCase.label.contains(words, autoescape=True)))
        return and_(true(), *conditions)


class Inbox:
    """Reads for one person."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def waiting(self, person: Person) -> int:
        """How many decisions wait for this person."""
        return self._count(self._waiting(person, Narrowed()))

    def due(self, person: Person, narrowed: Narrowed = Narrowed(), page: int = 1) -> tuple[int, Sequence[ApprovalStep]]:
        """How many decisions wait for this person, and one page of them (from 1), the oldest first."""
        wanted = self._waiting(person, narrowed)
        case = joinedload(ApprovalStep.case)
        rows = wanted.order_by(ApprovalCase.created_at, ApprovalCase.id).options(case.options(*_whole()))
        return self._count(wanted), self._session.scalars(_paged(rows, page)).all()

    def waits(self, person: Person, case_ids: Sequence[str]) -> bool:
        """Whether one of these cases waits for this person."""
        mine = self._waiting(person, Narrowed()).where(ApprovalStep.case_id.in_(case_ids))
        return self._session.scalar(mine.with_only_columns(ApprovalStep.id).limit(1)) is not None

    def decided(
        self, person: Person, narrowed: Narrowed = Narrowed(), page: int = 1
    ) -> tuple[int, Sequence[ApprovalAct]]:
        """How many decisions this person took, and one page of them, the newest first."""
        wanted = select(ApprovalAct).join(ApprovalAct.case).where(narrowed.condition())
        wanted = wanted.where(ApprovalAct.person_id == person.id, ApprovalAct.kind.in_(_DECISIONS))
        case = joinedload(ApprovalAct.case)
        rows = wanted.order_by(ApprovalAct.at.desc(), ApprovalAct.id.desc())
        rows = rows.options(case.options(*_whole()), joinedload(ApprovalAct.behalf))
        return self._count(wanted), self._session.scalars(_paged(rows, page)).all()

    def asked(
        self, person: Person, narrowed: Narrowed = Narrowed(), page: int = 1
    ) -> tuple[int, Sequence[ApprovalCase]]:
        """How many cases of his are not decided yet, and one page of them: first what was returned to him."""
        wanted = select(ApprovalCase).where(narrowed.condition(), ApprovalCase.applicant_id == person.id)
        wanted = wanted.where(ApprovalCase.state.in_([CaseState.OPEN, CaseState.RETURNED]))
        rows = wanted.order_by(ApprovalCase.state.desc(), ApprovalCase.created_at.desc(), ApprovalCase.id.desc())
        rows = rows.options(*_whole())
        return self._count(wanted), self._session.scalars(_paged(rows, page)).all()

    def returned(self, person: Person) -> int:
        """How many cases were returned to this person for more information."""
        mine = select(ApprovalCase).where(ApprovalCase.applicant_id == person.id)
        return self._count(mine.where(ApprovalCase.state == CaseState.RETURNED))

    def case(self, case_id: str) -> ApprovalCase | None:
        """One case with its history."""
        return self._session.get(ApprovalCase, case_id, options=_whole())

    def _waiting(self, person: Person, narrowed: Narrowed) -> Select[ApprovalStep]:
        own = _asks(facts_of(person))
        others = [
            and_(_asks(giver), ApprovalCase.subject_kind.in_(kinds) if kinds else true())
            for giver, kinds in mandates_of(self._session, person, self._clock)
        ]
        waiting = select(ApprovalStep).join(ApprovalStep.case).where(narrowed.condition())
        return waiting.where(
            ApprovalStep.state == StepState.DUE, ApprovalCase.applicant_id != person.id, or_(own, *others)
        )

    def _count(self, wanted: Select[Any]) -> int:
        return self._session.scalar(wanted.with_only_columns(func.count(), maintain_column_froms=True)) or 0


def mandates_of(session: Session, person: Person, clock: Clock) -> list[tuple[PersonFacts, frozenset[str]]]:
    """Those in whose place this person may decide now, each with the kinds of subject; none: all."""
    running = select(Delegation).where(Delegation.to_id == person.id, Delegation.running_at(clock()))
    wanted = running.options(joinedload(Delegation.giver)).order_by(Delegation.starts_at, Delegation.id)
    return [(facts_of(one.giver), frozenset(one.kinds)) for one in session.scalars(wanted)]


def _asks(person: PersonFacts) -> ColumnElement[bool]:
    """The condition, in SQL, that a due step is this person's to decide: `workflow.principal` for whole queries."""
    if not person.active:
        return false()
    in_his_unit = or_(ApprovalStep.unit_id.is_(None), ApprovalStep.unit_id == person.unit_id)
    his = or_(
        and_(ApprovalStep.role.in_(person.roles), in_his_unit),
        ApprovalStep.post_id.in_(person.posts),
        ApprovalStep.person_id == person.id,
    )
    said = exists().where(
        ApprovalAct.step_id == ApprovalStep.id,
        ApprovalAct.kind == ActKind.APPROVED,
        func.coalesce(ApprovalAct.behalf_id, ApprovalAct.person_id) == person.id,
    )
    return and_(his, ApprovalCase.applicant_id != person.id, or_(ApprovalStep.all_of.is_(False), ~said))


def _whole() -> list[Any]:
    """With everything that is shown of a case, in as few questions to the database."""
    acts = selectinload(ApprovalCase.acts)
    people = (joinedload(ApprovalAct.person), joinedload(ApprovalAct.behalf), joinedload(ApprovalAct.to))
    return [joinedload(ApprovalCase.applicant).joinedload(Person.unit), acts.options(*people)]


def _paged(wanted: Select[_Rows], page: int) -> Select[_Rows]:
    return wanted.offset((page - 1) * PAGE).limit(PAGE)
