"""What lies beside the objects is copied as it is: nothing is overwritten, nothing is taken away."""

import io
from hashlib import sha256
from pathlib import Path

import pytest

from storage import open_store
from storage.copies import copy_file, copy_object, copy_prefix
from storage.errors import ChecksumMismatchError, DamagedError, LayoutError, NotStoredError
from storage.interface import ObjectStore
from storage.layout import Repository
from storage.testing.home import put
from tests.crash.storage_writer import ITEM, commit


@pytest.fixture
def stores(tmp_path: Path) -> tuple[ObjectStore, ObjectStore]:
    """Two empty folders."""
    return open_store((tmp_path / "1").as_uri()), open_store((tmp_path / "2").as_uri())


def _put(store: ObjectStore, *keys: str) -> None:
    for key in keys:
        put(store, key, key.encode())


def test_what_is_missing_is_copied(stores: tuple[ObjectStore, ObjectStore]) -> None:
    """What the target lacks is copied, whatever lies between and around it there; nothing else is."""
    source, target = stores
    _put(source, "audit/001", "audit/003", "audit/005", "other/001")
    _put(target, "audit/000", "audit/003", "audit/004", "audit/009")
    assert copy_prefix(source, target, "audit/") == ["audit/001", "audit/005"]
    assert [stored.key for stored in target.list()] == [f"audit/00{number}" for number in (0, 1, 3, 4, 5, 9)]
    assert copy_prefix(source, target, "audit/") == []
    assert target.read("audit/005") == b"audit/005"


def test_what_differs_is_named(stores: tuple[ObjectStore, ObjectStore]) -> None:
    """What lies there with another size stays and is named, when all else is copied."""
    source, target = stores
    _put(source, "audit/001", "audit/002")
    put(target, "audit/001", b"another")
    with pytest.raises(LayoutError, match="audit/001; compare them"):
        copy_prefix(source, target, "audit/")
    assert (target.read("audit/001"), target.read("audit/002")) == (b"another", b"audit/002")


def test_a_file_that_changes(stores: tuple[ObjectStore, ObjectStore]) -> None:
    """A file that may change, such as a wrapped key, is brought to the same bytes; what is not there is said."""
    source, target = stores
    with pytest.raises(NotStoredError):
        copy_file(source, target, "keys/archive")
    for data in (b"first", b"again"):
        source.replace("keys/archive", io.BytesIO(data), sha256=sha256(data).hexdigest())
        assert copy_file(source, target, "keys/archive")
        assert target.read("keys/archive") == data
    assert not copy_file(source, target, "keys/archive")


def test_a_bad_sector_is_named(
    stores: tuple[ObjectStore, ObjectStore], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """A file that its disk cannot read is named as damaged; it is not taken for a target that is away."""
    source, target = stores
    for store in stores:
        Repository(store).initialise()
    commit(Repository(source), 1)
    bad = next(stored.key for stored in source.list("ocfl/") if "/content/original/" in stored.key)
    opened = source.open

    class Unreadable(io.BytesIO):
        def read(self, _size: int | None = -1, /) -> bytes:
            raise OSError(5, "Input/output error")

    monkeypatch.setattr(source, "open", lambda key: Unreadable() if key == bad else opened(key))
    with pytest.raises(DamagedError) as refused:
        copy_object(source, target, ITEM)
    assert refused.value.paths == [bad.split(f"{ITEM}/")[1]]


def test_a_bad_way_is_not_damage(stores: tuple[ObjectStore, ObjectStore], monkeypatch: pytest.MonkeyPatch) -> None:
    """Bytes that were changed on their way are no damage of the source: the error says to send them again."""
    source, target = stores
    for store in stores:
        Repository(store).initialise()
    commit(Repository(source), 1)
    real = target.put

    def garbled(key: str, stream: io.BytesIO, *, sha256: str) -> object:
        if "/content/" in key:
            stream.read()
            raise ChecksumMismatchError(key)
        return real(key, stream, sha256=sha256)

    monkeypatch.setattr(target, "put", garbled)
    with pytest.raises(ChecksumMismatchError):
        copy_object(source, target, ITEM)
