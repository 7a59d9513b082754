"""Takes pieces of files in, and clears away what came of uploads that broke off for good."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.digitization.intake import INTAKE, StagedFile
from archive.digitization.models import Batch
from archive.digitization.secrecy.models import SecrecyIncident
from archive.digitization.service import IntakeService
from archive.digitization.upload.arriving import ArrivingFile, remove_arriving, spare_reserve, uploads_folder
from archive.digitization.upload.models import Upload
from archive.digitization.upload.service import ABANDONED, ENDED, TAKING, UploadService
from archive.platform.accounts.models import Person
from archive.platform.actor import SYSTEM, Actor
from archive.platform.db import new_id
from archive.platform.errors import ConflictError
from archive.platform.i18n import _
from archive.platform.parts import Parts
from storage.faults import fault_point

__all__ = ["MisplacedError", "receive", "sweep_uploads"]


class MisplacedError(Exception):
    """A piece that does not go on where the last one ended; `size` says where that is."""

    def __init__(self, size: int) -> None:
        super().__init__(size)
        self.size = size


def receive(parts: Parts, actor: Actor, upload: Upload, offset: int, piece: BinaryIO) -> int:
    """Add a piece that begins at `offset`; returns how many bytes came by now. With the last one the file is taken in.

    Sent again, it does no harm. No transaction may be open.
    Raises MisplacedError, ConflictError, StorageError, OSError.
    """
    try:
        with ArrivingFile.opened(parts.settings, upload.batch_id, upload.id) as file:
            if _is_whole(parts, upload):
                remove_arriving(parts.settings, upload.batch_id, upload.id)
                return upload.size
            if offset != file.size:
                raise MisplacedError(file.size)
            spare_reserve(parts.settings, upload.size - offset)
            file.append(piece, upload.size - offset)
            fault_point("upload.appended")
            if file.size < upload.size:
                _touch(parts, upload)
                return file.size
            staged = _staged(parts, upload, file)
            try:
                _take_in(parts, actor, upload, staged)
            except ConflictError:  # nobody would know of these bytes, which may be of an isolated batch
                parts.store.delete(staged.key)
                raise
    except BlockingIOError as error:
        raise ConflictError(_("这个文件正在另一个窗口上传。请在那里继续，或关闭那个窗口后重试。")) from error
    fault_point("upload.taken")
    remove_arriving(parts.settings, upload.batch_id, upload.id)
    return upload.size


def sweep_uploads(parts: Parts) -> int:
    """Give up uploads of which nothing came for long, and delete what came of them; returns how many batches.

    What did not come is named on the batch's page. For the keeper.
    """
    with parts.database.reading() as session:
        last = select(Upload.batch_id).group_by(Upload.batch_id)
        last = last.having(func.max(Upload.touched_at) < parts.clock() - ABANDONED)
        given_up = list(session.scalars(last))
        # Of an isolated batch they tell what never came, until that is written down.
        isolating = select(SecrecyIncident.batch_id).where(SecrecyIncident.isolated_at.is_(None))
        over = select(Upload.batch_id).join(Batch).where(Batch.state.not_in(TAKING), Batch.id.not_in(isolating))
        stopped = list(session.scalars(over.distinct()))
        known = set(session.scalars(select(Upload.batch_id)))
    for batch_id in {*given_up, *stopped}:
        _give_up(parts, batch_id)
    folders = [folder for folder in uploads_folder(parts.settings).glob("*") if folder.name not in known]
    stale = [folder for folder in folders if _changed(folder) < parts.clock() - ABANDONED / 7]
    for name in {*given_up, *stopped, *(folder.name for folder in stale)}:
        remove_arriving(parts.settings, name)
    return len({*given_up, *stopped})


def _changed(folder: Path) -> datetime:
    return datetime.fromtimestamp(folder.stat().st_mtime, UTC)


def _give_up(parts: Parts, batch_id: str) -> None:
    with parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        uploads = UploadService(session, parts.clock)
        if batch.state in TAKING:
            uploads.finish(batch, IntakeService(session, parts.clock, SYSTEM, parts.settings.zone))
        else:  # of a batch that was stopped nothing is named any more
            uploads.forget(batch)


def _is_whole(parts: Parts, upload: Upload) -> bool:
    with parts.database.reading() as session:
        return _row(session, upload).whole


def _touch(parts: Parts, upload: Upload) -> None:
    with parts.database.writing() as session:
        _row(session, upload).touched_at = parts.clock()


def _row(session: Session, upload: Upload) -> Upload:
    """What is known of it now. Raises ConflictError when its batch was ended meanwhile."""
    row = session.get(Upload, upload.id, with_for_update=True)
    if row is None:
        raise ConflictError(ENDED)
    return row


def _staged(parts: Parts, upload: Upload, file: ArrivingFile) -> StagedFile:
    if parts.settings.storage.startswith("file:"):
        spare_reserve(parts.settings, upload.size)  # for a moment it lies there twice
    file_id = new_id()
    key = f"{INTAKE}{upload.batch_id}/{file_id}"
    with file.reading() as whole:
        digest = hashlib.file_digest(whole, "sha256").hexdigest()
        if upload.size:
            whole.seek(0)
            parts.store.put(key, whole, sha256=digest)
    fault_point("upload.staged")
    return StagedFile(file_id, upload.name, key, upload.size, digest)


def _take_in(parts: Parts, actor: Actor, upload: Upload, staged: StagedFile) -> None:
    with parts.database.writing() as session:
        batch = session.get_one(Batch, upload.batch_id, with_for_update=True)  # in the order of whoever ends it
        row = _row(session, upload)
        person = session.get_one(Person, batch.created_by)
        UploadService(session, parts.clock).batch(batch.id, person)
        IntakeService(session, parts.clock, actor, parts.settings.zone).add_file(batch, staged)
        row.whole, row.touched_at = True, parts.clock()
