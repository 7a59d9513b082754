"""What only a folder can do wrong."""

import os
import time
from pathlib import Path

import pytest

from storage.errors import AlreadyStoredError, StoreUnavailableError
from storage.filesystem import FilesystemStore
from storage.testing.home import put


@pytest.fixture
def store(tmp_path: Path) -> FilesystemStore:
    """A store in a folder of its own."""
    return FilesystemStore(tmp_path / "store")


def test_what_dead_processes_left_is_swept(store: FilesystemStore, tmp_path: Path) -> None:
    """Unfinished files that nobody has written to for a day are removed at the next probe; younger ones are not."""
    put(store, "a")
    incoming = tmp_path / "store" / "~incoming"
    (incoming / "dead").write_bytes(b"half")
    (incoming / "busy").write_bytes(b"half")
    long_ago = time.time() - 25 * 60 * 60
    os.utime(incoming / "dead", (long_ago, long_ago))
    store.probe()
    assert [file.name for file in incoming.iterdir()] == ["busy"]


def test_foreign_names_are_not_ours(store: FilesystemStore, tmp_path: Path) -> None:
    """Files whose names no key can have are neither listed nor in the way."""
    put(store, "folder/a")
    (tmp_path / "store" / "folder" / "Thumbs (1).db").write_bytes(b"x")
    assert [stored.key for stored in store.list()] == ["folder/a"]


def test_emptied_folders_go(store: FilesystemStore, tmp_path: Path) -> None:
    """Deleting the last object of a folder removes the folder, but never the root."""
    put(store, "a/b/c")
    put(store, "d/e")
    store.delete("a/b/c")
    store.delete("d/e")
    assert [entry.name for entry in (tmp_path / "store").iterdir()] == ["~incoming"]


def test_an_object_is_no_folder(store: FilesystemStore) -> None:
    """A key under an object, and a key of a folder of objects, are taken."""
    put(store, "a")
    put(store, "b/c")
    for key in ("a/b", "a/b/c", "b"):
        with pytest.raises(AlreadyStoredError):
            put(store, key)
    assert [stored.key for stored in store.list()] == ["a", "b/c"]


def test_a_root_that_is_no_folder_is_unavailable(tmp_path: Path) -> None:
    """Where the folder cannot be, the store is unavailable, and the error names it."""
    store = FilesystemStore(Path("/proc/no-such-place/store"))
    with pytest.raises(StoreUnavailableError) as refused:
        put(store, "a")
    assert "file:///proc/no-such-place/store" in str(refused.value)
