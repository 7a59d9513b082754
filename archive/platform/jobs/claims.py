"""The queue as workers see it: claim a job, hold it, say how it ended. All is fenced: an old claim changes nothing."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session
from sqlalchemy.sql import ColumnElement

from archive.platform.db import change
from archive.platform.jobs.models import Job, JobState, PausedGroup
from archive.platform.processes import host_of, is_gone

__all__ = [
    "Claim",
    "Reach",
    "claim",
    "complete",
    "give_up",
    "has_work",
    "hold",
    "postpone",
    "put_back",
    "renew_tries",
    "retry",
]

_LONGEST_WAIT = timedelta(minutes=5)
_AWAY_WAIT = timedelta(seconds=2)


@dataclass(slots=True)
class Claim:
    """One try at one job. `last_reason` is why an earlier try failed; empty if all vanished with their processes.

    `lease` is how long it holds without a sign of life. A dead process of this machine is noticed at once, others after
    that.
    """

    id: str
    kind: str
    payload: Mapping[str, Any]
    fence: int
    attempt: int
    max_attempts: int
    last_reason: str
    lease: timedelta

    @property
    def spent(self) -> bool:
        """Every try is used up; most likely the job killed its worker. It is to be given up, not to be run."""
        return self.attempt > self.max_attempts


@dataclass(frozen=True, slots=True)
class Reach:
    """What a worker may claim: what can be done anywhere, unless `pinned`, and what only its own host can do."""

    host: str = ""
    pinned: bool = False

    def covers(self) -> ColumnElement[bool]:
        """As a condition on jobs."""
        here = Job.host == self.host
        return here if self.pinned else or_(Job.host.is_(None), here)


def has_work(session: Session, now: datetime, reach: Reach) -> bool:
    """Whether there is something to claim. A look only, so that idle workers do not queue for the right to write."""
    found = (_lost(session, now), _waiting(now))
    return any(session.scalar(select(Job.id).where(jobs, reach.covers()).limit(1)) for jobs in found)


def claim(session: Session, now: datetime, owner: str, lease: timedelta, *, pinned: bool = False) -> Claim | None:
    """Take the next job, if there is one: one whose worker was lost, else lowest priority number first, then oldest.

    `owner` is the name of this process; `pinned`: only what its host alone can do.
    """
    reach = Reach(host_of(owner), pinned)
    while (job := _next(session, now, reach)) is not None:
        if _is_paused(session, job):
            _park(session, job)
            continue
        job.state, job.owner, job.lease_until = JobState.RUNNING, owner, now + lease
        job.attempts += 1
        job.fence += 1
        return Claim(job.id, job.kind, job.payload, job.fence, job.attempts, job.max_attempts, job.error or "", lease)
    return None


def hold(session: Session, held: Claim, now: datetime) -> bool:
    """A sign of life: the claim holds for another lease. False if it is no longer ours."""
    return _change(session, held, lease_until=now + held.lease)


def renew_tries(session: Session, held: Claim) -> None:
    """The job got further: what failed before is behind it, so all its tries are there again."""
    if held.attempt > 1:
        held.attempt = 1
        _change(session, held, attempts=1)


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


def put_back(session: Session, held: Claim, now: datetime) -> bool:
    """The job was interrupted: whoever claims it next goes on with it, and the try does not count."""
    return _change(session, held, state=JobState.WAITING, owner=None, run_after=now, attempts=held.attempt - 1)


def give_up(session: Session, held: Claim, now: datetime, reason: str) -> bool:
    """Set the job aside, with the reason; only a person can queue it again."""
    return _change(session, held, state=JobState.FAILED, owner=None, finished_at=now, error=reason)


def _change(session: Session, held: Claim, **values: Any) -> bool:
    ours = (Job.id == held.id, Job.fence == held.fence, Job.state == JobState.RUNNING)
    return change(session, update(Job).where(*ours).values(**values)) == 1


# Two looks, not one: each then reads its own part of the index in order, however many jobs wait.
def _next(session: Session, now: datetime, reach: Reach) -> Job | None:
    for jobs in (_lost(session, now), _waiting(now)):
        first = select(Job).where(jobs, reach.covers()).order_by(Job.priority, Job.run_after, Job.id).limit(1)
        if (job := session.scalar(first.with_for_update(skip_locked=True))) is not None:
            return job
    return None


def _lost(session: Session, now: datetime) -> ColumnElement[bool]:
    owners = session.scalars(select(Job.owner).where(Job.state == JobState.RUNNING).distinct())
    gone = [owner for owner in owners if owner is not None and is_gone(owner)]
    return (Job.state == JobState.RUNNING) & or_(Job.lease_until < now, Job.owner.in_(gone))


def _waiting(now: datetime) -> ColumnElement[bool]:
    return (Job.state == JobState.WAITING) & (Job.run_after <= now)


def _is_paused(session: Session, job: Job) -> bool:
    # Locked, so that nobody resumes the group before the job is parked: it would be forgotten.
    return job.group is not None and session.get(PausedGroup, job.group, with_for_update={"read": True}) is not None


def _park(session: Session, job: Job) -> None:
    """Put aside, with this job, whatever of its group was queued since the group was paused."""
    queued = select(Job.id).where(Job.group == job.group, Job.state == JobState.WAITING)
    free = queued.with_for_update(skip_locked=True)
    parked = update(Job).where(or_(Job.id == job.id, Job.id.in_(free)))
    change(session, parked.values(state=JobState.PAUSED, owner=None))
    session.expire_all()
