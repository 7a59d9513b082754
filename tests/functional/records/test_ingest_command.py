"""`danggui ingest`, as a program calls it: exact JSON, exit codes, and everything searchable when it returns."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import select

from archive.digitization.models import Draft, DraftState
from tests.factories.small_archive import SmallArchive
from tests.unit.records.scans import broken_jpeg, tiff


def _ingest(small: SmallArchive, *arguments: str) -> tuple[int, dict[str, Any]]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DANGGUI_")}
    folder = str(small.parts.settings.folder)
    done = subprocess.run(
        [sys.executable, "-m", "archive.cli", "--data", folder, "ingest", "--as", "archivist", "--json", *arguments],
        env={**kept, "DANGGUI_ENGINE": "null", "DANGGUI_WORKERS": "local://1"},
        stdout=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    return done.returncode, json.loads(done.stdout)


def test_accepted_scans_are_searchable(small: SmallArchive, tmp_path: Path) -> None:
    """A folder is walked and filed; what failed is named with its path, page and reason; twins are no failure."""
    scans = tmp_path / "scans"
    (scans / "2021").mkdir(parents=True)
    (scans / "2021" / "一.tif").write_bytes(tiff(2))
    (scans / "二.tif").write_bytes(tiff(1, "b"))
    (scans / ".hidden.tif").write_bytes(tiff(1, "c"))
    code, printed = _ingest(small, "--accept", str(scans))
    assert (code, printed["pages"], printed["items"], printed["failed"]) == (0, 3, 2, [])
    assert set(printed) == {"batch", "pages", "items", "failed"}
    assert len(list(small.parts.index.ids())) == len(small.items) + 2
    (scans / "坏.jpg").write_bytes(broken_jpeg())
    code, printed = _ingest(small, "--accept", str(scans))
    assert (code, printed["pages"], printed["items"]) == (1, 0, 0)
    assert {(Path(one["source"]).name, one["page"], one["reason"]) for one in printed["failed"]} == {
        ("一.tif", None, "duplicate"),
        ("二.tif", None, "duplicate"),
        ("坏.jpg", None, "damaged"),
    }


def test_without_accept_they_wait_for_review(small: SmallArchive, tmp_path: Path) -> None:
    """The command returns when the pages are recognised; nothing is filed."""
    (tmp_path / "a.tif").write_bytes(tiff(1))
    code, printed = _ingest(small, str(tmp_path / "a.tif"))
    assert (code, printed["pages"], printed["items"]) == (0, 1, 1)
    with small.parts.database.reading() as session:
        assert session.scalars(select(Draft.state)).all() == [DraftState.READY]
