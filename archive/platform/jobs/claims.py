"""The queue as workers see it: claim a job, hold it, say how it ended. All is fenced: an old claim changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import and_, or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from archive.platform.db import change
from archive.platform.jobs.models import Job, JobState
from archive.platform.processes import is_gone

__all__ = ["LEASE", "Claim", "claim", "complete", "give_up", "has_work", "hold", "postpone", "retry"]

#: How long a claim holds without a sign of life. A dead process of this machine is noticed at once, others after this.
LEASE = timedelta(seconds=60)

_LONGEST_WAIT = timedelta(minutes=5)
_AWAY_WAIT = timedelta(seconds=2)


@dataclass(frozen=True, slots=True)
class Claim:
    """One try at one job. `last_reason` is why an earlier try failed; empty if all vanished with their processes."""

    id: str
    kind: str
    payload: Mapping[str, Any]
    fence: int
    attempt: int
    max_attempts: int
    last_reason: str

    @property
    def spent(self) -> bool:
        """Every try is used up; most likely the job killed its worker. It is to be given up, not to be run."""
        return self.attempt > self.max_attempts


def has_work(session: Session, now: datetime) -> bool:
    """Whether there is something to claim. A look only, so that idle workers do not queue for the right to write."""
    return session.scalar(select(Job.id).where(_claimable(session, now)).limit(1)) is not None


def claim(session: Session, now: datetime, owner: str) -> Claim | None:
    """Take the next job, if there is one: lowest priority number first, then oldest."""
    job = session.scalar(
        select(Job)
        .where(_claimable(session, now))
        .order_by(Job.priority, Job.run_after, Job.id)
        .limit(1)
        .with_for_update(skip_locked=True)
    )
    if job is None:
        return None
    job.state, job.owner, job.lease_until = JobState.RUNNING, owner, now + LEASE
    job.attempts += 1
    job.fence += 1
    return Claim(job.id, job.kind, job.payload, job.fence, job.attempts, job.max_attempts, job.error or "")


def hold(session: Session, held: Claim, now: datetime) -> bool:
    """A sign of life: the claim holds for another lease. False if it is no longer ours."""
    return _change(session, held, lease_until=now + LEASE)


def complete(session: Session, held: Claim, now: datetime) -> bool:
    """The job is done. False if the claim was no longer ours: somebody else does, or called off, the job."""
    return _change(session, held, state=JobState.DONE, owner=None, finished_at=now, error=None)


def retry(session: Session, held: Claim, now: datetime, reason: str) -> bool:
    """This try failed; the next comes after a while that grows with each."""
    wait = min(timedelta(seconds=4 ** (held.attempt - 1)), _LONGEST_WAIT)
    return _change(session, held, state=JobState.WAITING, owner=None, run_after=now + wait, error=reason)


def postpone(session: Session, held: Claim, now: datetime, reason: str) -> bool:
    """A part was away, which is not the job's fault: the try does not count."""
    again = {"run_after": now + _AWAY_WAIT, "attempts": held.attempt - 1}
    return _change(session, held, state=JobState.WAITING, owner=None, error=reason, **again)


def give_up(session: Session, held: Claim, now: datetime, reason: str) -> bool:
    """Set the job aside, with the reason; only a person can queue it again."""
    return _change(session, held, state=JobState.FAILED, owner=None, finished_at=now, error=reason)


def _change(session: Session, held: Claim, **values: Any) -> bool:
    ours = (Job.id == held.id, Job.fence == held.fence, Job.state == JobState.RUNNING)
    return change(session, update(Job).where(*ours).values(**values)) == 1


def _claimable(session: Session, now: datetime) -> ColumnElement[bool]:
    owners = session.scalars(select(Job.owner).where(Job.state == JobState.RUNNING).distinct())
    gone = [owner for owner in owners if owner is not None and is_gone(owner)]
    waiting = and_(Job.state == JobState.WAITING, Job.run_after <= now)
    lost = and_(Job.state == JobState.RUNNING, or_(Job.lease_until < now, Job.owner.in_(gone)))
    return or_(waiting, lost)
