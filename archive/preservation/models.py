"""What is known of each copy of each stored object."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, Index, String, UniqueConstraint, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from archive.platform.db import Base, Id, enum_type
from archive.platform.parts import Location

__all__ = ["CopyState", "ObjectCopy", "copy_row"]


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


def copy_row(session: Session, item_id: str, location: Location) -> ObjectCopy:
    """The row of one copy, made if it is not there."""
    wanted = select(ObjectCopy).where(ObjectCopy.item_id == item_id, ObjectCopy.location == location)
    found = session.scalar(wanted)
    if found is not None:
        return found
    try:
        with session.begin_nested():
            session.add(ObjectCopy(item_id=item_id, location=location))
    except IntegrityError:
        pass  # somebody else made it a moment ago
    return session.scalars(wanted).one()
