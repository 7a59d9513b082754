"""`danggui administrators`: the three administrators of a new archive, who keep everybody else's accounts."""

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.cli.acting import operator
from archive.cli.archive_parts import opened
from archive.cli.errors import CommandError
from archive.platform.accounts.models import Person, Role, RoleHolding, Unit
from archive.platform.accounts.passwords import random_password
from archive.platform.accounts.service import AccountService
from archive.settings import Settings

__all__ = ["administrators"]

_KINDS = {
    "system": Role.SYSTEM_ADMINISTRATOR,
    "security": Role.SECURITY_ADMINISTRATOR,
    "audit": Role.AUDIT_ADMINISTRATOR,
}


@click.command()
@click.option("--unit", required=True, metavar="CODE=NAME", help="The unit they belong to; made if it is not there.")
@click.option("--system", metavar="LOGIN=NAME", help="System administrator: units, posts, accounts.")
@click.option("--security", metavar="LOGIN=NAME", help="Security administrator: roles, clearance, approval chains.")
@click.option("--audit", metavar="LOGIN=NAME", help="Audit administrator: reads the audit trail.")
@click.pass_obj
def administrators(settings: Settings, /, unit: str, **named: str | None) -> None:
    """Appoint the first administrators of an archive, three different people; later ones are appointed on pages.

    Each password is printed once and changed at first use. A kind that somebody holds already is refused.

    \b
    Example:  danggui --data var administrators --unit BGS=办公室 --system qianwei=钱伟 \\
                  --security sunjing=孙静 --audit wutao=吴涛
    """
    with opened(settings) as parts, parts.database.writing() as session:
        accounts = AccountService(session, parts.clock, operator())
        place = _unit(session, accounts, unit)
        given = [
            (role, *_appoint(session, accounts, place, role, named[kind] or ""))
            for kind, role in _KINDS.items()
            if named[kind]
        ]
    if not given:
        raise CommandError("name at least one: --system, --security or --audit")
    for role, login, password in given:
        click.echo(f"{login:<14} {password}  {role.value.replace('_', ' ')}")


def _appoint(session: Session, accounts: AccountService, unit: Unit, role: Role, named: str) -> tuple[str, str]:
    """Login and password of the new administrator."""
    holders = select(Person.id).join(Person.holdings).where(RoleHolding.role == role, Person.active)
    if session.scalar(holders.limit(1)):
        raise CommandError(f"there is a {role.value.replace('_', ' ')} already: appoint others on the pages")
    login, name = _pair(named)
    person, password = accounts.create_person(login, name, unit, [role]), random_password()
    accounts.set_password(person, password, temporary=True)
    return person.login, password


def _unit(session: Session, accounts: AccountService, named: str) -> Unit:
    code, name = _pair(named)
    return session.scalar(select(Unit).where(Unit.code == code)) or accounts.create_unit(code, name)


def _pair(text: str) -> tuple[str, str]:
    before, _sign, after = (part.strip() for part in text.partition("="))
    if not before or not after:
        raise CommandError(f"write {text!r} as LOGIN=NAME or CODE=NAME")
    return before, after
