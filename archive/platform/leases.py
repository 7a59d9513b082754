"""A lease on one item: the fence against two writers of the same stored object."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from sqlalchemy import String, delete, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from archive.platform.db import Base, Clock, Database, change, insert_once, new_id
from archive.platform.processes import is_gone, process_name

__all__ = ["ItemLease", "Lease", "LeaseHeldError", "LeaseLostError", "item_lease"]

log = logging.getLogger(__name__)

#: Renewed as long as its holder lives; the lease of a process of this machine that died is taken over at once.
LEASE = timedelta(minutes=5)
BEAT_SECONDS = LEASE.total_seconds() / 5


class ItemLease(Base):
    """Who writes an item's stored object now, until when."""

    __tablename__ = "item_lease"

    item_id: Mapped[str] = mapped_column(String(36), primary_key=True)
    owner: Mapped[str] = mapped_column(String(200))
    until: Mapped[datetime]


class LeaseHeldError(Exception):
    """Somebody else writes this item now; try again later."""


class LeaseLostError(Exception):
    """The lease ran out and went to somebody else: what was begun must not be committed."""


class Lease:
    """The leave to write one item's object, for a time. Its owner's name is new each time it is taken."""

    def __init__(self, database: Database, clock: Clock, item_id: str, owner: str) -> None:
        self.item_id = item_id
        self._database = database
        self._clock = clock
        self._owner = owner

    def renew(self) -> None:
        """Hold it for the full time from now. Raises LeaseLostError."""
        with self._database.writing() as session:
            self.check(session)

    def check(self, session: Session) -> None:
        """The fence: in the transaction that commits the work, the lease must be still ours. Raises LeaseLostError."""
        # An UPDATE, not a SELECT: the row stays locked until the transaction ends, so nobody can take it in between.
        ours = (ItemLease.item_id == self.item_id, ItemLease.owner == self._owner)
        if change(session, update(ItemLease).where(*ours).values(until=self._clock() + LEASE)) == 0:
            raise LeaseLostError(self.item_id)

    def release(self) -> None:
        """Give it back; no error if it was lost."""
        with self._database.writing() as session:
            ours = (ItemLease.item_id == self.item_id, ItemLease.owner == self._owner)
            change(session, delete(ItemLease).where(*ours))


@contextmanager
def item_lease(database: Database, clock: Clock, item_id: str) -> Iterator[Lease]:
    """Hold the lease of one item while its object is written, however long that takes. Raises LeaseHeldError."""
    owner = f"{new_id()}@{process_name()}"
    with database.writing() as session:
        _take(session, clock(), item_id, owner)
    lease, ended = Lease(database, clock, item_id, owner), threading.Event()
    threading.Thread(target=_keep, args=(lease, ended), name="lease", daemon=True).start()
    try:
        yield lease
    finally:
        ended.set()
        lease.release()


def _keep(lease: Lease, ended: threading.Event) -> None:
    """Renew until the work ends: a process that is alive keeps its lease. What is lost shows when the work commits."""
    while not ended.wait(BEAT_SECONDS):
        try:
            lease.renew()
        except LeaseLostError:
            return
        except OperationalError as error:  # the database is away: perhaps it is back in time
            log.warning("the lease on %s could not be renewed: %s", lease.item_id, error)


def _take(session: Session, now: datetime, item_id: str, owner: str) -> None:
    until = now + LEASE
    if insert_once(session, ItemLease, "item_id", item_id=item_id, owner=owner, until=until):
        return
    held = session.get(ItemLease, item_id, with_for_update=True)
    if held is not None and held.until > now and not is_gone(held.owner.partition("@")[2]):
        raise LeaseHeldError(item_id)
    session.merge(ItemLease(item_id=item_id, owner=owner, until=until))
