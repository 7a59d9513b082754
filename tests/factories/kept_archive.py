"""The small archive with a second store: described, copied, and both copies at hand to be damaged behind its back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from archive.catalogue.filing import write_descriptions
from archive.platform.outbox import announce
from archive.platform.parts import Location
from archive.preservation.copying import keep_copies, reconcile_copies
from archive.settings import Settings
from storage.object_paths import ObjectPaths
from tests.factories.small_archive import SmallArchive, small_archive

__all__ = ["kept_archive", "object_folder", "stored_file"]


@contextmanager
def kept_archive(folder: Path, **settings: Any) -> Iterator[SmallArchive]:
    """Both copies of every item are whole and have never been read again; `settings` replace those of the folder."""
    (folder / "second").mkdir(parents=True)
    both = {"second_storage": (folder / "second").as_uri(), **settings}
    with small_archive(folder, replace(Settings.load(folder, environment={}), **both)) as made:
        with made.parts.database.writing() as session:
            for item_id in made.items.values():
                announce(session, item_id, made.clock())
        write_descriptions(made.parts)
        reconcile_copies(made.parts)
        keep_copies(made.parts)
        yield made


def object_folder(archive: SmallArchive, item: str, location: Location = Location.PRIMARY) -> Path:
    """Where a copy of an item lies on disk; for stores that are folders."""
    root = Path(archive.parts.stores[location].url.removeprefix("file://"))
    return root / ObjectPaths.of(archive.items[item]).root


def stored_file(archive: SmallArchive, item: str, path: str, location: Location = Location.PRIMARY) -> Path:
    """A stored file that may be changed: by a pattern inside the object, such as `v1/content/**/*.png`."""
    found = next(object_folder(archive, item, location).glob(path))
    found.chmod(0o600)
    found.parent.chmod(0o700)
    return found
