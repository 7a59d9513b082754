"""Scratch folders: gone with the work, and gone after a killed process too."""

import signal
import subprocess
import sys
from pathlib import Path

from archive.platform.parts import open_parts
from archive.platform.scratch import scratch_folder, sweep_scratch
from archive.settings import Settings

_KILLED_AT_WORK = """
import os, signal, sys
from pathlib import Path
from archive.platform.scratch import scratch_folder
from archive.settings import Settings
with scratch_folder(Settings.load(Path(sys.argv[1]), environment={})) as folder:
    (folder / "scan").write_bytes(b"a page")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_what_a_killed_process_left_is_removed(tmp_path: Path) -> None:
    """The copy of a scan that a killed worker left is swept; what a living process works on stays."""
    killed = subprocess.run([sys.executable, "-c", _KILLED_AT_WORK, str(tmp_path)], check=False, cwd=Path.cwd())
    assert killed.returncode == -signal.SIGKILL
    settings = Settings.load(tmp_path, environment={})
    with scratch_folder(settings) as ours, open_parts(settings) as parts:
        (ours / "scan").write_bytes(b"another page")
        assert sweep_scratch(parts) == 1
        assert [path.read_bytes() for path in tmp_path.rglob("scan")] == [b"another page"]
    assert not ours.exists()
