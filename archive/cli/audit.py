"""`danggui audit verify`: recomputes the chain of the audit trail."""

from typing import Any

import click

from archive.cli.archive_parts import opened
from archive.cli.errors import FAILED
from archive.cli.output import json_option, print_json
from archive.platform.audit.verify import Report
from archive.platform.audit.verify import verify as verify_trail
from archive.settings import Settings

__all__ = ["audit"]


_MEND = "Set this database aside, and compare with a backup or with `danggui rebuild --from-storage` into an empty one."


@click.group()
def audit() -> None:
    """Look after the audit trail.

    \b
    Example:  danggui --data var audit verify
    """


@audit.command()
@json_option
@click.pass_obj
@click.pass_context
def verify(ctx: click.Context, settings: Settings, *, as_json: bool) -> None:
    """Recompute the chain and compare it with the sealed segments in the store; exit code 1 if something was changed.

    With --json: {"ok", "sealed", "unsealed", "segments", "reach", "reach_at", "findings": [{"flaw", "sequence",
    "subject"}]}. `reach` is the last entry that the store vouches for.

    \b
    Example:  danggui --data var audit verify
    """
    with opened(settings) as parts:
        report = verify_trail(parts)
    if as_json:
        print_json(_document(report))
    else:
        _print(report)
    ctx.exit(0 if report.ok else FAILED)


def _document(report: Report) -> dict[str, Any]:
    return {
        "ok": report.ok,
        "sealed": report.sealed,
        "unsealed": report.unsealed,
        "segments": report.segments,
        "reach": report.reach,
        "reach_at": report.reach_at.isoformat() if report.reach_at else None,
        "findings": [
            {"flaw": finding.flaw, "sequence": finding.sequence, "subject": finding.subject}
            for finding in report.findings
        ],
    }


def _print(report: Report) -> None:
    for finding in report.findings:
        click.echo(f"{finding.flaw} at {finding.sequence}{f': {finding.subject}' if finding.subject else ''}")
    click.echo("The chain is whole." if report.ok else f"Flaws found: {len(report.findings)}. {_MEND}")
    click.echo(
        f"{report.sealed} entries are sealed, the store vouches for the first {report.reach}; {report.unsealed} wait."
    )
