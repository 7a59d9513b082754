"""Audit entries, the chain that seals them, and the segments in the store. Rows of all three are never changed."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, reference

__all__ = ["AuditEntry", "AuditLink", "AuditSegment"]


class AuditEntry(Base):
    """One act. Holds identifiers and digests, never content. Inserted unlinked, in the transaction of the act."""

    __tablename__ = "audit_entry"

    id: Mapped[Id]
    at: Mapped[datetime] = mapped_column(index=True)
    action: Mapped[str] = mapped_column(String(64), index=True, comment="source:subject:action")
    actor_id: Mapped[str | None] = mapped_column(String(36), index=True)
    actor_name: Mapped[str] = mapped_column(String(100))
    os_user: Mapped[str | None] = mapped_column(String(64))
    address: Mapped[str | None] = mapped_column(String(64))
    subject_kind: Mapped[str] = mapped_column(String(32))
    subject_id: Mapped[str] = mapped_column(String(64), index=True)
    details: Mapped[dict[str, Any]] = mapped_column(JSON)


class AuditLink(Base):
    """The place of one entry in the chain: digest = SHA-256(previous digest, canonical entry)."""

    __tablename__ = "audit_link"

    sequence: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    entry_id: Mapped[str] = reference("audit_entry.id", unique=True)
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))
    sealed_at: Mapped[datetime]


class AuditSegment(Base):
    """A run of sealed entries that was written to the store, so that a cut tail shows."""

    __tablename__ = "audit_segment"

    first: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), comment="chain digest of the last entry")
    key: Mapped[str] = mapped_column(String(200), comment="object in the store")
    sha256: Mapped[str] = mapped_column(String(64))
    written_at: Mapped[datetime]
