"""Reads what stored objects say of themselves: several at a time, each checked against its inventory."""

from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import islice

from archive.catalogue.stored_object import METADATA, PAGE_TEXTS
from storage.errors import StorageError, StoreUnavailableError
from storage.layout import Repository

__all__ = ["StoredItem", "Unreadable", "read_object", "read_objects"]

_THREADS = 8
#: Objects read ahead of the one that is worked on: what is in memory at a time.
_AHEAD = 16


@dataclass(frozen=True, slots=True)
class StoredItem:
    """The newest version of an item's object: its number, the item's document and its page texts."""

    id: str
    head: int
    document: bytes
    texts: bytes


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An object that cannot be read, and why."""

    id: str
    why: str


def read_objects(repository: Repository, object_ids: Iterable[str]) -> Iterator[StoredItem | Unreadable]:
    """Read these objects, in this order, with bounded memory. Raises StoreUnavailableError when the store is away."""
    rest = iter(object_ids)
    with ThreadPoolExecutor(_THREADS, "rebuild") as threads:
        ahead: deque[Future[StoredItem | Unreadable]] = deque()
        for object_id in islice(rest, _AHEAD):
            ahead.append(threads.submit(read_object, repository, object_id))
        while ahead:
            yield ahead.popleft().result()
            for object_id in islice(rest, 1):
                ahead.append(threads.submit(read_object, repository, object_id))


def read_object(repository: Repository, object_id: str) -> StoredItem | Unreadable:
    """Read one object. Raises StoreUnavailableError when the store is away."""
    try:
        inventory = repository.inventory(object_id)
        document = repository.read_checked(inventory, METADATA)
        texts = repository.read_checked(inventory, PAGE_TEXTS) if PAGE_TEXTS in inventory.state else b""
    except StorageError as error:
        if isinstance(error, StoreUnavailableError):
            # So speaks a bad sector, too. Where the store is really away, this raises.
            repository.exists(object_id)
        return Unreadable(object_id, str(error))
    return StoredItem(object_id, inventory.head, document, texts)
