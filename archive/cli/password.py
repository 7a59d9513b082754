"""`danggui password`: gives a person a new password, for instance after a rebuild."""

import sys

import click

from archive.cli.acting import operator
from archive.cli.archive_parts import opened
from archive.cli.errors import CommandError
from archive.platform.accounts.people import person_by_login
from archive.platform.accounts.service import AccountService
from archive.settings import Settings

__all__ = ["password"]


@click.command()
@click.argument("login")
@click.pass_obj
def password(settings: Settings, login: str) -> None:
    """Give LOGIN the password that stands in the first line of standard input; it is changed at first use.

    \b
    Example:  danggui --data var password lihua < new-password.txt
    """
    given = sys.stdin.readline().rstrip("\r\n")
    with opened(settings) as parts, parts.database.writing() as session:
        accounts = AccountService(session, parts.clock, operator())
        person = person_by_login(session, login)
        if person is None:
            raise CommandError(f"there is no person with the login {login!r}")
        accounts.set_password(person, given, temporary=True)
    click.echo(f"{person.login} ({person.name}) has a new password, to be changed at first use.")
