"""The opened parts of one archive: database, store, index, clock. Everything is handed these; nothing is global."""

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from archive.platform.db import Clock, Database, utc_now
from archive.settings import Settings
from search import open_index
from search.interface import SearchIndex
from storage import open_store
from storage.interface import ObjectStore
from storage.layout import Repository

__all__ = ["Location", "Parts", "open_parts"]


class Location(enum.StrEnum):
    """Where a copy of everything kept lies."""

    PRIMARY = "primary"  #: what `storage` names: written to and read from
    SECOND = "second"  #: what `second_storage` names: written by the copier, read when the first is damaged


@dataclass(frozen=True, slots=True)
class Parts:
    """What the work is done with.

    `store` and `repository` give plain bytes, whether they lie encrypted or not. `stores` are the places themselves,
    byte for byte: for whoever copies, compares and locks, and needs no key for it.
    """

    settings: Settings
    database: Database
    store: ObjectStore
    repository: Repository
    stores: Mapping[Location, ObjectStore]
    index: SearchIndex
    clock: Clock


@contextmanager
def open_parts(settings: Settings, clock: Clock = utc_now) -> Iterator[Parts]:
    """Open everything the settings name, and close it again."""
    database = Database(settings.database)
    store = open_store(settings.storage)
    stores = {Location.PRIMARY: store}
    if settings.second_storage:
        stores[Location.SECOND] = open_store(settings.second_storage)
    index = open_index(settings.search)
    try:
        yield Parts(settings, database, store, Repository(store), stores, index, clock)
    finally:
        index.close()
        database.dispose()
