"""What one person still has in hand. Features say so in `archive.handlers.open_duties`; leaving hands it over."""

from collections.abc import Sequence
from typing import Protocol

from sqlalchemy.orm import Session

from archive.platform.actor import Actor
from archive.platform.db import Clock

__all__ = ["Duty", "open_things"]


class Duty(Protocol):
    """One kind of thing that can wait for a person by name, or for a post that nobody else holds."""

    #: what it is called, a message id
    label: str

    def open(self, session: Session, person_id: str) -> list[tuple[str, str]]:
        """What is open now: (what, path of the page where it is seen to).

        The system administrator reads it: numbers and kinds, never titles of records.
        """
        ...

    def hand_over(self, session: Session, clock: Clock, actor: Actor, from_id: str, to_id: str) -> int:
        """Give all of it to another person; returns how many things that were. Audited by the feature."""
        ...


def open_things(session: Session, duties: Sequence[Duty], person_id: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """What a person has in hand: the kind (a message id) and what it is, each with its path; only kinds with some."""
    found = ((duty.label, duty.open(session, person_id)) for duty in duties)
    return [(label, things) for label, things in found if things]
