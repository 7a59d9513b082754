"""The sets of separator sheets that were printed: which sheets belong together, and which came back in scans."""

from datetime import datetime

from sqlalchemy import JSON, String
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, reference

__all__ = ["SeparatorSet"]


class SeparatorSet(Base):
    """Sheets that were printed together, numbered from 1."""

    __tablename__ = "separator_set"

    id: Mapped[Id]
    mark: Mapped[str] = mapped_column(String(16), unique=True, comment="what its codes call it")
    count: Mapped[int]
    carried: Mapped[list[list[str]]] = mapped_column(JSON, comment="for each sheet what it carries, and its payload")
    made_by: Mapped[str] = reference("person.id")
    made_at: Mapped[datetime]
    met: Mapped[list[int]] = mapped_column(JSON, default=list, comment="numbers that were found in scans")
