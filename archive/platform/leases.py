"""A lease on one item: the fence against two writers of the same stored object."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base

__all__ = ["ItemLease"]


class ItemLease(Base):
    """Who writes an item's stored object now, until when."""

    __tablename__ = "item_lease"

    item_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    owner: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime]
