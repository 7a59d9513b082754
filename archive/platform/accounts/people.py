"""Looking people up: by login, by words, by unit; page by page, for thousands of them."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import Select, func, not_, or_, select
from sqlalchemy.orm import Session, joinedload

from archive.platform.accounts.models import Credential, Person, Post, PostHolding, Unit

__all__ = ["PAGE_SIZE", "AccountState", "PeopleFilters", "find_people", "person_by_login"]

PAGE_SIZE = 50
_QUERY_LENGTH = 100


class AccountState(enum.StrEnum):
    """Which accounts a list shows."""

    OPEN = ""
    NEW = "new"  #: open, without a password yet
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class PeopleFilters:
    """What stands in the address of the list."""

    words: str = ""
    unit: str = ""
    state: AccountState = AccountState.OPEN

    @classmethod
    def of(cls, sent: Mapping[str, str]) -> "PeopleFilters":
        """Read from an address, where anything may stand."""
        words = sent.get("q", "").replace("\0", "").strip()[:_QUERY_LENGTH]
        state = sent.get("state", "")
        known = AccountState(state) if state in set(AccountState) else AccountState.OPEN
        return cls(words, sent.get("unit", "").replace("\0", ""), known)

    def parameters(self) -> dict[str, str]:
        """The same for an address, without what is not set."""
        given = {"q": self.words, "unit": self.unit, "state": self.state.value}
        return {name: value for name, value in given.items() if value}


def person_by_login(session: Session, login: str) -> Person | None:
    """The person with this login name, if any."""
    return session.scalar(select(Person).where(Person.login == login.strip()))


def find_people(session: Session, filters: PeopleFilters, page: int) -> tuple[int, list[Person]]:
    """How many there are, and those of one page (from 1), by login, with their units."""
    found = _matching(filters)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    shown = found.options(joinedload(Person.unit)).order_by(Person.login)
    return total, list(session.scalars(shown.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)))


def _matching(filters: PeopleFilters) -> Select[Person]:
    found = select(Person).where(Person.active if filters.state is not AccountState.CLOSED else not_(Person.active))
    if filters.state is AccountState.NEW:
        found = found.where(Person.id.not_in(select(Credential.person_id)))
    if filters.unit:
        found = found.where(Person.unit_id == filters.unit)
    for word in filters.words.split():
        held = select(PostHolding.person_id).join(PostHolding.post).where(PostHolding.ended_at.is_(None))
        in_post = Person.id.in_(held.where(Post.name.contains(word, autoescape=True)))
        in_unit = Person.unit_id.in_(select(Unit.id).where(Unit.name.contains(word, autoescape=True)))
        named = or_(Person.name.contains(word, autoescape=True), Person.login.icontains(word, autoescape=True))
        found = found.where(or_(named, in_post, in_unit))
    return found
