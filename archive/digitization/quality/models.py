"""The plan of a batch, the custody of its originals, and its sampling checks. None refers to a row of intake: those go.

What is kept here stays as proof of the work when the scans are filed, and after a loss of the database.
"""

import enum
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import JSON, BigInteger, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.platform.accounts.models import Person
from archive.platform.db import Base, Id, enum_type, reference
from archive.platform.rows import row_document
from ingest.context import ColourMode

__all__ = ["BatchPlan", "CheckOutcome", "Counts", "SampledPage", "SamplingCheck", "Verdict"]


class Counts(NamedTuple):
    """How many originals changed hands: items 件, sheets 张, pages 页; None where nobody counted."""

    items: int | None
    sheets: int | None
    pages: int | None


class BatchPlan(Base):
    """What was planned for a batch, who does it, and where its originals are. Absent: nothing is demanded.

    `share` and `highest_error` are percent. Counts are None, and times too, where nobody said.
    """

    __tablename__ = "batch_plan"

    batch_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    batch_number: Mapped[str] = mapped_column(String(32))
    prepared_by: Mapped[str | None] = reference("person.id", nullable=True)
    scanned_by: Mapped[str | None] = reference("person.id", nullable=True)
    checked_by: Mapped[str | None] = reference("person.id", nullable=True)
    device: Mapped[str] = mapped_column(String(100), default="", comment="scanner that is used")
    wanted_dpi: Mapped[int] = mapped_column(default=300)
    wanted_colour: Mapped[ColourMode | None] = mapped_column(enum_type(ColourMode), comment="None: any")
    expected_items: Mapped[int | None]
    expected_sheets: Mapped[int | None]
    expected_pages: Mapped[int | None]
    check_demanded: Mapped[bool] = mapped_column(default=True, comment="nothing is filed unseen before a check passed")
    share: Mapped[float] = mapped_column(default=5.0, comment="of the pages that are sampled, percent")
    least: Mapped[int] = mapped_column(default=20, comment="pages that are sampled at least")
    highest_error: Mapped[float] = mapped_column(default=5.0, comment="of the sample that may be bad, percent")

    handed_out_at: Mapped[datetime | None]
    handed_out_by: Mapped[str | None] = reference("person.id", nullable=True)
    handed_out_to: Mapped[str] = mapped_column(String(100), default="")
    handed_out_items: Mapped[int | None]
    handed_out_sheets: Mapped[int | None]
    handed_out_pages: Mapped[int | None]
    handed_back_at: Mapped[datetime | None]
    handed_back_by: Mapped[str] = mapped_column(String(100), default="", comment="who brought them")
    taken_back_by: Mapped[str | None] = reference("person.id", nullable=True)
    handed_back_items: Mapped[int | None]
    handed_back_sheets: Mapped[int | None]
    handed_back_pages: Mapped[int | None]
    handed_back_note: Mapped[str] = mapped_column(Text, default="")
    former_custody: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, comment="each earlier time that the originals went out and came back, in these columns"
    )

    preparer: Mapped[Person | None] = relationship(foreign_keys=[prepared_by])
    scanner: Mapped[Person | None] = relationship(foreign_keys=[scanned_by])
    checker: Mapped[Person | None] = relationship(foreign_keys=[checked_by])
    giver: Mapped[Person | None] = relationship(foreign_keys=[handed_out_by])
    taker: Mapped[Person | None] = relationship(foreign_keys=[taken_back_by])

    @property
    def handed_out(self) -> Counts:
        """What went out last."""
        return Counts(self.handed_out_items, self.handed_out_sheets, self.handed_out_pages)

    @property
    def handed_back(self) -> Counts:
        """What came back of it."""
        return Counts(self.handed_back_items, self.handed_back_sheets, self.handed_back_pages)

    def keep_custody(self) -> None:
        """Put the last time out and back among the former ones, so that another can begin."""
        if self.handed_out_at is not None:
            last = {name: value for name, value in row_document(self).items() if name.startswith(("handed_", "taken_"))}
            self.former_custody = [*self.former_custody, last]
        self.handed_back_at = self.taken_back_by = None
        self.handed_back_items = self.handed_back_sheets = self.handed_back_pages = None
        self.handed_back_by = self.handed_back_note = ""


class CheckOutcome(enum.StrEnum):
    """How a sampling check ended."""

    OPEN = "open"  #: pages are still being looked at
    PASSED = "passed"  #: 验收通过
    FAILED = "failed"  #: the batch goes back


class SamplingCheck(Base):
    """One sample of a batch and its verdict, by the settings that were in force when it was drawn."""

    __tablename__ = "sampling_check"
    __table_args__ = (UniqueConstraint("batch_id", "number"),)

    id: Mapped[Id]
    batch_id: Mapped[str] = mapped_column(String(36))
    batch_number: Mapped[str] = mapped_column(String(32))
    number: Mapped[int] = mapped_column(comment="of the batch's checks, from 1")
    drawn_by: Mapped[str] = reference("person.id")
    drawn_at: Mapped[datetime]
    seed: Mapped[int] = mapped_column(BigInteger, comment="the same pages are drawn from it again")
    pages: Mapped[int] = mapped_column(comment="of the batch when it was drawn")
    share: Mapped[float] = mapped_column(comment="percent")
    least: Mapped[int]
    highest_error: Mapped[float] = mapped_column(comment="percent")
    outcome: Mapped[CheckOutcome] = mapped_column(enum_type(CheckOutcome), default=CheckOutcome.OPEN)
    concluded_by: Mapped[str | None] = reference("person.id", nullable=True)
    concluded_at: Mapped[datetime | None]

    drawer: Mapped[Person] = relationship(foreign_keys=[drawn_by])
    concluder: Mapped[Person | None] = relationship(foreign_keys=[concluded_by])
    sample: Mapped[list["SampledPage"]] = relationship(order_by="SampledPage.position", back_populates="check")


class Verdict(enum.StrEnum):
    """What a person says of a sampled page."""

    GOOD = "good"  #: 合格
    BAD = "bad"  #: 不合格


class SampledPage(Base):
    """One page of a sample. `defect`: a finding's code or one of quality.words.DEFECTS, "" for a good page."""

    __tablename__ = "sampled_page"
    __table_args__ = (UniqueConstraint("check_id", "position"),)

    id: Mapped[Id]
    check_id: Mapped[str] = reference("sampling_check.id")
    position: Mapped[int] = mapped_column(comment="from 1")
    page_id: Mapped[str] = mapped_column(String(36))
    verdict: Mapped[Verdict | None] = mapped_column(enum_type(Verdict))
    defect: Mapped[str] = mapped_column(String(32), default="")
    note: Mapped[str] = mapped_column(String(200), default="")
    judged_by: Mapped[str | None] = reference("person.id", nullable=True)
    judged_at: Mapped[datetime | None]

    check: Mapped[SamplingCheck] = relationship(back_populates="sample")
    judge: Mapped[Person | None] = relationship(foreign_keys=[judged_by])
