"""The page of one item: what the catalogue says of it, where it is, how far it has come, and how to read it."""

from typing import Any

from pyramid.request import Request
from pyramid.view import view_config
from sqlalchemy import select

from archive.catalogue.models import ArchivalCode, Item
from archive.catalogue.words import NOTE_KINDS, RETENTION
from archive.discovery.access import Records
from archive.discovery.words import life_path, protection, restricted
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission
from archive.platform.i18n import _
from archive.platform.outbox import StoreOutbox

__all__: list[str] = []


@view_config(
    route_name="discovery.item", permission=Permission.SEARCH, renderer="archive:discovery/templates/item.jinja2"
)
def item_page(request: Request) -> dict[str, Any]:
    """The catalogue page of an item that this person may know of."""
    records = Records(request.db, request.clock, request.identity, request.seat)
    item = records.known(request.matchdict["item_id"])
    decision, whole = records.reading(item), records.reading_all(item).allowed
    return {
        "item": item,
        "query_text": request.GET.get("q", "").strip(),
        "search_terms": {name: request.GET[name] for name in ("q", "near") if name in request.GET},
        "decision": decision,
        "protection": protection(item),
        "restricted": restricted(item),
        "retention": RETENTION[item.retention],
        "steps": _steps(request, item),
        "events": _events(request, item),
        "stored": not _waits_for_store(request, item),
        # The words of both may tell of the content; whoever keeps the originals has to know the notes anyway.
        "files": item.files if whole else [],
        "notes": item.notes if whole or request.has_permission(Permission.SHELVE) else [],
        "note_kinds": NOTE_KINDS,
    }


def _steps(request: Request, item: Item) -> list[dict[str, Any]]:
    steps: list[dict[str, Any]] = [
        {"label": request.translate(label), "state": state} for label, state in life_path(item)
    ]
    steps[0] |= {"who": request.db.get_one(Person, item.accepted_by).name, "when": item.accepted_at}
    return steps


def _events(request: Request, item: Item) -> list[dict[str, Any]]:
    """What happened to it, the oldest first."""
    archivist = request.db.get_one(Person, item.accepted_by)
    accepted = {"label": _("验收"), "when": item.accepted_at, "note": archivist.name}
    codes = request.db.scalars(
        select(ArchivalCode).where(ArchivalCode.item_id == item.id).order_by(ArchivalCode.given_at)
    )
    return [accepted, *({"label": _("编号"), "when": row.given_at, "note": row.code} for row in codes)]


def _waits_for_store(request: Request, item: Item) -> bool:
    waiting = select(StoreOutbox.id).where(StoreOutbox.item_id == item.id).limit(1)
    return request.db.scalar(waiting) is not None
