"""Months of the register of use that are closed, and what use was good for 利用效果."""

import enum
from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, String, Text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.borrowing.models import ReadingRequest
from archive.platform.accounts.models import Person
from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["EffectKind", "EffectState", "LedgerMonth", "UseEffect"]


class EffectState(enum.StrEnum):
    """How far the question is."""

    ASKED = "asked"
    GIVEN = "given"
    DECLINED = "declined"


class EffectKind(enum.StrEnum):
    """What use was good for."""

    DECISION = "decision"  #: served a decision or daily work
    RIGHTS = "rights"  #: proved a right, settled a dispute
    ECONOMIC = "economic"  #: saved or earned money
    WRITING = "writing"  #: went into a chronicle, a study, a publication
    EDUCATION = "education"  #: publicity, teaching
    NOTHING_FOUND = "nothing_found"  #: what was looked for is not there
    OTHER = "other"


class LedgerMonth(Base):
    """A closed month: its figures, and the digest of its rows as they were recorded until then."""

    __tablename__ = "ledger_month"

    id: Mapped[Id]
    month: Mapped[str] = mapped_column(String(7), unique=True, comment="such as 2021-03, in the organisation's zone")
    closed_by: Mapped[str] = reference("person.id")
    closed_at: Mapped[datetime]
    rows: Mapped[int]
    person_times: Mapped[int]
    uses: Mapped[int]
    pages: Mapped[int]
    copied: Mapped[int]
    digest: Mapped[str] = mapped_column(String(64), comment="SHA-256 of the rows")

    closer: Mapped[Person] = relationship()


class UseEffect(Base):
    """What came of a request, asked of its reader once when he is done. `benefit` in whole yuan."""

    __tablename__ = "use_effect"
    __table_args__ = (
        CheckConstraint("state <> 'given' OR (kind IS NOT NULL AND words <> '')", name="said"),
        CheckConstraint("benefit IS NULL OR benefit >= 0", name="benefit"),
    )

    id: Mapped[Id]
    request_id: Mapped[str] = reference("reading_request.id", unique=True)
    state: Mapped[EffectState] = mapped_column(enum_type(EffectState), default=EffectState.ASKED)
    asked_at: Mapped[datetime]
    reminded_at: Mapped[datetime | None]
    answered_at: Mapped[datetime | None]
    kind: Mapped[EffectKind | None] = mapped_column(enum_type(EffectKind))
    words: Mapped[str] = mapped_column(Text, default="")
    benefit: Mapped[int | None] = mapped_column(BigInteger)

    request: Mapped[ReadingRequest] = relationship()
