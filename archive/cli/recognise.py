"""`danggui recognise`: prints the text of one page."""

from pathlib import Path

import click

from archive.cli.errors import CommandError
from archive.cli.output import json_option, print_json
from archive.settings import Settings

__all__ = ["recognise"]


@click.command()
@click.argument("image", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--page", default=1, show_default=True, type=click.IntRange(min=1), help="Page of a PDF or TIFF.")
@json_option
@click.pass_obj
def recognise(settings: Settings, image: Path, page: int, *, as_json: bool) -> None:
    """Print the text of one page of IMAGE; nothing is stored.

    With --json: {"page", "engine", "width", "height", "lines": [{"text", "quad", "edges", "confidence"}]}.

    \b
    Example:  danggui recognise samples/2021-sjb-safety-month.jpg
    """
    from ingest.pipeline import read_page
    from ingest.sources import open_source

    with open_source(image, image.name) as source:
        if page > source.page_count:
            raise CommandError(f"{image} has no page {page}: its last is {source.page_count}")
    text = read_page(image, page, image.name, settings.engine).text
    if as_json:
        print_json({"page": page, **text.to_json()})
    else:
        click.echo(text.text)
