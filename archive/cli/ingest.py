"""`danggui ingest`: takes scans in from folders and files, and waits until they are what was asked for."""

import errno
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click
from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.cli.acting import acting_person, as_option, command_actor
from archive.cli.archive_parts import opened
from archive.cli.background import background
from archive.cli.errors import FAILED, CommandError, translated
from archive.cli.output import json_option, print_json, progress
from archive.digitization.intake import StagedFile, readable, stage
from archive.digitization.models import Batch, BatchSource, Draft, DraftState
from archive.digitization.progress import failures, progress_of
from archive.digitization.reasons import advice
from archive.digitization.service import IntakeService
from archive.platform.actor import Actor
from archive.platform.away import is_away
from archive.platform.db import new_id
from archive.platform.outbox import IndexOutbox
from archive.platform.parts import Parts
from archive.settings import Settings

__all__ = ["Taken", "ingest", "outcome", "print_outcome", "take_in", "wait_for"]

_POLL_SECONDS = 0.3
_KNOWN_ALREADY = "duplicate"
_UNREADABLE = "unreadable"


@dataclass(slots=True)
class Taken:
    """What came of one call: the batch, the path of each of its files, and what could not even be read from disk."""

    batch_id: str
    paths: dict[str, str] = field(default_factory=dict)
    unreadable: list[str] = field(default_factory=list)


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...", type=click.Path(exists=True, path_type=Path))
@click.option("--accept", is_flag=True, help="File what is proposed without review, and wait until it can be found.")
@as_option
@click.option("--box", metavar="BOX", help="There is paper: in this box (its label), or `auto` for the next with room.")
@json_option
@click.pass_obj
@click.pass_context
def ingest(
    ctx: click.Context,
    settings: Settings,
    paths: tuple[Path, ...],
    *,
    accept: bool,
    login: str | None,
    box: str | None,
    as_json: bool,
) -> None:
    """Take scans in as one batch; folders are walked. Returns when they wait for review, or with --accept when they
    can be searched. Without --box they go to a category that is kept electronically only.

    With --json: {"batch", "pages", "items", "failed": [{"source", "page", "reason"}]}. Exit code 1 if something
    failed; files that are here already are named, but are no failure.

    \b
    Example:  danggui --data var ingest --accept --as zhoumin scans/2021
    """
    files = [file for path in paths for file in _files(path)]
    if not files:
        raise CommandError("there are no files in these folders")
    with opened(settings) as parts:
        taken = take_in(parts, files, login=login, box=box, accept=accept)
        with background(parts):
            wait_for(parts, taken.batch_id, "Recognising")
        document = outcome(parts, taken)
    if as_json:
        print_json(document)
    else:
        print_outcome(document)
    ctx.exit(FAILED if any(one["reason"] != _KNOWN_ALREADY for one in document["failed"]) else 0)


def take_in(
    parts: Parts, files: list[Path], *, login: str | None, box: str | None = None, accept: bool = False
) -> Taken:
    """Make a batch of these files in a person's name. Each file is a transaction of its own."""
    taken = Taken(new_id())
    with parts.database.writing() as session:
        person = acting_person(session, login)
        intake = IntakeService(session, parts.clock, command_actor(person), parts.settings.zone)
        chosen = intake.box_of_label(box) if box not in {None, "auto"} else None
        intake.open_batch(
            person,
            intake.default_category(electronic_only=box is None),
            BatchSource.COMMAND,
            batch_id=taken.batch_id,
            accept=accept,
            box=chosen,
        )
    with progress("Taking in", len(files)) as advance:
        for path in files:
            _add(parts, taken, path, command_actor(person))
            advance(1)
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, command_actor(person), parts.settings.zone)
        intake.complete(intake.batch(taken.batch_id))
    return taken


def wait_for(parts: Parts, batch_id: str, label: str) -> None:
    """Return when nothing of the batch goes on by itself any more, and what was filed can be searched."""
    with progress(label, None) as report:
        shown = 0
        while True:
            with parts.database.reading() as session:
                now = progress_of(session, session.get_one(Batch, batch_id), parts.clock())
                finished = not now.working and not _unsearchable(session, batch_id)
            settled = now.done + now.failed
            report(settled - shown, now.total)
            shown = settled
            if finished:
                return
            time.sleep(_POLL_SECONDS)


def _add(parts: Parts, taken: Taken, path: Path, actor: Actor) -> None:
    try:
        staged = _staged(parts, taken.batch_id, path)
    except OSError as error:
        if is_away(error):
            raise
        taken.unreadable.append(readable(str(path)))
        return
    with parts.database.writing() as session:
        batch = session.get_one(Batch, taken.batch_id)
        IntakeService(session, parts.clock, actor, parts.settings.zone).add_file(batch, staged)
    taken.paths[staged.id] = readable(str(path))


def _staged(parts: Parts, batch_id: str, path: Path) -> StagedFile:
    if not path.is_file():
        # A pipe or a device would be waited for without end.
        raise OSError(errno.EINVAL, "not a regular file", str(path))
    with path.open("rb") as source:
        return stage(parts.store, batch_id, source, path.name)


def _files(path: Path) -> Iterator[Path]:
    """The file itself, or all in the folder and its folders, by name; hidden ones are no scans."""
    if not path.is_dir():
        yield path
        return
    for found in sorted(path.rglob("*")):
        hidden = any(part.startswith(".") for part in found.relative_to(path).parts)
        if found.is_file() and not hidden:
            yield found


def _unsearchable(session: Session, batch_id: str) -> bool:
    """Whether something of the batch is filed but not yet in the index."""
    waiting = select(IndexOutbox.id).join(Draft, Draft.id == IndexOutbox.item_id)
    return session.scalar(waiting.where(Draft.batch_id == batch_id).limit(1)) is not None


def outcome(parts: Parts, taken: Taken) -> dict[str, Any]:
    """What the command prints of a batch."""
    with parts.database.reading() as session:
        batch = session.get_one(Batch, taken.batch_id)
        counted = progress_of(session, batch, parts.clock())
        failed = [
            {"source": taken.paths.get(one.file_id, one.source), "page": one.page, "reason": one.reason}
            for one in failures(session, batch)
        ]
    failed += [{"source": path, "page": None, "reason": _UNREADABLE} for path in taken.unreadable]
    return {
        "batch": batch.number,
        "pages": counted.done,
        "items": counted.drafts[DraftState.ACCEPTED] if batch.accept else counted.drafts[DraftState.READY],
        "failed": failed,
    }


def _why(reason: str) -> str:
    return "cannot be read from disk" if reason == _UNREADABLE else translated(advice(reason))


def print_outcome(document: dict[str, Any]) -> None:
    """The same for a person."""
    click.echo(f"batch {document['batch']}: {document['pages']:,} pages, {document['items']:,} items")
    for one in document["failed"]:
        page = f", page {one['page']}" if one["page"] else ""
        click.echo(f"{one['source']}{page}: {_why(one['reason'])}")
