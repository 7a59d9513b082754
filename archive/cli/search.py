"""`danggui search`: finds items in a person's name."""

from typing import Any

import click

from archive.cli.acting import acting_person, as_option
from archive.cli.archive_parts import opened
from archive.cli.output import json_option, print_json
from archive.discovery.service import Found, Row, SearchService, Wanted
from archive.settings import Settings

__all__ = ["search"]


@click.command()
@click.argument("text", nargs=-1, required=True)
@as_option
@click.option("--page", default=1, show_default=True, type=click.IntRange(min=1), help="Page of results.")
@json_option
@click.pass_obj
def search(settings: Settings, text: tuple[str, ...], login: str | None, page: int, *, as_json: bool) -> None:
    """Find items that hold TEXT, as far as the person may know of them; snippets only where he may read.

    With --json: {"total", "hits": [{"id", "code", "title", "score", "pages": [{"page", "snippet"}]}]}.

    \b
    Example:  danggui search 安全生产月 --as lihua --json
    """
    with opened(settings) as parts, parts.database.reading() as session:
        person = acting_person(session, login)
        service = SearchService(session, parts.clock, parts.index, person, seat=None)
        found = service.search(Wanted(" ".join(text), page=page))
        if as_json:
            print_json(_document(found))
        else:
            _print(found)


def _document(found: Found) -> dict[str, Any]:
    return {"total": found.total, "hits": [_hit(row, found.scores[row.item.id]) for row in found.rows]}


def _hit(row: Row, score: float) -> dict[str, Any]:
    return {
        "id": row.item.id,
        "code": row.item.code,
        "title": row.item.title,
        "score": score,
        "pages": [{"page": number, "snippet": snippet.text} for number, snippet in row.snippets],
    }


def _print(found: Found) -> None:
    click.echo(f"{found.total} found")
    for row in found.rows:
        click.echo(f"{row.item.code or row.item.accession}  {row.item.title}")
        for number, snippet in row.snippets:
            click.echo(f"    {number}: {snippet.text}")
