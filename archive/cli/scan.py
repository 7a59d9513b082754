"""`danggui scan`: scans paper at this machine into a batch, and waits until its pages are read."""

from typing import Any

import click

from archive.cli.acting import acting_person, as_option, command_actor
from archive.cli.archive_parts import opened
from archive.cli.background import background
from archive.cli.errors import FAILED, CommandError
from archive.cli.ingest import Taken, outcome, print_outcome, wait_for
from archive.cli.output import json_option, print_json
from archive.digitization.models import Batch, BatchSource, SplitRule, Splitting
from archive.digitization.scanner.feeding import feed, is_given_up
from archive.digitization.service import IntakeService
from archive.platform.parts import Parts
from archive.settings import Settings
from ingest.programs.scan_options import Colours, Feed
from ingest.programs.scanimage import Paper, ScanOrder, devices

__all__ = ["scan"]


@click.command()
@click.option("--list", "as_list", is_flag=True, help="List the scanners that are connected, and do nothing else.")
@click.option("--device", metavar="NAME", help="Scanner, as --list names it. Default: the only one there is.")
@click.option("--feed", "feed_from", type=click.Choice([one.value for one in Feed]), default=Feed.FEEDER.value)
@click.option("--resolution", type=click.IntRange(50, 2400), default=300, show_default=True, help="Dots per inch.")
@click.option("--colours", type=click.Choice([one.value for one in Colours]), default=Colours.COLOUR.value)
@click.option("--paper", type=click.Choice([one.value for one in Paper]), default=Paper.A4.value)
@click.option(
    "--rule",
    type=click.Choice([SplitRule.SEPARATORS.value, SplitRule.BLANK.value, SplitRule.EVERY.value, SplitRule.FILE.value]),
    default=SplitRule.SEPARATORS.value,
    help="How pages become items; `file` makes each page an item.",
)
@click.option("--pages", type=click.IntRange(1), help="Pages of an item, with --rule every.")
@as_option
@click.option(
    "--box", metavar="BOX", help="The paper stays: in this box (its label), or `auto` for the next with room."
)
@json_option
@click.pass_obj
@click.pass_context
def scan(ctx: click.Context, settings: Settings, /, *, as_list: bool, as_json: bool, **chosen: Any) -> None:
    """Scan what lies in the feeder, or one page on the glass, as one batch. Returns when it waits for review.
    Without --box it goes to a category that is kept electronically only.

    With --json: {"batch", "pages", "items", "failed": [{"source", "page", "reason"}]}. Exit code 1 if something failed;
    what was scanned before is kept.

    \b
    Example:  danggui --data var scan --feed duplex --as zhoumin
    """
    if as_list:
        _print_devices(as_json=as_json)
        return
    if (chosen["rule"] == SplitRule.EVERY) != (chosen["pages"] is not None):
        raise CommandError("--rule every needs --pages, and no other rule has them")
    device = chosen["device"] or _only_device()
    order = ScanOrder(
        device, Feed(chosen["feed_from"]), chosen["resolution"], Colours(chosen["colours"]), Paper(chosen["paper"])
    )
    with opened(settings) as parts:
        batch_id = _open(parts, order, chosen)
        feed(parts, batch_id, order, lambda: is_given_up(parts, batch_id))
        with parts.database.writing() as session:
            batch = session.get_one(Batch, batch_id)
            IntakeService(session, parts.clock, command_actor(batch.person), parts.settings.zone).complete(batch)
        with background(parts):
            wait_for(parts, batch_id, "Recognising")
        document = outcome(parts, Taken(batch_id))
    if as_json:
        print_json(document)
    else:
        print_outcome(document)
    ctx.exit(FAILED if document["failed"] else 0)


def _print_devices(*, as_json: bool) -> None:
    found = devices()
    if as_json:
        print_json([{"device": one.name, "vendor": one.vendor, "model": one.model} for one in found])
    else:
        for one in found:
            click.echo(f"{one.name}  {one.vendor} {one.model}")


def _only_device() -> str:
    found = devices()
    if len(found) != 1:
        raise CommandError(f"say which scanner with --device NAME: {len(found)} are connected, see --list")
    return found[0].name


def _open(parts: Parts, order: ScanOrder, chosen: dict[str, Any]) -> str:
    splitting = Splitting(SplitRule(chosen["rule"]), chosen["pages"] or 0, order.feed is Feed.DUPLEX)
    with parts.database.writing() as session:
        person = acting_person(session, chosen["login"])
        intake = IntakeService(session, parts.clock, command_actor(person), parts.settings.zone)
        box = intake.box_of_label(chosen["box"]) if chosen["box"] not in {None, "auto"} else None
        category = intake.default_category(electronic_only=chosen["box"] is None)
        return intake.open_batch(person, category, BatchSource.SCANNER, box=box, splitting=splitting).id
