"""What a rebuild did: rows by table, what it found, up to when it is complete."""

import enum
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from archive.platform.tables import Fate

__all__ = ["Finding", "Matter", "Report", "TableLine"]


class Matter(enum.StrEnum):
    """What a finding is about."""

    JOURNAL = "journal"  #: a part of the journal is damaged or gone
    TRAIL = "trail"  #: a sealed segment of the audit trail is damaged or does not continue the one before
    ROW = "row"  #: a row could not be entered
    OBJECT = "object"  #: an item could not be read from its stored object: it is not in the archive
    SECOND = "second"  #: an item was read from the second store, as the first one's copy is damaged or gone
    AGAIN = "again"  #: an accepted item that was never described was entered again, with new numbers
    CODE = "code"  #: a code that only the object or the trail knew was noted as used
    DESTROYED = "destroyed"  #: only the trail knew of the destruction of an item


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is not as it was. `subject`: an item's id, a row's key, or a key of the store."""

    matter: Matter
    subject: str
    says: str


@dataclass(frozen=True, slots=True)
class TableLine:
    """One table: what the store had of it, None where that is not where its rows come from, and the rows there are."""

    table: str
    fate: Fate
    stored: int | None
    rows: int


@dataclass(slots=True)
class Report:
    """The outcome. `journal_until`: every change committed before is in it; None where the journal does not say.

    `trail`: sealed audit entries read; the last of them was written at `trail_until`.
    """

    journal_until: datetime | None = None
    trail: int = 0
    trail_until: datetime | None = None
    items: int = 0
    tables: list[TableLine] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def add(self, matter: Matter, subject: str, says: str) -> None:
        """Note a finding."""
        self.findings.append(Finding(matter, subject, says))

    def document(self) -> dict[str, Any]:
        """As plain JSON."""
        times = {"journal_until": self.journal_until, "trail_until": self.trail_until}
        return asdict(self) | {name: time.isoformat() if time else None for name, time in times.items()}

    @classmethod
    def of_document(cls, document: dict[str, Any]) -> Self:
        """The opposite of `document`."""
        until, trail_until = document["journal_until"], document["trail_until"]
        return cls(
            journal_until=datetime.fromisoformat(until) if until else None,
            trail=document["trail"],
            trail_until=datetime.fromisoformat(trail_until) if trail_until else None,
            items=document["items"],
            tables=[TableLine(**line | {"fate": Fate(line["fate"])}) for line in document["tables"]],
            findings=[Finding(**found | {"matter": Matter(found["matter"])}) for found in document["findings"]],
        )
