"""Where the paper of each item is, and every act of its custody; 出库 acts, incidents, visits, booked seats.

Two things the database itself refuses, whoever writes: paper of a reading that is out of the room, and an 出库 act
without two people and, but for an emergency, without approval.
"""

import enum
from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.borrowing.models import RequestLine
from archive.catalogue.models import Item
from archive.platform.accounts.models import Person
from archive.platform.approval.models import ApprovalCase
from archive.platform.db import Base, Id, enum_type, reference
from archive.platform.grants import Grant
from archive.platform.seats.models import Seat

__all__ = [
    "Condition",
    "CustodyAct",
    "CustodyKind",
    "DocumentKind",
    "Half",
    "IncidentKind",
    "IncidentOutcome",
    "IncidentState",
    "OutAct",
    "OutItem",
    "OutKind",
    "OutState",
    "PaperCustody",
    "PaperIncident",
    "PaperReading",
    "ReadingState",
    "RoomDay",
    "RoomWeekday",
    "SeatBooking",
    "Visit",
    "VisitAsked",
    "VisitItem",
    "VisitItemState",
    "Whereabouts",
]


class Whereabouts(enum.StrEnum):
    """Where the paper of an item is."""

    BOX = "box"
    DESK = "desk"
    ROOM = "room"
    OUT = "out"  #: by an 出库 act only


class Condition(enum.StrEnum):
    """How the paper looks, from good to bad."""

    SOUND = "sound"  #: 完好
    WORN = "worn"  #: 磨损
    DAMAGED = "damaged"  #: 破损


class ReadingState(enum.StrEnum):
    """State of one reading of the paper of an item. There is none that means out of the room."""

    FETCHED = "fetched"  #: 已调出
    READING = "reading"  #: 在阅
    RETURNED = "returned"  #: 已还
    SHELVED = "shelved"  #: 已上架


class CustodyKind(enum.StrEnum):
    """An act of custody."""

    FETCHED = "fetched"
    HANDED_OVER = "handed_over"
    TAKEN_BACK = "taken_back"
    SHELVED = "shelved"
    HANDED_OUT = "handed_out"  #: 出库
    BROUGHT_BACK = "brought_back"  #: 出库归还


class OutKind(enum.StrEnum):
    """Why paper leaves the repository; never to be read."""

    DIGITISATION = "digitisation"
    REPAIR = "repair"
    TRANSFER = "transfer"
    DESTRUCTION = "destruction"
    EMERGENCY = "emergency"
    SEIZURE = "seizure"  #: 依法调取


class OutState(enum.StrEnum):
    """State of an 出库 act."""

    ASKED = "asked"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"
    SIGNED = "signed"  #: who hands has counted and signed
    OUT = "out"  #: who takes has signed too
    BACK = "back"  #: everything is back
    GONE = "gone"  #: transferred or destroyed: nothing is expected back


class IncidentKind(enum.StrEnum):
    """What is wrong with paper."""

    MISSING = "missing"
    DAMAGED = "damaged"
    OVERDUE = "overdue"


class IncidentState(enum.StrEnum):
    """How far an incident is."""

    REPORTED = "reported"
    EXAMINED = "examined"  #: searched for, or assessed
    CONCLUDED = "concluded"


class IncidentOutcome(enum.StrEnum):
    """How an incident ended."""

    FOUND = "found"  #: found, or brought back
    LOST = "lost"  #: given up
    REPAIR = "repair"  #: to be repaired
    NOTED = "noted"  #: noted in 备考表, fit for use


class DocumentKind(enum.StrEnum):
    """What a visitor showed of himself."""

    IDENTITY_CARD = "identity_card"
    PASSPORT = "passport"
    OFFICER_CARD = "officer_card"
    WORK_CARD = "work_card"


class VisitAsked(enum.StrEnum):
    """How a visitor reads."""

    VIEW = "view"  #: on the screen, beside his companion
    PAPER = "paper"


class VisitItemState(enum.StrEnum):
    """State of one item that a visitor wants to read."""

    OPEN = "open"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Half(enum.StrEnum):
    """Half a day, as seats are booked."""

    MORNING = "morning"
    AFTERNOON = "afternoon"


class Visit(Base):
    """A visitor without account, in the company of an employee. Of his document only the last signs are kept."""

    __tablename__ = "visit"

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="e.g. L2021-0001")
    name: Mapped[str] = mapped_column(String(100))
    organisation: Mapped[str] = mapped_column(String(200), comment="where he comes from")
    letter: Mapped[str] = mapped_column(String(200), comment="letter of introduction 介绍信: number and date")
    document_kind: Mapped[DocumentKind] = mapped_column(enum_type(DocumentKind))
    document_tail: Mapped[str] = mapped_column(String(4), comment="the last four signs only")
    companion_id: Mapped[str] = reference("person.id", index=True)
    purpose: Mapped[str] = mapped_column(Text)
    ends_at: Mapped[datetime] = mapped_column(comment="closing time of his last day")
    registered_by: Mapped[str] = reference("person.id")
    registered_at: Mapped[datetime]
    left_at: Mapped[datetime | None]

    companion: Mapped[Person] = relationship(foreign_keys=[companion_id])
    registrar: Mapped[Person] = relationship(foreign_keys=[registered_by])
    items: Mapped[list["VisitItem"]] = relationship(order_by="VisitItem.position", back_populates="visit")

    def over_at(self, now: datetime) -> bool:
        """Whether he has left, or his time is over."""
        return self.left_at is not None or now >= self.ends_at


class VisitItem(Base):
    """One item a visitor wants to read: approved like any other, with his companion as applicant."""

    __tablename__ = "visit_item"
    __table_args__ = (UniqueConstraint("visit_id", "position"),)

    id: Mapped[Id]
    visit_id: Mapped[str] = reference("visit.id")
    position: Mapped[int]
    item_id: Mapped[str] = reference("item.id", index=True)
    asked: Mapped[VisitAsked] = mapped_column(enum_type(VisitAsked))
    case_id: Mapped[str | None] = reference("approval_case.id", nullable=True)
    grant_id: Mapped[str | None] = reference("grant.id", nullable=True)
    state: Mapped[VisitItemState] = mapped_column(enum_type(VisitItemState), default=VisitItemState.OPEN)

    visit: Mapped[Visit] = relationship(back_populates="items")
    item: Mapped[Item] = relationship()
    case: Mapped[ApprovalCase | None] = relationship()
    grant: Mapped[Grant | None] = relationship()

    @property
    def number(self) -> str:
        """As it is printed, e.g. `L2021-0001-01`."""
        return f"{self.visit.number}-{self.position:02}"


class PaperReading(Base):
    """The paper of one item, read once in the room, for a line of a request or for a visitor."""

    __tablename__ = "paper_reading"
    __table_args__ = (
        UniqueConstraint("id", "item_id"),
        CheckConstraint("(line_id IS NULL) <> (visit_item_id IS NULL)", name="origin"),
        CheckConstraint("state IN ('fetched', 'reading', 'returned', 'shelved')", name="state"),
        CheckConstraint("state NOT IN ('reading', 'returned') OR pages IS NOT NULL", name="counted"),
        Index("ix_paper_reading_state", "state"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), comment="of the line it is for, e.g. 2021-0012-01")
    item_id: Mapped[str] = reference("item.id", index=True)
    line_id: Mapped[str | None] = reference("request_line.id", nullable=True, index=True)
    visit_item_id: Mapped[str | None] = reference("visit_item.id", nullable=True, index=True)
    state: Mapped[ReadingState] = mapped_column(enum_type(ReadingState), default=ReadingState.FETCHED)
    box: Mapped[str] = mapped_column(String(120), comment="the box it was fetched from")
    shelf: Mapped[str] = mapped_column(String(100))
    pages: Mapped[int | None] = mapped_column(comment="counted when it was handed over")
    condition: Mapped[Condition | None] = mapped_column(enum_type(Condition))
    seat_id: Mapped[str | None] = reference("seat.id", nullable=True)
    fetched_at: Mapped[datetime]
    handed_at: Mapped[datetime | None]
    returned_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None] = mapped_column(comment="when the alarm of closing time was given")

    item: Mapped[Item] = relationship()
    line: Mapped[RequestLine | None] = relationship()
    visit_item: Mapped[VisitItem | None] = relationship()
    seat: Mapped[Seat | None] = relationship()

    @property
    def person(self) -> Person:
        """Who answers for it: the reader, or the visitor's companion."""
        return self.line.request.reader if self.line else self.visit_item.visit.companion  # type: ignore[union-attr]

    @property
    def reader(self) -> str:
        """The name of who reads it."""
        return self.visit_item.visit.name if self.visit_item else self.person.name


class OutAct(Base):
    """Paper leaves the repository: by an order, with approval, for a reason that is never a request to read."""

    __tablename__ = "out_act"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('digitisation', 'repair', 'transfer', 'destruction', 'emergency', 'seizure')", name="kind"
        ),
        CheckConstraint(
            "state IN ('asked', 'approved', 'refused', 'withdrawn')"
            " OR (state IN ('signed', 'out', 'back', 'gone') AND (approved_at IS NOT NULL OR kind = 'emergency'))",
            name="approved",
        ),
        CheckConstraint(
            "state NOT IN ('out', 'back', 'gone') OR (given_by IS NOT NULL AND taken_by IS NOT NULL)", name="signed"
        ),
        CheckConstraint("given_by <> taken_by", name="two_people"),
        CheckConstraint("(kind IN ('transfer', 'destruction')) = (due_back IS NULL)", name="due_back"),
        CheckConstraint("kind NOT IN ('transfer', 'destruction') OR disposal <> ''", name="disposal"),
        CheckConstraint("state <> 'gone' OR kind IN ('transfer', 'destruction')", name="gone"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="出库单号, e.g. C2021-0001")
    kind: Mapped[OutKind] = mapped_column(enum_type(OutKind))
    state: Mapped[OutState] = mapped_column(enum_type(OutState), default=OutState.ASKED)
    ground: Mapped[str] = mapped_column(Text, comment="why")
    ordered_by: Mapped[str] = mapped_column(String(200), comment="who ordered it, and the number of the order")
    disposal: Mapped[str] = mapped_column(String(200), default="", comment="reference of the executed disposal")
    destination: Mapped[str] = mapped_column(String(200), comment="where it goes, or to whom")
    due_back: Mapped[str | None] = mapped_column(String(10), comment="YYYY-MM-DD in the organisation's zone")
    created_by: Mapped[str] = reference("person.id")
    created_at: Mapped[datetime]
    case_id: Mapped[str | None] = reference("approval_case.id", nullable=True)
    approved_at: Mapped[datetime | None]
    approve_until: Mapped[datetime | None] = mapped_column(comment="an emergency is approved afterwards, until then")
    given_by: Mapped[str | None] = reference("person.id", nullable=True)
    given_at: Mapped[datetime | None]
    taken_by: Mapped[str | None] = reference("person.id", nullable=True, comment="who took it, or saw it taken")
    taken_at: Mapped[datetime | None]
    taker: Mapped[str] = mapped_column(
        String(200), default="", comment="somebody without account: name, unit, document"
    )
    back_at: Mapped[datetime | None]
    alarmed_at: Mapped[datetime | None] = mapped_column(comment="when it was told that no approval came in time")

    creator: Mapped[Person] = relationship(foreign_keys=[created_by])
    giver: Mapped[Person | None] = relationship(foreign_keys=[given_by])
    receiver: Mapped[Person | None] = relationship(foreign_keys=[taken_by])
    case: Mapped[ApprovalCase | None] = relationship()
    items: Mapped[list["OutItem"]] = relationship(order_by="OutItem.position", back_populates="act")


class OutItem(Base):
    """The paper of one item on an 出库 act, counted out and back."""

    __tablename__ = "out_item"
    __table_args__ = (
        UniqueConstraint("act_id", "position"),
        UniqueConstraint("act_id", "item_id"),
        UniqueConstraint("id", "item_id"),
    )

    id: Mapped[Id]
    act_id: Mapped[str] = reference("out_act.id")
    position: Mapped[int]
    item_id: Mapped[str] = reference("item.id", index=True)
    box: Mapped[str] = mapped_column(String(120), default="", comment="the box it left, where its out-card lies")
    shelf: Mapped[str] = mapped_column(String(100), default="")
    pages_out: Mapped[int | None]
    condition_out: Mapped[Condition | None] = mapped_column(enum_type(Condition))
    pages_back: Mapped[int | None]
    condition_back: Mapped[Condition | None] = mapped_column(enum_type(Condition))
    back_by: Mapped[str | None] = reference("person.id", nullable=True)
    back_at: Mapped[datetime | None]

    act: Mapped[OutAct] = relationship(back_populates="items")
    item: Mapped[Item] = relationship()


class PaperCustody(Base):
    """Where the paper of an item is now. An item without a row never left its box."""

    __tablename__ = "paper_custody"
    __table_args__ = (
        ForeignKeyConstraint(["reading_id", "item_id"], ["paper_reading.id", "paper_reading.item_id"]),
        ForeignKeyConstraint(["out_id", "item_id"], ["out_item.id", "out_item.item_id"]),
        CheckConstraint("place IN ('box', 'desk', 'room', 'out')", name="place"),
        CheckConstraint("(place = 'out') = (out_id IS NOT NULL)", name="out_by_out_act"),
        CheckConstraint("reading_id IS NULL OR place IN ('desk', 'room')", name="reading_in_the_room"),
        CheckConstraint("place <> 'room' OR reading_id IS NOT NULL", name="room_for_reading"),
    )

    item_id: Mapped[str] = reference("item.id", primary_key=True)
    place: Mapped[Whereabouts] = mapped_column(enum_type(Whereabouts), default=Whereabouts.BOX)
    reading_id: Mapped[str | None] = mapped_column(String(36))
    out_id: Mapped[str | None] = mapped_column(String(36))
    acts: Mapped[int] = mapped_column(default=0, comment="how many acts its log has")


class CustodyAct(Base):
    """One act of custody of the paper of an item, the first as number 1. Nothing here is ever changed."""

    __tablename__ = "custody_act"
    __table_args__ = (
        UniqueConstraint("item_id", "number"),
        CheckConstraint("place IN ('box', 'desk', 'room', 'out')", name="place"),
        CheckConstraint("reading_id IS NULL OR (place IN ('box', 'desk', 'room') AND out_id IS NULL)", name="reading"),
        CheckConstraint("(place = 'out') = (kind = 'handed_out')", name="out"),
        CheckConstraint("kind <> 'handed_out' OR (out_id IS NOT NULL AND with_id IS NOT NULL)", name="out_by_out_act"),
        CheckConstraint("kind NOT IN ('handed_over', 'handed_out') OR by_id <> with_id", name="two_people"),
    )

    id: Mapped[Id]
    item_id: Mapped[str] = reference("item.id")
    number: Mapped[int]
    kind: Mapped[CustodyKind] = mapped_column(enum_type(CustodyKind))
    place: Mapped[Whereabouts] = mapped_column(enum_type(Whereabouts), comment="where the paper is after it")
    reading_id: Mapped[str | None] = reference("paper_reading.id", nullable=True, index=True)
    out_id: Mapped[str | None] = reference("out_item.id", nullable=True, index=True)
    by_id: Mapped[str] = reference("person.id")
    with_id: Mapped[str | None] = reference("person.id", nullable=True, comment="the second person")
    at: Mapped[datetime]
    pages: Mapped[int | None]
    condition: Mapped[Condition | None] = mapped_column(enum_type(Condition))
    note: Mapped[str] = mapped_column(Text, default="")

    by: Mapped[Person] = relationship(foreign_keys=[by_id])
    second: Mapped[Person | None] = relationship(foreign_keys=[with_id])


class PaperIncident(Base):
    """Paper missing, damaged or overdue: reported, examined, concluded; another person concludes."""

    __tablename__ = "paper_incident"
    __table_args__ = (
        CheckConstraint(
            "state <> 'concluded' OR (examined_by IS NOT NULL AND concluded_by IS NOT NULL AND outcome IS NOT NULL)",
            name="concluded",
        ),
        CheckConstraint("concluded_by <> examined_by", name="two_people"),
        CheckConstraint("concluded_by <> reported_by", name="another"),
        Index("ix_paper_incident_state", "state"),
    )

    id: Mapped[Id]
    number: Mapped[str] = mapped_column(String(32), unique=True, comment="e.g. Y2021-0001")
    kind: Mapped[IncidentKind] = mapped_column(enum_type(IncidentKind))
    state: Mapped[IncidentState] = mapped_column(enum_type(IncidentState), default=IncidentState.REPORTED)
    item_id: Mapped[str] = reference("item.id", index=True)
    reading_id: Mapped[str | None] = reference("paper_reading.id", nullable=True)
    out_id: Mapped[str | None] = reference("out_item.id", nullable=True)
    reported_by: Mapped[str | None] = reference("person.id", nullable=True, comment="none: the system")
    reported_at: Mapped[datetime]
    report: Mapped[str] = mapped_column(Text)
    examined_by: Mapped[str | None] = reference("person.id", nullable=True)
    examined_at: Mapped[datetime | None]
    finding: Mapped[str] = mapped_column(Text, default="")
    concluded_by: Mapped[str | None] = reference("person.id", nullable=True)
    concluded_at: Mapped[datetime | None]
    outcome: Mapped[IncidentOutcome | None] = mapped_column(enum_type(IncidentOutcome))
    conclusion: Mapped[str] = mapped_column(Text, default="")

    item: Mapped[Item] = relationship()
    reporter: Mapped[Person | None] = relationship(foreign_keys=[reported_by])
    examiner: Mapped[Person | None] = relationship(foreign_keys=[examined_by])
    concluder: Mapped[Person | None] = relationship(foreign_keys=[concluded_by])


class RoomWeekday(Base):
    """Opening hours of the reading room on one day of the week; without a row those that come with the product."""

    __tablename__ = "room_weekday"

    id: Mapped[Id]
    weekday: Mapped[int] = mapped_column(unique=True, comment="0: Monday")
    opens: Mapped[str] = mapped_column(String(5), comment="HH:MM; empty: closed")
    closes: Mapped[str] = mapped_column(String(5))


class RoomDay(Base):
    """One day that is not like others of its weekday."""

    __tablename__ = "room_day"

    id: Mapped[Id]
    day: Mapped[str] = mapped_column(String(10), unique=True, comment="YYYY-MM-DD")
    opens: Mapped[str] = mapped_column(String(5), comment="HH:MM; empty: closed")
    closes: Mapped[str] = mapped_column(String(5))
    reason: Mapped[str] = mapped_column(String(200))


class SeatBooking(Base):
    """A seat of the reading room for half a day."""

    __tablename__ = "seat_booking"
    __table_args__ = (
        Index(
            "uq_seat_booking_seat",
            "seat_id",
            "day",
            "half",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL"),
        ),
        Index(
            "uq_seat_booking_person",
            "person_id",
            "day",
            "half",
            unique=True,
            sqlite_where=text("cancelled_at IS NULL"),
            postgresql_where=text("cancelled_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    seat_id: Mapped[str] = reference("seat.id")
    day: Mapped[str] = mapped_column(String(10), comment="YYYY-MM-DD")
    half: Mapped[Half] = mapped_column(enum_type(Half))
    person_id: Mapped[str] = reference("person.id")
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]

    seat: Mapped[Seat] = relationship()
    person: Mapped[Person] = relationship()
