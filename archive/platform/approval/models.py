"""A case (one thing to be approved), its steps, everything done to it; who stands in for whom; the edited chains."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ColumnElement, Index, String, Text, UniqueConstraint, and_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.platform.accounts.models import Person, Post, Role, Unit
from archive.platform.db import Base, Id, enum_type, reference

__all__ = [
    "ActKind",
    "ApprovalAct",
    "ApprovalCase",
    "ApprovalStep",
    "CaseState",
    "ChainRule",
    "ChainVersion",
    "Delegation",
    "StepState",
]


class CaseState(enum.StrEnum):
    """State of a case."""

    OPEN = "open"
    RETURNED = "returned"  #: for more information; waits for the applicant
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class StepState(enum.StrEnum):
    """State of a step; only one step of a case is due at a time."""

    WAITING = "waiting"
    DUE = "due"
    RETURNED = "returned"  #: due again when the applicant has answered
    APPROVED = "approved"
    REFUSED = "refused"
    SKIPPED = "skipped"


class ActKind(enum.StrEnum):
    """What was done to a case."""

    APPROVED = "approved"
    REFUSED = "refused"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    WITHDRAWN = "withdrawn"
    REMINDED = "reminded"
    ESCALATED = "escalated"  #: its time was over, or nobody was left: the stand-in decides
    REASSIGNED = "reassigned"  #: from somebody who left


class ApprovalCase(Base):
    """One thing to be approved. `subject_kind`/`subject_id` say what; the feature that asked acts on the outcome."""

    __tablename__ = "approval_case"

    id: Mapped[Id]
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(36), index=True)
    label: Mapped[str] = mapped_column(String(64), default="", comment="number as people know it, e.g. 2021-0012-01")
    applicant_id: Mapped[str] = reference("person.id", index=True)
    state: Mapped[CaseState] = mapped_column(enum_type(CaseState), default=CaseState.OPEN)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    applicant: Mapped[Person] = relationship()
    steps: Mapped[list["ApprovalStep"]] = relationship(
        back_populates="case", order_by="ApprovalStep.position", lazy="selectin"
    )
    acts: Mapped[list["ApprovalAct"]] = relationship(order_by="ApprovalAct.number")


class ApprovalStep(Base):
    """One decision, by whoever holds `role` (in `unit_id` where that is set), or `post_id`, or by `person_id`.

    Never by the applicant. `decided_by`, `decided_at` and `comment` are those of the decision that ended the step.
    """

    __tablename__ = "approval_step"
    __table_args__ = (
        UniqueConstraint("case_id", "position"),
        Index("ix_approval_step_state", "state", "due_at"),
    )

    id: Mapped[Id]
    case_id: Mapped[str] = reference("approval_case.id", index=True)
    position: Mapped[int]
    role: Mapped[Role | None] = mapped_column(enum_type(Role))
    unit_id: Mapped[str | None] = reference("unit.id", nullable=True)
    post_id: Mapped[str | None] = reference("post.id", nullable=True)
    person_id: Mapped[str | None] = reference("person.id", nullable=True)
    all_of: Mapped[bool] = mapped_column(default=False, comment="all who fit have to approve, not any one of them")
    days: Mapped[int | None] = mapped_column(comment="how long it may take")
    state: Mapped[StepState] = mapped_column(enum_type(StepState), default=StepState.WAITING)
    remind_at: Mapped[datetime | None]
    due_at: Mapped[datetime | None]
    reminded_at: Mapped[datetime | None]
    escalated_at: Mapped[datetime | None]
    decided_by: Mapped[str | None] = reference("person.id", nullable=True)
    decided_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(Text, default="")

    case: Mapped[ApprovalCase] = relationship(back_populates="steps")
    unit: Mapped[Unit | None] = relationship()
    post: Mapped[Post | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    decider: Mapped[Person | None] = relationship(foreign_keys=[decided_by])


class ApprovalAct(Base):
    """One thing done to a case, the first as number 1. Without a person it was the system."""

    __tablename__ = "approval_act"
    __table_args__ = (UniqueConstraint("case_id", "number"), Index("ix_approval_act_person_id", "person_id", "at"))

    id: Mapped[Id]
    case_id: Mapped[str] = reference("approval_case.id")
    number: Mapped[int]
    step_id: Mapped[str | None] = reference("approval_step.id", nullable=True, index=True)
    kind: Mapped[ActKind] = mapped_column(enum_type(ActKind))
    person_id: Mapped[str | None] = reference("person.id", nullable=True)
    behalf_id: Mapped[str | None] = reference("person.id", nullable=True, comment="decided in his place, as delegate")
    to_id: Mapped[str | None] = reference("person.id", nullable=True, comment="who decides from now on")
    at: Mapped[datetime]
    comment: Mapped[str] = mapped_column(Text, default="")

    case: Mapped[ApprovalCase] = relationship(back_populates="acts")
    step: Mapped[ApprovalStep | None] = relationship()
    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    behalf: Mapped[Person | None] = relationship(foreign_keys=[behalf_id])
    to: Mapped[Person | None] = relationship(foreign_keys=[to_id])


class Delegation(Base):
    """`from_id` lets `to_id` decide in his place from `starts_at` until before `ends_at`, unless ended earlier."""

    __tablename__ = "delegation"

    id: Mapped[Id]
    from_id: Mapped[str] = reference("person.id", index=True)
    to_id: Mapped[str] = reference("person.id", index=True)
    kinds: Mapped[list[str]] = mapped_column(JSON, comment="kinds of subject; none: all")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    giver: Mapped[Person] = relationship(foreign_keys=[from_id])
    taker: Mapped[Person] = relationship(foreign_keys=[to_id])

    @classmethod
    def running_at(cls, now: datetime) -> ColumnElement[bool]:
        """The condition, in SQL, that it holds at `now`."""
        return and_(cls.starts_at <= now, cls.ends_at > now, cls.ended_at.is_(None))


class ChainVersion(Base):
    """One state of the table of chains. The highest number holds; without any, the shipped table does."""

    __tablename__ = "chain_version"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(unique=True)
    created_by: Mapped[str] = reference("person.id")
    created_at: Mapped[datetime]
    comment: Mapped[str] = mapped_column(Text, default="", comment="why it was changed")

    author: Mapped[Person] = relationship()
    rules: Mapped[list["ChainRule"]] = relationship(order_by="ChainRule.position", lazy="selectin")


class ChainRule(Base):
    """One row of the table: who decides what is asked for records of a class, own or another department's."""

    __tablename__ = "chain_rule"
    __table_args__ = (UniqueConstraint("version_id", "position"),)

    id: Mapped[Id]
    version_id: Mapped[str] = reference("chain_version.id")
    position: Mapped[int]
    asked: Mapped[str] = mapped_column(String(32))
    control: Mapped[str] = mapped_column(String(32))
    circle: Mapped[str] = mapped_column(String(32))
    purpose: Mapped[str] = mapped_column(String(100), default="", comment="empty: any")
    steps: Mapped[list[dict[str, Any]]] = mapped_column(JSON, comment="archive.platform.approval.chains.RuleStep")
