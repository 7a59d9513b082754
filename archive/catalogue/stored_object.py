"""What lies in an item's stored object: logical paths, and documents that describe it to whoever lacks this program."""

import json
from collections.abc import Sequence
from typing import Any

from archive.catalogue.models import Item, ItemFile, Page
from archive.catalogue.new_item import NewFile, NewItem, NewPage
from archive.platform.audit.models import AuditEntry
from ingest.context import PageText

__all__ = [
    "ACCESS_PDF",
    "ALTO",
    "EVENTS",
    "METADATA",
    "PAGE_TEXTS",
    "description",
    "events_document",
    "first_description",
    "page_texts",
]

ACCESS_PDF = "derivatives/access.pdf"
ALTO = "text/alto.zip"
PAGE_TEXTS = "text/pages.jsonl"
METADATA = "metadata/item.json"
EVENTS = "metadata/events.json"

_FIELDS = ("title", "document_number", "issuer", "addressee", "date", "year")
_VALUES = ("retention", "secrecy", "trade_secrecy", "control")
_FILE = ("path", "name", "media_type", "size", "sha256")
_PAGE = ("number", "source_page", "rotation", "width", "height", "dpi", "blank")


def first_description(new: NewItem) -> bytes:
    """`metadata/item.json` of version 1: what was accepted. No code yet: that is the database's to give."""
    files = [_file(file, file.pages) for file in new.files]
    return _document({"id": new.id, **_described(new), "files": files})


def description(item: Item) -> bytes:
    """`metadata/item.json` as the database knows the item now: the same bytes as long as nothing changed."""
    files = [_file(file, [page for page in item.pages if page.file_id == file.id]) for file in item.files]
    return _document({"id": item.id, **_described(item), **_placed(item), "files": files})


def events_document(entries: list[AuditEntry]) -> bytes:
    """`metadata/events.json`: what was done to the item, when, by whom; identifiers, never content."""
    events = [
        {
            "id": entry.id,
            "at": entry.at.isoformat(),
            "action": entry.action,
            "agent": entry.actor_name,
            "details": entry.details,
        }
        for entry in entries
    ]
    return _document({"events": events})


def page_texts(pages: list[tuple[int, PageText]]) -> bytes:
    """`text/pages.jsonl`: one line a page, with its number and its text with boxes."""
    lines = [json.dumps({"page": number, **text.to_json()}, ensure_ascii=False) for number, text in pages]
    return "".join(f"{line}\n" for line in lines).encode()


def _described(thing: NewItem | Item) -> dict[str, Any]:
    plain = {name: getattr(thing, name) for name in _FIELDS}
    return plain | {name: getattr(thing, name).value for name in _VALUES}


def _placed(item: Item) -> dict[str, Any]:
    return {
        "fonds": {"code": item.fonds.code, "name": item.fonds.name},
        "category": {
            "code": item.category.code,
            "name": item.category.name,
            "electronic_only": item.category.electronic_only,
        },
        "unit": {"code": item.unit.code, "name": item.unit.name},
        "code": item.code,
        "accession": item.accession,
        "box": item.box.label if item.box else None,
        "state": item.state.value,
        "accepted_by": item.accepted_by,
        "accepted_at": item.accepted_at.isoformat(),
    }


def _file(file: NewFile | ItemFile, pages: Sequence[NewPage | Page]) -> dict[str, Any]:
    plain = {name: getattr(file, name) for name in _FILE}
    return plain | {"pages": [{name: getattr(page, name) for name in _PAGE} for page in pages]}


def _document(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode()
