"""The database's own clock, and reading everything as it was at one moment."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import literal_column, select, text
from sqlalchemy.orm import Session

from archive.platform.db import Database, UtcDateTime

__all__ = ["NOW", "Moment", "database_now", "one_moment"]

#: dialect -> the time in SQL, in the form in which `UtcDateTime` keeps it
NOW = {"sqlite": "strftime('%Y-%m-%d %H:%M:%f000', 'now')", "postgresql": "clock_timestamp()"}


@dataclass(frozen=True, slots=True)
class Moment:
    """A session that sees all that was committed before `at`, by the database's clock, and nothing change."""

    session: Session
    at: datetime


@contextmanager
def one_moment(database: Database) -> Iterator[Moment]:
    """The database as it is now, held still for reading as long as the block lasts."""
    with database.reading() as session:
        # In a transaction of its own: the clock is read first, so that what was committed before is surely seen.
        at = database_now(session)
        session.commit()
        if not database.is_sqlite:
            session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
        yield Moment(session, at)


def database_now(session: Session) -> datetime:
    """What the database's clock says."""
    now = literal_column(NOW[session.get_bind().dialect.name], UtcDateTime())
    return session.execute(select(now)).scalar_one()
