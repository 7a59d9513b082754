"""The queue as features see it: put work in, in the transaction that wants it; count it; call it off."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from archive.platform.db import Clock, change, insert_once, new_id
from archive.platform.jobs.models import Job, JobState

__all__ = ["JobQueue", "Progress"]


@dataclass(frozen=True, slots=True)
class Progress:
    """How many jobs of a group are in which state; cancelled ones are not counted."""

    waiting: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All jobs of the group."""
        return self.waiting + self.running + self.done + self.failed

    @property
    def finished(self) -> bool:
        """Nothing of the group is left to do."""
        return self.waiting == self.running == 0


class JobQueue:
    """Jobs appear when the caller's transaction commits, and not at all when it rolls back."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def enqueue(
        self,
        kind: str,
        payload: Mapping[str, Any],
        *,
        key: str,
        group: str | None = None,
        priority: int = 0,
        max_attempts: int = 3,
    ) -> bool:
        """Want a piece of work done. Returns False if a job of this `key` was queued before, in whatever state it is.

        `payload` holds identifiers only. Lower `priority` runs first.
        """
        now = self._clock()
        return insert_once(
            self._session,
            Job,
            "key",
            id=new_id(),
            kind=kind,
            payload=dict(payload),
            key=key,
            group=group,
            state=JobState.WAITING,
            priority=priority,
            attempts=0,
            max_attempts=max_attempts,
            run_after=now,
            fence=0,
            created_at=now,
        )

    def retry(self, key: str) -> bool:
        """Give a job that was set aside all its tries again. Returns False if the job of this key was not set aside."""
        again = {"state": JobState.WAITING, "attempts": 0, "run_after": self._clock(), "error": None}
        wanted = update(Job).where(Job.key == key, Job.state == JobState.FAILED)
        return change(self._session, wanted.values(**again, fence=Job.fence + 1, finished_at=None)) == 1

    def progress(self, group: str) -> Progress:
        """Count the jobs of a group."""
        rows = self._session.execute(select(Job.state, func.count()).where(Job.group == group).group_by(Job.state))
        counts = {state.value: number for state, number in rows if state is not JobState.CANCELLED}
        return Progress(**counts)

    def cancel_group(self, group: str) -> int:
        """Call off what is not done yet; returns how many. What runs now may still finish, but no longer counts."""
        return change(
            self._session,
            update(Job)
            .where(Job.group == group, Job.state.in_((JobState.WAITING, JobState.RUNNING)))
            .values(state=JobState.CANCELLED, fence=Job.fence + 1, finished_at=self._clock(), owner=None, payload={}),
        )
