"""An upload goes on, and is taken in once, wherever the web process that receives it dies."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.digitization.models import Batch, BatchFile, FileState
from archive.digitization.upload.arriving import uploads_folder
from archive.digitization.upload.models import Upload
from archive.digitization.upload.service import Announced, UploadService
from tests.crash.crashing_archive import environment, new_archive, opened
from tests.unit.records.scans import tiff

SCAN = tiff(1, "crash") + bytes(3500)


@pytest.mark.parametrize("fault", ["upload.appended", "upload.appended:3", "upload.staged", "upload.taken"])
def test_killed_while_receiving(tmp_path: Path, fault: str) -> None:
    """What came before the end is not sent again; in the end the file is in its batch once, byte for byte."""
    folder, scan = tmp_path / "archive", tmp_path / "a.tif"
    scan.write_bytes(SCAN)
    batch_id = new_archive(folder, files=1, pages=1, size=(300, 400))
    with opened(folder) as parts, parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id)
        batch.complete = False
        file = Announced("a.tif", len(SCAN), 1)
        (upload,) = UploadService(session, parts.clock).announce(batch, [file], room=1 << 30)
    command = [sys.executable, "-m", "tests.crash.uploading_process", str(folder), upload.id, str(scan)]
    killed = subprocess.run(command, env=environment(DANGGUI_FAULT=fault), check=False, timeout=60)
    assert killed.returncode == -9
    subprocess.run(command, env=environment(), check=True, timeout=60)
    with opened(folder) as parts:
        with parts.database.reading() as session:
            came = session.scalars(select(BatchFile).where(BatchFile.name == "a.tif")).one()
            assert session.get_one(Upload, upload.id).whole
        assert (came.state, came.sha256) == (FileState.RECEIVED, hashlib.sha256(SCAN).hexdigest())
        with parts.store.open(came.intake_key) as stored:
            assert stored.read() == SCAN
        assert list((uploads_folder(parts.settings) / batch_id).iterdir()) == []
