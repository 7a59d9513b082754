"""What is known of each copy of each stored object."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, enum_type
from archive.platform.parts import Location

__all__ = ["CopyState", "ObjectCopy"]


class CopyState(enum.StrEnum):
    """What the last look at a copy found."""

    UNCHECKED = "unchecked"  #: never read again since it was written
    OK = "ok"
    DAMAGED = "damaged"  #: a file is not what was stored
    MISSING = "missing"  #: a file, or all of them, is gone


class ObjectCopy(Base):
    """One copy of an item's stored object, in one store. Due again when `checked_at` is older than the period."""

    __tablename__ = "object_copy"
    __table_args__ = (
        UniqueConstraint("item_id", "location"),
        # All that figures are made of, so that a million copies are counted from the index alone.
        Index("ix_object_copy_due", "location", "state", "checked_at", "size", "version", "locked_until"),
    )

    id: Mapped[Id]
    item_id: Mapped[str] = mapped_column(String(36))
    location: Mapped[Location] = mapped_column(enum_type(Location))
    version: Mapped[int] = mapped_column(default=0, comment="newest version known to be whole there; 0: none yet")
    size: Mapped[int] = mapped_column(BigInteger, default=0, comment="bytes read at the last check, all versions")
    state: Mapped[CopyState] = mapped_column(enum_type(CopyState), default=CopyState.UNCHECKED)
    checked_at: Mapped[datetime | None]
    locked_until: Mapped[datetime | None] = mapped_column(comment="None: not locked by us")
