"""What the database knows of an item, read at once: what its stored object is to say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload, selectinload

from archive.catalogue.events import EventOutcome, EventType, PreservationEvent
from archive.catalogue.models import Item, ItemFile, ItemNote, Page, PageTextVersion, TextOrigin
from archive.platform.accounts.models import Person
from archive.platform.audit.models import AuditEntry
from archive.platform.rows import document_of, row_document
from ingest.context import PageText

__all__ = ["ItemFacts", "Reading", "facts_of_item", "readings_of", "text_of"]

#: page number, version, who read it, and the reading as PageText writes it
Reading = tuple[int, int, TextOrigin, Mapping[str, Any]]

#: what a store does all the time: if it went well, it is told with the next thing that is worth a version
_ROUTINE = frozenset({EventType.FIXITY_CHECK, EventType.REPLICATION})


@dataclass(frozen=True, slots=True)
class ItemFacts:
    """An item with everything that hangs on it, loaded; `readings` are documents without content, by id of the page."""

    item: Item
    names: Mapping[str, Any]
    readings: Mapping[str, Sequence[Mapping[str, Any]]]
    acts: Sequence[AuditEntry]
    events: Sequence[PreservationEvent]

    def document(self, version: int) -> dict[str, Any]:
        """The rows as `metadata/item.json` of that version has them."""
        return {
            "item": row_document(self.item) | {"stored_version": version},
            "names": dict(self.names),
            "files": [self._file(file) for file in self.item.files],
            # Not where there are none: what was stored before there were notes would differ for nothing.
            **({"notes": [row_document(note) for note in self.item.notes]} if self.item.notes else {}),
        }

    def _file(self, file: ItemFile) -> dict[str, Any]:
        pages = [
            row_document(page) | {"texts": list(self.readings.get(page.id, ()))}
            for page in self.item.pages
            if page.file_id == file.id
        ]
        return row_document(file) | {"pages": pages}


def facts_of_item(session: Session, item_id: str) -> ItemFacts | None:
    """Read it all; None if there is no such row."""
    item = session.get(
        Item,
        item_id,
        options=[
            joinedload(Item.fonds),
            joinedload(Item.category),
            joinedload(Item.unit),
            joinedload(Item.box),
            selectinload(Item.files),
            selectinload(Item.pages),
            selectinload(Item.notes).joinedload(ItemNote.person),
        ],
    )
    if item is None:
        return None
    acts = _acts(session, item_id)
    return ItemFacts(item, _names(session, item), _readings(session, item_id), acts, _events(session, item_id, acts))


def readings_of(session: Session, facts: ItemFacts) -> list[Reading]:
    """The readings whole, as many as the facts know of, by page and version."""
    known = {reading["id"] for readings in facts.readings.values() for reading in readings}
    ours = (
        select(Page.number, PageTextVersion)
        .join(PageTextVersion, PageTextVersion.page_id == Page.id)
        .where(Page.item_id == facts.item.id)
        .order_by(Page.number, PageTextVersion.version)
    )
    return [
        (number, text.version, text.origin, text.content) for number, text in session.execute(ours) if text.id in known
    ]


def text_of(session: Session, facts: ItemFacts, page: Page) -> PageText | None:
    """What counts as the text of a page, of the readings that the facts know of; None if it was never read."""
    known = facts.readings.get(page.id, ())
    human_last = sorted(known, key=lambda reading: (reading["origin"] == TextOrigin.HUMAN, reading["version"]))
    if not human_last:
        return None
    content = select(PageTextVersion.content).where(PageTextVersion.id == human_last[-1]["id"])
    return PageText.from_json(session.scalars(content).one())


def _names(session: Session, item: Item) -> dict[str, Any]:
    """What the identifiers in the rows mean, for whoever has only this object."""
    return {
        "fonds": {"code": item.fonds.code, "name": item.fonds.name},
        "category": {"code": item.category.code, "name": item.category.name},
        "unit": {"code": item.unit.code, "name": item.unit.name},
        "box": item.box.label if item.box else None,
        "accepted_by": session.get_one(Person, item.accepted_by).name,
        **({"noted_by": {note.made_by: note.person.name for note in item.notes}} if item.notes else {}),
    }


def _readings(session: Session, item_id: str) -> dict[str, list[dict[str, Any]]]:
    """All but the content, which is large, never changes, and is read only where it has to be written."""
    table = PageTextVersion.metadata.tables[PageTextVersion.__tablename__]
    columns = [column for column in table.columns if column.name != "content"]
    ours = select(*columns).join(Page, Page.id == table.c.page_id).where(Page.item_id == item_id)
    found: dict[str, list[dict[str, Any]]] = {}
    for row in session.execute(ours.order_by(table.c.page_id, table.c.version)).mappings():
        document = document_of(table, {**row, "content": None})
        del document["content"]
        found.setdefault(row["page_id"], []).append(document)
    return found


def _acts(session: Session, item_id: str) -> Sequence[AuditEntry]:
    ours = select(AuditEntry).where(AuditEntry.subject_id == item_id, AuditEntry.action.startswith("catalogue:"))
    return session.scalars(ours.order_by(AuditEntry.at, AuditEntry.id)).all()


def _events(session: Session, item_id: str, acts: Sequence[AuditEntry]) -> list[PreservationEvent]:
    """What happened to the object, up to the last thing that is worth a version."""
    ours = select(PreservationEvent).where(PreservationEvent.item_id == item_id)
    events = session.scalars(ours.order_by(PreservationEvent.at, PreservationEvent.id)).all()
    last = max([act.at for act in acts] + [event.at for event in events if not _is_routine(event)], default=None)
    return [event for event in events if not _is_routine(event) or (last is not None and event.at < last)]


def _is_routine(event: PreservationEvent) -> bool:
    return event.type in _ROUTINE and event.outcome is EventOutcome.SUCCESS
