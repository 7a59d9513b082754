"""Changing the table of chains: each change is a new version of the whole table, and the old ones stay readable."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from archive.platform.accounts.models import Person, Post, Role, Unit
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.actor import Actor
from archive.platform.approval.chains import (
    SHIPPED,
    Asked,
    Circle,
    Control,
    Row,
    RuleStep,
    Table,
    current_table,
    row_for,
    specs_of,
    table_of,
)
from archive.platform.approval.models import ChainRule, ChainVersion
from archive.platform.approval.service import holders, staffed
from archive.platform.approval.words import PURPOSES
from archive.platform.approval.workflow import StepSpec
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _

__all__ = ["DECIDING_ROLES", "LONGEST_CHAIN", "ChainService", "Question", "WouldDecide"]

#: steps of one row at most
LONGEST_CHAIN = 6
_LONGEST_DAYS = 90
_LONGEST_COMMENT = 500

#: roles that can be asked to decide
DECIDING_ROLES = tuple(role for role in Role if Permission.APPROVE in permissions_of(frozenset({role})))
#: what is never given without anybody's approval
_GUARDED = frozenset(Control) - {Control.PUBLIC, Control.INTERNAL}


@dataclass(frozen=True, slots=True)
class Question:
    """Who would decide if this person asked for this: ids of applicant and owning unit."""

    applicant_id: str
    unit_id: str
    control: Control
    asked: Asked
    purpose: str = ""


@dataclass(frozen=True, slots=True)
class WouldDecide:
    """One step as it would be, and the people who could decide it now."""

    spec: StepSpec
    people: tuple[Person, ...]


class ChainService:
    """The table as it is and was, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def versions(self) -> Sequence[ChainVersion]:
        """All versions, the newest first. What is shipped is version 0, and not among them."""
        newest = select(ChainVersion).options(joinedload(ChainVersion.author)).order_by(ChainVersion.number.desc())
        return self._session.scalars(newest).all()

    def newest(self) -> int:
        """The number of the version that holds; 0 is the shipped one."""
        return self._session.scalar(select(func.max(ChainVersion.number))) or 0

    def table(self, number: int) -> Table:
        """The table of one version. Raises NotFoundError."""
        if number == 0:
            return SHIPPED
        version = self._session.scalar(select(ChainVersion).where(ChainVersion.number == number))
        if version is None:
            raise NotFoundError(_("没有这一版审批流程。"))
        return table_of(version.rules)

    def change(
        self, author: Person, based_on: int, row: Row, steps: Sequence[RuleStep] | None, comment: str
    ) -> ChainVersion:
        """Give a row other steps, or take away the row of a purpose (None).

        Raises InvalidError (field), ConflictError (somebody changed the table since version `based_on`).
        """
        table = dict(self._table_based_on(based_on))
        if not comment.strip() or len(comment) > _LONGEST_COMMENT:
            raise InvalidError(_("请写明更改的原因，不超过 {most} 字。"), field="comment", most=_LONGEST_COMMENT)
        if steps is None:
            if not row.purpose or table.pop(row, None) is None:
                raise NotFoundError(_("没有这一行审批流程。"))
        else:
            self._check(row, steps)
            table[row] = tuple(steps)
        return self._keep(author, based_on + 1, table, row, comment.strip())

    def would_decide(self, question: Question) -> list[WouldDecide]:
        """The steps, each with whoever could decide it now. Raises NotFoundError, ConflictError (nobody could)."""
        applicant, unit = self._found(question.applicant_id, question.unit_id)
        circle = Circle.OWN if unit.id == applicant.unit_id else Circle.OTHER
        table = current_table(self._session)
        row = row_for(table, question.asked, question.control, circle, question.purpose)
        return self.preview(table[row], applicant.id, unit.id)

    def preview(self, steps: Sequence[RuleStep], applicant_id: str, unit_id: str) -> list[WouldDecide]:
        """The same for steps that are not kept yet. Raises as `would_decide`, and InvalidError (field)."""
        applicant, unit = self._found(applicant_id, unit_id)
        for number, step in enumerate(steps, start=1):
            self._check_step(number, step)
        specs = staffed(self._session, specs_of(steps, unit.id, applicant.unit_id), applicant.id)
        return [WouldDecide(spec, self._people(spec, applicant.id)) for spec in specs]

    def posts(self) -> Sequence[Post]:
        """Posts that can be asked to decide."""
        wanted = select(Post).join(Post.unit).where(Post.closed_at.is_(None)).options(joinedload(Post.unit))
        return self._session.scalars(wanted.order_by(Unit.code, Post.name)).all()

    def people(self) -> list[Person]:
        """People who can be asked to decide, or ask: employees with an account that is open."""
        wanted = select(Person).join(Person.unit).where(Person.active).options(joinedload(Person.unit))
        people = self._session.scalars(wanted.order_by(Unit.code, Person.name))
        return [one for one in people if Permission.REQUEST in permissions_of(one.roles)]

    def _found(self, applicant_id: str, unit_id: str) -> tuple[Person, Unit]:
        applicant, unit = self._session.get(Person, applicant_id), self._session.get(Unit, unit_id)
        if applicant is None or unit is None:
            raise NotFoundError(_("请选择申请人和档案所属部门。"))
        return applicant, unit

    def _people(self, spec: StepSpec, applicant_id: str) -> tuple[Person, ...]:
        ids = [one for one in holders(self._session, spec) if one != applicant_id]
        return tuple(self._session.scalars(select(Person).where(Person.id.in_(ids)).order_by(Person.name)))

    def _table_based_on(self, number: int) -> Table:
        if number != self.newest():
            raise ConflictError(_("审批流程刚刚被他人修改过，请重新打开后再改。"))
        return self.table(number)

    def _check(self, row: Row, steps: Sequence[RuleStep]) -> None:
        if row.purpose and row.purpose not in PURPOSES:
            raise InvalidError(_("请选择目的。"), field="purpose")
        if not steps and row.control in _GUARDED:
            raise InvalidError(_("这类档案必须经过审批，请至少设一个环节。"), field="who-1")
        if len(set(steps)) != len(steps):
            raise InvalidError(_("同一环节写了两次。"), field="who-1")
        for number, step in enumerate(steps, start=1):
            self._check_step(number, step)

    def _check_step(self, number: int, step: RuleStep) -> None:
        if step.days is not None and not 1 <= step.days <= _LONGEST_DAYS:
            raise InvalidError(_("时限应为 1 至 {most} 天。"), field=f"days-{number}", most=_LONGEST_DAYS)
        post = self._session.get(Post, step.post_id) if step.post_id else None
        person = self._session.get(Person, step.person_id) if step.person_id else None
        known = (
            step.role in DECIDING_ROLES
            or (post is not None and post.closed_at is None)
            or (person is not None and person.active and Permission.REQUEST in permissions_of(person.roles))
        )
        if not known:
            raise InvalidError(_("请选择可以审批的角色、岗位或人员。"), field=f"who-{number}")

    def _keep(self, author: Person, number: int, table: Table, row: Row, comment: str) -> ChainVersion:
        version = ChainVersion(number=number, created_by=author.id, created_at=self._clock(), comment=comment)
        version.rules = [
            ChainRule(
                position=position,
                asked=one.asked,
                control=one.control,
                circle=one.circle,
                purpose=one.purpose,
                steps=[step.to_json() for step in table[one]],
            )
            for position, one in enumerate(sorted(table, key=lambda one: one.order), start=1)
        ]
        self._session.add(version)
        self._session.flush()
        said = [step.role or step.post_id or step.person_id for step in table.get(row, ())]
        details = {"asked": row.asked, "control": row.control, "circle": row.circle, "purpose": row.purpose}
        record(
            self._session,
            self._clock,
            self._actor,
            AuditAction.CHAINS_CHANGED,
            "chains",
            version.id,
            number=number,
            **details,
            steps=said,
        )
        return version
