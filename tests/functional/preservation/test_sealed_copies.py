"""Copies of an encrypted archive: made and mended by whoever has no key, and of use to whoever has one."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.catalogue.events import EventOutcome, EventType
from archive.platform.parts import Location, open_parts
from archive.preservation.checking import check_copy
from archive.preservation.copying import compare, copy_shared, keep_copies, reconcile_copies
from archive.preservation.repair import repair
from archive.settings import Settings
from storage.encryption.key_file import KeyFile
from storage.encryption.paths import item_key
from storage.layout import Outcome, Repository
from tests.factories.small_archive import small_archive
from tests.factories.two_stores import TwoStores, second_store

FIRST, SECOND = Location


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The key file."""
    return KeyFile.create(tmp_path_factory.mktemp("keys") / "danggui.keys").path


@pytest.fixture(scope="module")
def sealed(keys: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TwoStores]:
    """An encrypted archive with a second store, in the hands of somebody who has no key."""
    folder = tmp_path_factory.mktemp("sealed")
    settings = replace(Settings.load(folder / "archive", environment={}), keys=keys.as_uri())
    (folder / "archive").mkdir()
    with small_archive(settings.folder, settings) as made:
        items, clock = made.items, made.clock
    with open_parts(replace(settings, second_storage=second_store(folder / "second")), clock) as parts:
        raw = parts.stores[FIRST]
        yield TwoStores(replace(parts, store=raw, repository=Repository(raw)), clock, items)


def test_an_encrypted_archive_is_copied(sealed: TwoStores, keys: Path) -> None:
    """The copy is made without the key file, and read with it; no key lies there unwrapped."""
    reconcile_copies(sealed.parts)
    assert keep_copies(sealed.parts) == len(sealed.items)
    copy_shared(sealed.parts)
    everything = ("ocfl/", "keys/", "audit/", "journal/")
    assert sealed.lies_in(sealed.second, *everything) == sealed.lies_in(sealed.first, *everything)
    alone = replace(sealed.parts.settings, storage=sealed.second.url, second_storage="", keys=keys.as_uri())
    with open_parts(alone, sealed.clock) as parts:
        original = next(
            path for path in parts.repository.inventory(sealed.items["lathe"]).state if path.endswith(".png")
        )
        assert parts.repository.read(sealed.items["lathe"], original).startswith(b"\x89PNG")


@pytest.mark.parametrize("location", list(Location))
def test_an_encrypted_copy_is_mended(sealed: TwoStores, location: Location) -> None:
    """A damaged file and a lost key come back from the other copy, without the key file."""
    item = sealed.items["safety"]
    reconcile_copies(sealed.parts)
    keep_copies(sealed.parts)
    damaged = sealed.parts.stores[location]
    sealed.damage(damaged, sealed.keys("safety")[0])
    damaged.delete(item_key(item))
    assert not compare(sealed.parts, item)
    assert repair(sealed.parts, item, location)
    assert compare(sealed.parts, item)
    assert {check.outcome for check in Repository(damaged).verify(item)} == {Outcome.OK}


@pytest.mark.parametrize("location", list(Location))
@pytest.mark.parametrize("damaged", [False, True])
def test_a_round_finds_and_mends_a_lost_key(sealed: TwoStores, location: Location, *, damaged: bool) -> None:
    """A wrapped key that is gone or altered is found like a damaged file, named, and brought back; no key is needed."""
    item = sealed.items["safety"]
    reconcile_copies(sealed.parts)
    keep_copies(sealed.parts)
    key, store = item_key(item), sealed.parts.stores[location]
    good = store.read(key)
    if damaged:
        sealed.damage(store, key)
    else:
        store.delete(key)
    checked = check_copy(sealed.parts, item, location)
    assert checked is not None
    named = checked.reading.damaged if damaged else checked.reading.missing
    assert (named, checked.repaired) == ((key,), True)
    assert store.read(key) == good
    again = check_copy(sealed.parts, item, location)
    assert again is not None
    assert again.reading.good
    assert sealed.events(EventType.RECOVERY)[-1].details["paths"] == [key]


def test_a_key_that_is_lost_for_good_is_told_once(sealed: TwoStores) -> None:
    """Gone in both stores it is never called repaired; looked at again, the same damage is not told again."""
    item = sealed.items["lathe"]
    reconcile_copies(sealed.parts)
    keep_copies(sealed.parts)
    before = len(sealed.events(EventType.RECOVERY))
    for store in sealed.parts.stores.values():
        store.delete(item_key(item))
    for _ in range(2):
        checked = check_copy(sealed.parts, item, FIRST)
        assert checked is not None
        assert (checked.reading.missing, checked.repaired) == ((item_key(item),), False)
    (told,) = sealed.events(EventType.RECOVERY)[before:]
    assert (told.outcome, told.details["paths"]) == (EventOutcome.FAILURE, [item_key(item)])
