"""What the tests of a store need of it: the store, and raw access around it, so that one mistake hides no other."""

import io
from abc import ABC, abstractmethod
from hashlib import sha256

import pytest

from storage.interface import ObjectStore, StoredObject

__all__ = ["StoreHome", "digest", "put"]


def digest(data: bytes) -> str:
    """Lower-case hex SHA-256."""
    return sha256(data).hexdigest()


def put(store: ObjectStore, key: str, data: bytes = b"x") -> StoredObject:
    """Put bytes the short way."""
    return store.put(key, io.BytesIO(data), sha256=digest(data))


class StoreHome(ABC):
    """Where a store keeps its bytes."""

    @abstractmethod
    def raw_get(self, store: ObjectStore, key: str) -> bytes | None:
        """The bytes really kept under a key, not asking the store; None for none."""

    @abstractmethod
    def raw_set(self, store: ObjectStore, key: str, data: bytes) -> None:
        """Write bytes where the store keeps them, not asking it."""

    @abstractmethod
    def raw_names(self, store: ObjectStore) -> set[str]:
        """The names of all that really lies there, unfinished bytes too."""

    @pytest.fixture
    @abstractmethod
    def store(self) -> ObjectStore:
        """An empty store."""
