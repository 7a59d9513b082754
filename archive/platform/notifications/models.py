"""A notice to one person, how he wants to be told by e-mail, and what waits to be sent."""

import enum
from datetime import datetime

from sqlalchemy import JSON, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, enum_type, reference
from archive.platform.notifications.kinds import NoticeKind

__all__ = ["Channel", "Notice", "NoticeChoice", "Outgoing", "Way"]


class Way(enum.StrEnum):
    """How somebody is told of a kind of notice by e-mail. In the system he finds all of them."""

    AT_ONCE = "at_once"
    DIGEST = "digest"  #: once a day, with everything else of the day
    NOT = "not"


class Channel(enum.StrEnum):
    """How a notice leaves the system."""

    MAIL = "mail"
    WEBHOOK = "webhook"


class Notice(Base):
    """Something one person should know; `link` is the path where he sees to it, `facts` fill the words of the kind."""

    __tablename__ = "notice"
    __table_args__ = (
        Index("ix_notice_unread", "person_id", "read_at"),
        Index("ix_notice_link", "link"),
        Index(
            "ix_notice_untold",
            "created_at",
            sqlite_where=text("told_at IS NULL"),
            postgresql_where=text("told_at IS NULL"),
        ),
    )

    id: Mapped[Id]
    person_id: Mapped[str] = reference("person.id")
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind))
    link: Mapped[str] = mapped_column(String(200), default="", comment="a path of the web front end")
    facts: Mapped[dict[str, str]] = mapped_column(JSON, comment="numbers and names; never words from a record's pages")
    created_at: Mapped[datetime]
    read_at: Mapped[datetime | None]
    done_at: Mapped[datetime | None] = mapped_column(comment="nothing is to be done about it any more")
    told_at: Mapped[datetime | None] = mapped_column(comment="handed on to e-mail and webhook")


class NoticeChoice(Base):
    """How a person wants to be told of one kind by e-mail; without a row: at once."""

    __tablename__ = "notice_choice"
    __table_args__ = (UniqueConstraint("person_id", "kind"),)

    id: Mapped[Id]
    person_id: Mapped[str] = reference("person.id")
    kind: Mapped[NoticeKind] = mapped_column(enum_type(NoticeKind))
    way: Mapped[Way] = mapped_column(enum_type(Way))


class Outgoing(Base):
    """One message that waits to be sent, or was given up. Its id names it to whoever receives it twice."""

    __tablename__ = "notice_outbox"
    __table_args__ = (Index("ix_notice_outbox_due", "channel", "given_up_at", "due_at"),)

    id: Mapped[Id]
    channel: Mapped[Channel] = mapped_column(enum_type(Channel))
    person_id: Mapped[str] = reference("person.id")
    digest: Mapped[bool] = mapped_column(default=False)
    notices: Mapped[list[str]] = mapped_column(JSON, comment="ids")
    due_at: Mapped[datetime]
    until: Mapped[datetime] = mapped_column(comment="given up then")
    tries: Mapped[int] = mapped_column(default=0)
    unclear: Mapped[int] = mapped_column(default=0, comment="tries of which nobody knows how they ended")
    error: Mapped[str] = mapped_column(Text, default="")
    given_up_at: Mapped[datetime | None]
