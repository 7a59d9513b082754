"""The watch folder: what is still written is left alone, folders come whole, and what cannot be read is said once."""

import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.digitization.models import Batch, BatchFile
from archive.digitization.watch import poll_watch_folder
from archive.platform.parts import Parts
from tests.factories.organisation import Organisation
from tests.unit.records.scans import tiff


def _names(parts: Parts) -> list[list[str]]:
    with parts.database.reading() as session:
        batches = session.scalars(select(Batch).order_by(Batch.id)).all()
        return [[file.name for file in batch.files] for batch in batches]


@pytest.fixture
def folder(parts: Parts, organisation: Organisation) -> Path:
    """The watch folder of an archive with people."""
    parts.settings.watch.mkdir(exist_ok=True)
    return parts.settings.watch


def test_what_is_open_for_writing_is_left_alone(parts: Parts, folder: Path) -> None:
    """A file that some program has open for writing is not taken, however long it lies still; closed, it is."""
    with (folder / "a.tif").open("wb") as writer:
        writer.write(tiff(1))
        writer.flush()
        assert poll_watch_folder(parts, still=0) == 0
    assert poll_watch_folder(parts, still=0) == 1


_LOOKS = """
from pathlib import Path
from archive.digitization import watch
for _ in range(5000):
    watch._is_being_written(Path("{}"))
"""


def test_who_opens_a_file_just_now_does_no_harm(tmp_path: Path) -> None:
    """To look whether a file is being written survives that somebody opens it for writing at that moment."""
    path = tmp_path / "a.tif"
    path.touch()
    looking = subprocess.Popen([sys.executable, "-c", _LOOKS.format(path)])
    while looking.poll() is None:
        path.open("ab").close()
    assert looking.returncode == 0


def test_a_folder_is_a_batch(parts: Parts, folder: Path) -> None:
    """Each folder is a batch of its own, with the folders in it, once all in it lies still; then it is gone."""
    for name in ("第1盒/一/1.tif", "第1盒/2.tif", "第2盒/1.tif", "b.tif", "第1盒/.hidden", "第2盒/Thumbs.db"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(tiff(1, name))
    with (folder / "第2盒" / "2.tif").open("wb") as writer:
        writer.write(tiff(1, "half"))
        assert poll_watch_folder(parts, still=0) == 3
    assert _names(parts) == [["b.tif"], ["第1盒/2.tif", "第1盒/一/1.tif"]]
    assert poll_watch_folder(parts, still=0) == 2
    assert _names(parts)[2] == ["第2盒/1.tif", "第2盒/2.tif"]
    assert {path.name for path in folder.iterdir()} == {"taken", "第1盒", "第2盒"}  # what was hidden is not ours


def test_unreadable_files_are_said_once(parts: Parts, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that cannot be read is an entry of one batch, not of every look."""
    (folder / "a.tif").write_bytes(tiff(1))
    readable = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: Path(path).name != "a.tif" and readable(path, mode))
    (folder / "b.tif").write_bytes(tiff(1, "b"))
    for _ in range(3):
        poll_watch_folder(parts, still=0)
    with parts.database.reading() as session:
        assert {file.name: file.reason for file in session.scalars(select(BatchFile))} == {
            "a.tif": "unreadable",
            "b.tif": "",
        }


def test_a_clock_that_was_set_back(parts: Parts, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files whose time lies ahead are taken once they look alike for a while, by a clock that is never set."""
    (folder / "a.tif").write_bytes(tiff(1))
    monkeypatch.setattr("archive.digitization.watch.time.time", lambda: time.monotonic() - 1e6)
    assert poll_watch_folder(parts, still=0.2) == 0
    assert poll_watch_folder(parts, still=0.2) == 0
    time.sleep(0.25)
    assert poll_watch_folder(parts, still=0.2) == 1


def test_a_file_that_goes(parts: Parts, folder: Path) -> None:
    """Links, and folders without scans, do no harm."""
    (folder / "link.tif").symlink_to(folder / "nowhere")
    (folder / "empty").mkdir()
    assert poll_watch_folder(parts, still=0) == 0
