"""What a key may be, and in which order keys are listed."""

import io

import pytest

from storage.errors import InvalidKeyError
from storage.interface import ObjectStore
from storage.testing.home import StoreHome, digest, put

__all__ = ["KeysContract"]

_TRICKS = [
    "",
    "/a",
    "a/",
    "a//b",
    "..",
    "../a",
    "a/../b",
    "a/./b",
    "a/..",
    "a\\b",
    "a b",
    "a\n",
    "a\0b",
    "档",
    "a%2fb",
    "~incoming/a",
    "a" * 256,
    "a/" * 500 + "a",
]

_PREFIXES = {
    "a": ["a-b/x", "a/b/c", "a/bc", "ab"],
    "a/": ["a/b/c", "a/bc"],
    "a/b": ["a/b/c", "a/bc"],
    "a/b/": ["a/b/c"],
    "a/b/c": ["a/b/c"],
    "a/b/c/": [],
    "x": [],
    "x/y/": [],
}


class KeysContract(StoreHome):
    """Every promise about keys and listings."""

    #: bytes of the longest segment; a server that keeps objects in folders may take less and refuse the rest
    longest_segment = 255

    def test_refuses_tricks(self, store: ObjectStore) -> None:
        """What is no key is refused everywhere, before anything is touched."""
        put(store, "other")
        before = self.raw_names(store)
        for key in _TRICKS:
            self._refused(store, key)
        assert self.raw_names(store) == before

    def _refused(self, store: ObjectStore, key: str) -> None:
        with pytest.raises(InvalidKeyError):
            put(store, key)
        with pytest.raises(InvalidKeyError):
            store.replace(key, io.BytesIO(b"x"), sha256=digest(b"x"))
        with pytest.raises(InvalidKeyError):
            store.open(key)
        with pytest.raises(InvalidKeyError):
            store.stat(key)
        with pytest.raises(InvalidKeyError):
            store.delete(key)

    def test_takes_the_whole_alphabet(self, store: ObjectStore) -> None:
        """Every character a key may have is kept as it is, also in names that begin with a dot or a dash."""
        keys = ["AZaz09-_.=/0=ocfl_1.1", ".hidden/-dash", "..a/b..", "a" * self.longest_segment]
        for key in keys:
            put(store, key, key.encode())
        assert {stored.key for stored in store.list()} == set(keys)
        assert all(self.raw_get(store, key) == key.encode() for key in keys)

    def test_lists_in_order_of_key(self, store: ObjectStore) -> None:
        """A listing is in ascending order of the whole key, although folders sort otherwise."""
        keys = ["a/b", "a-b", "a.b", "a0", "ab", "a/b-c", "a/c/d", "B", "a/b.c", "a=b", "a_b", "a/Z", "z/1/2/3"]
        for key in keys:
            put(store, key, key.encode())
        listed = list(store.list())
        assert [stored.key for stored in listed] == sorted(keys)
        assert [stored.size for stored in listed] == [len(key) for key in sorted(keys)]

    def test_lists_by_prefix(self, store: ObjectStore) -> None:
        """A prefix may end within a name, at a slash, or be a whole key."""
        for key in ("a/b/c", "a/bc", "ab", "a-b/x", "b"):
            put(store, key)
        found = {prefix: [stored.key for stored in store.list(prefix)] for prefix in _PREFIXES}
        assert found == _PREFIXES

    def test_refuses_tricks_in_prefixes(self, store: ObjectStore) -> None:
        """What no key can start with is refused before listing begins."""
        for prefix in ("/", "../", "a//", "a/../b", "*"):
            with pytest.raises(InvalidKeyError):
                store.list(prefix)

    def test_lists_more_than_a_page(self, store: ObjectStore) -> None:
        """A listing goes on beyond what a server gives at once."""
        keys = [f"many/{number:04}" for number in range(1100)]
        for key in keys:
            self.raw_set(store, key, b"")
        assert [stored.key for stored in store.list("many/")] == keys
