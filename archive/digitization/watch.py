"""The watch folder: scans dropped there become a batch once they lie still; then they are moved to `taken/`.

Nothing is lost when this dies anywhere: a file that was taken in and not yet moved is known by its digest next time.
"""

import logging
import os
import time
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.digitization.intake import StagedFile, stage
from archive.digitization.models import BatchSource
from archive.digitization.service import IntakeService
from archive.platform.accounts.models import Person, Role, RoleHolding
from archive.platform.actor import Actor
from archive.platform.db import new_id
from archive.platform.parts import Parts

__all__ = ["STILL_SECONDS", "poll_watch_folder"]

log = logging.getLogger(__name__)

TAKEN = "taken"
#: a file that somebody still writes changes its time or size; one that did not for so long is whole
STILL_SECONDS = 3.0
_PARTIAL = (".part", ".tmp", ".crdownload", ".filepart")


def poll_watch_folder(parts: Parts, still: float = STILL_SECONDS) -> int:
    """Take in what lies still in the watch folder, as one batch; returns how many files. For the keeper.

    `still`: seconds for which a file must not have changed.
    """
    folder = parts.settings.watch
    folder.mkdir(parents=True, exist_ok=True)
    waiting = list(_still_files(folder, still))
    if not waiting:
        return 0
    with parts.database.reading() as session:
        person = _archivist(session)
    if person is None:
        log.warning("scans wait in the watch folder, but there is no archivist to take them in")
        return 0
    batch_id = new_id()
    staged = [(path, _stage(parts, batch_id, path)) for path in waiting]
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, Actor(person.id, person.name), parts.settings.zone)
        category = intake.default_category(electronic_only=False)
        batch = intake.open_batch(person, category, BatchSource.WATCH, batch_id=batch_id)
        for _, file in staged:
            intake.add_file(batch, file)
        intake.complete(batch)
    for path, file in staged:
        _move_away(path, folder / TAKEN / file.id)
    return len(staged)


def _still_files(folder: Path, still: float) -> Iterator[Path]:
    """Whole files, by name; hidden and half-written ones are left alone."""
    now = time.time()
    for path in sorted(folder.iterdir()):
        if path.name.startswith(".") or path.suffix.lower() in _PARTIAL or path.is_symlink() or not path.is_file():
            continue
        # The time of change, not of content: copying tools may set the latter back, while they still write.
        if now - path.stat().st_ctime >= still and os.access(path, os.R_OK):
            yield path


def _stage(parts: Parts, batch_id: str, path: Path) -> StagedFile:
    with path.open("rb") as source:
        return stage(parts.store, batch_id, source, path.name)


def _move_away(path: Path, target: Path) -> None:
    """Into a folder of its own, so that two scans of one name both stay."""
    target.mkdir(parents=True, exist_ok=True)
    path.rename(target / path.name)


def _archivist(session: Session) -> Person | None:
    """Scans from the watch folder come in the name of the archivist who has been here longest."""
    archivists = select(Person).join(RoleHolding).where(RoleHolding.role == Role.ARCHIVIST, Person.active)
    return session.scalar(archivists.order_by(Person.created_at, Person.id).limit(1))
