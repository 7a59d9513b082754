"""What is to be sent, what came of it, and what becomes of uploads that nobody ends."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.digitization.missing import note_missing
from archive.digitization.models import Batch, BatchState
from archive.digitization.reasons import BROKEN_OFF
from archive.digitization.service import IntakeService
from archive.digitization.upload.arriving import arrived
from archive.digitization.upload.models import Upload
from archive.platform.accounts.models import Person
from archive.platform.db import Clock, change
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.settings import Settings

__all__ = ["ABANDONED", "ENDED", "LARGEST", "NO_ROOM", "TAKING", "Announced", "UploadService", "clean_name"]

#: an upload of which nothing came for so long is given up
ABANDONED = timedelta(days=7)
#: bytes of one file: no scan is larger, and no form of a scan that is read here could be
LARGEST = 8 << 30
#: said to whoever sends more to a batch that was ended
ENDED = _("这个批次已不再接收文件。请重新选择文件，作为新的批次上传。")
#: said to whoever sends more than there is room for
NO_ROOM = _("服务器磁盘空间不足，放不下这些文件。请分批上传，或告知系统管理员。")
#: milliseconds since 1970 beyond which no browser knows a time
_LATEST = 9_000_000_000_000_000
#: characters of a name with its folders
_LONGEST = 1000
#: what people did to a batch that lets more files come
TAKING = (BatchState.ACTIVE, BatchState.PAUSED)


@dataclass(frozen=True, slots=True)
class Announced:
    """A file that a browser is about to send: its name with its folders, bytes, and when it was changed last."""

    name: str
    size: int
    modified: int


def clean_name(name: str) -> str:
    """A name as it may be shown: the way to the file without its ways up, no signs that cannot be seen."""
    seen = "".join(" " if unicodedata.category(char) in ("Cc", "Cs") else char for char in name)
    steps = [step.strip() for step in re.split(r"[\\/]", seen)]
    return "/".join(step for step in steps if step not in ("", ".", ".."))


class UploadService:
    """Announces uploads and ends them, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def batch(self, batch_id: str, person: Person) -> Batch:
        """A batch that this person opened and has not ended, locked. Raises NotFoundError, ConflictError."""
        batch = self._session.get(Batch, batch_id, with_for_update=True)
        if batch is None or batch.created_by != person.id:
            raise NotFoundError(_("没有这个批次。"))
        if batch.complete or batch.state not in TAKING:
            raise ConflictError(ENDED)
        return batch

    def upload(self, batch: Batch, upload_id: str) -> Upload:
        """An upload of this batch. Raises NotFoundError."""
        upload = self._session.get(Upload, upload_id)
        if upload is None or upload.batch_id != batch.id:
            raise NotFoundError(_("没有这个上传任务。请重新选择文件上传。"))
        return upload

    def unfinished(self, person: Person) -> list[tuple[Batch, list[Upload]]]:
        """The batches that this person began to send and did not end, with their files, newest first."""
        wanted = select(Upload).join(Batch).where(Batch.created_by == person.id, Batch.complete.is_(False))
        wanted = wanted.where(Batch.state.in_(TAKING)).order_by(Batch.id.desc(), Upload.position)
        found: dict[str, list[Upload]] = {}
        for upload in self._session.scalars(wanted):
            found.setdefault(upload.batch_id, []).append(upload)
        return [(uploads[0].batch, uploads) for uploads in found.values()]

    def announce(self, batch: Batch, files: Sequence[Announced], room: int) -> list[Upload]:
        """Uploads for these files: those that were begun before, or new ones. `room`: bytes that nobody has or awaits.

        Raises InvalidError for what cannot be taken, and then announces nothing.
        """
        if not files:
            raise InvalidError(_("请先选择扫描件，再上传。"), field="files")
        for file in files:
            _check(file)
        known = {(one.name, one.size, one.modified): one for one in self._of(batch)}
        if sum(file.size for file in files if (file.name, file.size, file.modified) not in known) > max(room, 0):
            raise InvalidError(NO_ROOM, field="files")
        return [known.get((file.name, file.size, file.modified)) or self._new(batch, file, known) for file in files]

    def awaited(self, settings: Settings) -> int:
        """Bytes that were announced, by whomever, and still have to come."""
        wanted = select(Upload).join(Batch).where(Upload.whole.is_(False), Batch.complete.is_(False))
        coming = self._session.scalars(wanted.where(Batch.state.in_(TAKING)))
        return sum(one.size - arrived(settings, one.batch_id, one.id) for one in coming)

    def finish(self, batch: Batch, intake: IntakeService) -> None:
        """Nothing more comes: what is not whole is named on the batch's page."""
        self._session.refresh(batch, with_for_update=True)
        for upload in self._of(batch):
            if not upload.whole:
                note_missing(self._session, batch, upload.name, BROKEN_OFF)
        self.forget(batch)
        intake.complete(batch)

    def forget(self, batch: Batch) -> None:
        """Know nothing more of the uploads of this batch."""
        change(self._session, delete(Upload).where(Upload.batch_id == batch.id))

    def _of(self, batch: Batch) -> Sequence[Upload]:
        return self._session.scalars(select(Upload).where(Upload.batch_id == batch.id).order_by(Upload.position)).all()

    def _new(self, batch: Batch, file: Announced, known: dict[tuple[str, int, int], Upload]) -> Upload:
        upload = Upload(
            batch_id=batch.id,
            position=len(known) + 1,
            name=file.name,
            size=file.size,
            modified=file.modified,
            touched_at=self._clock(),
        )
        known[file.name, file.size, file.modified] = upload
        self._session.add(upload)
        self._session.flush()
        return upload


def _check(file: Announced) -> None:
    if not file.name or len(file.name) > _LONGEST:
        raise InvalidError(_("有文件没有名称，或名称过长。请改名后再上传。"), field="files")
    if abs(file.modified) > _LATEST:
        raise InvalidError(_("提交的内容有误。"), field="files")
    if not 0 <= file.size <= LARGEST:
        raise InvalidError(_("“{name}”过大，单个文件不能超过 8 GB。请拆分后再上传。"), field="files", name=file.name)
