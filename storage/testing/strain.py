"""Many at once, much at once, and sources that break."""

import io
from concurrent.futures import ThreadPoolExecutor
from typing import BinaryIO

import pytest

from storage.errors import AlreadyStoredError, ChecksumMismatchError
from storage.fixity import sha256_of
from storage.interface import Capability, ObjectStore
from storage.testing.home import StoreHome, digest, put

__all__ = ["StrainContract"]

_WRITERS = 12
_MEBIBYTE = 1024 * 1024


class BytesOf(io.RawIOBase):
    """A stream of `size` bytes, different in every MiB, that exist nowhere; it knows the largest piece asked for."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._position = 0
        self.largest = 0

    def readable(self) -> bool:
        """Always."""
        return True

    def read(self, size: int = -1, /) -> bytes:
        """At most a MiB at a time, as a socket would."""
        left = self._size - self._position
        self.largest = max(self.largest, left if size < 0 else size)
        number, skip = divmod(self._position, _MEBIBYTE)
        taken = min(left, _MEBIBYTE - skip, size if size >= 0 else left)
        self._position += taken
        return (number % 251).to_bytes() * taken


class StrainContract(StoreHome):
    """Every promise that only shows when it gets tight."""

    def test_one_of_many_writers_wins(self, store: ObjectStore) -> None:
        """Of twelve that put one key at once, one wins, the others are told, and his bytes lie there whole."""
        bodies = [bytes([65 + number]) * 50_000 for number in range(_WRITERS)]
        with ThreadPoolExecutor(_WRITERS) as threads:
            won = [
                body for body, wins in zip(bodies, threads.map(lambda b: _wins(store, b), bodies), strict=True) if wins
            ]
        assert [self.raw_get(store, "a/raced")] == won

    def test_readers_see_the_old_or_the_new(self, store: ObjectStore) -> None:
        """While one replaces, readers see whole objects only."""
        whole = {bytes([65 + number]) * 70_000 for number in range(8)}
        put(store, "a", next(iter(whole)))
        with ThreadPoolExecutor(4) as threads:
            writing = threads.map(lambda data: store.replace("a", io.BytesIO(data), sha256=digest(data)), whole)
            seen = list(threads.map(lambda _: store.read("a"), range(30)))
            assert len(list(writing)) == len(whole)
        assert set(seen) <= whole

    def test_writers_and_deleters_do_not_disturb_each_other(self, store: ObjectStore) -> None:
        """Objects put while their neighbours are deleted are there."""

        def write_and_delete(number: int) -> None:
            put(store, f"shared/{number}/gone")
            store.delete(f"shared/{number}/gone")
            put(store, f"shared/{number % 3}/kept-{number}")

        with ThreadPoolExecutor(8) as threads:
            list(threads.map(write_and_delete, range(40)))
        kept = {stored.key for stored in store.list("shared/") if "kept" in stored.key}
        assert kept == {f"shared/{number % 3}/kept-{number}" for number in range(40)}

    def test_a_large_object_passes_in_pieces(self, store: ObjectStore) -> None:
        """An object larger than one request is stored from a slow stream and read again in bounded pieces."""
        size = 70 * _MEBIBYTE + 12_345
        expected = sha256_of(_stream(BytesOf(size)))
        source = BytesOf(size)
        stored = store.put("large", _stream(source), sha256=expected)
        assert stored.size == size
        assert source.largest <= 16 * _MEBIBYTE
        with store.open("large") as stream:
            assert sha256_of(stream) == expected

    def test_a_large_object_is_checked_too(self, store: ObjectStore) -> None:
        """An object larger than one request that is not what was announced leaves nothing."""
        put(store, "other", b"")
        before = self.raw_names(store)
        with pytest.raises(ChecksumMismatchError):
            store.put("large", _stream(BytesOf(70 * _MEBIBYTE)), sha256=digest(b"others"))
        assert self.raw_names(store) == before

    def test_a_large_object_never_overwrites(self, store: ObjectStore) -> None:
        """An object larger than one request is refused like any other where the key is taken."""
        put(store, "a", b"first")
        size = 65 * _MEBIBYTE
        with pytest.raises(AlreadyStoredError):
            store.put("a", _stream(BytesOf(size)), sha256=sha256_of(_stream(BytesOf(size))))
        assert self.raw_get(store, "a") == b"first"

    def test_a_broken_source_leaves_nothing(self, store: ObjectStore) -> None:
        """When the source breaks off, its error arrives and nothing is left."""
        put(store, "other", b"")
        before = self.raw_names(store)
        with pytest.raises(RuntimeError, match="unplugged"):
            store.put("bad", _Unplugged(b"bytes"), sha256=digest(b"bytes"))
        assert self.raw_names(store) == before

    def test_probing_leaves_nothing(self, store: ObjectStore) -> None:
        """Probing finds exclusive creation, which the archive relies on, and cleans up behind itself."""
        assert Capability.EXCLUSIVE_PUT in store.probe()
        assert [stored.key for stored in store.list()] == []
        put(store, "a", b"first")
        with pytest.raises(AlreadyStoredError):
            put(store, "a", b"second")


class _Unplugged(io.BytesIO):
    """A source that fails after its first bytes."""

    def read(self, size: int | None = -1, /) -> bytes:
        data = super().read(size)
        if not data:
            raise RuntimeError("unplugged")
        return data


def _stream(raw: BytesOf) -> BinaryIO:
    """A raw stream of bytes is all that a store needs; the type only knows complete ones."""
    return raw  # type: ignore[return-value]


def _wins(store: ObjectStore, body: bytes) -> bool:
    try:
        put(store, "a/raced", body)
    except AlreadyStoredError:
        return False
    return True
