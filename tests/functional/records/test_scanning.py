"""Scanning at the archive's machine: pages become a batch one by one; what goes wrong is said, what came is kept."""

import json
import os
import subprocess
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select
from webtest import TestApp

from archive.digitization.models import Batch, BatchSource, FileState
from archive.digitization.scanner import feeding
from archive.handlers import job_handlers
from archive.platform.jobs import claims
from archive.platform.jobs.models import Job, JobState
from archive.platform.jobs.worker import Worker
from archive.platform.processes import process_name
from tests.factories.browsing import form_to
from tests.factories.small_archive import SmallArchive
from tests.servers.scanner import FEEDER_PAGES, UNPLUGGED, breaks_off, scanners

Browser = Callable[..., TestApp]

pytestmark = pytest.mark.servers


def _begin(browser: Browser, device: str = "test:0", feed: str = "feeder") -> tuple[TestApp, str]:
    """Order a scan; the browser, and the id of the batch."""
    app = browser("archivist")
    form = form_to(app.get(f"/digitization/scan?device={device}"), "/digitization/scan")
    form["feed"] = feed
    return app, form.submit().headers["Location"].rpartition("/")[2]


def _scan(small: SmallArchive) -> None:
    """Do what was ordered, and nothing that follows from it."""
    Worker(small.parts, job_handlers()).run_one()


def _files(small: SmallArchive, batch: str) -> list[tuple[str, FileState, str]]:
    with small.parts.database.reading() as session:
        return [(file.name, file.state, file.reason) for file in session.get_one(Batch, batch).files]


def test_the_feeder_becomes_a_batch(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each page is a file of the batch, in order; a second stack goes behind; the end completes it."""
    scanners(tmp_path / "sane", monkeypatch, 2, "resolution_max 60")
    app, batch = _begin(browser)
    assert "扫描中" in app.get(f"/digitization/scan/{batch}").text
    _scan(small)
    page = app.get(f"/digitization/scan/{batch}")
    assert f"<strong>{FEEDER_PAGES}</strong>" in page.text
    form_to(page, f"/digitization/scan/{batch}").submit()
    _scan(small)
    names = [name for name, _, _ in _files(small, batch)]
    assert names == [f"{number:04}.tif" for number in range(1, 2 * FEEDER_PAGES + 1)]
    form_to(app.get(f"/digitization/scan/{batch}"), f"/digitization/scan/{batch}/finish").submit()
    with small.parts.database.reading() as session:
        row = session.get_one(Batch, batch)
        assert (row.complete, row.source, row.split_rule) == (True, BatchSource.SCANNER, "separators")


def test_a_device_that_is_not_connected_is_not_asked(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A name that no list showed leads nowhere, be it that of another machine."""
    scanners(tmp_path / "sane", monkeypatch, 1, "")
    app = browser("archivist")
    form = form_to(app.get("/digitization/scan?device=test:0"), "/digitization/scan")
    form["device"].force_value("net:127.0.0.1:test:0")
    batch = form.submit().headers["Location"].rpartition("/")[2]
    monkeypatch.setattr(feeding, "scan", None)
    _scan(small)
    assert _files(small, batch) == [("net:127.0.0.1:test:0", FileState.REFUSED, "scanner_absent")]


def test_a_scanner_that_stops_says_why(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A jam is an entry of the batch that says what to do; the batch stays open for the rest of the paper."""
    scanners(tmp_path / "sane", monkeypatch, 1, 'read-status-code "SANE_STATUS_JAMMED"')
    app, batch = _begin(browser)
    _scan(small)
    assert _files(small, batch) == [("test:0", FileState.REFUSED, "scanner_jammed")]
    page = app.get(f"/digitization/scan/{batch}")
    assert "取出卡住的纸" in page.text
    assert form_to(page, f"/digitization/scan/{batch}") is not None
    assert "取出卡住的纸" in app.get(f"/batches/{batch}").text


def test_unplugged_in_the_middle(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Pages that came before the scanner went stay; the batch says that it went, and what to do."""
    scanners(tmp_path / "sane", monkeypatch, 1, "resolution_max 60")
    breaks_off(tmp_path, monkeypatch, 3, UNPLUGGED)
    app, batch = _begin(browser)
    _scan(small)
    assert [reason for _, _, reason in _files(small, batch)] == ["", "", "", "scanner_absent"]
    page = app.get(f"/digitization/scan/{batch}")
    assert "<strong>3</strong>" in page
    assert "已扫描的页面都已保留；请检查电源和连线" in page


def test_stopped_by_hand(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The stop button ends the scanning; whatever was scanned whole by then stays, without complaint."""
    slow = ("read-delay true", "read-delay-duration 200000")
    scanners(tmp_path / "sane", monkeypatch, 1, "resolution_max 60", *slow)
    app, batch = _begin(browser)
    kept = feeding._take_in
    pages: list[Path] = []

    def stop_after_one(*arguments: Any) -> None:
        kept(*arguments)
        if not pages:
            form_to(app.get(f"/digitization/scan/{batch}"), f"/digitization/scan/{batch}/stop").submit()
        pages.append(arguments[2])

    monkeypatch.setattr(feeding, "_take_in", stop_after_one)
    _scan(small)
    files = _files(small, batch)
    assert 1 <= len(files) < FEEDER_PAGES
    assert {reason for _, _, reason in files} == {""}
    assert "已停下" in app.get(f"/digitization/scan/{batch}").text


def test_a_worker_that_died_scans_no_second_time(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Paper that went through is not there for another try: the batch asks to look at the last pages instead."""
    scanners(tmp_path / "sane", monkeypatch)
    _, batch = _begin(browser)
    with small.parts.database.writing() as session:
        job = session.scalars(select(Job).where(Job.kind == "scan")).one()
        job.attempts = 1
    _scan(small)
    assert _files(small, batch) == [("test:0", FileState.REFUSED, "scanner_interrupted")]


def test_one_scan_at_a_time_on_a_device(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While a scanner is at it another batch cannot have it; another scanner works at the same time."""
    scanners(tmp_path / "sane", monkeypatch, 2)
    _begin(browser, "test:0")
    app = browser("archivist")
    form = form_to(app.get("/digitization/scan?device=test:0"), "/digitization/scan")
    assert "正在扫描" in form.submit(expect_errors=True).text
    _begin(browser, "test:1")
    with small.parts.database.reading() as session:
        waiting = session.scalars(select(Job).where(Job.kind == "scan", Job.state == JobState.WAITING)).all()
        assert {job.payload["device"] for job in waiting} == {"test:0", "test:1"}


def test_the_scanner_is_where_it_was_found(
    small: SmallArchive, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A scan is for workers of the host whose scanner was chosen; those of others go on with what they can do."""
    scanners(tmp_path / "sane", monkeypatch)
    _begin(browser)
    now, lease = small.parts.clock(), timedelta(minutes=1)
    with small.parts.database.writing() as session:
        assert claims.claim(session, now, "elsewhere/0/0:1:1", lease) is None
        held = claims.claim(session, now, process_name(), lease)
    assert held is not None
    assert held.kind == "scan"


def test_no_scanner(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where none is connected the page says so, and what to do."""
    scanners(tmp_path / "sane", monkeypatch, 1)
    (tmp_path / "sane" / "dll.conf").write_text("")
    assert "检查电源和连线" in browser("archivist").get("/digitization/scan").text


def test_the_command(small: SmallArchive, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`danggui scan` scans one page on the glass and says what came."""
    scanners(tmp_path / "sane", monkeypatch, 2)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DANGGUI_")}
    folder = str(small.parts.settings.folder)
    command = [sys.executable, "-m", "archive.cli", "--data", folder, "scan", "--json"]
    listed = subprocess.run([*command, "--list"], env=kept, stdout=subprocess.PIPE, check=True, timeout=60)
    assert [one["device"] for one in json.loads(listed.stdout)] == ["test:0", "test:1"]
    how = ["--device", "test:1", "--feed", "flatbed", "--resolution", "50", "--rule", "file", "--as", "archivist"]
    done = subprocess.run(
        [*command, *how],
        env={**kept, "DANGGUI_ENGINE": "null", "DANGGUI_WORKERS": "local://1"},
        stdout=subprocess.PIPE,
        check=False,
        timeout=120,
    )
    printed = json.loads(done.stdout)
    assert (done.returncode, printed["pages"], printed["items"], printed["failed"]) == (0, 1, 1, [])
