"""The opened parts of one archive: database, store, index, clock. Everything is handed these; nothing is global."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from archive.platform.db import Clock, Database, utc_now
from archive.settings import Settings
from search import open_index
from search.interface import SearchIndex
from storage import open_store
from storage.interface import ObjectStore
from storage.layout import Repository

__all__ = ["Parts", "open_parts"]


@dataclass(frozen=True, slots=True)
class Parts:
    """What the work is done with."""

    settings: Settings
    database: Database
    store: ObjectStore
    repository: Repository
    index: SearchIndex
    clock: Clock


@contextmanager
def open_parts(settings: Settings, clock: Clock = utc_now) -> Iterator[Parts]:
    """Open everything the settings name, and close it again."""
    database = Database(settings.database)
    store = open_store(settings.storage)
    index = open_index(settings.search)
    try:
        yield Parts(settings, database, store, Repository(store), index, clock)
    finally:
        index.close()
        database.dispose()
