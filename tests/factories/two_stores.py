"""A small archive with a second store, and ways to look at what lies in both."""

import io
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from hashlib import sha256
from pathlib import Path

from sqlalchemy import select

from archive.catalogue.events import EventType, PreservationEvent
from archive.platform.outbox import CopyOutbox
from archive.platform.parts import Location, Parts, open_parts
from archive.preservation.models import ObjectCopy
from archive.settings import Settings
from storage.interface import ObjectStore
from storage.object_paths import ObjectPaths
from tests.factories.clock import SetClock

__all__ = ["TwoStores", "second_store", "two_stores"]


class TwoStores:
    """The opened archive, and raw access to both stores."""

    def __init__(self, parts: Parts, clock: SetClock, items: dict[str, str]) -> None:
        self.parts = parts
        self.clock = clock
        self.items = items

    @property
    def first(self) -> ObjectStore:
        """Where the archive is written."""
        return self.parts.stores[Location.PRIMARY]

    @property
    def second(self) -> ObjectStore:
        """Where it is copied to."""
        return self.parts.stores[Location.SECOND]

    def lies_in(self, store: ObjectStore, *prefixes: str) -> dict[str, bytes]:
        """Everything under some prefixes."""
        return {stored.key: store.read(stored.key) for prefix in prefixes for stored in store.list(prefix)}

    def announce(self, *items: str) -> None:
        """Have the copies of some items, by their short names, kept anew."""
        with self.parts.database.writing() as session:
            session.add_all(CopyOutbox(item_id=self.items[item], created_at=self.clock()) for item in items)

    def copies(self, location: Location) -> dict[str, ObjectCopy]:
        """What is noted of the copies in one location, by item id."""
        with self.parts.database.reading() as session:
            rows = session.scalars(select(ObjectCopy).where(ObjectCopy.location == location))
            return {row.item_id: row for row in rows}

    def events(self, kind: EventType) -> list[PreservationEvent]:
        """What happened, in order."""
        with self.parts.database.reading() as session:
            wanted = select(PreservationEvent).where(PreservationEvent.type == kind).order_by(PreservationEvent.id)
            return list(session.scalars(wanted))

    def keys(self, item: str, part: str = "/content/") -> list[str]:
        """Keys of an item's stored files, the same in both stores."""
        root = ObjectPaths.of(self.items[item]).root
        return [stored.key for stored in self.first.list(root) if part in stored.key]

    def damage(self, store: ObjectStore, key: str) -> None:
        """Flip a bit of a stored file."""
        data = store.read(key)
        data = data[:-1] + bytes([data[-1] ^ 1])
        store.replace(key, io.BytesIO(data), sha256=sha256(data).hexdigest())


def second_store(folder: Path) -> str:
    """The URL of an empty folder."""
    folder.mkdir(parents=True)
    return folder.as_uri()


@contextmanager
def two_stores(folder: Path, items: dict[str, str], **settings: str) -> Iterator[TwoStores]:
    """Open the archive in a folder with other settings, such as `second_storage`."""
    clock = SetClock()
    with open_parts(replace(Settings.load(folder, environment={}), **settings), clock) as parts:  # type: ignore[arg-type]
        yield TwoStores(parts, clock, items)
