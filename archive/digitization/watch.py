"""The watch folder: scans dropped there become a batch once they lie still; then they are moved to `taken/`.

The files in the folder itself are one batch; each folder in it, with all that is in it, is another. Nothing is lost
when this dies anywhere: a file that was taken in and not yet moved is known by its digest next time.
"""

import errno
import fcntl
import logging
import os
import signal
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.digitization.intake import StagedFile, readable, stage
from archive.digitization.missing import note_missing
from archive.digitization.models import Batch, BatchFile, BatchSource
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
#: what desktops leave in folders
_LITTER = frozenset({"thumbs.db", "desktop.ini"})
_UNREADABLE = "unreadable"
#: that a file cannot be read is said again after so long
_REMINDER = timedelta(days=30)

#: Files whose time of change lies ahead, since the clock was set back: how they looked, and since when they look so.
_ahead: dict[Path, tuple[os.stat_result, float]] = {}


def poll_watch_folder(parts: Parts, still: float = STILL_SECONDS) -> int:
    """Take in what lies still in the watch folder; returns how many files. For the keeper.

    `still`: seconds for which a file must not have changed.
    """
    folder = parts.settings.watch
    folder.mkdir(parents=True, exist_ok=True)
    return sum(_take_in(parts, files, still) for files in _heaps(folder))


def _heaps(folder: Path) -> Iterator[list[Path]]:
    """The files that belong together, by name: those of the folder itself, and those of each folder in it."""
    inside = sorted(path for path in folder.iterdir() if not path.name.startswith(".") and not path.is_symlink())
    yield [path for path in inside if _is_scan(path)]
    for path in inside:
        if path.is_dir() and path.name != TAKEN:
            yield sorted(one for one in path.rglob("*") if _is_scan(one) and not _is_hidden(one, path))


def _is_scan(path: Path) -> bool:
    """Whether it is a file that somebody put there for us: not hidden, not half a download."""
    half = path.suffix.lower() in _PARTIAL or path.name.lower() in _LITTER
    return not half and not path.name.startswith(".") and path.is_file() and not path.is_symlink()


def _is_hidden(path: Path, within: Path) -> bool:
    return any(step.startswith(".") for step in path.relative_to(within).parts)


def _take_in(parts: Parts, files: Sequence[Path], still: float) -> int:
    """Take files in as one batch. Those of a folder come together or not at all: one that changes holds up the rest."""
    folder = parts.settings.watch
    lying = [path for path in files if _lies_still(path, still)]
    inner = {path.parent for path in files} - {folder}
    whole = len(lying) == len(files) and all(_lies_still(one, still) for one in inner)
    if not lying or (inner and not whole):
        return 0
    good = [path for path in lying if os.access(path, os.R_OK)]
    with parts.database.reading() as session:
        person = _archivist(session)
        bad = [path for path in lying if path not in good and not _is_known(session, parts, path)]
    if person is None:
        log.warning("scans wait in the watch folder, but there is no archivist to take them in")
        return 0
    if not good and not bad:
        return 0
    batch_id = new_id()
    staged = [(path, _stage(parts, batch_id, path)) for path in good]
    with parts.database.writing() as session:
        intake = IntakeService(session, parts.clock, Actor(person.id, person.name), parts.settings.zone)
        category = intake.default_category(electronic_only=False)
        batch = intake.open_batch(person, category, BatchSource.WATCH, batch_id=batch_id)
        for _, file in staged:
            intake.add_file(batch, file)
        for path in bad:
            note_missing(session, batch, _name(parts, path), _UNREADABLE)
        intake.complete(batch)
    for path, file in staged:
        _move_away(path, folder / TAKEN / file.id)
    for path in {path.parent for path in good}:
        _remove_empty(path, folder)
    return len(staged)


def _lies_still(path: Path, still: float) -> bool:
    """Whether nobody writes it, nor did for a while."""
    # The time of change, not of content: copying tools may set the latter back, while they still write.
    looks, now = path.stat(), time.time()
    if looks.st_ctime > now:
        before, since = _ahead.get(path, (None, 0.0))
        if before is None or (before.st_ctime_ns, before.st_size) != (looks.st_ctime_ns, looks.st_size):
            _ahead[path] = (looks, time.monotonic())
            return still <= 0 and not _is_being_written(path)
        lain = time.monotonic() - since
    else:
        lain = now - looks.st_ctime
    if lain < still or _is_being_written(path):
        return False
    _ahead.pop(path, None)
    return True


def _is_being_written(path: Path) -> bool:
    """Whether a process has it open for writing; False where the system does not say, as on shares."""
    try:
        with path.open("rb") as file:
            # Who opens it this moment has us told by a signal. The usual one would end this process.
            fcntl.fcntl(file, fcntl.F_SETSIG, signal.SIGURG)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_RDLCK)
            fcntl.fcntl(file, fcntl.F_SETLEASE, fcntl.F_UNLCK)
    except OSError as error:
        return error.errno == errno.EAGAIN
    return False


def _is_known(session: Session, parts: Parts, path: Path) -> bool:
    """Whether it was said lately that this file cannot be read."""
    said = select(BatchFile.id).join(Batch).where(BatchFile.name == _name(parts, path), BatchFile.reason == _UNREADABLE)
    return session.scalar(said.where(Batch.created_at > parts.clock() - _REMINDER).limit(1)) is not None


def _name(parts: Parts, path: Path) -> str:
    """What the file is called: with its folders, for whoever dropped these."""
    return readable(str(path.relative_to(parts.settings.watch)))


def _stage(parts: Parts, batch_id: str, path: Path) -> StagedFile:
    with path.open("rb") as source:
        return stage(parts.store, batch_id, source, _name(parts, path))


def _move_away(path: Path, target: Path) -> None:
    """Into a folder of its own, so that two scans of one name both stay."""
    target.mkdir(parents=True, exist_ok=True)
    path.rename(target / path.name)


def _remove_empty(folder: Path, watched: Path) -> None:
    """Folders from which everything was taken go, up to the watched one."""
    while folder != watched:
        try:
            folder.rmdir()
        except OSError:
            return
        folder = folder.parent


def _archivist(session: Session) -> Person | None:
    """Scans from the watch folder come in the name of the archivist who has been here longest."""
    archivists = select(Person).join(RoleHolding).where(RoleHolding.role == Role.ARCHIVIST, Person.active)
    return session.scalar(archivists.order_by(Person.created_at, Person.id).limit(1))
