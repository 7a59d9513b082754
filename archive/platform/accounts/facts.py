"""What rules need to know of a person: plain facts, no database."""

from dataclasses import dataclass

from archive.platform.accounts.models import Person, Role

__all__ = ["PersonFacts", "facts_of"]


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """One person as the rules of reading and of approval see him."""

    id: str
    unit_id: str
    roles: frozenset[Role]
    active: bool = True


def facts_of(person: Person) -> PersonFacts:
    """The facts of a stored person."""
    return PersonFacts(person.id, person.unit_id, person.roles, person.active)
