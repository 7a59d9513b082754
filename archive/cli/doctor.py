"""`danggui doctor`: how every part is, what is wrong, and how to mend it."""

from dataclasses import asdict

import click

from archive.cli.checks import diagnose
from archive.cli.errors import FAILED
from archive.cli.output import json_option, print_json
from archive.settings import Settings

__all__ = ["doctor"]


@click.command()
@json_option
@click.pass_obj
@click.pass_context
def doctor(ctx: click.Context, settings: Settings, *, as_json: bool) -> None:
    """Check every part of the archive; exit code 1 if something is wrong.

    With --json: {"ok", "parts": [{"part", "ok", "says", "mend"}]}.

    \b
    Example:  danggui --data var doctor
    """
    findings = list(diagnose(settings))
    ok = all(finding.ok for finding in findings)
    if as_json:
        print_json({"ok": ok, "parts": [asdict(finding) for finding in findings]})
    else:
        for finding in findings:
            mend = f" -> {finding.mend}" if finding.mend else ""
            click.echo(f"{'ok   ' if finding.ok else 'WRONG'}  {finding.part}: {finding.says}{mend}")
    ctx.exit(0 if ok else FAILED)
