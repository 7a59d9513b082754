"""The one guard: may this person see this content of this record, here, now, and why.

Every route that yields content, or words from it, asks here; every search hit is asked again before output.
"""

import enum
from dataclasses import dataclass

from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person
from archive.platform.db import Clock
from archive.platform.grants import Grant
from search.interface import Rights

__all__ = ["Act", "Decision", "Guard", "Reason", "RecordFacts", "audience"]


class Act(enum.StrEnum):
    """What somebody wants with a record."""

    KNOW = "know"  #: see its catalogue line
    READ = "read"  #: see its pages and text, view-only
    DOWNLOAD = "download"  #: take a copy away


class Reason(enum.StrEnum):
    """Why the guard decided as it did."""

    PUBLIC = "public"  #: 公开: open to every employee
    OWN_UNIT = "own_unit"  #: his own department's record
    GRANT = "grant"  #: an approved request runs now
    TASK = "task"  #: an archivist's named task
    NOT_APPROVED = "not_approved"
    NOT_KNOWN = "not_known"
    DESTROYED = "destroyed"


@dataclass(frozen=True, slots=True)
class RecordFacts:
    """What the guard needs to know of a record; values as in archive.catalogue.models."""

    id: str
    unit_id: str
    control: str
    secrecy: str
    trade_secrecy: str
    destroyed: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer, the reason, and the grant it rests on."""

    allowed: bool
    reason: Reason
    grant: Grant | None = None


def audience(record: RecordFacts) -> tuple[frozenset[str], frozenset[str]]:
    """The tokens of a record for the index: who may know of it, who may read it without a grant."""
    raise NotImplementedError


class Guard:
    """Decides, from the facts of person, record, grants and clock. Denies whatever no rule allows."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def decide(self, person: Person | None, record: RecordFacts, act: Act) -> Decision:
        """Answer one question."""
        raise NotImplementedError

    def rights(self, person: Person | None) -> Rights:
        """The same answer for all records at once, as tokens for the index."""
        raise NotImplementedError
