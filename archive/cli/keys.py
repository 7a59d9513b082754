"""`danggui keys`: the master keys of an encrypted archive: make a file of them, replace them, see which are in use."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select

from archive.catalogue.models import Item, ItemState
from archive.cli.acting import operator
from archive.cli.archive_parts import opened
from archive.cli.errors import FAILED, CommandError
from archive.cli.output import json_option, print_json, progress
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.locks import exclusive
from archive.platform.parts import Location, Parts
from archive.settings import Settings
from storage.encryption.data_keys import masters_in_use, rewrap_all
from storage.encryption.key_file import KeyFile
from storage.encryption.paths import object_of
from storage.faults import fault_point
from storage.interface import ObjectStore
from storage.object_paths import ObjectPaths

__all__ = ["keys", "rotate_keys"]

_BATCH = 500


@click.group()
def keys() -> None:
    """Look after the master keys of an encrypted archive.

    \b
    Example:  danggui keys new /safe/danggui.keys
    """


@keys.command()
@click.argument("file", type=click.Path(path_type=Path))
def new(file: Path) -> None:
    """Make a key FILE with one master key; a file that is there is never touched.

    \b
    Example:  danggui keys new /safe/danggui.keys
    """
    made = KeyFile.create(file.absolute())
    click.echo(f"{made.path} holds the master key {made.current}.")
    click.echo("Without this file nothing can be read: keep a copy in a second place, apart from every store.")
    click.echo(f"Switch encryption on with DANGGUI_KEYS={made.path.as_uri()}")


@keys.command()
@click.option(
    "--prepare", is_flag=True, help="Only add the next master key to the file, so that it can be copied first."
)
@click.pass_obj
def rotate(settings: Settings, *, prepare: bool) -> None:
    """Wrap every data key with a new master key; nothing that is stored is sent again.

    Takes the master key that --prepare added, or adds one. Broken off, it goes on when it is called again.

    \b
    Example:  danggui keys rotate --prepare && cp /safe/danggui.keys /media/second/ && danggui keys rotate
    """
    with opened(settings) as parts, exclusive(parts.database, settings.folder, "keys"):
        key_file = _key_file(settings)
        if prepare:
            name = key_file.prepared or key_file.prepare()
            click.echo(f"The master key {name} is added. Copy {key_file.path} to its second place, then rotate.")
            return
        changed = rotate_keys(parts, key_file)
    click.echo(f"The master key is {key_file.current}; {changed:,} data keys were wrapped anew.")
    click.echo(f"Copy {key_file.path} to its second place. Older master keys stay in it: see `danggui keys status`.")


@keys.command()
@json_option
@click.pass_obj
@click.pass_context
def status(ctx: click.Context, settings: Settings, *, as_json: bool) -> None:
    """Say which master keys wrap how many data keys, in each store; exit code 1 if one in use is not in the file.

    With --json: {"file", "current", "prepared", "masters": [{"name", "in_file", "primary", "second"}]}.

    \b
    Example:  danggui keys status
    """
    with opened(settings) as parts:
        key_file = _key_file(settings)
        used = {location: Counter(master for _, master in masters_in_use(s)) for location, s in parts.stores.items()}
    names = list(dict.fromkeys([*key_file.names, *(name for counts in used.values() for name in sorted(counts))]))
    masters = [_facts(name, key_file, used) for name in names]
    if as_json:
        facts = {"file": str(key_file.path), "current": key_file.current, "prepared": key_file.prepared}
        print_json({**facts, "masters": masters})
    else:
        _print(key_file, used, masters)
    ctx.exit(0 if all(master["in_file"] for master in masters) else FAILED)


def rotate_keys(parts: Parts, key_file: KeyFile) -> int:
    """Bring every data key of every store under the newest master key; returns how many had another one.

    Only for the holder of the lock `keys`. Raises StorageError.
    """
    if key_file.prepared is None and not _is_unfinished(parts, key_file):
        key_file.prepare()
        fault_point("keys.prepared")
    if key_file.prepared is not None:
        _note(parts, key_file.prepared)
        key_file.use_newest()
        fault_point("keys.switched")
    return sum(_rewrap(parts, location, key_file) for location in parts.stores)


def _key_file(settings: Settings) -> KeyFile:
    if settings.key_file is None:
        raise CommandError("this archive is not encrypted: DANGGUI_KEYS names no key file")
    return KeyFile(settings.key_file)


def _is_unfinished(parts: Parts, key_file: KeyFile) -> bool:
    """Whether an earlier rotation was broken off, or a process was still using the master key before."""
    return any(master != key_file.current for store in parts.stores.values() for _, master in masters_in_use(store))


def _note(parts: Parts, master: str) -> None:
    """In the audit trail, once for each master key; before it is used, so that no use is without its entry."""
    noted = select(AuditEntry.id).where(
        AuditEntry.action == AuditAction.KEYS_ROTATED.value, AuditEntry.subject_id == master
    )
    with parts.database.writing() as session:
        if session.scalar(noted) is None:
            record(session, parts.clock, operator(), AuditAction.KEYS_ROTATED, "keys", master)


def _rewrap(parts: Parts, location: Location, key_file: KeyFile) -> int:
    store, changed = parts.stores[location], 0
    with progress(f"Wrapping keys, {location.value}", None) as report:
        for batch in _batches(rewrap_all(store, key_file)):
            _remove_again(parts, store, [path for path, _ in batch])
            changed += sum(other for _, other in batch)
            report(len(batch))
    return changed


def _batches(wrapped: Iterable[tuple[str, bool]]) -> Iterator[list[tuple[str, bool]]]:
    waiting = iter(wrapped)
    while batch := list(islice(waiting, _BATCH)):
        yield batch


def _remove_again(parts: Parts, store: ObjectStore, paths: list[str]) -> None:
    """Take away keys of destroyed items, one of which may have been removed in the moment that we wrapped it anew."""
    of_object = {object_id: path for path in paths if (object_id := object_of(path))}
    destroyed = select(Item.id).where(Item.id.in_(of_object), Item.state == ItemState.DESTROYED)
    with parts.database.reading() as session:
        gone = session.scalars(destroyed).all()
    for object_id in gone:
        if next(store.list(ObjectPaths.of(object_id).root), None) is None:
            store.delete(of_object[object_id])


def _facts(name: str, key_file: KeyFile, used: Mapping[Location, Counter[str]]) -> dict[str, Any]:
    counts = {location.value: counts[name] for location, counts in used.items()}
    return {"name": name, "in_file": name in key_file.names, **counts}


def _print(key_file: KeyFile, used: Mapping[Location, Counter[str]], masters: list[dict[str, Any]]) -> None:
    for master in masters:
        counts = ", ".join(f"{location.value}: {master[location.value]:,}" for location in used)
        click.echo(f"{master['name']}  {counts}  ({_word_for(master, key_file, used)})")


def _word_for(master: dict[str, Any], key_file: KeyFile, used: Mapping[Location, Counter[str]]) -> str:
    if not master["in_file"]:
        return f"MISSING: it is not in {key_file.path}"
    if master["name"] == key_file.current:
        return "current"
    if master["name"] == key_file.prepared:
        return "prepared for the next rotation"
    in_use = any(master[location.value] for location in used)
    return "in use: run `danggui keys rotate`" if in_use else "not in use: only old backups may still need it"
