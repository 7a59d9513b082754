"""Requests and their lines, and what a line may rest on besides a case: standing authorisations, signed paper, orders.

The database itself refuses a line that is approved by nothing, whoever writes it.
"""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.catalogue.models import Category, Item
from archive.platform.accounts.models import Person, Post, Role, Unit
from archive.platform.approval.chains import Asked
from archive.platform.approval.models import ApprovalCase
from archive.platform.db import Base, Id, enum_type, reference
from archive.platform.grants import Grant, Place

__all__ = [
    "BasketItem",
    "LeaderAnswer",
    "LeaderOrder",
    "LeaderWay",
    "LineState",
    "PurposeKind",
    "ReadingRequest",
    "RequestLine",
    "SignedForm",
    "SignedStep",
    "StandingAuthorisation",
    "TaskList",
]


class LineState(enum.StrEnum):
    """State of one line of a request, and of a standing authorisation."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class PurposeKind(enum.StrEnum):
    """What a use is for, as registers of use 利用登记簿 count it."""

    WORK = "work"  #: 工作查考
    COMPILATION = "compilation"  #: 编史修志
    RESEARCH = "research"  #: 学术研究
    ECONOMY = "economy"  #: 经济建设
    PUBLICITY = "publicity"  #: 宣传教育
    OTHER = "other"  #: 其他


class LeaderWay(enum.StrEnum):
    """How a leader asked."""

    TELEPHONE = "telephone"
    SECRETARY = "secretary"
    MESSAGE = "message"
    IN_PERSON = "in_person"


class LeaderAnswer(enum.StrEnum):
    """What the leader said afterwards to what was made in his name."""

    CONFIRMED = "confirmed"
    DENIED = "denied"


class ReadingRequest(Base):
    """Somebody asks to use items, for a purpose and a time. `entered_by`: the archivist who entered it for him."""

    __tablename__ = "reading_request"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="e.g. 2021-0012")
    reader_id: Mapped[str] = reference("person.id", index=True)
    purpose_kind: Mapped[PurposeKind] = mapped_column(enum_type(PurposeKind), default=PurposeKind.WORK)
    purpose: Mapped[str] = mapped_column(Text)
    place: Mapped[Place] = mapped_column(enum_type(Place), default=Place.ROOM, comment="where he wants to read")
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    created_at: Mapped[datetime]
    entered_by: Mapped[str | None] = mapped_column(String(36), comment="id of the archivist, if one entered it")

    reader: Mapped[Person] = relationship(foreign_keys=[reader_id])
    enterer: Mapped[Person | None] = relationship(primaryjoin="foreign(ReadingRequest.entered_by) == Person.id")
    lines: Mapped[list["RequestLine"]] = relationship(order_by="RequestLine.position", back_populates="request")


class RequestLine(Base):
    """One item of a request, and one thing asked for it. It is approved by its case, or by what stands in its place."""

    __tablename__ = "request_line"
    __table_args__ = (
        UniqueConstraint("request_id", "position"),
        CheckConstraint(
            "state <> 'approved' OR case_id IS NOT NULL OR standing_id IS NOT NULL"
            " OR form_id IS NOT NULL OR order_id IS NOT NULL",
            name="approved_by_something",
        ),
        Index("ix_request_line_asked", "asked", "state"),
    )

    id: Mapped[Id]
    request_id: Mapped[str] = reference("reading_request.id", index=True)
    position: Mapped[int]
    item_id: Mapped[str] = reference("item.id", index=True)
    asked: Mapped[Asked] = mapped_column(enum_type(Asked), default=Asked.VIEW)
    pages: Mapped[str] = mapped_column(Text, default="", comment="such as 1-3,7; empty: all")
    case_id: Mapped[str | None] = reference("approval_case.id", nullable=True)
    standing_id: Mapped[str | None] = reference("standing_authorisation.id", nullable=True)
    form_id: Mapped[str | None] = reference("signed_form.id", nullable=True)
    order_id: Mapped[str | None] = reference("leader_order.id", nullable=True)
    grant_id: Mapped[str | None] = reference("grant.id", nullable=True)
    state: Mapped[LineState] = mapped_column(enum_type(LineState), default=LineState.OPEN)

    request: Mapped[ReadingRequest] = relationship(back_populates="lines")
    item: Mapped[Item] = relationship()
    case: Mapped[ApprovalCase | None] = relationship()
    standing: Mapped["StandingAuthorisation | None"] = relationship()
    form: Mapped["SignedForm | None"] = relationship()
    order: Mapped["LeaderOrder | None"] = relationship()
    grant: Mapped[Grant | None] = relationship()

    @property
    def number(self) -> str:
        """As it is printed and burned into pages, e.g. `2021-0012-01`."""
        return f"{self.request.number}-{self.position:02}"


class BasketItem(Base):
    """An item that somebody has put aside to ask for."""

    __tablename__ = "basket_item"
    __table_args__ = (UniqueConstraint("person_id", "item_id"),)

    id: Mapped[Id]
    person_id: Mapped[str] = reference("person.id")
    item_id: Mapped[str] = reference("item.id")
    added_at: Mapped[datetime]


class StandingAuthorisation(Base):
    """长期授权: a person, or whoever holds a post, reads a category's records of a unit without asking each time.

    It holds from `starts_at` until before `ends_at` or `ended_at`, once approved.
    """

    __tablename__ = "standing_authorisation"
    __table_args__ = (CheckConstraint("(person_id IS NULL) <> (post_id IS NULL)", name="holder"),)

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="e.g. S2021-0001")
    person_id: Mapped[str | None] = reference("person.id", nullable=True, index=True)
    post_id: Mapped[str | None] = reference("post.id", nullable=True, index=True)
    category_id: Mapped[str] = reference("category.id")
    unit_id: Mapped[str] = reference("unit.id", comment="whose records: the holder's own unit, or one below it")
    purpose: Mapped[str] = mapped_column(Text)
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    applicant_id: Mapped[str] = reference("person.id", index=True)
    created_at: Mapped[datetime]
    case_id: Mapped[str | None] = reference("approval_case.id", nullable=True)
    state: Mapped[LineState] = mapped_column(enum_type(LineState), default=LineState.OPEN)
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None] = reference("person.id", nullable=True)
    end_reason: Mapped[str] = mapped_column(Text, default="")

    person: Mapped[Person | None] = relationship(foreign_keys=[person_id])
    post: Mapped[Post | None] = relationship()
    category: Mapped[Category] = relationship()
    unit: Mapped[Unit] = relationship()
    applicant: Mapped[Person] = relationship(foreign_keys=[applicant_id])
    case: Mapped[ApprovalCase | None] = relationship()


class SignedForm(Base):
    """A paper form that was signed already, entered at the desk; its scan lies in the store under `key`."""

    __tablename__ = "signed_form"

    id: Mapped[Id]
    entered_by: Mapped[str] = reference("person.id")
    entered_at: Mapped[datetime]
    media_type: Mapped[str] = mapped_column(String(64))
    size: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    key: Mapped[str] = mapped_column(String(200), unique=True)

    enterer: Mapped[Person] = relationship()
    steps: Mapped[list["SignedStep"]] = relationship(order_by="SignedStep.position", lazy="selectin")


class SignedStep(Base):
    """One signature on a form: which step it stands for, as the chain asked for it, and who signed when."""

    __tablename__ = "signed_step"
    __table_args__ = (UniqueConstraint("form_id", "position"),)

    id: Mapped[Id]
    form_id: Mapped[str] = reference("signed_form.id")
    position: Mapped[int]
    role: Mapped[Role | None] = mapped_column(enum_type(Role))
    unit_id: Mapped[str | None] = reference("unit.id", nullable=True)
    post_id: Mapped[str | None] = reference("post.id", nullable=True)
    signer_id: Mapped[str] = reference("person.id")
    signed_at: Mapped[datetime]

    signer: Mapped[Person] = relationship()


class LeaderOrder(Base):
    """What the desk made for a leader in one act, and how he asked; he is shown it afterwards."""

    __tablename__ = "leader_order"

    id: Mapped[Id]
    leader_id: Mapped[str] = reference("person.id", index=True)
    way: Mapped[LeaderWay] = mapped_column(enum_type(LeaderWay))
    bearer: Mapped[str] = mapped_column(String(100), comment="who brought the word, e.g. the secretary; empty: himself")
    made_by: Mapped[str] = reference("person.id")
    made_at: Mapped[datetime]
    answer: Mapped[LeaderAnswer | None] = mapped_column(enum_type(LeaderAnswer))
    answered_at: Mapped[datetime | None]
    remark: Mapped[str] = mapped_column(Text, default="")

    leader: Mapped[Person] = relationship(foreign_keys=[leader_id])
    maker: Mapped[Person] = relationship(foreign_keys=[made_by])


class TaskList(Base):
    """The monthly list 业务查看, put before the director: `month` is such as 2021-03."""

    __tablename__ = "task_list"

    id: Mapped[Id]
    month: Mapped[str] = mapped_column(String(7), unique=True)
    told_at: Mapped[datetime]
    seen_by: Mapped[str | None] = reference("person.id", nullable=True)
    seen_at: Mapped[datetime | None]

    viewer: Mapped[Person | None] = relationship()
