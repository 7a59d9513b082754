"""Scanners without hardware: the `test` devices of SANE, which do what a file tells them."""

import shutil
from pathlib import Path

import pytest

from tests.servers.missing import missing

__all__ = ["FEEDER_PAGES", "scanners"]

#: pages in the feeder of such a device
FEEDER_PAGES = 10


def scanners(folder: Path, monkeypatch: pytest.MonkeyPatch, count: int = 2, *settings: str) -> None:
    """Connect `count` scanners, `test:0` and so on; `settings` are lines of the driver's file: how they behave."""
    if shutil.which("scanimage") is None:
        missing("scanimage is not installed: make servers, or apt-get install sane-utils")
    folder.mkdir(exist_ok=True)
    (folder / "dll.conf").write_text("test\n")
    lines = (f"number_of_devices {count}", 'test-picture "Grid"', *settings)
    (folder / "test.conf").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))
