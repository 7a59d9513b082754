"""Opens the archive a command works on, and says what to do when it is not there yet."""

from collections.abc import Iterator
from contextlib import contextmanager

from archive.cli.errors import CommandError
from archive.migrations import is_current
from archive.platform.parts import Parts, open_parts
from archive.settings import Settings

__all__ = ["opened"]


@contextmanager
def opened(settings: Settings) -> Iterator[Parts]:
    """The parts of an archive that was initialised by this version. Raises CommandError."""
    if not settings.folder.is_dir():
        raise CommandError(f"there is no archive in {settings.folder}: run `danggui init` first")
    with open_parts(settings) as parts:
        if not is_current(parts.database):
            raise CommandError("this archive has no tables, or those of another version: run `danggui init` first")
        yield parts
