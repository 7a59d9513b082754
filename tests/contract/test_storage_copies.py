"""One object in two stores, of every pair of kinds: copied, damaged in every way, mended, judged by another program."""

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import pytest

from storage import open_store
from storage.copies import Repair, copy_object, repair_object
from storage.errors import DamagedError, LayoutError, NotStoredError
from storage.interface import ObjectStore
from storage.layout import Outcome, Repository
from storage.object_paths import ObjectPaths
from storage.testing.judge import assert_valid_repository
from tests.crash.storage_writer import ITEM, STATES, commit

ROOT = ObjectPaths.of(ITEM).root
Pair = tuple[ObjectStore, ObjectStore]


@pytest.fixture(
    params=[
        "folder-folder",
        pytest.param("folder-bucket", marks=pytest.mark.servers),
        pytest.param("bucket-folder", marks=pytest.mark.servers),
    ]
)
def pair(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Pair]:
    """Two initialised stores; after the test another program finds both valid."""
    stores = _open(request, tmp_path / "1", 0), _open(request, tmp_path / "2", 1)
    for store in stores:
        store.probe()
        Repository(store).initialise()
    yield stores
    for number, store in enumerate(stores):
        assert_valid_repository(store, tmp_path / f"judged-{number}")


def _open(request: pytest.FixtureRequest, folder: Path, place: int) -> ObjectStore:
    if str(request.param).split("-")[place] == "bucket":
        return open_store(request.getfixturevalue("s3_bucket").url)
    return open_store(folder.as_uri())


@pytest.fixture
def copied(pair: Pair) -> Pair:
    """Two stores that both hold two versions of the object."""
    for version in (1, 2):
        commit(Repository(pair[0]), version)
    copy_object(*pair, ITEM)
    return pair


def _all(store: ObjectStore) -> dict[str, bytes]:
    return {stored.key: store.read(stored.key) for stored in store.list("ocfl/")}


def _content(store: ObjectStore) -> list[str]:
    return [stored.key.removeprefix(ROOT) for stored in store.list(ROOT) if "/content/" in stored.key]


def _put(store: ObjectStore, path: str, data: bytes) -> None:
    store.replace(ROOT + path, io.BytesIO(data), sha256=sha256(data).hexdigest())


def _flip(store: ObjectStore, path: str) -> None:
    data = store.read(ROOT + path)
    _put(store, path, data[:-1] + bytes([data[-1] ^ 1]))


def _cut(store: ObjectStore, path: str) -> None:
    _put(store, path, store.read(ROOT + path)[:-1])


def _lose(store: ObjectStore, path: str) -> None:
    store.delete(ROOT + path)


DAMAGES = [_flip, _cut, _lose]
SMALL = [
    "inventory.json",
    "inventory.json.sha512",
    "0=ocfl_object_1.1",
    "v1/inventory.json",
    "v1/inventory.json.sha512",
    "v2/inventory.json",
    "v2/inventory.json.sha512",
]


# --- copying ---


def test_a_copy_is_the_same_bytes(pair: Pair) -> None:
    """What is copied lies there byte for byte under the same names, and another call sends nothing."""
    source, target = pair
    for version in (1, 2):
        commit(Repository(source), version)
    assert copy_object(source, target, ITEM) == sum(len(source.read(ROOT + path)) for path in _content(source))
    assert _all(target) == _all(source)
    assert copy_object(source, target, ITEM) == 0


def test_only_what_is_new_is_sent(pair: Pair) -> None:
    """Of a next version only its new files are sent, and the object grows to the same bytes."""
    source, target = pair
    commit(Repository(source), 1)
    copy_object(source, target, ITEM)
    commit(Repository(source), 2)
    assert copy_object(source, target, ITEM) == sum(
        len(STATES[2][path]) for path in STATES[2] if STATES[1].get(path) != STATES[2][path]
    )
    assert _all(target) == _all(source)


def test_what_is_begun_is_not_copied(copied: Pair) -> None:
    """Files of a version that is not committed stay where they are."""
    source, target = copied
    before = _all(target)
    _put(source, "v3/content/0123456789abcdef-a.tif", b"begun")
    _put(source, "v3/inventory.json", b"without its sidecar yet")
    assert copy_object(source, target, ITEM) == 0
    assert _all(target) == before
    for path in ("v3/content/0123456789abcdef-a.tif", "v3/inventory.json"):
        _lose(source, path)


@pytest.mark.parametrize("damage", DAMAGES)
def test_damage_is_not_copied(pair: Pair, damage: Callable[[ObjectStore, str], None]) -> None:
    """A damaged source file is named; it is not in the copy, nor does the copy claim the version."""
    source, target = pair
    commit(Repository(source), 1)
    good, path = _all(source), _content(source)[1]
    damage(source, path)
    with pytest.raises(DamagedError) as refused:
        copy_object(source, target, ITEM)
    assert refused.value.paths == [path]
    assert not target.exists(ROOT + path)
    assert not Repository(target).exists(ITEM)
    _put(source, path, good[ROOT + path])
    copy_object(source, target, ITEM)
    assert _all(target) == good


def test_a_damaged_inventory_is_not_copied(pair: Pair) -> None:
    """An inventory that its sidecar does not vouch for is named."""
    source, target = pair
    commit(Repository(source), 1)
    _flip(source, "v1/inventory.json")
    with pytest.raises(DamagedError, match=r"v1/inventory\.json"):
        copy_object(source, target, ITEM)
    assert _all(target).keys() == {key for key in _all(source) if not key.startswith(ROOT)}
    _flip(source, "v1/inventory.json")


def test_a_cut_copy_is_sent_again(copied: Pair) -> None:
    """A file of another size in the target is sent again."""
    source, target = copied
    path = _content(target)[0]
    _cut(target, path)
    assert copy_object(source, target, ITEM) == len(source.read(ROOT + path))
    assert _all(target) == _all(source)


def test_another_history_is_refused(pair: Pair) -> None:
    """An object of the same name with another history stays as it is, and the error says so."""
    source, target = pair
    commit(Repository(source), 1)
    note = {"message": "another", "user": "李四", "address": "mailto:lisi@example.org"}
    Repository(target).commit(ITEM, 1, {}, **note, created=datetime(2024, 1, 1, tzinfo=UTC))
    before = _all(target)
    with pytest.raises(LayoutError, match="another history"):
        copy_object(source, target, ITEM)
    assert _all(target) == before


def test_nothing_to_copy(pair: Pair) -> None:
    """An object that the source does not have is said to be missing."""
    with pytest.raises(NotStoredError):
        copy_object(*pair, ITEM)


# --- repair ---


def test_a_sound_copy_is_left_alone(copied: Pair) -> None:
    """Nothing is written where nothing is wrong."""
    before = list(copied[0].list("ocfl/"))
    assert repair_object(*copied, ITEM) == []
    assert list(copied[0].list("ocfl/")) == before


@pytest.mark.parametrize("damage", DAMAGES)
def test_content_is_mended(copied: Pair, damage: Callable[[ObjectStore, str], None]) -> None:
    """Content files, damaged in any way on either side, are replaced by the good ones, and named."""
    found = Outcome.MISSING if damage is _lose else Outcome.DAMAGED
    for damaged, good in (copied, copied[::-1]):
        paths = _content(good)[1:3]
        for path in paths:
            damage(damaged, path)
        assert repair_object(damaged, good, ITEM) == [Repair(path, found, mended=True) for path in paths]
        assert _all(damaged) == _all(good)


@pytest.mark.parametrize("damage", DAMAGES)
def test_small_files_are_mended(copied: Pair, damage: Callable[[ObjectStore, str], None]) -> None:
    """Inventories, sidecars and the declaration, damaged in any way on either side, are what they were."""
    for damaged, good in (copied, copied[::-1]):
        for path in SMALL:
            damage(damaged, path)
        assert {repair.path for repair in repair_object(damaged, good, ITEM) if repair.mended} == set(SMALL)
        assert _all(damaged) == _all(good)


@pytest.mark.parametrize("path", SMALL)
def test_one_small_file_is_mended(copied: Pair, path: str) -> None:
    """Nothing but the one small file that was damaged is written again."""
    damaged, good = copied
    _flip(damaged, path)
    assert repair_object(damaged, good, ITEM) == [Repair(path, Outcome.DAMAGED, mended=True)]
    assert _all(damaged) == _all(good)


def test_a_lost_object_is_copied(copied: Pair) -> None:
    """Of an object that is gone altogether every file comes back."""
    for damaged, good in (copied, copied[::-1]):
        for stored in list(damaged.list(ROOT)):
            damaged.delete(stored.key)
        repairs = repair_object(damaged, good, ITEM)
        assert {ROOT + repair.path for repair in repairs} == {stored.key for stored in good.list(ROOT)}
        assert {repair.found for repair in repairs} == {Outcome.MISSING}
        assert _all(damaged) == _all(good)


def test_all_that_can_be_is_mended(copied: Pair) -> None:
    """Files that are good in neither copy are named; the others are mended; with one good copy again, all are."""
    damaged, good = copied
    whole = _all(good)
    lost, mended = _content(good)[:2]
    for store in copied:
        _flip(store, lost)
    _lose(damaged, mended)
    with pytest.raises(DamagedError) as refused:
        repair_object(damaged, good, ITEM)
    assert (refused.value.paths, refused.value.mended) == ([lost], [mended])
    assert damaged.read(ROOT + mended) == whole[ROOT + mended]
    _put(good, lost, whole[ROOT + lost])
    repair_object(damaged, good, ITEM)
    assert _all(damaged) == whole


def test_an_older_copy_mends_what_it_has(pair: Pair) -> None:
    """A copy that lags behind mends the files it has; the newer version is not taken back."""
    source, target = pair
    commit(Repository(source), 1)
    copy_object(source, target, ITEM)
    commit(Repository(source), 2)
    whole = _all(source)
    _flip(source, _content(source)[0])
    _lose(source, "v1/inventory.json")
    _cut(source, "inventory.json")
    repair_object(source, target, ITEM)
    assert _all(source) == whole


def test_a_version_known_to_nobody_is_not_hidden(pair: Pair) -> None:
    """When no inventory of a version is left in either copy, it is named, and the older copy is not laid over it."""
    source, target = pair
    commit(Repository(source), 1)
    copy_object(source, target, ITEM)
    commit(Repository(source), 2)
    whole = _all(source)
    for path in ("v2/inventory.json", "inventory.json"):
        _flip(source, path)
    before = _all(source)
    with pytest.raises(DamagedError, match=r"v2/inventory\.json"):
        repair_object(source, target, ITEM)
    assert _all(source) == before
    for path in ("v2/inventory.json", "inventory.json"):
        _put(source, path, whole[ROOT + path])


def test_strange_files_stay(copied: Pair) -> None:
    """A file that no inventory knows is named and not touched."""
    damaged, good = copied
    _put(damaged, "v1/content/strange", b"?")
    assert repair_object(damaged, good, ITEM) == [Repair("v1/content/strange", Outcome.DAMAGED, mended=False)]
    assert damaged.read(f"{ROOT}v1/content/strange") == b"?"
    _lose(damaged, "v1/content/strange")


def test_nobody_has_it(pair: Pair) -> None:
    """An object that neither store has is said to be missing."""
    with pytest.raises(NotStoredError):
        repair_object(*pair, ITEM)


def test_a_lost_lease_ends_the_repair(copied: Pair) -> None:
    """What `renew` raises ends the repair, before anything more is written."""
    damaged, good = copied
    path = _content(good)[0]
    _lose(damaged, path)

    def lost() -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        repair_object(damaged, good, ITEM, renew=lost)
    assert not damaged.exists(ROOT + path)
    repair_object(damaged, good, ITEM)
