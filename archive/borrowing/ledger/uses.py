"""Acts of use and how they are counted: pure.

An act of use is one item, by one person, under one grant, hand-over or numbered copy; what needs no approval is one act
a day. An act that goes on over the end of a month has a row in each month; only the first of them begins it.
"""

import enum
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from archive.borrowing.models import PurposeKind

__all__ = ["Counts", "Use", "UseWay", "count", "digest"]


class UseWay(enum.StrEnum):
    """How an item was used."""

    SCREEN = "screen"  #: read on screen with approval
    OPEN = "open"  #: read on screen, free for this person: public, or his own department's
    STANDING = "standing"  #: read on screen under a standing authorisation
    LEADER = "leader"  #: shown to a leader
    PAPER = "paper"  #: the original, in the room
    VISITOR = "visitor"  #: by a visitor without account
    COPY = "copy"
    EXTRACT = "extract"
    CERTIFICATE = "certificate"
    TASK = "task"  #: 业务查看: an archivist's work, listed apart and never counted as use


@dataclass(frozen=True, slots=True)
class Use:
    """One row. `person` tells people apart (an id), `day` is in the organisation's zone.

    `pages`: pages read, each once an act and month; `copied`: pages of originals that were copied or quoted.
    `begins`: the act began with this row. `recorded_at`: when the last of it was recorded.
    """

    act: str
    way: UseWay
    number: str
    day: date
    person: str
    name: str
    unit: str
    item_id: str
    purpose: PurposeKind
    pages: int
    copied: int
    begins: bool
    recorded_at: datetime

    @property
    def month(self) -> str:
        """Such as 2021-03."""
        return f"{self.day:%Y-%m}"


@dataclass(frozen=True, slots=True)
class Counts:
    """人次: people on each day, counted where their acts begin; 件次: acts begun; pages read; pages copied."""

    person_times: int = 0
    uses: int = 0
    pages: int = 0
    copied: int = 0


def count(uses: Iterable[Use]) -> Counts:
    """Count rows; 业务查看 is left out. An act over many days is one 人次, and so is a day with many acts."""
    counted = [use for use in uses if use.way is not UseWay.TASK]
    begun = [use for use in counted if use.begins]
    return Counts(
        person_times=len({(use.person, use.day) for use in begun}),
        uses=len(begun),
        pages=sum(use.pages for use in counted),
        copied=sum(use.copied for use in counted),
    )


def digest(uses: Iterable[Use]) -> str:
    """SHA-256 of what was recorded, in any order: identifiers and figures, nothing that may be renamed."""
    lines = sorted(
        json.dumps(
            [
                use.act,
                use.way,
                use.number,
                use.day.isoformat(),
                use.person,
                use.item_id,
                use.purpose,
                use.pages,
                use.copied,
                use.begins,
            ]
        )
        for use in uses
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()
