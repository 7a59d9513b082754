"""The one guard: may this person see this content of this record, here, now, and why.

Every route that yields content, or words from it, asks here; every search hit is asked again before output.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from archive.platform.accounts.facts import PersonFacts, facts_of
from archive.platform.accounts.models import Person
from archive.platform.db import Clock, UtcDateTime
from archive.platform.grants import Grant, running_at
from archive.platform.reading_rule import Act, Decision, Reason, RecordFacts, audience, opens, rule, tokens_of
from archive.platform.secrecy_levels import exceeds, lower
from search.interface import Rights

__all__ = ["Act", "Decision", "Guard", "Reason", "RecordFacts", "audience", "max_secrecy"]


#: put together once: every piece of a page asks it
_RUNNING = select(Grant).where(
    Grant.person_id == bindparam("person"),
    Grant.item_id == bindparam("item"),
    running_at(bindparam("now", type_=UtcDateTime())),
)


def max_secrecy(session: Session) -> str:
    """The highest secrecy that the archive of this session is declared fit for; without a word, none."""
    return str(session.info.get("max_secrecy", "none"))


class Guard:
    """Decides, from the facts of person, record, grants, place and clock. Denies whatever no rule allows.

    `seat` is the id of the registered seat that asks; None: it asks from elsewhere. The session knows the highest
    secrecy the installation is declared fit for: above it nobody is cleared.
    """

    def __init__(self, session: Session, clock: Clock, seat: str | None = None) -> None:
        self._session = session
        self._clock = clock
        self._seated = seat is not None
        self._limit = max_secrecy(session)

    def decide(self, person: Person | None, record: RecordFacts, act: Act, *, page: int | None = None) -> Decision:
        """Answer one question; `page` is 1-based, None asks for the whole item."""
        if person is None:
            return rule(None, record, (), act)
        grants = () if act is Act.KNOW else self._grants(person, record)
        return rule(self._facts(person), record, grants, act, page=page, seated=self._seated)

    def page(self, person: Person, record: RecordFacts, number: int) -> dict[Act, Decision]:
        """What he may do with one page, by one look at his grants: know of it, read it, take it away."""
        facts, grants = self._facts(person), self._grants(person, record)
        return {act: rule(facts, record, grants, act, page=number, seated=self._seated) for act in Act}

    def pages(self, person: Person, record: RecordFacts, act: Act, numbers: Iterable[int]) -> dict[int, Decision]:
        """The same question for each of these pages."""
        facts, grants = self._facts(person), self._grants(person, record)
        return {number: rule(facts, record, grants, act, page=number, seated=self._seated) for number in numbers}

    def rights(self, person: Person | None) -> Rights:
        """The same answer for all whole records at once, as tokens for the index."""
        if person is None:
            return Rights()
        tokens = tokens_of(self._facts(person))
        if not tokens:
            return Rights()
        whole = select(Grant).where(Grant.person_id == person.id, Grant.pages == "", running_at(self._clock()))
        here = (grant.item_id for grant in self._session.scalars(whole) if opens(grant, seated=self._seated))
        return Rights(tokens, tokens, frozenset(here))

    def known_by_duty(self, person: Person, record: RecordFacts) -> bool:
        """Whether he who decides about a record sees its catalogue line: if he knows of it, or somebody does and he is
        cleared for it."""
        cleared = not exceeds(record.secrecy, self._facts(person).clearance)
        return self.decide(person, record, Act.KNOW).allowed or (cleared and bool(audience(record)[0]))

    def _facts(self, person: Person) -> PersonFacts:
        facts = facts_of(person)
        return replace(facts, clearance=lower(facts.clearance, self._limit))

    def _grants(self, person: Person, record: RecordFacts) -> Sequence[Grant]:
        """His grants on this record that run now."""
        asked = {"person": person.id, "item": record.id, "now": self._clock()}
        return self._session.scalars(_RUNNING, asked).all()
