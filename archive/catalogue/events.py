"""What happened to stored objects, in the words of PREMIS 3: stored, checked, damaged, repaired, copied, destroyed."""

import enum
from datetime import datetime
from importlib.metadata import version
from typing import Any

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, Session, mapped_column

from archive.platform.db import Base, Clock, Id, enum_type
from archive.platform.parts import Location

__all__ = ["AGENT", "EventOutcome", "EventType", "PreservationEvent", "record_event"]


#: who acts when no person does
AGENT = f"danggui {version('danggui')}"


class EventType(enum.StrEnum):
    """Event types of the Library of Congress's PREMIS vocabulary, spelled as there."""

    INGESTION = "ingestion"
    FIXITY_CHECK = "fixity check"
    REPLICATION = "replication"
    RECOVERY = "recovery"  #: damaged files were replaced from a good copy
    DELETION = "deletion"
    ENCRYPTION = "encryption"


class EventOutcome(enum.StrEnum):
    """How an event ended."""

    SUCCESS = "success"
    FAILURE = "failure"


class PreservationEvent(Base):
    """One event; `item_id` is None where it concerns a whole store. `details` hold paths, digests, numbers."""

    __tablename__ = "preservation_event"
    __table_args__ = (Index("ix_preservation_event_kind", "type", "outcome", "at"),)

    id: Mapped[Id]
    type: Mapped[EventType] = mapped_column(enum_type(EventType))
    at: Mapped[datetime] = mapped_column(index=True)
    item_id: Mapped[str | None] = mapped_column(String(36), index=True)
    location: Mapped[Location | None] = mapped_column(enum_type(Location))
    outcome: Mapped[EventOutcome] = mapped_column(enum_type(EventOutcome))
    details: Mapped[dict[str, Any]] = mapped_column(JSON)
    agent: Mapped[str] = mapped_column(String(100), comment="program and version, or a person's name")


def record_event(
    session: Session,
    clock: Clock,
    kind: EventType,
    outcome: EventOutcome,
    *,
    item_id: str | None = None,
    location: Location | None = None,
    agent: str = AGENT,
    **details: Any,
) -> None:
    """Write an event down, in the caller's transaction; `details` as in the table."""
    session.add(
        PreservationEvent(
            type=kind, at=clock(), item_id=item_id, location=location, outcome=outcome, agent=agent, details=details
        )
    )
