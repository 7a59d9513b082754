"""The seats of the reading room, and whether reading outside it may be allowed."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, reference

__all__ = ["PlaceRule", "Seat"]


class Seat(Base):
    """A place in the reading room, known by its address in the network; closed ones stay, for what was read there."""

    __tablename__ = "seat"

    id: Mapped[Id]
    name: Mapped[str] = mapped_column(String(100), comment="as shown, e.g. 阅览室 1 号机")
    address: Mapped[str] = mapped_column(String(64), comment="an address, or a network such as 10.1.2.0/28")
    created_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]


class PlaceRule(Base):
    """Whether a grant may be given for reading outside the room. The newest row counts; without one it may not."""

    __tablename__ = "place_rule"

    id: Mapped[Id]
    anywhere: Mapped[bool]
    reason: Mapped[str] = mapped_column(String(500))
    decided_by: Mapped[str] = reference("person.id")
    decided_at: Mapped[datetime]
