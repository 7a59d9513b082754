"""What was learnt of an issuer. The archivists' own knowledge: kept when scans go, and after a loss of the database."""

import enum
from datetime import datetime

from sqlalchemy import String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from archive.catalogue.models import Fonds
from archive.platform.accounts.models import Person
from archive.platform.db import Base, Id, enum_type, reference

__all__ = ["IssuerRule", "Taught"]


class Taught(enum.StrEnum):
    """What a rule is about."""

    ISSUER = "issuer"  #: how the issuer is called in the catalogue
    UNIT = "unit"  #: the department that keeps its documents; the value is its id
    RETENTION = "retention"
    CONTROL = "control"
    CARRIER = "carrier"  #: `paper` or `electronic`
    NUMBER_CODE = "number_code"  #: the sign before the year of its document numbers
    TITLE_PREFIX = "title_prefix"  #: its name before 关于 in titles, kept or left out


class IssuerRule(Base):
    """One thing that was corrected on documents of an issuer, in a fonds. The last correction is the value."""

    __tablename__ = "issuer_rule"
    __table_args__ = (UniqueConstraint("fonds_id", "issuer", "taught", "read"),)

    id: Mapped[Id]
    fonds_id: Mapped[str] = reference("fonds.id")
    issuer: Mapped[str] = mapped_column(String(200), comment="as it is read, folded")
    taught: Mapped[Taught] = mapped_column(enum_type(Taught))
    read: Mapped[str] = mapped_column(String(200), default="", comment="the sign or prefix that `value` stands for")
    value: Mapped[str] = mapped_column(String(200))
    count: Mapped[int] = mapped_column(default=1, comment="times in a row that it was corrected so")
    contradicted: Mapped[int] = mapped_column(default=0, comment="times that it was corrected otherwise")
    taught_by: Mapped[str] = reference("person.id")
    taught_at: Mapped[datetime]

    fonds: Mapped[Fonds] = relationship()
    person: Mapped[Person] = relationship()

    @property
    def applies(self) -> bool:
        """Whether it is proposed: not while it was contradicted as often as it was borne out since."""
        return self.count > self.contradicted
