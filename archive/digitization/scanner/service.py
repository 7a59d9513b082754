"""Orders to scan: one at a time for a batch and for a device, stopped by whoever began them."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.catalogue.models import NoteKind
from archive.digitization.models import Batch, BatchSource, BatchState
from archive.digitization.service import TRIES
from archive.platform.accounts.models import Person
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, NotFoundError
from archive.platform.i18n import _
from archive.platform.jobs.models import Job, JobState
from archive.platform.jobs.service import JobQueue
from archive.platform.processes import host_of, process_name
from ingest.programs.scan_options import Colours, Feed
from ingest.programs.scanimage import Paper, ScanOrder

__all__ = ["KIND", "ScannerService", "order_of"]

KIND = "scan"
#: scanning waits behind nothing: a person stands at the device
_FIRST = -10
_LIVING = (JobState.WAITING, JobState.RUNNING)


class ScannerService:
    """Begins and stops scanning, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._queue = JobQueue(session, clock)

    def batch(self, batch_id: str, person: Person) -> Batch:
        """A batch that this person scans. Raises NotFoundError."""
        batch = self._session.get(Batch, batch_id)
        if batch is None or batch.created_by != person.id or batch.source is not BatchSource.SCANNER:
            raise NotFoundError(_("没有这个批次。"))
        return batch

    def unfinished(self, person: Person) -> list[Batch]:
        """The batches that this person scans and has not ended, newest first."""
        wanted = select(Batch).where(Batch.created_by == person.id, Batch.complete.is_(False))
        wanted = wanted.where(Batch.source == BatchSource.SCANNER, Batch.state == BatchState.ACTIVE)
        return list(self._session.scalars(wanted.order_by(Batch.id.desc())))

    def begin(self, batch: Batch, order: ScanOrder, ticks: Sequence[NoteKind] = ()) -> None:
        """Have pages scanned into the batch; `ticks` say what is noted of their originals.

        Raises ConflictError while it, or the device, is at it already.
        """
        self._session.refresh(batch, with_for_update=True)
        if batch.complete or batch.state is not BatchState.ACTIVE:
            raise ConflictError(_("这个批次已不再接收页面。请另开一批扫描。"))
        here = host_of(process_name())
        for job in self._session.scalars(select(Job).where(Job.kind == KIND, Job.state.in_(_LIVING))):
            if job.payload["batch"] == batch.id or (job.host, job.payload["device"]) == (here, order.device):
                raise ConflictError(_("这台扫描仪正在扫描。请等它扫完，或先停止，再开始新的扫描。"))
        key = f"scan:{batch.id}:{new_id()}"
        payload = {"batch": batch.id, "key": key, "noted": [kind.value for kind in ticks], **asdict(order)}
        # The device was found from here: a worker elsewhere does not see it.
        self._queue.enqueue(
            KIND, payload, key=key, group=self._group(batch.id), host=here, priority=_FIRST, max_attempts=TRIES
        )

    def stop(self, batch: Batch) -> None:
        """Scan no further page; what was scanned stays."""
        self._queue.cancel_group(self._group(batch.id))

    def is_scanning(self, batch_id: str) -> bool:
        """Whether pages come, or wait for a worker to fetch them."""
        return not self._queue.progress(self._group(batch_id)).finished

    def last_order(self, batch_id: str) -> ScanOrder | None:
        """How pages were scanned into this batch last."""
        wanted = select(Job.payload).where(Job.kind == KIND, Job.group == self._group(batch_id))
        payload = self._session.scalar(wanted.order_by(Job.id.desc()).limit(1))
        return order_of(payload) if payload else None

    @staticmethod
    def _group(batch_id: str) -> str:
        # Apart from the reading of its pages, which goes on when the scanning is stopped. No longer than an id is.
        return f"scan{batch_id.replace('-', '')}"


def order_of(payload: Mapping[str, Any]) -> ScanOrder:
    """The order in the payload of a job."""
    return ScanOrder(
        device=payload["device"],
        feed=Feed(payload["feed"]),
        resolution=payload["resolution"],
        colours=Colours(payload["colours"]),
        paper=Paper(payload["paper"]),
    )
