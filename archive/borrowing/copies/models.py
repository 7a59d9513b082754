"""Numbered papers made from records: copies 复制件, extracts 摘录, certificates 档案证明. The database refuses one that
bears a number and was not checked, or a text that its writer checked himself."""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.borrowing.models import RequestLine
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["CopyKind", "CopyPart", "CopyState", "IssuedCopy"]


class CopyKind(enum.StrEnum):
    """What is handed out."""

    COPY = "copy"  #: 复制件: pictures of pages
    EXTRACT = "extract"  #: 摘录: sentences as they stand in the record
    CERTIFICATE = "certificate"  #: 档案证明: what the record says, in the archive's words


class CopyState(enum.StrEnum):
    """How far it is."""

    DRAFT = "draft"
    CHECKED = "checked"  #: compared with the original; bears its number
    ISSUED = "issued"  #: handed to the applicant
    VOID = "void"  #: its number stands in the register for ever, with the reason
    DISCARDED = "discarded"  #: given up before it had a number


class IssuedCopy(Base):
    """One paper from its draft to its hand-over. The writer never changes; the keeper has the draft in hand."""

    __tablename__ = "issued_copy"
    __table_args__ = (
        CheckConstraint("(number IS NULL) = (state IN ('draft', 'discarded'))", name="numbered_when_checked"),
        CheckConstraint("(number IS NULL) = (checked_by IS NULL)", name="checked_by_somebody"),
        CheckConstraint("kind = 'copy' OR checked_by IS NULL OR checked_by <> writer_id", name="second_checker"),
        CheckConstraint("checked_by IS NULL OR checked_by <> applicant_id", name="not_the_applicant"),
        CheckConstraint("state <> 'issued' OR sha256 IS NOT NULL", name="issued_as_stored"),
        Index("ix_issued_copy_state", "state", "written_at"),
    )

    id: Mapped[Id]
    kind: Mapped[CopyKind] = mapped_column(enum_type(CopyKind))
    state: Mapped[CopyState] = mapped_column(enum_type(CopyState), default=CopyState.DRAFT)
    line_id: Mapped[str | None] = reference("request_line.id", nullable=True, index=True)
    applicant_id: Mapped[str] = reference("person.id", index=True)
    purpose: Mapped[str] = mapped_column(Text)
    heading: Mapped[str] = mapped_column(String(200), default="", comment="of a text, as printed")
    writer_id: Mapped[str] = reference("person.id")
    keeper_id: Mapped[str] = reference("person.id", index=True)
    written_at: Mapped[datetime]
    number: Mapped[str | None] = mapped_column(String(32), unique=True, comment="as printed, e.g. 复〔2021〕0012号")
    code: Mapped[str | None] = mapped_column(String(16), unique=True, comment="80 random bits, by which it is verified")
    checked_by: Mapped[str | None] = reference("person.id", nullable=True)
    checked_at: Mapped[datetime | None]
    page_count: Mapped[int | None] = mapped_column(comment="of the stored PDF")
    sha256: Mapped[str | None] = mapped_column(String(64), comment="of the stored PDF")
    prints: Mapped[int] = mapped_column(default=0, comment="how often it was printed, always under the same number")
    issued_by: Mapped[str | None] = reference("person.id", nullable=True)
    issued_at: Mapped[datetime | None]
    receiver: Mapped[str] = mapped_column(String(100), default="", comment="who took it")
    sheets: Mapped[int | None] = mapped_column(comment="sheets of paper handed over")
    ended_by: Mapped[str | None] = reference("person.id", nullable=True, comment="who declared it void, or gave it up")
    ended_at: Mapped[datetime | None]
    end_reason: Mapped[str] = mapped_column(Text, default="")

    line: Mapped[RequestLine | None] = relationship()
    applicant: Mapped[Person] = relationship(foreign_keys=[applicant_id])
    writer: Mapped[Person] = relationship(foreign_keys=[writer_id])
    keeper: Mapped[Person] = relationship(foreign_keys=[keeper_id])
    checker: Mapped[Person | None] = relationship(foreign_keys=[checked_by])
    issuer: Mapped[Person | None] = relationship(foreign_keys=[issued_by])
    ender: Mapped[Person | None] = relationship(foreign_keys=[ended_by])
    parts: Mapped[list["CopyPart"]] = relationship(
        order_by="CopyPart.position", cascade="all, delete-orphan", back_populates="copy"
    )

    @property
    def items(self) -> list[Item]:
        """The records it was made from, each once, in the order they appear."""
        return list({part.item_id: part.item for part in self.parts}.values())


class CopyPart(Base):
    """A page that is reproduced (no text), or a sentence and the page it rests on."""

    __tablename__ = "copy_part"
    __table_args__ = (UniqueConstraint("copy_id", "position"),)

    id: Mapped[Id]
    copy_id: Mapped[str] = reference("issued_copy.id")
    position: Mapped[int]
    item_id: Mapped[str] = reference("item.id", index=True)
    page: Mapped[int] = mapped_column(comment="1-based within the item")
    text: Mapped[str] = mapped_column(Text, default="")

    copy: Mapped[IssuedCopy] = relationship(back_populates="parts")
    item: Mapped[Item] = relationship()
