"""Which errors mean that a part is away or taken for the moment: the work waits and goes on when it is back."""

import errno
from collections.abc import Iterator

from sqlalchemy.exc import InterfaceError, OperationalError

from archive.platform.leases import LeaseHeldError, LeaseLostError
from search.errors import IndexBusyError, IndexUnavailableError
from storage.errors import StoreFullError, StoreUnavailableError

__all__ = ["is_away", "is_full", "waits"]

_AWAY = (
    StoreUnavailableError,
    StoreFullError,
    IndexUnavailableError,
    IndexBusyError,
    LeaseHeldError,
    LeaseLostError,
    OperationalError,
    InterfaceError,
)
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})
#: what PostgreSQL and SQLite call it, the last when not even its small shared file finds room
_DATABASE_FULL = frozenset({"53100", "SQLITE_FULL", "SQLITE_IOERR_SHMSIZE"})


def is_away(error: BaseException) -> bool:
    """True if trying again later, with nothing else changed, can be expected to help."""
    return (isinstance(error, _AWAY) and not _is_misfit(error)) or is_full(error)


def _is_misfit(error: BaseException) -> bool:
    """SQLite alone calls it operational that tables are not those of this version; that does not pass by itself."""
    return isinstance(error, OperationalError) and getattr(error.orig, "sqlite_errorname", None) == "SQLITE_ERROR"


def is_full(error: BaseException) -> bool:
    """True if a disk has no room left: the store's, the database's, or the one for temporary files."""
    if isinstance(error, OperationalError):
        said = (getattr(error.orig, "sqlstate", None), getattr(error.orig, "sqlite_errorname", None))
        return not _DATABASE_FULL.isdisjoint(said)
    return isinstance(error, StoreFullError) or (isinstance(error, OSError) and error.errno in _FULL)


def waits(longest: float = 30.0) -> Iterator[float]:
    """Seconds to wait between tries: 0.5, 1, 2, … up to `longest`, without end."""
    wait = 0.5
    while True:
        yield min(wait, longest)
        wait *= 2
