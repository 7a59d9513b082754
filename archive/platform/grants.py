"""Grants: leave to read one item, for one person, for a time. The guard looks here; borrowing writes here."""

import enum
from datetime import datetime

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["Grant", "GrantKind"]


class GrantKind(enum.StrEnum):
    """Why somebody may read."""

    APPROVED = "approved"  #: a request was approved
    TASK = "task"  #: an archivist named a task; logged as 业务查看


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
