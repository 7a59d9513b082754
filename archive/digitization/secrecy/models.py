"""What is kept of a secrecy incident: when, where and by whom, and how it ended. Never a word of the page."""

import enum
from datetime import datetime

from sqlalchemy import String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.catalogue.models import Secrecy
from archive.digitization.models import BatchSource
from archive.platform.accounts.models import Person
from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["IncidentState", "SecrecyIncident"]


class IncidentState(enum.StrEnum):
    """How an incident ended."""

    OPEN = "open"  #: waits for the security administrator
    ERASED = "erased"  #: the isolated scans were deleted on his act
    RELEASED = "released"  #: a false alarm, say two people: the scans came in again


class SecrecyIncident(Base):
    """A page with a mark of state secrecy. It refers to no row of intake: those rows may go."""

    __tablename__ = "secrecy_incident"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="e.g. 2026-001")
    state: Mapped[IncidentState] = mapped_column(enum_type(IncidentState), default=IncidentState.OPEN)
    found_at: Mapped[datetime]
    item_id: Mapped[str | None] = mapped_column(String(36), index=True, comment="the record it came to light on")
    former_secrecy: Mapped[Secrecy | None] = mapped_column(enum_type(Secrecy), comment="of that record")
    batch_id: Mapped[str] = mapped_column(String(36), index=True, default="", comment="empty: on a record")
    batch_number: Mapped[str] = mapped_column(String(32), default="")
    source: Mapped[BatchSource | None] = mapped_column(enum_type(BatchSource))
    brought_by: Mapped[str] = reference("person.id")  # or by whom it came to light
    file_position: Mapped[int] = mapped_column(comment="of the file in its batch, from 1")
    file_sha256: Mapped[str] = mapped_column(String(64), index=True)
    page: Mapped[int] = mapped_column(comment="in that file, from 1")
    file_count: Mapped[int]
    isolated_at: Mapped[datetime | None] = mapped_column(comment="None: the scans still have to leave the store")
    proposed_by: Mapped[str | None] = reference("person.id", nullable=True)
    proposed_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="", comment="why it is a false alarm; no word of the page")
    closed_by: Mapped[str | None] = reference("person.id", nullable=True)
    closed_at: Mapped[datetime | None]
    released_as: Mapped[str | None] = mapped_column(String(36), comment="id of the batch in which the scans came again")

    bringer: Mapped[Person] = relationship(foreign_keys=[brought_by])
    proposer: Mapped[Person | None] = relationship(foreign_keys=[proposed_by])
    closer: Mapped[Person | None] = relationship(foreign_keys=[closed_by])
