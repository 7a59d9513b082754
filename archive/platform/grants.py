"""Grants: leave to read one item, for one person, for a time, in a place. The guard looks here, borrowing writes."""

import enum
from datetime import datetime

from sqlalchemy import BindParameter, ColumnElement, Index, String, Text, and_
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["Act", "Grant", "GrantKind", "GrantState", "Place", "running_at"]


class Act(enum.StrEnum):
    """What somebody wants with a record. A grant is for READ, or for DOWNLOAD, which holds READ."""

    KNOW = "know"  #: see its catalogue line
    READ = "read"  #: see its pages and text, view-only
    DOWNLOAD = "download"  #: take a copy away


class Place(enum.StrEnum):
    """Where a grant counts."""

    ROOM = "room"  #: at a registered seat of the reading room
    ANYWHERE = "anywhere"  #: wherever he signs in; given only where a rule allows it


class GrantKind(enum.StrEnum):
    """Why somebody may read."""

    APPROVED = "approved"  #: a request was approved
    TASK = "task"  #: an archivist named a task; logged as 业务查看
    STANDING = "standing"  #: under a standing authorisation 长期授权
    LEADER = "leader"  #: made by the desk for a leader, who does not come to the room
    VISITOR = "visitor"  #: made by the desk for a visitor without account: read at a seat, never taken away


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
    pages: Mapped[str] = mapped_column(Text, default="", comment="such as 1-3,7 (page_ranges.py); empty: all")
    place: Mapped[Place] = mapped_column(enum_type(Place), default=Place.ROOM)
    act: Mapped[Act] = mapped_column(enum_type(Act), default=Act.READ)
    standing_id: Mapped[str | None] = mapped_column(String(36), index=True, comment="the standing authorisation")
    visitor: Mapped[str] = mapped_column(Text, default="", comment="who reads beside the person: named in the mark")
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


def running_at(now: datetime | BindParameter[datetime]) -> ColumnElement[bool]:
    """The condition, in SQL, that a grant runs at `now`: `Grant.state_at` for whole queries."""
    return and_(Grant.revoked_at.is_(None), Grant.starts_at <= now, Grant.ends_at > now)
