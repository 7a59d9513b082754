"""A batch with a mark of secrecy is stopped for good, wherever the process that stops it dies."""

import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import select

from archive.digitization.models import Batch, BatchFile
from archive.digitization.secrecy.isolation import isolated_files, keep_isolated
from archive.digitization.secrecy.models import SecrecyIncident
from tests.crash.crashing_archive import environment, new_archive, opened


@pytest.mark.parametrize("fault", ["isolation.fetched", "isolation.fetched:2", "isolation.deleted"])
def test_killed_while_isolating(tmp_path: Path, fault: str) -> None:
    """The keeper brings it to its end: every scan isolated under its name, nothing left in the store."""
    folder = tmp_path / "archive"
    batch_id = new_archive(folder, files=2, pages=1, size=(300, 400))
    with opened(folder) as parts, parts.database.reading() as session:
        files = session.scalars(select(BatchFile).where(BatchFile.batch_id == batch_id)).all()
        names, sha256 = [file.name for file in files], {file.sha256 for file in files}
        file_id = files[0].id
    command = [sys.executable, "-m", "tests.crash.isolating_process", str(folder), batch_id, file_id]
    ended = subprocess.run(command, env=environment(DANGGUI_FAULT=fault), check=False, timeout=60)
    assert ended.returncode == -9
    with opened(folder) as parts:
        assert keep_isolated(parts) == 1
        assert keep_isolated(parts) == 0
        assert list(parts.store.list("intake/")) == []
        with parts.database.reading() as session:
            incident = session.scalars(select(SecrecyIncident)).one()
            assert {file.name for file in session.get_one(Batch, batch_id).files} == {"涉密题名不录"}
        isolated = list(isolated_files(parts.settings, incident.id))
        assert [name for name, _ in isolated] == names
        assert len(sha256) == len(isolated)
