"""A case (one thing to be approved) and its steps."""

import enum
from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.platform.accounts.models import Person, Role, Unit
from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["ApprovalCase", "ApprovalStep", "CaseState", "StepState"]


class CaseState(enum.StrEnum):
    """State of a case."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class StepState(enum.StrEnum):
    """State of a step; only one step of a case is due at a time."""

    WAITING = "waiting"
    DUE = "due"
    APPROVED = "approved"
    REFUSED = "refused"
    SKIPPED = "skipped"


class ApprovalCase(Base):
    """One thing to be approved. `subject_kind`/`subject_id` say what; the feature that asked acts on the outcome."""

    __tablename__ = "approval_case"

    id: Mapped[Id]
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(36), index=True)
    applicant_id: Mapped[str] = reference("person.id", index=True)
    state: Mapped[CaseState] = mapped_column(enum_type(CaseState), default=CaseState.OPEN)
    created_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]

    applicant: Mapped[Person] = relationship()
    steps: Mapped[list["ApprovalStep"]] = relationship(
        back_populates="case", order_by="ApprovalStep.position", lazy="selectin"
    )


class ApprovalStep(Base):
    """One decision to be taken by somebody who holds `role`, in `unit_id` where that is set; never by the applicant."""

    __tablename__ = "approval_step"
    __table_args__ = (UniqueConstraint("case_id", "position"),)

    id: Mapped[Id]
    case_id: Mapped[str] = reference("approval_case.id", index=True)
    position: Mapped[int]
    role: Mapped[Role] = mapped_column(enum_type(Role))
    unit_id: Mapped[str | None] = reference("unit.id", nullable=True)
    state: Mapped[StepState] = mapped_column(enum_type(StepState), default=StepState.WAITING)
    decided_by: Mapped[str | None] = reference("person.id", nullable=True)
    decided_at: Mapped[datetime | None]
    comment: Mapped[str] = mapped_column(Text, default="")

    case: Mapped[ApprovalCase] = relationship(back_populates="steps")
    unit: Mapped[Unit | None] = relationship()
    decider: Mapped[Person | None] = relationship()
