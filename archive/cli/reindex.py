"""`danggui reindex`: builds the index anew beside the present one, then switches."""

import time
from collections.abc import Callable

import click
from sqlalchemy import func, select

from archive.catalogue.models import Item
from archive.cli.acting import operator
from archive.cli.archive_parts import opened
from archive.cli.output import json_option, print_json, progress
from archive.handlers import build_documents, item_ids
from archive.platform import delivery
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.parts import Parts
from archive.settings import Settings
from search.errors import IndexBusyError

__all__ = ["rebuild_index", "reindex"]

_PATIENCE_SECONDS = 30.0


@click.command()
@json_option
@click.pass_obj
def reindex(settings: Settings, *, as_json: bool) -> None:
    """Fill a fresh index from the database; the present one answers until the new one is whole.

    With --json: {"items": number}.

    \b
    Example:  danggui --data var reindex
    """
    with opened(settings) as parts:
        items = rebuild_index(parts)
    if as_json:
        print_json({"items": items})
    else:
        click.echo(f"{items:,} items indexed")


def rebuild_index(parts: Parts) -> int:
    """Rebuild; returns the number of items. Raises IndexUnavailableError."""
    with parts.database.reading() as session:
        total = session.scalar(select(func.count()).select_from(Item))
    with progress("Indexing", total) as advance:
        items = _patiently(parts, advance)
    with parts.database.writing() as session:
        record(session, parts.clock, operator(), AuditAction.INDEX_REBUILT, "index", "index", items=items)
    return items


def _patiently(parts: Parts, advance: Callable[[int], None]) -> int:
    """The keeper writes the index for moments only: wait for one between them."""
    end = time.monotonic() + _PATIENCE_SECONDS
    while True:
        try:
            return delivery.reindex(parts, build_documents, item_ids, advance)
        except IndexBusyError:
            if time.monotonic() > end:
                raise
            time.sleep(0.2)
