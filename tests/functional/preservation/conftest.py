"""A small archive with a second store beside it."""

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from archive.preservation.copying import copy_shared, keep_copies, reconcile_copies
from tests.factories.small_archive import SmallArchive
from tests.factories.two_stores import TwoStores, second_store, two_stores


@pytest.fixture
def archive(pattern: tuple[Path, SmallArchive], tmp_path: Path) -> Iterator[TwoStores]:
    """A copy of the small archive; nothing has been copied to its second store yet."""
    folder, made = pattern
    copy = shutil.copytree(folder, tmp_path / "archive")
    with two_stores(copy, made.items, second_storage=second_store(tmp_path / "second")) as opened:
        yield opened


@pytest.fixture
def copied(archive: TwoStores) -> TwoStores:
    """The same, with everything copied."""
    reconcile_copies(archive.parts)
    keep_copies(archive.parts)
    copy_shared(archive.parts)
    return archive
