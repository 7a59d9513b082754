"""Taking scans in: a batch is opened, files are added to it, each is recognised as new or as one we have."""

from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select, update
from sqlalchemy.orm import Session

from archive.catalogue.models import Box, Category, Fonds, Item, ItemFile, ItemState
from archive.catalogue.service import CatalogueService
from archive.digitization.intake import StagedFile
from archive.digitization.models import (
    Batch,
    BatchFile,
    BatchSource,
    BatchState,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    SplitRule,
    Splitting,
)
from archive.digitization.reasons import CANCELLED, SECRECY
from archive.digitization.secrecy.models import SecrecyIncident
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change, new_id
from archive.platform.errors import InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.jobs.service import JobQueue

__all__ = ["AT_ONCE", "ONE_ITEM_A_FILE", "TRIES", "IntakeService"]

#: Tries of each job: waiting for a store that is away takes none of them, a killed worker takes one.
TRIES = 6

#: Priority of jobs that somebody waits for: before the pages of any batch.
AT_ONCE = -10

#: how scans are divided where nobody says otherwise
ONE_ITEM_A_FILE = Splitting()

_GONE = (DraftState.DISCARDED, DraftState.QUARANTINED)
_STOPPED = (BatchState.CANCELLED, BatchState.QUARANTINED)


class IntakeService:
    """Opens batches and adds files to them, in the caller's transaction; the bytes were staged before."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: ZoneInfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone

    def open_batch(
        self,
        person: Person,
        category: Category,
        source: BatchSource,
        *,
        batch_id: str | None = None,
        accept: bool = False,
        box: Box | None = None,
        splitting: Splitting = ONE_ITEM_A_FILE,
    ) -> Batch:
        """A new batch in the name of `person`; `complete` it when its last file was added.

        `accept` files what is proposed without review.
        """
        batch = Batch(
            id=batch_id or new_id(),
            number=self._next_number(),
            source=source,
            fonds_id=category.fonds_id,
            category_id=category.id,
            created_by=person.id,
            created_at=self._clock(),
            accept=accept,
            box_id=box.id if box else None,
            split_rule=splitting.rule,
            split_pages=splitting.pages,
            duplex=splitting.duplex,
        )
        self._session.add(batch)
        self._session.flush()
        record(self._session, self._clock, self._actor, AuditAction.BATCH_OPENED, "batch", batch.id, source=source)
        return batch

    def add_file(self, batch: Batch, staged: StagedFile) -> BatchFile:
        """Take one staged file into the batch: to be opened, or known already, or empty, or too late."""
        self._one_at_a_time(batch)
        # Held, so that nobody cancels the batch meanwhile and misses this file.
        self._session.refresh(batch, ["state"], with_for_update={"read": True, "key_share": True})
        file = BatchFile(
            id=staged.id,
            batch_id=batch.id,
            position=self._next_position(batch),
            name=staged.name,
            intake_key=staged.key,
            size=staged.size,
            sha256=staged.sha256,
        )
        self._judge(file, batch)
        self._session.add(file)
        self._session.flush()
        if batch.state is BatchState.QUARANTINED:
            self._isolate_again(batch)
        if file.state is FileState.RECEIVED:
            self._queue(batch, "open", {"file": file.id}, f"open:{file.id}")
        return file

    def complete(self, batch: Batch) -> None:
        """Every file that belongs to the batch has come: it can be divided into items as soon as its pages are read."""
        if not batch.complete:
            batch.complete = True
            if batch.split_rule is not SplitRule.FILE:
                self._queue(batch, "split", {"batch": batch.id}, f"split:{batch.id}")

    def reopen(self, file: BatchFile) -> None:
        """Take a file that was given up into its batch again; meanwhile it may have become known."""
        self._one_at_a_time(file.batch)
        self._judge(file, file.batch)

    def default_category(self, *, electronic_only: bool) -> Category:
        """Where scans go when nobody says otherwise: the first category of the first fonds. Raises InvalidError."""
        wanted = select(Category).join(Fonds).where(Category.electronic_only == electronic_only)
        category = self._session.scalar(wanted.order_by(Fonds.code, Category.code != "WS", Category.code).limit(1))
        if category is None:
            raise InvalidError(_("还没有设置门类，请先建立全宗和门类。"))
        return category

    def box_of_label(self, label: str) -> Box:
        """The box of which this is the label, e.g. `Z109-2021-Y-BGS-1`. Raises NotFoundError."""
        for box in self._session.scalars(select(Box)):
            if box.label == label:
                return box
        raise NotFoundError(_("没有标签为 {label} 的档案盒。"), label=label)

    def batch(self, batch_id: str) -> Batch:
        """A batch by its id. Raises NotFoundError."""
        batch = self._session.get(Batch, batch_id)
        if batch is None:
            raise NotFoundError(_("没有这个批次。"))
        return batch

    def _isolate_again(self, batch: Batch) -> None:
        """What came after a mark of secrecy was read is taken away like the rest."""
        again = update(SecrecyIncident).where(SecrecyIncident.batch_id == batch.id)
        change(self._session, again.values(isolated_at=None))

    def _queue(self, batch: Batch, kind: str, payload: dict[str, str], key: str) -> None:
        queue = JobQueue(self._session, self._clock)
        queue.enqueue(kind, payload, key=key, group=batch.id, priority=batch.priority, max_attempts=TRIES)

    def _one_at_a_time(self, batch: Batch) -> None:
        """Of two copies that come at once, the second must see the first."""
        self._session.execute(select(Fonds.id).where(Fonds.id == batch.fonds_id).with_for_update(key_share=True))

    def _judge(self, file: BatchFile, batch: Batch) -> None:
        file.state, file.reason = FileState.RECEIVED, ""
        if not file.size:
            file.state, file.reason = FileState.REFUSED, "empty"
        elif batch.state is BatchState.CANCELLED:
            file.state, file.reason = FileState.REFUSED, CANCELLED
        elif batch.state is BatchState.QUARANTINED:
            file.state, file.reason = FileState.REFUSED, SECRECY
        elif twin := self._twin(file):
            file.state, file.duplicate_of = FileState.DUPLICATE, twin

    def _twin(self, file: BatchFile) -> str | None:
        """The id of the item, or else of the file in intake, that has the same bytes and was not given up."""
        filed = select(Item.id).join(ItemFile, ItemFile.item_id == Item.id)
        same = or_(ItemFile.sha256 == file.sha256, ItemFile.source_sha256 == file.sha256)
        filed = filed.where(same, Item.state != ItemState.DESTROYED)
        waiting = select(BatchFile.id).join(Batch).outerjoin(DraftPage, DraftPage.file_id == BatchFile.id)
        waiting = waiting.outerjoin(Draft, DraftPage.draft_id == Draft.id)
        waiting = waiting.where(
            BatchFile.id != file.id,
            BatchFile.sha256 == file.sha256,
            BatchFile.state.in_((FileState.RECEIVED, FileState.OPENED)),
            # What is being filed of a cancelled batch is still there.
            or_(Draft.id.is_(None) & Batch.state.not_in(_STOPPED), Draft.state.not_in(_GONE)),
        )
        return self._session.scalar(filed.limit(1)) or self._session.scalar(waiting.limit(1))

    def _next_position(self, batch: Batch) -> int:
        last = self._session.scalar(select(func.max(BatchFile.position)).where(BatchFile.batch_id == batch.id))
        return (last or 0) + 1

    def _next_number(self) -> str:
        day = self._clock().astimezone(self._zone).strftime("%Y%m%d")
        number = CatalogueService(self._session, self._clock, self._actor).next_number(f"batch-{day}")
        return f"{day}-{number:02}"
