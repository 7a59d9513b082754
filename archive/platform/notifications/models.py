"""A notice to one person."""

from datetime import datetime

from sqlalchemy import JSON, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, enum_type, reference
from archive.platform.notifications.kinds import NoticeKind

__all__ = ["Notice"]


class Notice(Base):
    """Something one person should know; `link` is the path where he sees to it, `facts` fill the words of the kind."""

    __tablename__ = "notice"
    __table_args__ = (Index("ix_notice_unread", "person_id", "read_at"),)

    id: Mapped[Id]
    person_id: Mapped[str] = reference("person.id")
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind))
    link: Mapped[str] = mapped_column(String(200), default="", comment="a path of the web front end")
    facts: Mapped[dict[str, str]] = mapped_column(JSON, comment="numbers and names; never words from a record's pages")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
