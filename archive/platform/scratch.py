"""Scratch folders: copies of scans that a program must find as files. They never outlive their process for long.

A process that is killed leaves its folder behind; it bears the process's name, and the keeper removes it.
"""

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import quote, unquote

from archive.platform.parts import Parts
from archive.platform.processes import is_gone, process_name
from archive.settings import Settings

__all__ = ["purge_scratch", "scratch_folder", "sweep_scratch"]


@contextmanager
def scratch_folder(settings: Settings, subject: str = "") -> Iterator[Path]:
    """A folder for this moment's work, readable by us alone and removed afterwards.

    `subject`: id of what the work is about, by which others can purge the folder.
    """
    ours = _root(settings) / quote(process_name(), safe="")
    ours.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ours, prefix=f"{subject}-") as name:
        yield Path(name)


def purge_scratch(settings: Settings, subject: str) -> None:
    """Remove what any process of this machine keeps about a subject, although it may still work on it."""
    for folder in _root(settings).glob(f"*/{subject}-*"):
        shutil.rmtree(folder, ignore_errors=True)


def sweep_scratch(parts: Parts) -> int:
    """Remove what dead processes left; returns how many folders. For the keeper."""
    left = [folder for folder in _root(parts.settings).glob("*") if is_gone(unquote(folder.name))]
    for folder in left:
        shutil.rmtree(folder)
    return len(left)


def _root(settings: Settings) -> Path:
    return settings.folder / "scratch"
