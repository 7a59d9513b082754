"""Commands act in a person's name, under the same guard as the web; the system's user stands in the audit too."""

import getpass
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.cli.errors import CommandError
from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.actor import Actor

__all__ = ["acting_person", "as_option", "command_actor", "operator"]


def as_option(function: Any) -> Any:
    """The option `--as NAME`, passed as `login`."""
    text = "Login of the person to act as. Default: the archivist, if there is only one."
    return click.option("--as", "login", metavar="NAME", help=text)(function)


def acting_person(session: Session, login: str | None) -> Person:
    """Who is meant by `--as`. Raises CommandError if there is no such person, or it is not clear without a name."""
    if login is not None:
        person = session.scalar(select(Person).where(Person.login == login, Person.active))
        if person is None:
            raise CommandError(f"there is no active person with the login {login!r}")
        return person
    archivists = select(Person).join(RoleHolding).where(RoleHolding.role == Role.ARCHIVIST, Person.active)
    found = session.scalars(archivists.limit(2)).all()
    if len(found) != 1:
        raise CommandError("say in whose name with --as NAME: there is not exactly one archivist")
    return found[0]


def command_actor(person: Person) -> Actor:
    """The person at the command line."""
    return Actor(person.id, person.name, os_user=_os_user())


def operator() -> Actor:
    """Whoever keeps the system running: no person of the archive, a user of the machine."""
    return Actor(None, "operator", os_user=_os_user())


def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as in containers
        return "unknown"
