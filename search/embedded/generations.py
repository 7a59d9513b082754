"""Where an embedded index lives: generations side by side in a folder, of which one is the index now.

FOLDER/current       names the present generation; replaced atomically, so every process sees the old or the new
FOLDER/writer.lock   held by the one writer; the system frees it when the process dies, however it dies
FOLDER/1-<hex>/      a generation; the number is the format of its fields
"""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from uuid import uuid4

from search.entry import FORMAT
from search.errors import IndexBusyError, IndexUnavailableError

__all__ = ["Generations", "answering"]


class Generations:
    """The generations in one folder, which need not exist yet."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._pointer = folder / "current"

    def current(self) -> Path | None:
        """The present generation; None if there is none yet. Raises IndexUnavailableError if its format is not ours."""
        with answering(self.folder):
            try:
                name = self._pointer.read_text(encoding="ascii").strip()
            except FileNotFoundError:
                return None
        if name.partition("-")[0] != str(FORMAT):
            raise IndexUnavailableError(
                f"the index in {self.folder} was made by another version: `danggui reindex` makes it anew"
            )
        return self.folder / name

    def fresh(self) -> Path:
        """A new, empty generation that nobody uses yet."""
        path = self.folder / f"{FORMAT}-{uuid4().hex}"
        path.mkdir(parents=True)
        return path

    def switch(self, generation: Path) -> None:
        """Make this the present generation, for every process at once, and remove all others."""
        fresh = self._pointer.with_suffix(".new")
        with fresh.open("w", encoding="ascii") as file:
            file.write(generation.name)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._pointer)
        _sync(self.folder)
        self.sweep()

    def sweep(self) -> None:
        """Remove what is not the present generation: older ones, and one that a killed process began."""
        current = self.current()
        for path in self.folder.iterdir():
            if path.is_dir() and path != current:
                # Who reads there keeps his open files and finds the new generation at his next search.
                shutil.rmtree(path)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Be the one writer. Raises IndexBusyError, IndexUnavailableError."""
        with ExitStack() as stack:
            with answering(self.folder):
                self.folder.mkdir(parents=True, exist_ok=True)
                file = stack.enter_context((self.folder / "writer.lock").open("w"))
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError as error:
                raise IndexBusyError(f"another process is writing the index in {self.folder}") from error
            yield


@contextmanager
def answering(folder: Path) -> Iterator[None]:
    """What the file system or tantivy refuses within is an IndexUnavailableError."""
    try:
        yield
    except (OSError, ValueError) as error:  # tantivy raises ValueError for files missing or damaged and for a full disk
        raise IndexUnavailableError(
            f"the index in {folder} cannot be used: {error}; `danggui reindex` makes it anew"
        ) from error


def _sync(folder: Path) -> None:
    """Make a rename in this folder outlive a power cut."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
