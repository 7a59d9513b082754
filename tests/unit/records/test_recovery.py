"""What writers that died left in the store is cleared away, but never under the hands of one who lives."""

import io
import os
import time
from hashlib import sha256

from archive.digitization.sweep import recover_begun
from archive.platform.leases import item_lease
from archive.platform.parts import Location, Parts
from storage.layout import Content
from storage.object_paths import ObjectPaths

DEAD = "01a1fc95-0000-7000-8000-00000000000b"
DAMAGED = "01a1fc95-0000-7000-8000-00000000000a"
_AN_HOUR = 60 * 60


def _put(parts: Parts, key: str, data: bytes) -> None:
    parts.stores[Location.PRIMARY].put(key, io.BytesIO(data), sha256=sha256(data).hexdigest())


def _begin(parts: Parts, object_id: str, version: int) -> None:
    """What a writer leaves who died an hour ago."""
    paths = ObjectPaths.of(object_id)
    _put(parts, paths.begun(version), b"")
    _put(parts, f"{paths.version_folder(version)}content/0123456789abcdef-0001.tif", b"half")
    file = parts.settings.storage.removeprefix("file://") + "/" + paths.begun(version)
    os.utime(file, (time.time() - _AN_HOUR, time.time() - _AN_HOUR))


def test_the_dead_are_cleared_away_under_the_lease(parts: Parts) -> None:
    """A begun object is recovered once nobody holds its lease, and not while somebody does."""
    _begin(parts, DEAD, 1)
    with item_lease(parts.database, parts.clock, DEAD):
        assert recover_begun(parts) == 0
        assert list(parts.stores[Location.PRIMARY].list(ObjectPaths.of(DEAD).root))
    assert recover_begun(parts) == 1
    assert list(parts.stores[Location.PRIMARY].list(ObjectPaths.of(DEAD).root)) == []
    assert recover_begun(parts) == 0


def test_a_damaged_object_does_not_hold_up_the_others(parts: Parts) -> None:
    """An object that has lost a committed inventory stays as it is; those after it are recovered."""
    store, paths = parts.stores[Location.PRIMARY], ObjectPaths.of(DAMAGED)
    content = {"content/0001.tif": Content.of_bytes(b"a")}
    parts.repository.commit(DAMAGED, 1, content, message="a", user="b", address="urn:c", created=parts.clock())
    _begin(parts, DAMAGED, 2)
    store.delete(paths.version_inventory(1))
    before = [stored.key for stored in store.list(paths.root)]
    _begin(parts, DEAD, 1)
    assert recover_begun(parts) == 1
    assert [stored.key for stored in store.list(paths.root)] == before
    assert list(store.list(ObjectPaths.of(DEAD).root)) == []
