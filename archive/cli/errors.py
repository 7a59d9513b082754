"""From errors of the product to one sentence on stderr and an exit code."""

import gettext
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
from sqlalchemy.exc import DBAPIError

from archive.digitization.reasons import advice
from archive.discovery.mistakes import MISTAKES
from archive.platform.away import is_away, is_full
from archive.platform.errors import DangguiError
from archive.platform.locks import LockHeldError
from archive.preservation.backup.errors import BackupError
from archive.settings import SettingsError
from ingest.errors import IngestError, ScannerError, UnreadableSourceError
from search.errors import QuerySyntaxError, SearchError
from storage.errors import StorageError

__all__ = ["AWAY", "FAILED", "CommandError", "failures", "translated"]

FAILED = 1
AWAY = 3

_OURS = (BackupError, DangguiError, SettingsError, IngestError, SearchError, StorageError, LockHeldError)
_LOCALE = Path(__file__).parents[1] / "locale"


class CommandError(click.ClickException):
    """A command could not do its work; the message is one sentence."""

    def __init__(self, message: str, exit_code: int = FAILED) -> None:
        super().__init__(message)
        self.exit_code = exit_code  # type: ignore[misc]  # click declares it for the class, and reads it from the instance


@contextmanager
def failures() -> Iterator[None]:
    """Inside, the product's own errors end the command with a sentence; any other is a mistake of ours and shows."""
    try:
        yield
    except (*_OURS, DBAPIError, OSError) as error:
        if not isinstance(error, (*_OURS, OSError)) and not is_away(error):
            raise
        raise CommandError(_sentence(error), AWAY if is_away(error) else FAILED) from error


def _sentence(error: Exception) -> str:
    if isinstance(error, DangguiError):
        return translated(error.message).format(**error.facts)
    if isinstance(error, (UnreadableSourceError, ScannerError, QuerySyntaxError)):
        return translated(advice(error.reason) if isinstance(error, IngestError) else MISTAKES[error.reason])
    if isinstance(error, DBAPIError) and is_full(error):
        return "the database has no room left: make room on its disk"
    if isinstance(error, DBAPIError):
        return f"the database does not answer: {str(error.orig).splitlines()[0]}"
    if isinstance(error, LockHeldError):
        return f"another process is doing this now ({error}); try again when it has ended"
    return str(error) or type(error).__name__


def translated(msgid: str) -> str:
    """In the terminal's language: the msgid itself is simplified Chinese, everywhere else English is understood."""
    language = os.environ.get("LC_ALL") or os.environ.get("LC_MESSAGES") or os.environ.get("LANG") or ""
    if language.startswith("zh"):
        traditional = language.startswith(("zh_TW", "zh_HK", "zh_Hant"))
        names = ["zh_Hant"] if traditional else ["zh_Hans"]
    else:
        names = ["en"]
    return gettext.translation("danggui", _LOCALE, names, fallback=True).gettext(msgid)
