"""The record: fonds and categories, items with their files, pages and texts, codes and boxes."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, BigInteger, ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.platform.accounts.models import Person, Unit
from archive.platform.db import Base, Id, enum_type, reference

__all__ = [
    "ArchivalCode",
    "Box",
    "Category",
    "CodeSeries",
    "Control",
    "Fonds",
    "Item",
    "ItemFile",
    "ItemNote",
    "ItemState",
    "NoteKind",
    "NumberAt",
    "Page",
    "PageTextVersion",
    "Retention",
    "Secrecy",
    "TextOrigin",
    "Tombstone",
    "TradeSecrecy",
]


class NumberAt(enum.StrEnum):
    """When a category gives its archival codes."""

    ACCEPTANCE = "acceptance"
    ARRANGEMENT = "arrangement"
    HAND_OVER = "hand_over"


class Retention(enum.StrEnum):
    """Retention period 保管期限, by its code in archival codes."""

    PERMANENT = "Y"  #: 永久
    THIRTY_YEARS = "D30"
    TEN_YEARS = "D10"


class Secrecy(enum.StrEnum):
    """State secrecy 密级; anything above `none` is refused unless the installation was declared fit."""

    NONE = "none"
    SECRET = "secret"  #: 秘密
    CONFIDENTIAL = "confidential"  #: 机密
    TOP_SECRET = "top_secret"  #: 绝密


class TradeSecrecy(enum.StrEnum):
    """Trade secrecy 商业秘密."""

    NONE = "none"
    ORDINARY = "ordinary"  #: 普通商密
    CORE = "core"  #: 核心商密


class Control(enum.StrEnum):
    """Circle of knowledge 控制范围."""

    PUBLIC = "public"  #: 公开
    INTERNAL = "internal"  #: 内部
    WORK_SECRET = "work_secret"  #: 工作秘密


class ItemState(enum.StrEnum):
    """Life of an item: different words, different states."""

    ACCEPTED = "accepted"  #: 验收
    ARRANGED = "arranged"  #: 整理
    NUMBERED = "numbered"  #: 编号定稿
    FILED = "filed"  #: 归档
    SHELVED = "shelved"  #: 入库
    DESTROYED = "destroyed"  #: 已销毁


class NoteKind(enum.StrEnum):
    """What an entry of 备考表 is about."""

    UNBOUND = "unbound"  #: 拆钉
    DAMAGED = "damaged"  #: 破损
    PAGES_MISSING = "pages_missing"  #: 缺页
    REMARK = "remark"  #: 说明, in words


class TextOrigin(enum.StrEnum):
    """Who read the page."""

    MACHINE = "machine"
    HUMAN = "human"


class Fonds(Base):
    """All records of one organisation 全宗."""

    __tablename__ = "fonds"

    id: Mapped[Id]
    code: Mapped[str] = mapped_column(String(16), unique=True, comment="全宗号, e.g. Z109")
    name: Mapped[str] = mapped_column(String(200))


class Category(Base):
    """A kind of record 门类 in one fonds: fixes the shape of its codes, and which carriers an item must have."""

    __tablename__ = "category"
    __table_args__ = (UniqueConstraint("fonds_id", "code", "electronic_only"),)

    id: Mapped[Id]
    fonds_id: Mapped[str] = reference("fonds.id", index=True)
    code: Mapped[str] = mapped_column(String(16), comment="门类代码, e.g. WS")
    name: Mapped[str] = mapped_column(String(100))
    code_pattern: Mapped[str] = mapped_column(
        String(200), comment="e.g. {fonds}-{category}·{year}-{retention}-{unit}-{number:04}"
    )
    number_at: Mapped[NumberAt] = mapped_column(enum_type(NumberAt))
    electronic_only: Mapped[bool] = mapped_column(default=False, comment="no paper carrier is required")

    fonds: Mapped[Fonds] = relationship()


class CodeSeries(Base):
    """The counter of one series of codes; its row is locked while a number is given."""

    __tablename__ = "code_series"

    id: Mapped[Id]
    prefix: Mapped[str] = mapped_column(String(120), unique=True, comment="the code without its number")
    next_number: Mapped[int] = mapped_column(default=1)


class ArchivalCode(Base):
    """A code 档号 once used. Never given to another item; a void one keeps its row and its reason."""

    __tablename__ = "archival_code"

    code: Mapped[str] = mapped_column(String(120), primary_key=True)
    item_id: Mapped[str] = mapped_column(String(36), index=True)
    current: Mapped[bool] = mapped_column(default=True, comment="False: an old code that still finds the item")
    void_reason: Mapped[str | None] = mapped_column(Text)
    given_at: Mapped[datetime]


class Box(Base):
    """An archival box 盒: one fonds, year, retention and unit only, as DA/T 22 demands."""

    __tablename__ = "box"
    __table_args__ = (UniqueConstraint("fonds_id", "year", "retention", "unit_id", "number"),)

    id: Mapped[Id]
    fonds_id: Mapped[str] = reference("fonds.id")
    unit_id: Mapped[str] = reference("unit.id")
    year: Mapped[int]
    retention: Mapped[Retention] = mapped_column(enum_type(Retention))
    number: Mapped[int]
    shelf: Mapped[str] = mapped_column(String(100), default="", comment="库房-列-架-层")
    created_at: Mapped[datetime]

    fonds: Mapped[Fonds] = relationship()
    unit: Mapped[Unit] = relationship()

    @property
    def label(self) -> str:
        """What its spine says, in one line, e.g. `Z109-2021-Y-BGS-1`."""
        return f"{self.fonds.code}-{self.year}-{self.retention.value}-{self.unit.code}-{self.number}"


class Item(Base):
    """An item 件: a document with its attachments. Its id names its stored object for ever."""

    __tablename__ = "item"

    id: Mapped[Id]
    fonds_id: Mapped[str] = reference("fonds.id", index=True)
    category_id: Mapped[str] = reference("category.id")
    unit_id: Mapped[str] = reference("unit.id", index=True, comment="department it belongs to")
    box_id: Mapped[str | None] = reference("box.id", nullable=True, index=True)
    code: Mapped[str | None] = mapped_column(String(120), unique=True, comment="present archival code")
    accession: Mapped[str] = mapped_column(String(40), unique=True, comment="temporary running number 流水号")
    state: Mapped[ItemState] = mapped_column(enum_type(ItemState), index=True)
    title: Mapped[str] = mapped_column(Text)
    document_number: Mapped[str] = mapped_column(String(100), default="")
    issuer: Mapped[str] = mapped_column(String(200), default="")
    addressee: Mapped[str] = mapped_column(Text, default="")
    date: Mapped[str] = mapped_column(String(8), default="", comment="YYYYMMDD, unknown parts 0")
    year: Mapped[int]
    retention: Mapped[Retention] = mapped_column(enum_type(Retention))
    secrecy: Mapped[Secrecy] = mapped_column(enum_type(Secrecy), default=Secrecy.NONE)
    trade_secrecy: Mapped[TradeSecrecy] = mapped_column(enum_type(TradeSecrecy), default=TradeSecrecy.NONE)
    control: Mapped[Control] = mapped_column(enum_type(Control), default=Control.INTERNAL)
    page_count: Mapped[int]
    accepted_by: Mapped[str] = reference("person.id")
    accepted_at: Mapped[datetime]
    stored_version: Mapped[int] = mapped_column(
        default=1, comment="newest version of the stored object that we committed"
    )

    fonds: Mapped[Fonds] = relationship()
    category: Mapped[Category] = relationship()
    unit: Mapped[Unit] = relationship()
    box: Mapped[Box | None] = relationship()
    files: Mapped[list["ItemFile"]] = relationship(order_by="ItemFile.number")
    pages: Mapped[list["Page"]] = relationship(order_by="Page.number")
    notes: Mapped[list["ItemNote"]] = relationship(order_by="ItemNote.id")


class Tombstone(Base):
    """What is left of a destroyed item for ever: its catalogue line, and by whose order its content went."""

    __tablename__ = "tombstone"

    item_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    destroyed_at: Mapped[datetime]
    authority: Mapped[str] = mapped_column(Text, comment="the approval that ordered it")
    item: Mapped[dict[str, Any]] = mapped_column(JSON, comment="the item's row, as archive.platform.rows writes it")


class ItemNote(Base):
    """An entry of the 备考表 of an item: what is to be known of its original."""

    __tablename__ = "item_note"

    id: Mapped[Id]
    item_id: Mapped[str] = reference("item.id", index=True)
    kind: Mapped[NoteKind] = mapped_column(enum_type(NoteKind))
    text: Mapped[str] = mapped_column(Text, default="", comment="empty where the kind says all")
    made_by: Mapped[str] = reference("person.id")
    made_at: Mapped[datetime]

    person: Mapped[Person] = relationship()


class ItemFile(Base):
    """An original as it came, write-once, at `path` inside the item's stored object."""

    __tablename__ = "item_file"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[Id]
    item_id: Mapped[str] = reference("item.id", index=True)
    number: Mapped[int]
    path: Mapped[str] = mapped_column(String(200), comment="logical path in the OCFL object, a name of ours")
    name: Mapped[str] = mapped_column(Text, comment="the file name as it came; never used as a path")
    media_type: Mapped[str] = mapped_column(String(100))
    size: Mapped[int] = mapped_column(BigInteger, comment="bytes")
    sha256: Mapped[str] = mapped_column(String(64), index=True)
    source_sha256: Mapped[str] = mapped_column(
        String(64), default="", index=True, comment="of the file as it came, where this holds only some of its pages"
    )


class Page(Base):
    """A page 页: one side of a sheet. Boxes of its text are in pixels of `width` × `height`, the upright image."""

    __tablename__ = "page"
    __table_args__ = (UniqueConstraint("item_id", "number"),)

    id: Mapped[Id]
    item_id: Mapped[str] = reference("item.id", index=True)
    number: Mapped[int] = mapped_column(comment="1-based within the item")
    file_id: Mapped[str] = reference("item_file.id")
    source_page: Mapped[int] = mapped_column(comment="0-based within the file")
    rotation: Mapped[int] = mapped_column(comment="clockwise degrees to stand upright")
    width: Mapped[int]
    height: Mapped[int]
    dpi: Mapped[int]
    blank: Mapped[bool]
    fingerprint: Mapped[str] = mapped_column(
        String(16), default="", index=True, comment="64 bits in hex; alike pages, alike bits"
    )

    file: Mapped[ItemFile] = relationship()
    texts: Mapped[list["PageTextVersion"]] = relationship(order_by="PageTextVersion.version")


class PageTextVersion(Base):
    """A reading of a page. The newest human one counts, else the newest machine one; none is ever overwritten."""

    __tablename__ = "page_text"
    __table_args__ = (UniqueConstraint("page_id", "version"),)

    id: Mapped[Id]
    page_id: Mapped[str] = mapped_column(String(36), ForeignKey("page.id"), index=True)
    version: Mapped[int]
    origin: Mapped[TextOrigin] = mapped_column(enum_type(TextOrigin))
    content: Mapped[dict[str, Any]] = mapped_column(JSON, comment="ingest.context.PageText as JSON")
    created_at: Mapped[datetime]
