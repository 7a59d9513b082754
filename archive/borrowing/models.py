"""Reading requests and their lines; each item of a request is decided by a case of its own."""

import enum
from datetime import datetime

from sqlalchemy import String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from archive.platform.approval.models import ApprovalCase
from archive.platform.db import Base, Id, enum_type, reference
from archive.platform.grants import Grant

__all__ = ["LineState", "ReadingRequest", "RequestLine"]


class LineState(enum.StrEnum):
    """State of one item in a request."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class ReadingRequest(Base):
    """Somebody asks to read items on screen, for a purpose and a time."""

    __tablename__ = "reading_request"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="e.g. 2021-0012")
    reader_id: Mapped[str] = reference("person.id", index=True)
    purpose: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime]

    reader: Mapped[Person] = relationship()
    lines: Mapped[list["RequestLine"]] = relationship(order_by="RequestLine.position", back_populates="request")


class RequestLine(Base):
    """One item of a request."""

    __tablename__ = "request_line"
    __table_args__ = (UniqueConstraint("request_id", "position"),)

    id: Mapped[Id]
    request_id: Mapped[str] = reference("reading_request.id", index=True)
    position: Mapped[int]
    item_id: Mapped[str] = reference("item.id", index=True)
    case_id: Mapped[str | None] = reference("approval_case.id", nullable=True)
    grant_id: Mapped[str | None] = reference("grant.id", nullable=True)
    state: Mapped[LineState] = mapped_column(enum_type(LineState), default=LineState.OPEN)

    request: Mapped[ReadingRequest] = relationship(back_populates="lines")
    item: Mapped[Item] = relationship()
    case: Mapped[ApprovalCase | None] = relationship()
    grant: Mapped[Grant | None] = relationship()
