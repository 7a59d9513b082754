"""What is doubtful about a draft, for the pages that show it, with a link where it is about another one."""

from collections.abc import Iterable, Iterator
from typing import Any

from pyramid.request import Request

from archive.digitization.light_table.words import Note, notes
from archive.digitization.separators.twins import TWINS, twin_of
from archive.platform.guard import Guard

__all__ = ["linked_notes"]


def linked_notes(request: Request, draft_id: str, findings: Iterable[dict[str, Any]]) -> Iterator[tuple[Note, str]]:
    """Each note about the draft, and where the other page is, if it is about one that was scanned before.

    Of twins that this person may not know of nothing is said.
    """
    guard = Guard(request.db, request.clock)
    for finding in findings:
        twin = twin_of(finding, request.db, guard, request.identity)
        if finding["code"] not in TWINS:
            yield from ((note, "") for note in notes([finding]))
        elif twin is not None:
            route, name = ("discovery.item", "item_id") if twin.kind == "item" else ("digitization.draft", "draft_id")
            address = "" if twin.id == draft_id else request.route_path(route, **{name: twin.id})
            yield from ((note, address) for note in notes([finding]))
