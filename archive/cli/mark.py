"""`danggui mark read`: to whom a picture that was found somewhere had been delivered."""

from datetime import datetime, timedelta
from pathlib import Path

import click
import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError
from sqlalchemy.orm import Session

from archive.catalogue.models import Item
from archive.cli.acting import acting_person, as_option, command_actor
from archive.cli.archive_parts import opened
from archive.cli.errors import CommandError
from archive.discovery.mark_names import Delivery, deliveries, short_id
from archive.discovery.mark_reading import Reading, best, read_mark
from archive.platform.accounts.models import Role
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.parts import Parts
from archive.settings import Settings

__all__ = ["mark"]

_MAY = {Role.ARCHIVIST, Role.SECURITY_ADMINISTRATOR, Role.AUDIT_ADMINISTRATOR}
_YEAR = timedelta(days=366)


@click.group()
def mark() -> None:
    """Read the mark nobody sees, which is on every delivered page image.

    \b
    Example:  danggui --data var mark read --as auditadmin found.jpg
    """


@mark.command()
@click.argument("image", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="Delivered on this day or later. Default: a year ago.")
@as_option
@click.pass_obj
def read(settings: Settings, image: Path, since: datetime | None, login: str | None) -> None:
    """Say to whom IMAGE was delivered: a screenshot, a part of a page, or one compressed or scaled since.

    For archivists, security and audit administrators; recorded in the audit trail. Exit code 1 if no mark is found.

    \b
    Example:  danggui --data var mark read --as auditadmin found.jpg
    """
    grey = _grey(image)
    with opened(settings) as parts:
        begin = since.replace(tzinfo=settings.zone) if since else parts.clock() - _YEAR
        with parts.database.writing() as session:
            person = acting_person(session, login)
            if not person.roles & _MAY:
                raise CommandError("archivists, security and audit administrators read marks; say who with --as NAME")
            # Recorded before it is looked for: also a search that finds nothing was one.
            record(session, parts.clock, command_actor(person), AuditAction.MARK_READ, "mark", person.id)
        reading = read_mark(grey)
        if reading is None:
            raise CommandError("no mark stands out: try a larger or less compressed part of the picture")
        with parts.database.reading() as session:
            click.echo(_answer(parts, session, reading, begin))


def _answer(parts: Parts, session: Session, reading: Reading, begin: datetime) -> str:
    given = deliveries(session, begin, parts.clock())
    found = best(reading, list(given))
    if found is None:
        raise CommandError(
            f"there is a mark, but of no delivery since {begin:%Y-%m-%d}: say an earlier day with --since"
        )
    return "\n".join(
        [
            f"mark     {short_id(found.name)} (stands {found.score:.1f} deviations above chance)",
            *_lines(parts, session, given[found.name]),
        ]
    )


def _lines(parts: Parts, session: Session, delivery: Delivery) -> list[str]:
    item = session.get(Item, delivery.item_id)
    return [
        f"person   {delivery.person}",
        f"leave    {delivery.number or 'none was needed'}",
        f"item     {(item.code or item.accession) if item else delivery.item_id}",
        f"hour     {delivery.hour.astimezone(parts.settings.zone):%Y-%m-%d %H}:00",
    ]


def _grey(path: Path) -> NDArray[np.uint8]:
    try:
        with Image.open(path) as picture:
            return np.asarray(picture.convert("L"))
    except UnidentifiedImageError as error:
        raise CommandError(f"{path} is no picture: make one of it, such as a PNG, first") from error
