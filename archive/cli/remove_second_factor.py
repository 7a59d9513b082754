"""`danggui remove-second-factor`: for the day on which the only security administrator lost his telephone."""

import click

from archive.cli.acting import operator
from archive.cli.archive_parts import opened
from archive.cli.errors import CommandError
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.second_factor import SecondFactorService
from archive.platform.accounts.sessions import WebSessions
from archive.settings import Settings

__all__ = ["remove_second_factor"]


@click.command(name="remove-second-factor")
@click.argument("login")
@click.pass_obj
def remove_second_factor(settings: Settings, login: str) -> None:
    """Take LOGIN's second factor away and end his sessions: he signs in with his password and binds another device.

    \b
    Example:  danggui --data var remove-second-factor wangxiaoyan
    """
    with opened(settings) as parts, parts.database.writing() as session:
        person = person_by_login(session, login)
        if person is None:
            raise CommandError(f"there is no person with the login {login!r}")
        factors = SecondFactorService(session, parts.clock, operator())
        if factors.of(person) is None:
            raise CommandError(f"{person.login} ({person.name}) has no second factor")
        factors.take_away(person)
        WebSessions(session, parts.clock).close_all(person)
    click.echo(f"{person.login} ({person.name}) has no second factor any more.")
