"""`danggui init`: folders, tables, store and index of an archive. Done again, it brings them up to date."""

import click
from sqlalchemy import select

from archive.cli.acting import operator
from archive.migrations import upgrade
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings

__all__ = ["init", "initialise"]


@click.command()
@click.pass_obj
def init(settings: Settings) -> None:
    """Create the archive, or bring it to this version.

    \b
    Example:  danggui --data var init
    """
    settings.folder.mkdir(parents=True, exist_ok=True)
    with open_parts(settings) as parts:
        initialise(parts)
    click.echo(f"The archive in {settings.folder} is ready.")


def initialise(parts: Parts) -> None:
    """Make what is missing. Raises LayoutError, StoreUnavailableError, IndexUnavailableError, OSError."""
    parts.settings.watch.mkdir(parents=True, exist_ok=True)
    upgrade(parts.database)
    parts.repository.initialise()
    with parts.index.writer() as writer:
        writer.write([])
    with parts.database.writing() as session:
        begun = select(AuditEntry.id).where(AuditEntry.action == AuditAction.ARCHIVE_INITIALISED.value).limit(1)
        if session.scalar(begun) is None:
            record(session, parts.clock, operator(), AuditAction.ARCHIVE_INITIALISED, "archive", "archive")
