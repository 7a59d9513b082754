"""Who acts: every change of state is done in somebody's name, from the web or from the command line."""

from dataclasses import dataclass

__all__ = ["Actor"]


@dataclass(frozen=True, slots=True)
class Actor:
    """A person at work, as the audit trail names him. `person_id` is None for the system's own background work."""

    person_id: str | None
    name: str
    #: user of the operating system, on the command line
    os_user: str | None = None
    #: network address, in the web
    address: str | None = None


SYSTEM = Actor(None, "system")
