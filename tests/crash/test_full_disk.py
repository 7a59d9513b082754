"""A disk that is full, a real one: it is said, nothing is half-filed, and with room again the work goes on."""

import io
import os
import subprocess
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import func, select
from webtest import TestApp, Upload

from archive.app import make_app
from archive.catalogue.models import Item
from archive.cli.init import initialise
from archive.digitization.models import Batch
from archive.platform.accounts.service import AccountService
from archive.platform.actor import SYSTEM
from tests.crash.crashing_archive import opened, work_in_process
from tests.factories.browsing import form_to, sign_in
from tests.factories.installation import Installation
from tests.factories.organisation import make_organisation
from tests.factories.small_archive import PASSWORD
from tests.servers.small_disk import small_disk

_MIB = 1 << 20
_DISK = 64 * _MIB
_FILES = 3
_PATIENCE_SECONDS = 60


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    """A small disk of our own."""
    with small_disk(tmp_path / "disk", _DISK) as place:
        yield place


@pytest.fixture
def installation(disk: Path) -> Installation:
    """An archive that lies on it, with an archivist who can sign in."""
    made = Installation(disk / "archive", {"DANGGUI_ENGINE": "null", "DANGGUI_WORKERS": "local://1"})
    made.folder.mkdir()
    with opened(made.folder) as parts:
        initialise(parts)
        with parts.database.writing() as session:
            people = make_organisation(session, parts.clock).people
            AccountService(session, parts.clock, SYSTEM).set_password(people["archivist"], PASSWORD)
    return made


@pytest.fixture
def scans(tmp_path: Path) -> Path:
    """A folder of scans of 3 MiB each, which no compression makes smaller; on another disk."""
    folder = tmp_path / "scans"
    folder.mkdir()
    for number in range(_FILES):
        (folder / f"{number}.tif").write_bytes(_scan(number))
    return folder


def _scan(seed: int) -> bytes:
    noise = np.random.default_rng(seed).integers(0, 256, (2048, 1536), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(noise).save(stream, "TIFF", dpi=(300, 300))
    return stream.getvalue()


def _fill(disk: Path, leave: int) -> Path:
    """Take the room away but for so many bytes; returns what to delete for it to come back."""
    status = os.statvfs(disk)
    ballast = disk / "ballast"
    ballast.write_bytes(b"\1" * (status.f_bavail * status.f_frsize - leave))
    return ballast


def _assert_whole(installation: Installation) -> None:
    """Every scan is one record, the same in catalogue, store and index, and everything stored is sound."""
    with opened(installation.folder) as parts, parts.database.reading() as session:
        items = session.scalars(select(Item)).all()
        assert sorted(str(item.code)[-4:] for item in items) == ["0001", "0002", "0003"]
        assert sorted(item.id for item in items) == sorted(parts.repository.object_ids()) == sorted(parts.index.ids())
    verified = installation.ask("verify")
    assert (verified["damaged"], verified["missing"], verified["ok"]) == ([], [], verified["checked"])


def test_an_upload_without_room_is_refused_in_words(installation: Installation, disk: Path, scans: Path) -> None:
    """The page says that there is no room and what to do; nothing came in; with room the same upload is taken."""
    with opened(installation.folder) as parts:
        settings = replace(parts.settings, reserve=1)
        browser = TestApp(make_app(replace(parts, settings=settings)))
        sign_in(browser, "archivist")
        form = form_to(browser.get("/batches"), "/batches")
        form["files"] = [Upload(path.name, path.read_bytes()) for path in sorted(scans.iterdir())]
        ballast = _fill(disk, 4 * _MIB)
        refused = form.submit(expect_errors=True)
        assert refused.status_int == 400
        assert "服务器磁盘空间不足，放不下这些文件。请分批上传，或告知系统管理员。" in refused.text
        with parts.database.reading() as session:
            assert session.scalar(select(func.count()).select_from(Batch)) == 0
        ballast.unlink()
        taken = form.submit().follow()
        assert len([row for row in taken.html.select("tr") if "等待打开" in row.text]) == _FILES


def test_a_database_without_room_is_told_as_that(installation: Installation, disk: Path) -> None:
    """When not even a sign-in can be written, the page names the room, not a database that does not answer."""
    with opened(installation.folder) as parts:
        browser = TestApp(make_app(parts))
        ballast = _fill(disk, 0)
        answer = sign_in(browser, "archivist")
        assert answer.status_int == 503
        assert "存储空间已满" in answer.text
        ballast.unlink()
        assert sign_in(browser, "archivist").status_int == 303


def test_a_command_without_room_says_so_and_is_done_again(installation: Installation, disk: Path, scans: Path) -> None:
    """`ingest` ends with the code for "try again later" and one sentence; done again with room, all is filed once."""
    ballast = _fill(disk, 5 * _MIB)
    command = [*installation.command, "ingest", "--accept", "--as", "archivist", str(scans)]
    told = subprocess.run(command, env=installation.environment, capture_output=True, text=True, check=False)
    assert told.returncode == 3
    assert "no room left" in told.stderr.splitlines()[-1]
    assert "Traceback" not in told.stderr
    ballast.unlink()
    again = installation.ask("ingest", "--accept", "--as", "archivist", str(scans))
    assert {one["reason"] for one in again["failed"]} <= {"duplicate"}
    work_in_process(installation.folder)
    _assert_whole(installation)


@pytest.mark.parametrize("room", [10, 20], ids=lambda room: f"{room}MiB")
def test_a_batch_waits_for_room(installation: Installation, disk: Path, scans: Path, tmp_path: Path, room: int) -> None:
    """Work that runs out of room, at opening or at filing, waits, and goes on by itself when there is some again."""
    ballast, log = _fill(disk, room * _MIB), tmp_path / "log"
    command = [*installation.command, "ingest", "--accept", "--as", "archivist", str(scans)]
    with log.open("w") as stderr:
        process = subprocess.Popen(command, env=installation.environment, stdout=subprocess.DEVNULL, stderr=stderr)
    try:
        end = time.monotonic() + _PATIENCE_SECONDS
        while "waits" not in log.read_text() and "is away" not in log.read_text():
            assert process.poll() is None, f"there was room enough, or it gave up: {log.read_text()}"
            assert time.monotonic() < end, log.read_text()
            time.sleep(0.1)
        ballast.unlink()
        assert process.wait(_PATIENCE_SECONDS) == 0, log.read_text()
    finally:
        process.kill()
        process.wait()
    assert "Traceback" not in log.read_text()
    _assert_whole(installation)
