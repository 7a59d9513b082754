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
    #: ids of the posts held now
    posts: frozenset[str] = frozenset()
    #: a value of `archive.platform.accounts.models.Clearance`
    clearance: str = "none"


def facts_of(person: Person) -> PersonFacts:
    """The facts of a stored person."""
    posts = frozenset(post.id for post in person.posts)
    return PersonFacts(person.id, person.unit_id, person.roles, person.active, posts, person.clearance)
