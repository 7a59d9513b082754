"""What happens to one object: it is put, read, replaced and deleted."""

import io
from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import AlreadyStoredError, ChecksumMismatchError, NotStoredError
from storage.interface import ObjectStore
from storage.testing.home import StoreHome, digest, put

__all__ = ["OneObjectContract"]

_MEBIBYTE = 1024 * 1024


class OneObjectContract(StoreHome):
    """Every promise about a single object."""

    def test_keeps_what_was_put(self, store: ObjectStore) -> None:
        """What is put lies there byte for byte, and the answer states its key, size and time."""
        before = datetime.now(UTC) - timedelta(minutes=1)
        stored = put(store, "a/b.tif", b"scan")
        assert self.raw_get(store, "a/b.tif") == b"scan"
        assert (stored.key, stored.size) == ("a/b.tif", 4)
        assert stored.modified >= before
        assert abs(stored.modified - store.stat("a/b.tif").modified) < timedelta(seconds=3)

    def test_reads_what_lies_there(self, store: ObjectStore) -> None:
        """What another program wrote is read as it is."""
        self.raw_set(store, "a/b", b"scan")
        assert store.read("a/b") == b"scan"

    def test_keeps_empty_objects(self, store: ObjectStore) -> None:
        """An object of no bytes is an object."""
        put(store, "empty", b"")
        assert store.read("empty") == b""
        assert store.stat("empty").size == 0

    def test_puts_from_the_position_of_the_stream(self, store: ObjectStore) -> None:
        """A stream is stored from where it stands, not from its start."""
        source = io.BytesIO(b"skipped|kept")
        source.seek(8)
        store.put("a", source, sha256=digest(b"kept"))
        assert self.raw_get(store, "a") == b"kept"

    def test_never_overwrites(self, store: ObjectStore) -> None:
        """A second put to a key is refused and the first bytes stay."""
        put(store, "a", b"first")
        with pytest.raises(AlreadyStoredError):
            put(store, "a", b"second")
        assert self.raw_get(store, "a") == b"first"

    def test_refuses_other_bytes_than_announced(self, store: ObjectStore) -> None:
        """Bytes of another digest are refused, and nothing of them is left anywhere."""
        put(store, "other", b"")
        before = self.raw_names(store)
        with pytest.raises(ChecksumMismatchError):
            store.put("bad", io.BytesIO(b"bytes"), sha256=digest(b"others"))
        with pytest.raises(ChecksumMismatchError):
            store.replace("bad", io.BytesIO(b"bytes"), sha256=digest(b"others"))
        assert not store.exists("bad")
        assert self.raw_names(store) == before

    def test_a_refused_replacement_changes_nothing(self, store: ObjectStore) -> None:
        """When a replacement is refused, the old bytes stay."""
        put(store, "a", b"old")
        with pytest.raises(ChecksumMismatchError):
            store.replace("a", io.BytesIO(b"new"), sha256=digest(b"others"))
        assert self.raw_get(store, "a") == b"old"

    def test_replaces(self, store: ObjectStore) -> None:
        """Replace writes a new key and an old one alike."""
        for data in (b"first", b"second, longer", b"3"):
            stored = store.replace("a/b", io.BytesIO(data), sha256=digest(data))
            assert stored.size == len(data)
            assert self.raw_get(store, "a/b") == data

    def test_an_open_stream_stays_one_object(self, store: ObjectStore) -> None:
        """Who reads while another replaces gets the object he opened, or an error, never a mixture."""
        old, new = b"o" * 3 * _MEBIBYTE, b"n" * 3 * _MEBIBYTE
        put(store, "a", old)
        with store.open("a") as stream:
            beginning = stream.read(1000)
            store.replace("a", io.BytesIO(new), sha256=digest(new))
            rest = stream.read()
        assert beginning + rest == old

    def test_missing_is_said(self, store: ObjectStore) -> None:
        """Opening or asking about what is not there raises NotStoredError; a folder of objects is no object."""
        put(store, "folder/a")
        for key in ("missing", "missing/too", "folder"):
            assert not store.exists(key)
            with pytest.raises(NotStoredError):
                store.open(key)
            with pytest.raises(NotStoredError):
                store.stat(key)

    def test_seeks(self, store: ObjectStore) -> None:
        """An opened object can be read in any order, from the start and from the end."""
        data = bytes(range(256)) * 4096
        put(store, "a", data)
        with store.open("a") as stream:
            assert stream.seekable()
            assert stream.read(10) == data[:10]
            for position in (900_000, 5, 500_000):
                assert stream.seek(position) == position
                assert stream.read(1000) == data[position : position + 1000]
            assert stream.seek(-3, io.SEEK_END) == len(data) - 3
            assert stream.read() == data[-3:]
            assert stream.read() == b""
            stream.seek(0)
            assert stream.read() == data

    def test_opens_from_the_middle(self, store: ObjectStore) -> None:
        """Opened from a later byte, an object gives its rest, can be read in any order, and ends where it ends."""
        data = bytes(range(256)) * 4096
        put(store, "a", data)
        with store.open("a", start=700_001) as stream:
            assert stream.tell() == 700_001
            assert stream.read(5) == data[700_001:700_006]
            assert stream.seek(3) == 3
            assert stream.read(5) == data[3:8]
            assert stream.seek(-2, io.SEEK_END) == len(data) - 2
            assert stream.read() == data[-2:]
        for start in (len(data), len(data) + 10):
            with store.open("a", start=start) as stream:
                assert stream.read() == b""
        with pytest.raises(NotStoredError):
            store.open("missing", start=5)

    def test_deletes(self, store: ObjectStore) -> None:
        """A deleted object is gone; deleting it again, or what never was, is no error; its neighbours stay."""
        put(store, "a/b")
        put(store, "a/c")
        for _ in range(2):
            store.delete("a/b")
        store.delete("a")
        store.delete("never/was")
        assert [stored.key for stored in store.list()] == ["a/c"]
        assert self.raw_get(store, "a/b") is None

    def test_a_key_is_free_again(self, store: ObjectStore) -> None:
        """After deletion the key can be put again, and a former folder's name too."""
        put(store, "a/b", b"1")
        store.delete("a/b")
        put(store, "a/b", b"2")
        assert store.read("a/b") == b"2"
        store.delete("a/b")
        put(store, "a", b"3")
        assert store.read("a") == b"3"
