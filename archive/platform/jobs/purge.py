"""Deletes jobs that ended long ago, so that the table of jobs does not grow with every page ever read."""

from datetime import datetime, timedelta

from sqlalchemy import Select, delete, exists, select
from sqlalchemy.orm import aliased

from archive.platform.db import change
from archive.platform.jobs.models import Job, JobState
from archive.platform.parts import Parts

__all__ = ["KEPT", "purge_jobs"]

#: How long a job stays after its end: whoever comes back from a week of holidays can still see what went on.
KEPT = timedelta(days=10)

#: Jobs deleted in one transaction: on SQLite nobody else writes meanwhile.
_BATCH = 1000


def purge_jobs(parts: Parts) -> int:
    """Delete jobs that were done or called off long ago; returns how many. For the keeper.

    Failed ones stay until a person has them tried again. While anything of a group is left to do, none of it goes, so
    that its progress adds up and no job of it is wanted a second time.
    """
    ids, purged = _ended(parts.clock() - KEPT).limit(_BATCH), 0
    while True:
        with parts.database.writing() as session:
            batch = change(session, delete(Job).where(Job.id.in_(session.scalars(ids).all())))
        purged += batch
        if batch < _BATCH:
            return purged


def _ended(before: datetime) -> Select[str]:
    other = aliased(Job)
    working = exists().where(other.group == Job.group, other.state.in_((JobState.WAITING, JobState.RUNNING)))
    ended = Job.state.in_((JobState.DONE, JobState.CANCELLED))
    return select(Job.id).where(ended, Job.finished_at < before, ~working)
