"""`danggui rebuild`: makes the archive again from its store, after database and index were lost."""

import time
from contextlib import ExitStack
from datetime import UTC, datetime

import click

from archive.cli.acting import operator
from archive.cli.errors import FAILED, CommandError
from archive.cli.output import json_option, print_json, progress
from archive.cli.reindex import rebuild_index
from archive.platform.locks import LockHeldError
from archive.platform.parts import Parts, open_parts
from archive.platform.tables import Fate
from archive.preservation.rebuild.errors import RebuildError
from archive.preservation.rebuild.rebuilding import rebuild as rebuild_archive
from archive.preservation.rebuild.report import Report, TableLine
from archive.settings import Settings

__all__ = ["rebuild"]

_FROM = {
    Fate.JOURNAL: "from the journal",
    Fate.OBJECT: "from the stored objects",
    Fate.TRAIL: "from the sealed trail",
    Fate.DERIVED: "derived anew",
    Fate.LOST: "lost",
}


@click.command()
@click.option("--from-storage", is_flag=True, required=True, help="Say that you mean it: from what lies in the store.")
@json_option
@click.pass_obj
@click.pass_context
def rebuild(ctx: click.Context, settings: Settings, *, from_storage: bool, as_json: bool) -> None:  # noqa: ARG001
    """Make the archive again from its store alone (and the key file, where it is encrypted).

    The database must be empty; tables are made. Killed at any moment, run it again. Nothing is written to the store
    but the end of what was being written when the archive went down. Exit code 1 when something was found that is not
    as it was. Passwords are lost: give new ones with `danggui password LOGIN`.

    With --json: {"journal_until", "trail", "trail_until", "items", "tables": [{"table", "fate", "stored", "rows"}],
    "findings": [{"matter", "subject", "says"}], "seconds"}.

    \b
    Example:  danggui --data new rebuild --from-storage
    """
    begun = time.monotonic()
    settings.watch.mkdir(parents=True, exist_ok=True)
    with open_parts(settings) as parts, ExitStack() as shown:
        advance = shown.enter_context(progress("Rebuilding", None))

        def fill_index(parts: Parts) -> int:
            shown.close()  # it shows a progress of its own
            return rebuild_index(parts)

        try:
            report = rebuild_archive(parts, operator(), fill_index, advance)
        except RebuildError as error:
            raise CommandError(str(error)) from error
        except LockHeldError as error:
            raise CommandError("the archive is at work: stop `danggui serve` first") from error
    seconds = round(time.monotonic() - begun, 1)
    if as_json:
        print_json(report.document() | {"seconds": seconds})
    else:
        _print(report, seconds)
    ctx.exit(FAILED if report.findings else 0)


def _print(report: Report, seconds: float) -> None:
    for line in report.tables:
        click.echo(f"{line.table:<20} {line.rows:>10,}  {_FROM[line.fate]}{_difference(line)}")
    for finding in report.findings:
        click.echo(f"{finding.matter.value}: {finding.says} ({finding.subject})")
    journal = f"up to {_moment(report.journal_until)}" if report.journal_until else "up to a time it does not say"
    click.echo(f"The journal is complete {journal}.")
    if report.trail_until:
        click.echo(f"The trail has {report.trail:,} sealed entries, the last of {_moment(report.trail_until)}.")
    click.echo("Scans that were not accepted must be scanned again, and everybody signs in anew.")
    click.echo("Passwords are lost, on purpose: give each person a new one with `danggui password LOGIN`.")
    click.echo(f"{report.items:,} items were rebuilt in {seconds:,} s; {len(report.findings)} things were found.")


def _moment(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S %Z}"


def _difference(line: TableLine) -> str:
    if line.stored is None or line.stored == line.rows:
        return ""
    return f", which has {line.stored:,}"
