"""`danggui verify`: reads every stored object again and compares it with its digests."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import click
from sqlalchemy import func, select

from archive.catalogue.models import Item, ItemState
from archive.cli.acting import operator
from archive.cli.archive_parts import opened
from archive.cli.errors import FAILED
from archive.cli.output import json_option, print_json, progress
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.parts import Parts
from archive.settings import Settings
from storage.errors import LayoutError, NotStoredError
from storage.layout import Outcome

__all__ = ["Fixity", "verify", "verify_store"]


@dataclass(slots=True)
class Fixity:
    """What was read: files, bytes, files that are as stored, and `<item>/<path>` of those damaged or missing."""

    checked: int = 0
    bytes: int = 0
    ok: int = 0
    damaged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Nothing is damaged or missing."""
        return not self.damaged and not self.missing

    def document(self) -> dict[str, Any]:
        """As printed with --json."""
        return {
            "checked": self.checked,
            "bytes": self.bytes,
            "ok": self.ok,
            "damaged": self.damaged,
            "missing": self.missing,
        }


@click.command()
@json_option
@click.pass_obj
@click.pass_context
def verify(ctx: click.Context, settings: Settings, *, as_json: bool) -> None:
    """Read every stored file again, byte by byte, and compare it with its digest; exit code 1 if one is not as stored.

    With --json: {"checked", "bytes", "ok", "damaged": [...], "missing": [...]}.

    \b
    Example:  danggui --data var verify
    """
    with opened(settings) as parts:
        fixity = verify_store(parts)
    if as_json:
        print_json(fixity.document())
    else:
        _print(fixity)
    ctx.exit(0 if fixity.clean else FAILED)


def verify_store(parts: Parts) -> Fixity:
    """Check the object of every item that the database knows, and note the round in the audit trail."""
    fixity = Fixity()
    with parts.database.reading() as session:
        total = session.scalar(select(func.count()).select_from(Item).where(Item.state != ItemState.DESTROYED))
    with progress("Verifying", total) as advance:
        for item_id in _item_ids(parts):
            _verify_item(parts, item_id, fixity)
            advance(1)
    with parts.database.writing() as session:
        numbers = {"checked": fixity.checked, "ok": fixity.ok}
        record(session, parts.clock, operator(), AuditAction.STORE_VERIFIED, "store", "store", **numbers)
    return fixity


def _item_ids(parts: Parts) -> Iterator[str]:
    """Page by page, so that no transaction stays open while files are read."""
    last = ""
    while True:
        wanted = select(Item.id).where(Item.id > last, Item.state != ItemState.DESTROYED).order_by(Item.id).limit(500)
        with parts.database.reading() as session:
            found = session.scalars(wanted).all()
        if not found:
            return
        yield from found
        last = found[-1]


def _verify_item(parts: Parts, item_id: str, fixity: Fixity) -> None:
    try:
        for check in parts.repository.verify(item_id):
            fixity.checked += 1
            fixity.bytes += check.size
            if check.outcome is Outcome.OK:
                fixity.ok += 1
            else:
                bad = fixity.damaged if check.outcome is Outcome.DAMAGED else fixity.missing
                bad.append(f"{item_id}/{check.path}")
    except NotStoredError:
        fixity.missing.append(item_id)
    except LayoutError:
        fixity.damaged.append(item_id)


def _print(fixity: Fixity) -> None:
    click.echo(f"{fixity.checked:,} files with {fixity.bytes:,} bytes read, {fixity.ok:,} as stored")
    for path in fixity.damaged:
        click.echo(f"damaged: {path}")
    for path in fixity.missing:
        click.echo(f"missing: {path}")
