"""Master keys in a file, data keys in the store: none is lost, none is made twice, and what is missing is named."""

import io
import json
import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from storage import open_store
from storage.encryption.cipher import Cipher
from storage.encryption.data_keys import DataKeys, check_key, copy_key, masters_in_use, rewrap_all
from storage.encryption.key_file import KeyFile
from storage.encryption.paths import ARCHIVE_KEY, item_key
from storage.encryption.store import EncryptedStore
from storage.errors import KeyFileError, KeyMissingError, SealBrokenError
from storage.interface import ObjectStore
from storage.layout import Content, Outcome, Repository
from storage.testing.home import put
from storage.testing.repository import ITEM, NOTE

PATH = item_key(ITEM)


@pytest.fixture
def key_file(tmp_path: Path) -> KeyFile:
    """A new key file."""
    return KeyFile.create(tmp_path / "danggui.keys")


@pytest.fixture
def place(tmp_path: Path) -> ObjectStore:
    """Where sealed bytes and wrapped keys lie."""
    return open_store((tmp_path / "store").as_uri())


# --- the key file ---


def test_a_key_file_is_never_overwritten(key_file: KeyFile) -> None:
    """Making a key file where anything is raises, and what is there stays."""
    before = key_file.path.read_bytes()
    with pytest.raises(KeyFileError, match="never overwritten"):
        KeyFile.create(key_file.path)
    assert key_file.path.read_bytes() == before


def test_a_key_file_is_its_owners_alone(key_file: KeyFile) -> None:
    """It is made so that only its owner reads it, whatever the umask, and refused when others may."""
    assert key_file.path.stat().st_mode & 0o777 == 0o600
    key_file.prepare()
    assert key_file.path.stat().st_mode & 0o777 == 0o600
    for mode in (0o640, 0o604, 0o660):
        key_file.path.chmod(mode)
        with pytest.raises(KeyFileError, match="chmod 600"):
            KeyFile(key_file.path)


@pytest.mark.parametrize(
    "data", [b"", b"{}", b"[]", b'{"format": "danggui-keys/1", "current": "a", "keys": {}}', b"\xff"]
)
def test_other_files_are_no_key_files(tmp_path: Path, data: bytes) -> None:
    """A missing, empty, cut off or foreign file is said to be none."""
    path = tmp_path / "other.keys"
    with pytest.raises(KeyFileError, match="cannot be read"):
        KeyFile(path)
    path.write_bytes(data)
    path.chmod(0o600)
    with pytest.raises(KeyFileError, match="no key file"):
        KeyFile(path)


def test_a_new_master_key_is_seen_by_all(key_file: KeyFile) -> None:
    """What one process adds to the file another uses at once; until it is told to, nobody wraps with it."""
    running = KeyFile(key_file.path)
    old = running.current
    new = key_file.prepare()
    assert (running.current, running.prepared, running.names) == (old, new, [old, new])
    wrapped = running.wrap(bytes(32), PATH, new)
    key_file.use_newest()
    assert (running.current, running.prepared) == (new, None)
    assert key_file.unwrap(wrapped, PATH, new) == bytes(32)


def test_a_key_file_that_is_away_stops_nobody_who_runs(key_file: KeyFile) -> None:
    """A process that has read the file goes on when the medium it lies on is taken away."""
    wrapped = key_file.wrap(bytes(32), PATH, key_file.current)
    key_file.path.unlink()
    assert key_file.unwrap(wrapped, PATH, key_file.current) == bytes(32)


def test_a_wrapped_key_belongs_to_its_place(key_file: KeyFile) -> None:
    """Wrapped again it is the same; altered, or put in another's place, it does not open."""
    wrapped = key_file.wrap(bytes(32), PATH, key_file.current)
    assert key_file.wrap(bytes(32), PATH, key_file.current) == wrapped
    for data, place in ((wrapped[:-1] + b"\0", PATH), (wrapped, ARCHIVE_KEY), (b"", PATH)):
        with pytest.raises(SealBrokenError, match="altered"):
            key_file.unwrap(data, place, key_file.current)


# --- the data keys ---


def test_all_who_make_a_key_at_once_have_the_same(place: ObjectStore, key_file: KeyFile) -> None:
    """Of many that make one item's key at the same moment all seal with the one that lies in the store."""
    each = [DataKeys(place, KeyFile(key_file.path)) for _ in range(12)]
    with ThreadPoolExecutor(12) as threads:
        keys = list(threads.map(lambda keys: keys.for_writing(PATH), each))
    assert set(keys) == {DataKeys(place, key_file).for_writing(PATH)}
    assert [path for path, _ in masters_in_use(place)] == sorted([PATH, ARCHIVE_KEY])


def test_a_key_removed_by_another_is_used_no_more(place: ObjectStore, key_file: KeyFile) -> None:
    """Who still has the key of a removed item in memory seals the next item of that name with the new key."""
    one, other = (Repository(place, Cipher(place, KeyFile(key_file.path))) for _ in range(2))
    one.commit(ITEM, 1, {"a": Content.of_bytes(b"old")}, **NOTE)
    assert (one.read(ITEM, "a"), other.read(ITEM, "a")) == (b"old", b"old")
    other.remove(ITEM)
    one.commit(ITEM, 1, {"a": Content.of_bytes(b"new")}, **NOTE)
    assert (one.read(ITEM, "a"), other.read(ITEM, "a")) == (b"new", b"new")


def test_what_was_sealed_with_a_removed_key_is_lost(place: ObjectStore, key_file: KeyFile) -> None:
    """Without its wrapped key an object cannot be read, in no copy; whoever tries is told why."""
    Repository(place, Cipher(place, key_file)).commit(ITEM, 1, {"a": Content.of_bytes(b"words")}, **NOTE)
    place.delete(PATH)
    with pytest.raises(KeyMissingError, match=PATH):
        Repository(place, Cipher(place, key_file)).read(ITEM, "a")


def test_a_lost_key_is_not_made_anew(place: ObjectStore, key_file: KeyFile) -> None:
    """A key that vanished while a process still had it in memory: the next version is refused, not sealed otherwise."""
    repository = Repository(place, Cipher(place, key_file))
    repository.commit(ITEM, 1, {"a": Content.of_bytes(b"words")}, **NOTE)
    assert repository.read(ITEM, "a") == b"words"
    lost = place.read(PATH)
    place.delete(PATH)
    with pytest.raises(KeyMissingError, match="second store"):
        repository.commit(ITEM, 2, {"b": Content.of_bytes(b"more")}, **NOTE)
    assert check_key(place, ITEM) is Outcome.MISSING
    put(place, PATH, lost)
    repository.commit(ITEM, 2, {"b": Content.of_bytes(b"more")}, **NOTE)
    assert (repository.read(ITEM, "a"), repository.read(ITEM, "b")) == (b"words", b"more")


def test_a_wrapped_key_is_judged_without_the_master_key(place: ObjectStore, key_file: KeyFile) -> None:
    """Whole, gone, altered, another one: each shows from what lies in the store; what is plain wants no key."""
    plain = Repository(place)
    plain.commit(ITEM, 1, {"a": Content.of_bytes(b"words")}, **NOTE)
    assert check_key(place, ITEM) is Outcome.OK
    sealing = Repository(place, Cipher(place, key_file))
    sealing.commit(ITEM, 2, {"b": Content.of_bytes(b"more")}, **NOTE)
    assert check_key(place, ITEM) is Outcome.OK
    good = place.read(PATH)
    place.delete(PATH)
    assert check_key(place, ITEM) is Outcome.MISSING
    DataKeys(place, key_file).for_writing(item_key("another"))
    for other in (good[:-9], b"", place.read(item_key("another"))):
        place.delete(PATH)
        put(place, PATH, other)
        assert check_key(place, ITEM) is Outcome.DAMAGED


def test_a_missing_master_key_is_named(place: ObjectStore, key_file: KeyFile, tmp_path: Path) -> None:
    """With another key file the error says which master key is wanted and where it was looked for."""
    put(EncryptedStore(place, Cipher(place, key_file)), "a", b"words")
    other = KeyFile.create(tmp_path / "other.keys")
    with pytest.raises(KeyMissingError, match=rf"{key_file.current}.*other\.keys"):
        Cipher(place, other).check()
    with pytest.raises(KeyMissingError, match=key_file.current):
        EncryptedStore(place, Cipher(place, other)).read("a")


@pytest.mark.parametrize("data", [b"", b"{}", b"null", b'{"format": "other", "master": "a", "wrapped": ""}'])
def test_a_damaged_wrapped_key_is_named(place: ObjectStore, key_file: KeyFile, tmp_path: Path, data: bytes) -> None:
    """A wrapped key that is none says where to fetch it from."""
    put(EncryptedStore(place, Cipher(place, key_file)), "a", b"words")
    (tmp_path / "store" / ARCHIVE_KEY).write_bytes(data)
    with pytest.raises(SealBrokenError, match="second store"):
        Cipher(place, key_file).check()


def test_rotation_touches_no_sealed_byte(place: ObjectStore, key_file: KeyFile, tmp_path: Path) -> None:
    """After rotation only wrapped keys have changed and the new master key alone opens all; again it does nothing."""
    cipher = Cipher(place, key_file)
    store, repository = EncryptedStore(place, cipher), Repository(place, cipher)
    put(store, "intake/a", b"words")
    repository.commit(ITEM, 1, {"a": Content.of_bytes(b"words")}, **NOTE)
    before = _raw(tmp_path / "store")
    key_file.prepare()
    key_file.use_newest()
    assert list(rewrap_all(place, key_file)) == [(path, True) for path in sorted([PATH, ARCHIVE_KEY])]
    after = _raw(tmp_path / "store")
    assert {path for path in after if after[path] != before[path]} == {PATH, ARCHIVE_KEY}
    _forget_all_but_newest(key_file.path)
    alone = Cipher(place, KeyFile(key_file.path))
    assert EncryptedStore(place, alone).read("intake/a") == Repository(place, alone).read(ITEM, "a") == b"words"
    assert not any(changed for _, changed in rewrap_all(place, key_file))


def test_a_flipped_bit_in_a_wrapped_key_is_never_copied(place: ObjectStore, key_file: KeyFile, tmp_path: Path) -> None:
    """Copied from store to store a damaged wrapped key is mended from the good one; damaged in both it is said."""
    second = open_store((tmp_path / "second").as_uri())
    put(EncryptedStore(place, Cipher(place, key_file)), "a", b"words")
    assert copy_key(place, second, ARCHIVE_KEY)
    assert not copy_key(place, second, ARCHIVE_KEY)
    good = place.read(ARCHIVE_KEY)
    for at in range(0, len(good), 7):
        file = tmp_path / "store" / ARCHIVE_KEY
        file.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        assert copy_key(place, second, ARCHIVE_KEY)
        assert place.read(ARCHIVE_KEY) == second.read(ARCHIVE_KEY) == good
    for folder in ("store", "second"):
        (tmp_path / folder / ARCHIVE_KEY).write_bytes(good[:-20])
    with pytest.raises(SealBrokenError, match=ARCHIVE_KEY):
        copy_key(place, second, ARCHIVE_KEY)


def test_another_key_is_never_overwritten(place: ObjectStore, key_file: KeyFile, tmp_path: Path) -> None:
    """A key made anew does not take the place of the one in the second store; one wrapped anew does."""
    second = open_store((tmp_path / "second").as_uri())
    put(EncryptedStore(second, Cipher(second, key_file)), "a", b"words")
    put(EncryptedStore(place, Cipher(place, key_file)), "a", b"words")
    before = second.read(ARCHIVE_KEY)
    with pytest.raises(SealBrokenError, match="another key"):
        copy_key(place, second, ARCHIVE_KEY)
    assert second.read(ARCHIVE_KEY) == before
    third = open_store((tmp_path / "third").as_uri())
    copy_key(second, third, ARCHIVE_KEY)
    key_file.prepare()
    key_file.use_newest()
    assert list(rewrap_all(second, key_file)) == [(ARCHIVE_KEY, True)]
    assert copy_key(second, third, ARCHIVE_KEY)
    assert third.read(ARCHIVE_KEY) == second.read(ARCHIVE_KEY) != before


def test_a_lost_archive_key_is_not_made_anew(place: ObjectStore, key_file: KeyFile) -> None:
    """Where items have keys and the archive's own is gone, nothing is encrypted with a new one."""
    Repository(place, Cipher(place, key_file)).commit(ITEM, 1, {"a": Content.of_bytes(b"words")}, **NOTE)
    place.delete(ARCHIVE_KEY)
    with pytest.raises(KeyMissingError, match="restore it"):
        put(EncryptedStore(place, Cipher(place, key_file)), "a", b"words")
    assert not place.exists(ARCHIVE_KEY)


def test_another_keeper_of_master_keys_will_do(place: ObjectStore) -> None:
    """Whatever wraps and unwraps serves, also one that wraps differently each time, as key services do."""
    cipher = Cipher(place, _Service())
    put(EncryptedStore(place, cipher), "a", b"words")
    assert EncryptedStore(place, Cipher(place, _Service())).read("a") == b"words"
    assert list(masters_in_use(place)) == [(ARCHIVE_KEY, "service")]


class _Service:
    """Wraps with a random prefix, and is no example of safety."""

    current = "service"

    def wrap(self, data_key: bytes, context: str, master: str) -> bytes:
        return os.urandom(8) + context.encode() + bytes(byte ^ 0x55 for byte in data_key)

    def unwrap(self, wrapped: bytes, context: str, master: str) -> bytes:
        return bytes(byte ^ 0x55 for byte in wrapped[8 + len(context) :])


# --- switching on ---


def test_what_was_stored_before_is_read_as_it_is(place: ObjectStore, key_file: KeyFile) -> None:
    """An archive can be switched on: older objects stay plain and readable, what is written from now on is sealed."""
    put(place, "intake/old", b"old words")
    Repository(place).commit(ITEM, 1, {"a": Content.of_bytes(b"old words"), "b": Content.of_bytes(b"x")}, **NOTE)
    cipher = Cipher(place, key_file)
    store, repository = EncryptedStore(place, cipher), Repository(place, cipher)
    put(store, "intake/new", b"new words!")
    repository.commit(ITEM, 2, {"b": Content.of_bytes(b"new words!")}, **NOTE)
    assert {stored.key: stored.size for stored in store.list("intake/")} == {"intake/new": 10, "intake/old": 9}
    assert (store.stat("intake/old").size, store.stat("intake/new").size) == (9, 10)
    assert (store.read("intake/old"), store.read("intake/new")) == (b"old words", b"new words!")
    assert (repository.read(ITEM, "a"), repository.read(ITEM, "b")) == (b"old words", b"new words!")
    store.replace("intake/old", io.BytesIO(b"old words"), sha256=_sha256(b"old words"))
    assert b"old words" not in place.read("intake/old")


def test_content_may_come_from_the_encrypted_store(place: ObjectStore, key_file: KeyFile) -> None:
    """What waits in intake, sealed or from before, is filed as what it is."""
    cipher = Cipher(place, key_file)
    put(place, "intake/old", b"old")
    put(EncryptedStore(place, cipher), "intake/new", b"new")
    changes = {name: Content(f"intake/{name}", _sha256(name.encode()), 3) for name in ("old", "new")}
    repository = Repository(place, cipher)
    repository.commit(ITEM, 1, changes, **NOTE)
    assert {name: repository.read(ITEM, name) for name in changes} == {"old": b"old", "new": b"new"}


def test_damage_at_the_very_beginning_is_no_plain_text(place: ObjectStore, key_file: KeyFile, tmp_path: Path) -> None:
    """A sealed object whose first byte was altered is refused, still listed, and never given out as it lies."""
    store = EncryptedStore(place, Cipher(place, key_file))
    put(store, "intake/a", b"words")
    file = tmp_path / "store" / "intake" / "a"
    file.write_bytes(b"\0" + file.read_bytes()[1:])
    with pytest.raises(SealBrokenError):
        store.read("intake/a")
    assert [stored.key for stored in store.list()] == ["intake/a"]


def _sha256(data: bytes) -> str:
    return Content.of_bytes(data).sha256


def _raw(root: Path) -> dict[str, bytes]:
    return {file.relative_to(root).as_posix(): file.read_bytes() for file in root.rglob("*") if file.is_file()}


def _forget_all_but_newest(path: Path) -> None:
    document = json.loads(path.read_bytes())
    document["keys"] = {document["current"]: document["keys"][document["current"]]}
    path.write_text(json.dumps(document))
