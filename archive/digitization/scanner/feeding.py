"""Feeds what a scanner scans into a batch, a page a file, each as soon as it is whole."""

import time
from collections.abc import Callable, Mapping
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import func, select

from archive.catalogue.models import NoteKind
from archive.digitization.intake import stage
from archive.digitization.missing import note_missing
from archive.digitization.models import Batch, BatchFile, BatchState
from archive.digitization.original_notes import Noted, ticked
from archive.digitization.scanner.service import ScannerService, order_of
from archive.digitization.service import IntakeService
from archive.platform.actor import Actor
from archive.platform.away import is_away, waits
from archive.platform.jobs.models import Job
from archive.platform.parts import Parts
from archive.platform.scratch import scratch_folder
from ingest.errors import ScannerError
from ingest.programs.scanimage import ScanOrder, devices, scan

__all__ = ["feed", "feed_batch", "give_up_scanning", "is_given_up"]

_INTERRUPTED = "scanner_interrupted"


def feed_batch(parts: Parts, payload: Mapping[str, Any]) -> None:
    """The job `scan`: bring the pages that a scanner scans into payload["batch"].

    Cut off, it does not begin again by itself: paper went through, and a person must look which.
    """
    batch_id = payload["batch"]
    with parts.database.reading() as session:
        tries = session.scalar(select(Job.attempts).where(Job.key == payload["key"]))
    if tries and tries > 1:
        _note(parts, batch_id, payload["device"], _INTERRUPTED)
        return
    if reason := _refusal(payload["device"]):
        _note(parts, batch_id, payload["device"], reason)
        return
    ticks = ticked(payload["noted"])
    feed(parts, batch_id, order_of(payload), lambda: not _is_wanted(parts, batch_id), ticks)


def _refusal(device: str) -> str:
    """Why nothing is scanned from a device: names come from a browser, and could lead to any machine of the network."""
    try:
        return "" if any(one.name == device for one in devices()) else "scanner_absent"
    except ScannerError as error:
        return error.reason


def give_up_scanning(parts: Parts, payload: Mapping[str, Any], _reason: str) -> None:
    """Say on the batch's page that scanning ended early."""
    _note(parts, payload["batch"], payload["device"], _INTERRUPTED)


def feed(
    parts: Parts, batch_id: str, order: ScanOrder, stopped: Callable[[], bool], ticks: tuple[NoteKind, ...] = ()
) -> int:
    """Scan into a batch until the feeder is empty, a page was on the glass, or `stopped`; returns how many pages.

    `ticks`: what is noted of the originals of these pages.
    What goes wrong stands on the batch's page; the pages before it are kept.
    """
    count = 0
    with scratch_folder(parts.settings) as folder, closing(scan(order, folder, stopped)) as pages:
        try:
            for path in pages:
                _insist(partial(_take_in, parts, batch_id, path, ticks))
                path.unlink()
                count += 1
        except ScannerError as error:
            _note(parts, batch_id, order.device, error.reason)
    return count


def is_given_up(parts: Parts, batch_id: str) -> bool:
    """Whether the batch was cancelled, or isolated: what is scanned after that is for nothing."""
    with parts.database.reading() as session:
        return session.get_one(Batch, batch_id).state in (BatchState.CANCELLED, BatchState.QUARANTINED)


def _take_in(parts: Parts, batch_id: str, path: Path, ticks: tuple[NoteKind, ...]) -> None:
    with parts.database.reading() as session:
        known = select(func.max(BatchFile.position)).where(BatchFile.batch_id == batch_id)
        name = f"{(session.scalar(known) or 0) + 1:04}.tif"
    with path.open("rb") as page:
        staged = stage(parts.store, batch_id, page, name)
    with parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id)
        actor = Actor(batch.person.id, batch.person.name)
        file = IntakeService(session, parts.clock, actor, parts.settings.zone).add_file(batch, staged)
        file.notes = [note.to_json() for note in Noted(ticks).notes(batch.person.id, parts.clock())]


def _insist(act: Callable[[], None]) -> None:
    """A page that was scanned is not given up because the store or the database is away."""
    for pause in waits():
        try:
            return act()
        except Exception as error:
            if not is_away(error):
                raise
            time.sleep(pause)
    return None


def _is_wanted(parts: Parts, batch_id: str) -> bool:
    with parts.database.reading() as session:
        batch = session.get_one(Batch, batch_id)
        open_still = not batch.complete and batch.state is BatchState.ACTIVE
        return open_still and ScannerService(session, parts.clock).is_scanning(batch_id)


def _note(parts: Parts, batch_id: str, device: str, reason: str) -> None:
    with parts.database.writing() as session:
        note_missing(session, session.get_one(Batch, batch_id), device, reason)
