"""A small archive with a second store beside it."""

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from archive.platform.parts import open_parts
from archive.preservation.copying import copy_shared, keep_copies, reconcile_copies
from archive.settings import Settings
from tests.factories.clock import SetClock
from tests.factories.kept_archive import kept_archive
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


@pytest.fixture(scope="session")
def kept_pattern(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, SmallArchive]:
    """A closed archive of which everything is described and copied, made once."""
    folder = tmp_path_factory.mktemp("kept") / "archive"
    with kept_archive(folder) as made:
        return folder, made


@pytest.fixture
def kept(kept_pattern: tuple[Path, SmallArchive], tmp_path: Path) -> Iterator[SmallArchive]:
    """A copy of it for this test alone: both copies of every item are whole and were never read again."""
    folder, made = kept_pattern
    copy, clock = shutil.copytree(folder, tmp_path / "kept"), SetClock()
    settings = replace(Settings.load(copy, environment={}), second_storage=(copy / "second").as_uri())
    with open_parts(settings, clock) as parts:
        yield replace(made, parts=parts, clock=clock)
