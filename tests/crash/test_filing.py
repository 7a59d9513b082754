"""Filing killed between every two steps: done again, the same item comes out, whole."""

import shutil
import signal
from pathlib import Path

import pytest

from archive.cli.reindex import rebuild_index
from tests.crash.crashing_archive import agreement, new_archive, opened, work_in_process

#: the places of archive/catalogue/filing.py, and the moments around the commit of the object itself
_PLACES = [
    "filing.staged",
    "ocfl.content",
    "ocfl.committed",
    "filing.stored",
    "filing.recorded",
    "filing.described",
    "filing.indexed",
]


@pytest.mark.parametrize("place", _PLACES)
def test_killed_between_two_steps(tmp_path: Path, place: str) -> None:
    """Killed there and the index lost: afterwards item, code, stored object and index agree; every byte is sound."""
    folder = tmp_path / "archive"
    batch_id = new_archive(folder, files=1, pages=1, size=(300, 400))
    assert work_in_process(folder, fault=place) == -signal.SIGKILL
    shutil.rmtree(folder / "index")
    assert work_in_process(folder) == 0
    with opened(folder) as parts:
        assert rebuild_index(parts) == 1
    agreement(folder, batch_id, items=1, pages=1)
