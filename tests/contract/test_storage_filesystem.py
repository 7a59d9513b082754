"""A folder keeps what every object store promises, and the repository on it."""

from pathlib import Path

import pytest

from storage import open_store
from storage.interface import ObjectStore
from storage.testing import ObjectStoreContract, RepositoryContract
from storage.testing.home import StoreHome


def _root(store: ObjectStore) -> Path:
    return Path(store.url.removeprefix("file://"))


class Folder(StoreHome):
    """A folder of its own for each test."""

    def raw_get(self, store: ObjectStore, key: str) -> bytes | None:
        """The file's bytes."""
        file = _root(store) / key
        return file.read_bytes() if file.is_file() else None

    def raw_set(self, store: ObjectStore, key: str, data: bytes) -> None:
        """Write the file."""
        file = _root(store) / key
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(data)

    def raw_names(self, store: ObjectStore) -> set[str]:
        """Every file in the folder."""
        root = _root(store)
        return {file.relative_to(root).as_posix() for file in root.rglob("*") if file.is_file()}

    @pytest.fixture
    def store(self, tmp_path: Path) -> ObjectStore:
        """A folder that is made with the first object."""
        return open_store((tmp_path / "store").as_uri())


class TestFilesystemStore(Folder, ObjectStoreContract):
    """The object-store contract on a folder."""


class TestFilesystemRepository(Folder, RepositoryContract):
    """The repository contract on a folder."""
