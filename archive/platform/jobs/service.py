"""The queue as features see it: put work in, in the transaction that wants it; count, pause, hurry, call it off."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, delete, func, select, update
from sqlalchemy.orm import Session

from archive.platform.db import Clock, change, insert_once, new_id
from archive.platform.jobs.models import Job, JobState, PausedGroup

__all__ = ["JobQueue", "Progress"]

#: what can still be called off
_OPEN = (JobState.WAITING, JobState.PAUSED, JobState.RUNNING)


@dataclass(frozen=True, slots=True)
class Progress:
    """How many jobs of a group are in which state; cancelled ones are not counted."""

    waiting: int = 0
    paused: int = 0
    running: int = 0
    done: int = 0
    failed: int = 0

    @property
    def total(self) -> int:
        """All jobs of the group."""
        return self.waiting + self.paused + self.running + self.done + self.failed

    @property
    def finished(self) -> bool:
        """Nothing of the group is left to do."""
        return self.waiting == self.paused == self.running == 0


class JobQueue:
    """Jobs appear when the caller's transaction commits, and not at all when it rolls back.

    What is done to a group can leave out kinds of jobs: those in `but`.
    """

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
        host: str | None = None,
        priority: int = 0,
        max_attempts: int = 3,
    ) -> bool:
        """Want a piece of work done. Returns False if a job of this `key` was queued before, in whatever state it is.

        `payload` holds identifiers only. Lower `priority` runs first. A job of a paused group waits with the others.
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
            host=host,
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

    def pause_group(self, group: str) -> None:
        """Begin no job of the group until it is resumed. What runs now goes on, unless it asks and stops by itself."""
        insert_once(self._session, PausedGroup, "group", group=group, paused_at=self._clock())
        waiting = update(Job).where(*_of(group, JobState.WAITING))
        change(self._session, waiting.values(state=JobState.PAUSED))

    def resume_group(self, group: str) -> None:
        """Go on with a paused group."""
        # First the mark: a worker that sees it yet is waited for, and what it puts aside is met by the second step.
        change(self._session, delete(PausedGroup).where(PausedGroup.group == group))
        paused = update(Job).where(*_of(group, JobState.PAUSED))
        change(self._session, paused.values(state=JobState.WAITING))

    def prioritise(self, group: str, priority: int, *, but: Collection[str] = ()) -> None:
        """Let what is not begun yet of the group run earlier (a lower number) or later than other work."""
        wanted = update(Job).where(*_of(group, *_OPEN), Job.kind.not_in(but))
        change(self._session, wanted.values(priority=priority))

    def cancel_group(self, group: str, *, but: Collection[str] = ()) -> int:
        """Call off what is not done yet; returns how many. What runs now may still finish, but no longer counts.

        A paused group is resumed, for what is left of it. Payloads go: nobody needs them any more.
        """
        self.resume_group(group)
        return change(
            self._session,
            update(Job)
            .where(*_of(group, *_OPEN), Job.kind.not_in(but))
            .values(state=JobState.CANCELLED, fence=Job.fence + 1, finished_at=self._clock(), owner=None, payload={}),
        )


def _of(group: str, *states: JobState) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return Job.group == group, Job.state.in_(states)
