"""Intake: batches, their files, drafts of items and their pages. Nothing here is a record yet; all of it may go."""

import enum
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, BigInteger, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.catalogue.models import Category, Fonds
from archive.platform.accounts.models import Person, Unit
from archive.platform.db import Base, Id, enum_type, reference
from archive.platform.errors import InvalidError
from archive.platform.i18n import _
from ingest.context import ColourMode

__all__ = [
    "RECOVERABLE",
    "Batch",
    "BatchFile",
    "BatchSource",
    "BatchState",
    "Draft",
    "DraftPage",
    "DraftState",
    "FileState",
    "PageRole",
    "PageState",
    "SplitRule",
    "Splitting",
]


#: how long pages that were taken out, and drafts that were given up, can be put back
RECOVERABLE = timedelta(days=30)


class BatchSource(enum.StrEnum):
    """Where the scans of a batch came from."""

    UPLOAD = "upload"
    WATCH = "watch"
    COMMAND = "command"
    SCANNER = "scanner"


class BatchState(enum.StrEnum):
    """What people did to a batch; how far it is follows from its files, drafts and pages."""

    ACTIVE = "active"
    PAUSED = "paused"  #: its jobs wait until somebody resumes it
    CANCELLED = "cancelled"  #: what is not filed yet is given up
    QUARANTINED = "quarantined"  #: a secrecy mark was found; see SecrecyIncident


class SplitRule(enum.StrEnum):
    """How the pages of a batch become items."""

    FILE = "file"  #: each file is one item
    SEPARATORS = "separators"  #: printed separator sheets or patch pages stand between items
    BLANK = "blank"  #: a blank sheet stands between items
    EVERY = "every"  #: every n pages are an item


@dataclass(frozen=True, slots=True)
class Splitting:
    """How a batch is divided. `pages`: those of an item, for `every`, at least 1; `duplex`: a sheet is two pages.

    Raises InvalidError.
    """

    rule: SplitRule = SplitRule.FILE
    pages: int = 0
    duplex: bool = False

    def __post_init__(self) -> None:
        """An item of no pages would never end."""
        if self.rule is SplitRule.EVERY and self.pages < 1:
            raise InvalidError(_("请填写每件的页数，如 2。"), field="pages")


class PageRole(enum.StrEnum):
    """What a page is to its batch."""

    CONTENT = "content"
    SEPARATOR = "separator"  #: a sheet that only says where the next item begins
    REMOVED = "removed"  #: taken out by hand; can be put back for a while


class FileState(enum.StrEnum):
    """What became of a file that was taken in."""

    RECEIVED = "received"  #: stored in intake, not opened yet
    OPENED = "opened"  #: its pages are drafts now
    DUPLICATE = "duplicate"  #: the same bytes are here already; see duplicate_of
    REFUSED = "refused"  #: cannot be read; see reason


class DraftState(enum.StrEnum):
    """Life of a draft."""

    RECOGNISING = "recognising"
    READY = "ready"  #: waits for review 待审核
    ACCEPTING = "accepting"  #: accepted by a person; filing is under way
    ACCEPTED = "accepted"  #: filed; the item has the same id
    DISCARDED = "discarded"
    QUARANTINED = "quarantined"  #: a secrecy mark was found; content purged


class PageState(enum.StrEnum):
    """Life of a page in intake."""

    WAITING = "waiting"
    DONE = "done"
    FAILED = "failed"  #: set aside after its last try; see reason


class Batch(Base):
    """Scans that came together."""

    __tablename__ = "batch"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="e.g. 20211103-01")
    source: Mapped[BatchSource] = mapped_column(enum_type(BatchSource))
    fonds_id: Mapped[str] = reference("fonds.id")
    category_id: Mapped[str] = reference("category.id")
    created_by: Mapped[str] = reference("person.id")
    created_at: Mapped[datetime]
    accept: Mapped[bool] = mapped_column(default=False, comment="file what is proposed without review")
    box_id: Mapped[str | None] = reference("box.id", nullable=True)
    state: Mapped[BatchState] = mapped_column(enum_type(BatchState), default=BatchState.ACTIVE)
    complete: Mapped[bool] = mapped_column(default=False, comment="every file that belongs to it has come")
    priority: Mapped[int] = mapped_column(default=0, comment="of its jobs; lower runs first")
    split_rule: Mapped[SplitRule] = mapped_column(enum_type(SplitRule), default=SplitRule.FILE)
    split_pages: Mapped[int] = mapped_column(default=0, comment="pages of an item where the rule is `every`")
    duplex: Mapped[bool] = mapped_column(default=False, comment="scanned on both sides: a sheet is two pages")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, comment="what is doubtful about its division into items: code, page (id) and value"
    )

    fonds: Mapped[Fonds] = relationship()
    category: Mapped[Category] = relationship()
    person: Mapped[Person] = relationship()
    files: Mapped[list["BatchFile"]] = relationship(order_by="BatchFile.position", back_populates="batch")
    drafts: Mapped[list["Draft"]] = relationship(order_by="Draft.position", back_populates="batch")


class BatchFile(Base):
    """One file as it came. Its bytes lie in the store under `intake_key` until the batch is done with them."""

    __tablename__ = "batch_file"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)

    id: Mapped[Id]
    batch_id: Mapped[str] = reference("batch.id", index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text, comment="as it came; never used as a path")
    intake_key: Mapped[str] = mapped_column(String(200))
    size: Mapped[int] = mapped_column(BigInteger)
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    media_type: Mapped[str] = mapped_column(String(100), default="")
    state: Mapped[FileState] = mapped_column(enum_type(FileState), default=FileState.RECEIVED)
    reason: Mapped[str] = mapped_column(String(64), default="", comment="stable code, see ingest.errors")
    duplicate_of: Mapped[str | None] = mapped_column(String(36), comment="id of the draft or item with the same bytes")
    notes: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, comment="catalogue.new_item.NewNote as JSON: what was ticked when it was scanned"
    )

    batch: Mapped[Batch] = relationship(back_populates="files")


class Draft(Base):
    """An item in the making: pages of one file or of several.

    `fields`: what the reviewer sees; `proposals`: what was read, how surely, and where. `findings`: what a person must
    look at before it is accepted; such a draft is never accepted by itself.
    """

    __tablename__ = "draft"
    __table_args__ = (UniqueConstraint("batch_id", "position"),)

    id: Mapped[Id]
    batch_id: Mapped[str] = reference("batch.id", index=True)
    position: Mapped[int]
    name: Mapped[str] = mapped_column(Text, comment="what it is called until it has a title: file, and pages of it")
    state: Mapped[DraftState] = mapped_column(enum_type(DraftState), default=DraftState.RECOGNISING, index=True)
    proposals: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    fields: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)
    unit_id: Mapped[str | None] = reference("unit.id", nullable=True)
    revision: Mapped[int] = mapped_column(default=0, comment="counts changes, so that two reviewers notice each other")
    accepted_by: Mapped[str | None] = reference("person.id", nullable=True)
    accepted_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(String(64), default="")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON, default=list)
    separator: Mapped[str] = mapped_column(String(200), default="", comment="what the sheet before it says")
    discarded_at: Mapped[datetime | None]
    typed: Mapped[list[str]] = mapped_column(
        JSON, default=list, comment="fields that a person changed; they stay when it is read again"
    )
    arrangement: Mapped[int] = mapped_column(
        default=0, comment="counts acts on the light table; what was changed there is never accepted by itself"
    )
    notes: Mapped[list[dict[str, Any]] | None] = mapped_column(
        JSON(none_as_null=True), comment="catalogue.new_item.NewNote as JSON; None: what its files say"
    )

    batch: Mapped[Batch] = relationship(back_populates="drafts")
    unit: Mapped[Unit | None] = relationship()
    pages: Mapped[list["DraftPage"]] = relationship(order_by="DraftPage.number", back_populates="draft")

    __mapper_args__ = {"version_id_col": revision}


class DraftPage(Base):
    """One page of a file in intake, with what the pipeline made of it; its draft is the item it will belong to.

    `content` is what the machine read, `corrected` what a person made of that; the second counts where it is there.
    """

    __tablename__ = "draft_page"
    __table_args__ = (
        UniqueConstraint("file_id", "source_page"),
        UniqueConstraint("draft_id", "number"),
        Index("ix_draft_page_progress", "batch_id", "state", "read_at"),
    )

    id: Mapped[Id]
    batch_id: Mapped[str] = reference("batch.id")
    file_id: Mapped[str] = reference("batch_file.id")
    source_page: Mapped[int] = mapped_column(comment="0-based within the file")
    draft_id: Mapped[str | None] = reference("draft.id", nullable=True)
    number: Mapped[int | None] = mapped_column(comment="1-based within the draft")
    role: Mapped[PageRole] = mapped_column(enum_type(PageRole), default=PageRole.CONTENT)
    removed_at: Mapped[datetime | None]
    placed_by_hand: Mapped[bool] = mapped_column(default=False, comment="recognition leaves `role` as it is")
    former_draft_id: Mapped[str | None] = mapped_column(String(36), comment="draft it was taken out of")
    former_number: Mapped[int | None] = mapped_column(comment="its number there")
    state: Mapped[PageState] = mapped_column(enum_type(PageState), default=PageState.WAITING)
    reason: Mapped[str] = mapped_column(String(64), default="")
    read_at: Mapped[datetime | None]
    rotation: Mapped[int] = mapped_column(default=0)
    turned_by_hand: Mapped[bool] = mapped_column(default=False, comment="recognition leaves `rotation` as it is")
    width: Mapped[int] = mapped_column(default=0)
    height: Mapped[int] = mapped_column(default=0)
    dpi: Mapped[int] = mapped_column(default=0)
    blank: Mapped[bool] = mapped_column(default=False)
    # Large, and seldom wanted with the rest: fetched when it is asked for.
    content: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, deferred=True, comment="ingest.context.PageText as JSON"
    )
    corrected: Mapped[dict[str, Any] | None] = mapped_column(
        JSON, deferred=True, comment="ingest.context.PageText as JSON"
    )
    thumbnail_key: Mapped[str] = mapped_column(String(200), default="")
    sheet: Mapped[dict[str, Any] | None] = mapped_column(JSON, comment="ingest.context.Sheet as JSON")
    findings: Mapped[list[dict[str, Any]]] = mapped_column(
        JSON, default=list, comment="ingest.context.Finding as JSON: what is wrong with the image"
    )
    fingerprint: Mapped[str] = mapped_column(
        String(16), default="", index=True, comment="64 bits in hex; alike pages, alike bits"
    )
    colour: Mapped[ColourMode | None] = mapped_column(enum_type(ColourMode), comment="None: blank, or no scan")
    numbers: Mapped[list[int]] = mapped_column(JSON, default=list, comment="what may be its printed page number")

    file: Mapped[BatchFile] = relationship()
    draft: Mapped[Draft | None] = relationship(back_populates="pages")
