"""What commands print: plain lines or one JSON document on stdout, progress on stderr."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

__all__ = ["Report", "json_option", "print_json", "progress"]

#: elsewhere than on a terminal, at most one line in so many seconds
LINE_SECONDS = 5.0


class Report(Protocol):
    """Tells how far the work is: how much more is done, and the total where it is known better than before."""

    def __call__(self, more: int, total: int | None = None) -> None: ...


def json_option(function: Any) -> Any:
    """The option `--json`, passed as `as_json`."""
    return click.option("--json", "as_json", is_flag=True, help="Print one JSON document.")(function)


def print_json(document: Any) -> None:
    """One JSON document on stdout."""
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


@contextmanager
def progress(label: str, total: int | None) -> Iterator[Report]:
    """A progress bar on a terminal, a plain line now and then elsewhere; yields what tells it how far the work is."""
    with _bar(label, total) if sys.stderr.isatty() else _lines(label, total) as report:
        yield report


@contextmanager
def _bar(label: str, total: int | None) -> Iterator[Report]:
    columns = (TextColumn(label), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(label, total=total)

        def report(more: int, total: int | None = None) -> None:
            bar.update(task, advance=more, total=total)

        yield report


@contextmanager
def _lines(label: str, total: int | None, now: Callable[[], float] = time.monotonic) -> Iterator[Report]:
    done, known, said, last = 0, total, -1, now()

    def say() -> None:
        nonlocal said, last
        said, last = done, now()
        click.echo(f"{label}: {done:,}" if known is None else f"{label}: {done:,} of {known:,}", err=True)

    def report(more: int, total: int | None = None) -> None:
        nonlocal done, known
        done, known = done + more, known if total is None else total
        if done != said and now() - last >= LINE_SECONDS:
            say()

    yield report
    if done != said:
        say()
