"""Says on the page of a batch that something which belongs to it did not come."""

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.digitization.models import Batch, BatchFile, FileState

__all__ = ["note_missing"]


def note_missing(session: Session, batch: Batch, name: str, reason: str) -> BatchFile:
    """A line for what did not come, with the reason code that says what to do; there are no bytes of it."""
    last = session.scalar(select(func.max(BatchFile.position)).where(BatchFile.batch_id == batch.id)) or 0
    file = BatchFile(
        batch_id=batch.id,
        position=last + 1,
        name=name,
        intake_key="",
        size=0,
        sha256="",
        state=FileState.REFUSED,
        reason=reason,
    )
    session.add(file)
    session.flush()
    return file
