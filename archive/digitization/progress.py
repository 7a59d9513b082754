"""How far a batch is: pages done, failed and left, how fast, and what went wrong where."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.digitization.models import (
    Batch,
    BatchFile,
    BatchState,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageRole,
    PageState,
)

__all__ = ["BatchProgress", "Failure", "failures", "progress_of"]

#: the pace is that of so many pages read last
_LATELY = 120
#: Where nothing was read for longer, the batch was paused or stood behind others: no page took so long.
_STANDSTILL = timedelta(minutes=1)
#: what people did to a batch that still lets it be read, now or later
_OPEN = (BatchState.ACTIVE, BatchState.PAUSED)


@dataclass(frozen=True, slots=True)
class BatchProgress:
    """Counts of one batch, and its pace: pages a minute, lately; 0 until a page is done."""

    state: BatchState
    files: Counter[FileState]
    drafts: Counter[DraftState]
    pages: Counter[PageState]
    per_minute: float
    #: pages that wait to be divided into items
    undivided: int
    #: pages to expect of files that were not opened yet: as many, for their size, as those that were opened had
    unopened: float

    @property
    def total(self) -> int:
        """Pages known so far; files that were not opened yet have none."""
        return self.pages.total()

    @property
    def done(self) -> int:
        """Pages read."""
        return self.pages[PageState.DONE]

    @property
    def failed(self) -> int:
        """Pages set aside."""
        return self.pages[PageState.FAILED]

    @property
    def left(self) -> int:
        """Pages that wait to be read; none of a batch that was stopped."""
        return self.pages[PageState.WAITING] if self.state in _OPEN else 0

    @property
    def minutes_left(self) -> float | None:
        """Until all pages are read, at the pace of late; None while nobody can say."""
        if self.state is not BatchState.ACTIVE or not self.per_minute:
            return None
        return (self.left + self.unopened) / self.per_minute

    @property
    def recognised(self) -> bool:
        """Every file was opened, every page read, every draft left recognition: only a person can go on."""
        reading = self.files[FileState.RECEIVED] or self.left or self.drafts[DraftState.RECOGNISING]
        return not reading and not self.undivided

    @property
    def filing(self) -> int:
        """Drafts that are being filed."""
        return self.drafts[DraftState.ACCEPTING]

    @property
    def ready(self) -> int:
        """Drafts that wait for review."""
        return self.drafts[DraftState.READY]

    @property
    def working(self) -> bool:
        """Something happens by itself."""
        if self.state is BatchState.ACTIVE:
            return not self.recognised or bool(self.filing)
        return self.state is BatchState.CANCELLED and bool(self.filing)


@dataclass(frozen=True, slots=True)
class Failure:
    """Something that could not be taken in; `page` is None where it is the whole file."""

    file_id: str
    source: str
    page: int | None
    reason: str


def progress_of(session: Session, batch: Batch, now: datetime) -> BatchProgress:
    """Count a batch as it is now."""
    files = select(BatchFile.state, func.count()).where(BatchFile.batch_id == batch.id).group_by(BatchFile.state)
    drafts = select(Draft.state, func.count()).where(Draft.batch_id == batch.id).group_by(Draft.state)
    pages = select(DraftPage.state, func.count()).where(DraftPage.batch_id == batch.id)
    counted: Counter[PageState] = Counter(dict(session.execute(pages.group_by(DraftPage.state)).all()))
    undivided = select(func.count()).where(DraftPage.batch_id == batch.id, DraftPage.draft_id.is_(None))
    undivided = undivided.where(DraftPage.role == PageRole.CONTENT)
    return BatchProgress(
        state=batch.state,
        files=Counter(dict(session.execute(files).all())),
        drafts=Counter(dict(session.execute(drafts).all())),
        pages=counted,
        undivided=session.scalar(undivided) or 0,
        unopened=_unopened(session, batch, counted.total()),
        per_minute=_pace(session, batch, now),
    )


def _unopened(session: Session, batch: Batch, pages: int) -> float:
    of_batch = select(BatchFile.state, func.sum(BatchFile.size), func.count()).where(BatchFile.batch_id == batch.id)
    found = {
        state: (float(size), number) for state, size, number in session.execute(of_batch.group_by(BatchFile.state))
    }
    waiting, files = found.get(FileState.RECEIVED, (0.0, 0))
    opened, _ = found.get(FileState.OPENED, (0.0, 0))
    # Each has a page at least.
    return max(float(files), waiting * pages / opened if opened else 0.0)


def _pace(session: Session, batch: Batch, now: datetime) -> float:
    """Pages a minute, over the last ones that were read and the time since; standstills do not count."""
    done = select(DraftPage.read_at).where(DraftPage.batch_id == batch.id, DraftPage.state == PageState.DONE)
    lately = done.where(DraftPage.read_at.is_not(None)).order_by(DraftPage.read_at.desc()).limit(_LATELY)
    times = [now, *(at for at in session.scalars(lately) if at is not None)]
    spent = sum((min(later - earlier, _STANDSTILL) for later, earlier in pairwise(times)), timedelta())
    return (len(times) - 1) / (spent / timedelta(minutes=1)) if spent > timedelta() else 0.0


def failures(session: Session, batch: Batch) -> list[Failure]:
    """Everything of a batch that was refused, known already, or set aside, in the order it came."""
    found: list[Failure] = []
    for file in session.scalars(select(BatchFile).where(BatchFile.batch_id == batch.id).order_by(BatchFile.position)):
        if file.state is FileState.REFUSED:
            found.append(Failure(file.id, file.name, None, file.reason))
        elif file.state is FileState.DUPLICATE:
            found.append(Failure(file.id, file.name, None, "duplicate"))
        else:
            found += _failures_of(session, file)
    return found


def _failures_of(session: Session, file: BatchFile) -> list[Failure]:
    """Pages that were set aside; or else why what the file became waits for a person."""
    failed = select(DraftPage).where(DraftPage.file_id == file.id, DraftPage.state == PageState.FAILED)
    pages = session.scalars(failed.order_by(DraftPage.source_page)).all()
    if pages:
        return [Failure(file.id, file.name, page.source_page + 1, page.reason) for page in pages]
    of_file = select(DraftPage.draft_id).where(DraftPage.file_id == file.id, DraftPage.number == 1)
    reasons = select(Draft.reason).where(Draft.id.in_(of_file), Draft.reason != "").order_by(Draft.position)
    return [Failure(file.id, file.name, None, reason) for reason in session.scalars(reasons)]
