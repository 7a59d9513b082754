"""The one guard: may this person see this content of this record, here, now, and why.

Every route that yields content, or words from it, asks here; every search hit is asked again before output.
"""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.facts import facts_of
from archive.platform.accounts.models import Person
from archive.platform.db import Clock
from archive.platform.grants import Grant, running_at
from archive.platform.reading_rule import Act, Decision, Reason, RecordFacts, audience, rule, tokens_of
from search.interface import Rights

__all__ = ["Act", "Decision", "Guard", "Reason", "RecordFacts", "audience"]


class Guard:
    """Decides, from the facts of person, record, grants and clock. Denies whatever no rule allows."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def decide(self, person: Person | None, record: RecordFacts, act: Act) -> Decision:
        """Answer one question."""
        if person is None:
            return rule(None, record, (), act)
        grants = self._grants(person, record) if act is Act.READ else ()
        return rule(facts_of(person), record, grants, act)

    def rights(self, person: Person | None) -> Rights:
        """The same answer for all records at once, as tokens for the index."""
        tokens = tokens_of(facts_of(person) if person else None)
        if person is None or not tokens:
            return Rights()
        running = select(Grant.item_id).where(Grant.person_id == person.id, running_at(self._clock()))
        return Rights(tokens, tokens, frozenset(self._session.scalars(running)))

    def _grants(self, person: Person, record: RecordFacts) -> Sequence[Grant]:
        """His grants on this record that run now."""
        mine = select(Grant).where(Grant.person_id == person.id, Grant.item_id == record.id)
        return self._session.scalars(mine.where(running_at(self._clock()))).all()
