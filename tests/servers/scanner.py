"""Scanners without hardware: the `test` devices of SANE, which do what a file tells them."""

import shutil
from pathlib import Path

import pytest

from ingest.programs import scanimage
from tests.servers.missing import missing

__all__ = ["FEEDER_PAGES", "UNPLUGGED", "breaks_off", "scanners"]

#: pages in the feeder of such a device
FEEDER_PAGES = 10
#: the end of the program when its scanner goes away
UNPLUGGED = "echo 'scanimage: sane_read: Error during device I/O' >&2; exit 9"


def scanners(folder: Path, monkeypatch: pytest.MonkeyPatch, count: int = 2, *settings: str) -> None:
    """Connect `count` scanners, `test:0` and so on; `settings` are lines of the driver's file: how they behave."""
    if shutil.which("scanimage") is None:
        missing("scanimage is not installed: make servers, or apt-get install sane-utils")
    folder.mkdir(exist_ok=True)
    (folder / "dll.conf").write_text("test\n")
    lines = (f"number_of_devices {count}", 'test-picture "Grid"', *settings)
    (folder / "test.conf").write_text("\n".join(lines) + "\n")
    monkeypatch.setenv("SANE_CONFIG_DIR", str(folder))


def breaks_off(folder: Path, monkeypatch: pytest.MonkeyPatch, pages: int, end: str) -> None:
    """Have the program scan so many pages at most, and then do `end`, in the words of a shell; it lies in `folder`."""
    program = folder / "scanimage"
    program.write_text(
        f'#!/bin/sh\ncase "$*" in *--batch=*) scanimage "$@" --batch-count={pages}; {end};; esac\nexec scanimage "$@"\n'
    )
    program.chmod(0o700)
    monkeypatch.setattr(scanimage, "PROGRAM", str(program))
