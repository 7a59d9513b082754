"""What is doubtful about a draft, for the pages that show it, with a link where it is about another one."""

from collections.abc import Iterable, Iterator
from typing import Any

from pyramid.request import Request

from archive.digitization.light_table.words import Note, notes
from archive.digitization.separators.twins import TWINS, twin_of
from archive.platform.guard import Guard

__all__ = ["linked_notes"]


def linked_notes(
    request: Request, draft_id: str, findings: Iterable[dict[str, Any]]
) -> Iterator[tuple[list[Note], str]]:
    """What each finding about the draft says, and where the other page is, if it is of one that was scanned before.

    Of twins that this person may not know of nothing is said.
    """
    guard = Guard(request.db, request.clock)
    for finding in findings:
        twin = twin_of(finding, request.db, guard, request.identity)
        if finding["code"] not in TWINS:
            yield notes([finding]), ""
        elif twin is not None:
            route, name = ("discovery.item", "item_id") if twin.kind == "item" else ("digitization.draft", "draft_id")
            address = "" if twin.id == draft_id else request.route_path(route, **{name: twin.id})
            yield notes([finding]), address
