"""How everything stored is kept, as `danggui verify --state` prints it; no store is asked."""

from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, datetime
from typing import Any

import click

from archive.cli.output import print_json
from archive.platform.parts import Location, Parts
from archive.preservation.checking import WHOLE
from archive.preservation.state import Copies, Preservation, PreservationState

__all__ = ["print_state"]


def print_state(parts: Parts, *, as_json: bool) -> None:
    """The figures of the page 保存状态, as lines or as one JSON document."""
    with parts.database.reading() as session:
        state = Preservation(session, parts.clock, parts.settings).state()
    if as_json:
        print_json(_plain(asdict(state)))
    else:
        _print_lines(state)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, (list, tuple)) else value


def _print_lines(state: PreservationState) -> None:
    for location, copies in state.copies.items():
        click.echo(_line(location, copies))
    if state.waiting:
        click.echo(f"{state.waiting:,} objects wait to be copied, the first since {_moment(state.waiting_since)}")
    for copy in state.bad:
        paths = ", ".join("the whole object" if path == WHOLE else path for path in copy.paths)
        click.echo(f"{copy.state}: {copy.name} in the {copy.location} store ({copy.item_id}): {paths}")
    click.echo(f"every change before {_moment(state.journal_until)} is in the store")
    click.echo(f"audit entries up to {state.audit_reach:,} are sealed in the store")


def _line(location: Location, copies: Copies) -> str:
    through = f", through at {_moment(copies.through_at)}" if copies.through_at else ""
    return (
        f"{location}: {copies.objects:,} objects with {copies.size:,} bytes, {copies.checked:,} read in time, "
        f"{copies.overdue:,} overdue, {copies.never:,} not read again yet, {copies.bad:,} bad, "
        f"newest check {_moment(copies.newest_check)}{through}"
    )


def _moment(moment: datetime | None) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M:%S %Z}" if moment else "never"
