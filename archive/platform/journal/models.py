"""Which rows changed and are not in the journal yet, and which segments of it lie in the store."""

from datetime import datetime

from sqlalchemy import BigInteger, Integer, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base

__all__ = ["JournalOutbox", "JournalSegment"]


class JournalOutbox(Base):
    """A row that was inserted, changed or deleted; a trigger writes this, in the transaction of the change."""

    __tablename__ = "journal_outbox"

    id: Mapped[int] = mapped_column(BigInteger().with_variant(Integer, "sqlite"), primary_key=True)
    table_name: Mapped[str] = mapped_column(String(64))
    row_key: Mapped[str] = mapped_column(String(120), comment="primary key of the changed row")
    created_at: Mapped[datetime] = mapped_column(comment="by the database's clock")


class JournalSegment(Base):
    """A run of changed rows that was written to the store."""

    __tablename__ = "journal_segment"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(String(200), comment="object in the store")
    sha256: Mapped[str] = mapped_column(String(64))
    complete_until: Mapped[datetime] = mapped_column(comment="every change committed before is in the store")
    written_at: Mapped[datetime]
