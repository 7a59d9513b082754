"""`danggui backup` and `danggui restore`: a whole installation in one folder, and back."""

import time
from dataclasses import asdict
from pathlib import Path

import click

from archive.cli.acting import operator
from archive.cli.archive_parts import opened
from archive.cli.output import json_option, print_json, progress
from archive.cli.reindex import rebuild_index
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.parts import Parts, open_parts
from archive.preservation.backup.making import back_up
from archive.preservation.backup.restoring import finished
from archive.preservation.backup.restoring import restore as put_back
from archive.settings import Settings

__all__ = ["backup", "restore"]


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@json_option
@click.pass_obj
def backup(settings: Settings, folder: Path, *, as_json: bool) -> None:
    """Put the whole archive, database and everything stored, into a new FOLDER. The archive may go on working.

    The folder is a BagIt bag, so any tool for bags can verify it. An interrupted backup goes on when it is called
    again. Of an encrypted archive the key file is NOT in the backup: keep it apart, or the backup is worth nothing.
    With --json: {"rows": {table: number}, "objects", "files", "bytes", "seconds"}.

    \b
    Example:  danggui --data var backup /mnt/backup/2026-11-21
    """
    begun = time.monotonic()
    with opened(settings) as parts:
        with progress("Backing up", None) as advance:
            made = back_up(parts, folder, advance)
        _note(parts, AuditAction.ARCHIVE_BACKED_UP, files=made.files)
    seconds = time.monotonic() - begun
    if as_json:
        print_json({**asdict(made), "seconds": round(seconds, 1)})
        return
    rows = sum(made.rows.values())
    click.echo(
        f"{rows:,} rows and {made.objects:,} stored objects in {folder}: {made.files:,} files, {made.bytes:,} bytes"
    )
    click.echo(f"Read back and verified; {seconds:.0f} s.")
    if settings.keys:
        click.echo("It is encrypted. The key file is not in it: keep a copy of the key file in another safe place.")


@click.command()
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@json_option
@click.pass_obj
def restore(settings: Settings, folder: Path, *, as_json: bool) -> None:
    """Make the archive again from a backup in FOLDER, in an empty database and an empty store.

    Every file is compared with its digest before it counts. Database and store may be of another kind than those that
    were backed up. An interrupted restore goes on when it is called again.
    With --json: {"rows": {table: number}, "files", "taken_at", "items", "seconds"}.

    \b
    Example:  danggui --data var2 restore /mnt/backup/2026-11-21
    """
    begun = time.monotonic()
    settings.folder.mkdir(parents=True, exist_ok=True)
    with open_parts(settings) as parts:
        parts.settings.watch.mkdir(parents=True, exist_ok=True)
        with progress("Restoring", None) as advance:
            restored = put_back(parts, folder, advance)
        _note(parts, AuditAction.ARCHIVE_RESTORED, files=restored.files)
        items = rebuild_index(parts)
        finished(parts)
    seconds = time.monotonic() - begun
    if as_json:
        taken_at = restored.taken_at.isoformat()
        print_json({**asdict(restored), "taken_at": taken_at, "items": items, "seconds": round(seconds, 1)})
        return
    at = restored.taken_at.astimezone(settings.zone)
    click.echo(f"{sum(restored.rows.values()):,} rows and {restored.files:,} files restored, {items:,} items indexed")
    click.echo(f"The archive is as it was at {at:%Y-%m-%d %H:%M:%S %Z}; {seconds:.0f} s. Everybody signs in anew.")


def _note(parts: Parts, action: AuditAction, *, files: int) -> None:
    with parts.database.writing() as session:
        record(session, parts.clock, operator(), action, "archive", "archive", files=files)
