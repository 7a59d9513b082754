"""`danggui verify`: reads stored objects again and compares every byte with its digests; `--state` reads none."""

import os
import random
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from math import ceil
from typing import Any, TypeVar

import click
from sqlalchemy import Select, func, or_, select

from archive.catalogue.models import Item, ItemState
from archive.cli.acting import operator
from archive.cli.archive_parts import opened
from archive.cli.errors import FAILED, CommandError
from archive.cli.output import json_option, print_json, progress
from archive.cli.storage_state import print_state
from archive.digitization.sweep import orphans
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.parts import Location, Parts
from archive.preservation.checking import WHOLE, Checked, check_copy, expect_repository
from archive.preservation.models import ObjectCopy
from archive.preservation.shared import Shared, check_shared
from archive.settings import Settings

__all__ = ["Fixity", "Wanted", "verify", "verify_store"]

#: objects handed out ahead, for each core; enough that no core waits, few enough to keep memory bounded
_AHEAD = 4

Found = TypeVar("Found")


@dataclass(slots=True)
class Fixity:
    """What was read in one location: files, bytes, files as stored, `<item>/<path>` of those damaged or missing.

    `unsettled`: items that were being written or copied all the while; the background rounds read them later.
    """

    checked: int = 0
    bytes: int = 0
    ok: int = 0
    damaged: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    repaired: list[str] = field(default_factory=list)
    unsettled: list[str] = field(default_factory=list)
    bad: int = 0

    @property
    def clean(self) -> bool:
        """Nothing is damaged or missing any more."""
        return self.bad == len(self.repaired)

    def add(self, item_id: str, found: Checked | None) -> None:
        """Count one object."""
        if found is None:
            self.unsettled.append(item_id)
            return
        reading = found.reading
        self.checked += reading.files
        self.bytes += reading.bytes
        self.ok += reading.ok
        self.damaged += [_named(item_id, path) for path in reading.damaged]
        self.missing += [_named(item_id, path) for path in reading.missing]
        self.bad += not reading.good
        self.repaired += [item_id] * found.repaired

    def document(self) -> dict[str, Any]:
        """As printed with --json; `repaired` and `unsettled` only where there is something to name."""
        always = {
            "checked": self.checked,
            "bytes": self.bytes,
            "ok": self.ok,
            "damaged": self.damaged,
            "missing": self.missing,
        }
        sometimes = {"repaired": self.repaired, "unsettled": self.unsettled}
        return always | {name: found for name, found in sometimes.items() if found}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be read: these items or all of them, and of them so many in a hundred; `mend`: repair what is bad."""

    items: Sequence[str] = ()
    sample: float = 100.0
    mend: bool = False


#: every item, repairing nothing
EVERYTHING = Wanted()


def _named(item_id: str, path: str) -> str:
    return item_id if path == WHOLE else f"{item_id}/{path}"


@click.command()
@click.option(
    "--location",
    type=click.Choice([place.value for place in Location]),
    help="Read in this store only. Default: in each.",
)
@click.option("--item", "items", multiple=True, metavar="ID", help="Read this item: its id, code or running number.")
@click.option(
    "--sample",
    type=click.FloatRange(0, 100, min_open=True),
    default=100.0,
    metavar="PERCENT",
    help="Read so many items in a hundred, drawn by chance (DA/T 70: at least 5 a quarter).",
)
@click.option("--repair", "mend", is_flag=True, help="Repair what is bad from the other store.")
@click.option("--state", "show_state", is_flag=True, help="Read nothing: print how everything is kept, at once.")
@json_option
@click.pass_obj
@click.pass_context
def verify(
    ctx: click.Context,
    settings: Settings,
    *,
    location: str | None,
    items: tuple[str, ...],
    sample: float,
    mend: bool,
    show_state: bool,
    as_json: bool,
) -> None:
    """Read stored files again, byte by byte, and compare them with their digests; exit code 1 if one is not as stored.

    What is found is recorded like that of the background rounds. What is bad and repaired is named, but no failure.

    \b
    With --json: {"checked", "bytes", "ok", "damaged": [...], "missing": [...]}, and where there is something to name:
    "repaired" and "unsettled" (item ids), "strays" (objects of which the database does not know), "shared" (what is bad
    of the audit trail and the journal, by store; read when everything is),
    "second" (the same for the second store).
    With --state --json: {"at", "copies": {...}, "bad": [...], "waiting", "journal_until", "audit_reach", ...}.

    \b
    Example:  danggui --data var verify --sample 5
    """
    with opened(settings) as parts:
        if show_state:
            print_state(parts, as_json=as_json)
            return
        wanted = Wanted(_ids_of(parts, items), sample, mend)
        chosen = _chosen(parts, location)
        found = {place: verify_store(parts, place, wanted) for place in chosen}
        everything = Location.PRIMARY in found and not items and sample == 100
        strays = list(orphans(parts)) if everything else []
        shared = check_shared(parts, mend=mend, actor=operator()) if everything and location is None else {}
    bad = {place: read for place, read in shared.items() if read.bad}
    if as_json:
        print_json(_document(found, strays, bad))
    else:
        _print(found, strays, bad)
    clean = all(fixity.clean for fixity in found.values()) and all(read.clean for read in bad.values())
    ctx.exit(0 if clean else FAILED)


def _chosen(parts: Parts, location: str | None) -> Sequence[Location]:
    if location is None:
        return list(parts.stores)
    if Location(location) not in parts.stores:
        raise CommandError("there is no second store: set DANGGUI_SECOND_STORAGE")
    return [Location(location)]


def _ids_of(parts: Parts, names: Sequence[str]) -> Sequence[str]:
    """Raises CommandError when a name means no item that is kept."""
    ids = []
    with parts.database.reading() as session:
        for name in names:
            means = or_(Item.id == name, Item.code == name, Item.accession == name)
            item_id = session.scalar(select(Item.id).where(means, Item.state != ItemState.DESTROYED))
            if item_id is None:
                raise CommandError(f"there is no item with the id, code or running number {name!r}")
            ids.append(item_id)
    return ids


# --- reading ---


def verify_store(parts: Parts, location: Location = Location.PRIMARY, wanted: Wanted = EVERYTHING) -> Fixity:
    """Read the wanted objects in one location on all cores, record each, and note the whole in the audit trail."""
    expect_repository(parts, location)
    fixity, actor = Fixity(), operator()

    def check(item_id: str) -> tuple[str, Checked | None]:
        return item_id, check_copy(parts, item_id, location, mend=wanted.mend, actor=actor)

    total, item_ids = _wanted_ids(parts, location, wanted)
    with progress(f"Verifying ({location})", total) as advance:
        for item_id, found in _on_all_cores(check, item_ids):
            fixity.add(item_id, found)
            advance(1)
    with parts.database.writing() as session:
        numbers = {"checked": fixity.checked, "ok": fixity.ok, "location": location}
        record(session, parts.clock, actor, AuditAction.STORE_VERIFIED, "store", "store", **numbers)
    return fixity


def _wanted_ids(parts: Parts, location: Location, wanted: Wanted) -> tuple[int, Iterator[str]]:
    """How many items there are to read, and their ids."""
    if wanted.items:
        return len(wanted.items), iter(wanted.items)
    with parts.database.reading() as session:
        total = session.scalar(_kept(location, func.count())) or 0
    number = ceil(total * wanted.sample / 100)
    return number, _drawn(_item_ids(parts, location), number, total)


def _drawn(item_ids: Iterator[str], number: int, total: int) -> Iterator[str]:
    """So many of all, each with the same chance, in one pass."""
    for item_id in item_ids:
        if random.random() * total < number:  # noqa: S311 - a sample, not a secret
            yield item_id
            number -= 1
        total -= 1


def _item_ids(parts: Parts, location: Location) -> Iterator[str]:
    """Page by page, so that no transaction stays open while files are read."""
    last = ""
    while True:
        with parts.database.reading() as session:
            found = session.scalars(_kept(location, Item.id).where(Item.id > last).order_by(Item.id).limit(500)).all()
        if not found:
            return
        yield from found
        last = found[-1]


def _kept(location: Location, column: Any) -> Select[Any]:
    """What must lie in this location: in the first everything, in the second what was copied there."""
    wanted = select(column).select_from(Item).where(Item.state != ItemState.DESTROYED)
    if location is Location.PRIMARY:
        return wanted
    copied = (ObjectCopy.item_id == Item.id, ObjectCopy.location == location, ObjectCopy.version > 0)
    return wanted.where(select(ObjectCopy.id).where(*copied).exists())


def _on_all_cores(work: Callable[[str], Found], item_ids: Iterable[str]) -> Iterator[Found]:
    """Results as they come, with bounded memory. What fails ends the rest."""
    cores = os.cpu_count() or 1
    with ThreadPoolExecutor(cores) as threads:
        waiting: set[Future[Found]] = set()
        try:
            for item_id in item_ids:
                waiting.add(threads.submit(work, item_id))
                if len(waiting) >= cores * _AHEAD:
                    done, waiting = wait(waiting, return_when=FIRST_COMPLETED)
                    yield from (future.result() for future in done)
            yield from (future.result() for future in waiting)
        finally:
            threads.shutdown(cancel_futures=True)


# --- printing ---


def _document(
    found: Mapping[Location, Fixity], strays: Sequence[str], bad: Mapping[Location, Shared]
) -> dict[str, Any]:
    """The first location that was read on top; the second, if both were, under its name."""
    (_, first), *rest = found.items()
    document = first.document() | {location.value: fixity.document() for location, fixity in rest}
    shared = {place.value: read.details() | {"repaired": read.repaired} for place, read in bad.items()}
    return document | ({"strays": list(strays)} if strays else {}) | ({"shared": shared} if shared else {})


def _print(found: Mapping[Location, Fixity], strays: Sequence[str], bad: Mapping[Location, Shared]) -> None:
    for location, fixity in found.items():
        where = f"{location}: " if len(found) > 1 else ""
        click.echo(f"{where}{fixity.checked:,} files with {fixity.bytes:,} bytes read, {fixity.ok:,} as stored")
        for word in ("damaged", "missing", "repaired", "unsettled"):
            for name in getattr(fixity, word):
                click.echo(f"{where}{word}: {name}")
    for place, read in bad.items():
        for word, keys in (read.details() | {"repaired": read.repaired}).items():
            for key in keys:
                click.echo(f"{place}: {word}: {key}")
    for object_id in strays:
        click.echo(f"stray, the database does not know it: {object_id}")
