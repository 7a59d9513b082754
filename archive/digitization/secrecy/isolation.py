"""Taking the scans of a stopped batch out of the store, to a folder that only the service can read; and out of there.

Everything here can be killed and is done again by the keeper.
"""

import json
import logging
import os
import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

from sqlalchemy import ColumnElement, and_, case, delete, false, func, select, update
from sqlalchemy.orm import Session

from archive.catalogue.models import Item
from archive.digitization.intake import INTAKE
from archive.digitization.models import BatchFile, Draft, DraftPage, DraftState, FileState
from archive.digitization.reasons import BROKEN_OFF, NOT_COME, SECRECY
from archive.digitization.secrecy.models import IncidentState, SecrecyIncident
from archive.digitization.upload.arriving import remove_arriving
from archive.digitization.upload.models import Upload
from archive.digitization.watch import TAKEN
from archive.platform.db import change
from archive.platform.jobs.service import JobQueue
from archive.platform.leases import LeaseHeldError, item_lease
from archive.platform.parts import Parts
from archive.settings import Settings
from storage.errors import NotStoredError
from storage.faults import fault_point

__all__ = ["UNNAMED", "isolate", "isolated_files", "keep_isolated", "missing_files", "release_key", "remove_isolated"]

log = logging.getLogger(__name__)

#: stands where a name or a title was
UNNAMED = "涉密题名不录"

_NAMES = "names.json"
_MISSING = "missing.json"


def keep_isolated(parts: Parts) -> int:
    """Bring to its end what was begun: isolate what was found, delete what was erased, let in what was released.

    For the keeper.
    """
    with parts.database.reading() as session:
        pending = session.scalars(select(SecrecyIncident.id).where(SecrecyIncident.isolated_at.is_(None))).all()
        erased = session.scalars(select(SecrecyIncident.id).where(SecrecyIncident.state == IncidentState.ERASED)).all()
        released = session.scalars(
            select(SecrecyIncident.id).where(SecrecyIncident.state == IncidentState.RELEASED)
        ).all()
    left = [incident_id for incident_id in erased if _folder(parts.settings, incident_id).exists()]
    for incident_id in left:
        remove_isolated(parts.settings, incident_id)
    for incident_id in pending:
        isolate(parts, incident_id)
    again = [one for one in released if _folder(parts.settings, one).exists() and _retried(parts, one)]
    return len(left) + len(pending) + len(again)


def _retried(parts: Parts, incident_id: str) -> bool:
    """Nobody but its job brings a released scan in, so that is never given up."""
    with parts.database.writing() as session:
        return JobQueue(session, parts.clock).retry(release_key(incident_id))


def release_key(incident_id: str) -> str:
    """Key of the job that lets the scans of an incident in again."""
    return f"release:{incident_id}"


def isolate(parts: Parts, incident_id: str) -> None:
    """Move the scans of the incident's batch out of the store, and blank their names. What was filed stays.

    Raises StorageError, OSError: nothing is deleted before it lies isolated.
    """
    with parts.database.reading() as session:
        incident = session.get_one(SecrecyIncident, incident_id)
        files = list(_not_filed(session, incident.batch_id))
        drafts = list(_stopped_in_filing(session, incident.batch_id))
        missing = _never_came(session, incident.batch_id)
    folder = _folder(parts.settings, incident_id)
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    _remember_names(folder, files)
    if not (folder / _MISSING).exists():
        _write(folder / _MISSING, json.dumps(missing, ensure_ascii=False).encode())
    remove_arriving(parts.settings, incident.batch_id)
    for file in files:
        _fetch(parts, file, folder / file.id)
        _take_away(parts.settings.watch / TAKEN / file.id, folder / f"{file.id}.taken")
        fault_point("isolation.fetched")
    for stored in list(parts.store.list(f"{INTAKE}{incident.batch_id}/")):
        if _is_known(parts, incident.batch_id, files, stored.key):
            parts.store.delete(stored.key)
    fault_point("isolation.deleted")
    if not all(_unstored(parts, draft_id) for draft_id in drafts):
        return  # somebody files one of them this moment, in vain: the keeper comes again
    with parts.database.writing() as session:
        ids = [file.id for file in files]
        blank = {"name": UNNAMED, "state": FileState.REFUSED, "reason": SECRECY}
        change(session, update(BatchFile).where(BatchFile.id.in_(ids)).values(blank))
        change(session, update(BatchFile).where(_is_missing(incident.batch_id)).values(name=UNNAMED))
        change(session, delete(Upload).where(Upload.batch_id == incident.batch_id))
        session.get_one(SecrecyIncident, incident_id).isolated_at = parts.clock()


def isolated_files(settings: Settings, incident_id: str) -> Iterator[tuple[str, Path]]:
    """Name and place of each isolated scan, in the order in which they came."""
    folder = _folder(settings, incident_id)
    for file_id, name in _names(folder).items():
        if (folder / file_id).exists():
            yield name, folder / file_id


def missing_files(settings: Settings, incident_id: str) -> list[tuple[str, str]]:
    """Name of each file that belonged to the batch and never came, and the reason code why."""
    path = _folder(settings, incident_id) / _MISSING
    return [(name, reason) for name, reason in json.loads(path.read_bytes())] if path.exists() else []


def _never_came(session: Session, batch_id: str) -> list[tuple[str, str]]:
    """What was said to be missing, and what was announced and did not come whole."""
    said = select(BatchFile.name, BatchFile.reason).where(_is_missing(batch_id)).order_by(BatchFile.position)
    announced = select(Upload.name).where(Upload.batch_id == batch_id, Upload.whole.is_(False))
    broken_off = session.scalars(announced.order_by(Upload.position))
    return [*((row.name, row.reason) for row in session.execute(said)), *((name, BROKEN_OFF) for name in broken_off)]


def _is_missing(batch_id: str) -> ColumnElement[bool]:
    return and_(BatchFile.batch_id == batch_id, BatchFile.reason.in_(NOT_COME))


def _names(folder: Path) -> dict[str, str]:
    """Id of each file that was isolated so far, in the order in which they came, and its name."""
    path = folder / _NAMES
    names: dict[str, str] = json.loads(path.read_bytes()) if path.exists() else {}
    return names


def _remember_names(folder: Path, files: Sequence[BatchFile]) -> None:
    """Those that are known already stay: meanwhile they may be blanked in the rows."""
    known = _names(folder)
    if late := {file.id: file.name for file in files if file.id not in known}:
        _write(folder / _NAMES, json.dumps({**known, **late}, ensure_ascii=False).encode())


def _is_known(parts: Parts, batch_id: str, fetched: Sequence[BatchFile], key: str) -> bool:
    """False for a scan that comes this moment and is not fetched: its row has it isolated, or the sweep deletes it."""
    name = key.rpartition("/")[2]
    if "." in name or any(file.id == name for file in fetched):  # a dot: what we made of scans
        return True
    with parts.database.reading() as session:
        file = session.get(BatchFile, name)
        return file is not None and file.id not in {one.id for one in _not_filed(session, batch_id)}


def remove_isolated(settings: Settings, incident_id: str) -> None:
    """Delete the isolated scans of an incident."""
    folder = _folder(settings, incident_id)
    if folder.exists():
        shutil.rmtree(folder)


def _folder(settings: Settings, incident_id: str) -> Path:
    return settings.folder / "isolated" / incident_id


def _not_filed(session: Session, batch_id: str) -> Iterator[BatchFile]:
    """The files of a batch that were not opened, or of which some page became no record."""
    filed = select(Draft.id).where(Draft.batch_id == batch_id, Draft.state == DraftState.ACCEPTED)
    is_filed = func.coalesce(DraftPage.draft_id.in_(filed), false())
    whole = select(DraftPage.file_id).where(DraftPage.batch_id == batch_id).group_by(DraftPage.file_id)
    whole = whole.having(func.count() == func.sum(case((is_filed, 1), else_=0)))
    wanted = select(BatchFile).where(BatchFile.batch_id == batch_id, BatchFile.id.not_in(whole))
    wanted = wanted.where(BatchFile.reason.not_in(NOT_COME))
    return iter(session.scalars(wanted.order_by(BatchFile.position)).all())


def _stopped_in_filing(session: Session, batch_id: str) -> Iterator[str]:
    """Drafts that were accepted, but not filed, when the batch stopped: their object may lie in the store already."""
    stopped = select(Draft.id).where(Draft.batch_id == batch_id, Draft.state == DraftState.QUARANTINED)
    return iter(session.scalars(stopped.where(Draft.accepted_at.is_not(None))).all())


def _fetch(parts: Parts, file: BatchFile, target: Path) -> None:
    """A file's bytes from the store; nothing to do where they were fetched, and deleted there, before."""
    try:
        with parts.store.open(file.intake_key) as source, target.with_suffix(".part").open("wb") as copy:
            shutil.copyfileobj(source, copy, 1 << 20)
            copy.flush()
            os.fsync(copy.fileno())
    except NotStoredError:
        return
    target.with_suffix(".part").replace(target)


def _take_away(taken: Path, target: Path) -> None:
    """The source file itself, where it lies in the watch folder."""
    if taken.exists() and not target.exists():
        shutil.move(taken, target)


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    with part.open("wb") as out:
        out.write(data)
        out.flush()
        os.fsync(out.fileno())
    part.replace(path)


def _unstored(parts: Parts, item_id: str) -> bool:
    """Make sure that nothing of an item that never was lies in the store. False if somebody is at it."""
    try:
        with item_lease(parts.database, parts.clock, item_id):
            with parts.database.reading() as session:
                if session.get(Item, item_id) is not None:
                    return True
            parts.repository.remove(item_id)
    except LeaseHeldError:
        return False
    return True
