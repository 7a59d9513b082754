"""Grants: leave to read one item, for one person, for a time. The guard looks here; borrowing writes here."""

import enum
from datetime import datetime

from sqlalchemy import ColumnElement, Index, String, Text, and_
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["Grant", "GrantKind", "GrantState", "running_at"]


class GrantKind(enum.StrEnum):
    """Why somebody may read."""

    APPROVED = "approved"  #: a request was approved
    TASK = "task"  #: an archivist named a task; logged as 业务查看


class GrantState(enum.StrEnum):
    """Where a grant stands at one moment."""

    COMING = "coming"  #: begins later
    RUNNING = "running"
    ENDED = "ended"  #: its time is over
    REVOKED = "revoked"


class Grant(Base):
    """Reads from `starts_at` until before `ends_at`, unless revoked. `number` is burned into every page shown."""

    __tablename__ = "grant"
    __table_args__ = (Index("ix_grant_lookup", "person_id", "item_id", "ends_at"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="request number as printed, e.g. 2021-0012-01")
    kind: Mapped[GrantKind] = mapped_column(enum_type(GrantKind))
    person_id: Mapped[str] = reference("person.id")
    item_id: Mapped[str] = mapped_column(String(36), index=True)
    purpose: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    revoked_at: Mapped[datetime | None]
    created_at: Mapped[datetime]

    def state_at(self, now: datetime) -> GrantState:
        """Where this grant stands at `now` (aware)."""
        if self.revoked_at is not None:
            return GrantState.REVOKED
        if now < self.starts_at:
            return GrantState.COMING
        return GrantState.RUNNING if now < self.ends_at else GrantState.ENDED


def running_at(now: datetime) -> ColumnElement[bool]:
    """The condition, in SQL, that a grant runs at `now`: `Grant.state_at` for whole queries."""
    return and_(Grant.revoked_at.is_(None), Grant.starts_at <= now, Grant.ends_at > now)
