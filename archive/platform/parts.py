"""The opened parts of one archive: database, store, index, clock. Everything is handed these; nothing is global."""

import enum
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass

from archive.platform.db import Clock, Database, utc_now
from archive.settings import Settings
from search import open_index
from search.interface import SearchIndex
from storage import open_store
from storage.encryption.cipher import Cipher
from storage.encryption.key_file import KeyFile
from storage.encryption.plain import PlainStore
from storage.encryption.store import EncryptedStore
from storage.errors import StoreUnavailableError
from storage.interface import ObjectStore
from storage.layout import Repository

__all__ = ["Location", "Parts", "open_cipher", "open_parts"]

_ENCRYPTED = (
    "this archive is encrypted: set DANGGUI_KEYS to its key file, as in file:///safe/danggui.keys "
    "(with --data no address is read: set DANGGUI_FOLDER instead)"
)


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
    """Open everything the settings name, and close it again.

    Raises KeyFileError, and KeyMissingError when the store is encrypted with a key that is not at hand.
    """
    database = Database(settings.database, settings.max_secrecy)
    place = open_store(settings.storage)
    cipher = open_cipher(settings, place)
    store = EncryptedStore(place, cipher) if cipher else PlainStore(place, _ENCRYPTED)
    stores = {Location.PRIMARY: place}
    if settings.second_storage:
        stores[Location.SECOND] = open_store(settings.second_storage)
    index = open_index(settings.search)
    try:
        repository = Repository(place, cipher) if cipher else Repository(store)
        yield Parts(settings, database, store, repository, stores, index, clock)
    finally:
        index.close()
        database.dispose()


def open_cipher(settings: Settings, place: ObjectStore) -> Cipher | None:
    """The encryption of a store, by the key file that is set; None for a store that is not encrypted.

    Raises KeyFileError, KeyMissingError, SealBrokenError. A store that is away is asked again by whoever needs a key.
    """
    if settings.key_file is not None:
        cipher = Cipher(place, KeyFile(settings.key_file))
        with suppress(StoreUnavailableError):
            cipher.check()
        return cipher
    with suppress(StoreUnavailableError):
        PlainStore(place, _ENCRYPTED).check()
    return None
