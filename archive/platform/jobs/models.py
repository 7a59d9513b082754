"""The job table."""

import enum
from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from archive.platform.db import Base, Id, enum_type

__all__ = ["Job", "JobState", "PausedGroup"]


class JobState(enum.StrEnum):
    """Life of a job."""

    WAITING = "waiting"
    PAUSED = "paused"  #: waits until its group is resumed
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"  #: set aside after its last try; `error` says why
    CANCELLED = "cancelled"


class Job(Base):
    """One piece of work. `payload` holds identifiers only. Claimed with a lease; completion is fenced by `fence`."""

    __tablename__ = "job"
    __table_args__ = (Index("ix_job_claim", "state", "priority", "run_after", "id"),)

    id: Mapped[Id]
    kind: Mapped[str] = mapped_column(String(64))
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    key: Mapped[str] = mapped_column(String(128), unique=True, comment="the same work is never queued twice")
    host: Mapped[str | None] = mapped_column(String(100), comment="only there it can be done, e.g. at a scanner")
    group: Mapped[str | None] = mapped_column(
        String(36), index=True, comment="e.g. the batch, for progress by counting"
    )
    state: Mapped[JobState] = mapped_column(enum_type(JobState), default=JobState.WAITING)
    priority: Mapped[int] = mapped_column(default=0, comment="lower runs first")
    attempts: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    run_after: Mapped[datetime]
    owner: Mapped[str | None] = mapped_column(String(200), comment="host:pid:start time of the process that holds it")
    lease_until: Mapped[datetime | None]
    fence: Mapped[int] = mapped_column(default=0, comment="counts claims; an old claim cannot complete")
    error: Mapped[str | None] = mapped_column(Text, comment="reason code and class, never content")
    created_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class PausedGroup(Base):
    """A group none of whose jobs is begun until somebody resumes it; those queued meanwhile wait, too."""

    __tablename__ = "paused_group"

    group: Mapped[str] = mapped_column(String(36), primary_key=True)
    paused_at: Mapped[datetime]
