"""The outboxes: rows saying "bring this item to the index / the store / its copies", written with the change itself.

A row carries only the item's id. It is deleted, one by one, after the index or the store has committed.
"""

from datetime import datetime

from sqlalchemy import String, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from archive.platform.db import Base, Id

__all__ = ["CopyOutbox", "IndexOutbox", "Outbox", "StoreOutbox", "announce", "oldest"]


class IndexOutbox(Base):
    """An item whose index entry is older than its row."""

    __tablename__ = "index_outbox"

    id: Mapped[Id]
    item_id: Mapped[str] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime]


class StoreOutbox(Base):
    """An item of which the store does not yet have what the database knows."""

    __tablename__ = "store_outbox"

    id: Mapped[Id]
    item_id: Mapped[str] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime]


class CopyOutbox(Base):
    """An item whose stored object has a version that is not yet locked and copied to the second store."""

    __tablename__ = "copy_outbox"

    id: Mapped[Id]
    item_id: Mapped[str] = mapped_column(String(36), index=True)
    created_at: Mapped[datetime]


Outbox = type[IndexOutbox] | type[StoreOutbox] | type[CopyOutbox]


def announce(session: Session, item_id: str, at: datetime) -> None:
    """Say, in the transaction of the change, that an item changed: both outboxes get a row."""
    session.add_all([IndexOutbox(item_id=item_id, created_at=at), StoreOutbox(item_id=item_id, created_at=at)])


def oldest(session: Session, outbox: Outbox) -> datetime | None:
    """When the row that waits longest was written; None if nothing waits."""
    return session.scalar(select(func.min(outbox.created_at)))
