"""Items again: from their stored objects, the destroyed ones from their tombstones, the never described by filing."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import select, union
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from archive.catalogue.filing import enter_item
from archive.catalogue.models import ArchivalCode, Box, Item, ItemState, Tombstone
from archive.catalogue.stored_object import accepted_item, rows_of
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.db import Base
from archive.platform.errors import DangguiError
from archive.platform.parts import Location, Parts
from archive.platform.rows import RowError, row_document
from archive.preservation.rebuild.objects import StoredItem, Unreadable, read_object, read_objects
from archive.preservation.rebuild.report import Matter, Report
from archive.preservation.rebuild.rows import Rows, batches, name_of
from storage.faults import fault_point
from storage.layout import Repository

__all__ = ["ItemLoader"]

_ITEM = Base.metadata.tables[Item.__tablename__]
#: Items in one insert, and bytes of their texts: what is in memory at a time.
_BATCH, _BYTES = 50, 8_000_000
_IDS = 500
_Group = dict[str, list[dict[str, Any]]]


class ItemLoader:
    """Enters items, in the session's transaction.

    `removable`: destroyed ones of which the store still has something.
    """

    def __init__(self, session: Session, rows: Rows, report: Report, advance: Callable[[int], None]) -> None:
        self._session = session
        self._rows = rows
        self._report = report
        self._advance = advance
        self._destroyed: set[str] = set()
        self._untold: dict[str, AuditEntry] = {}
        self._lost: dict[str, str] = {}
        self._undescribed: dict[str, Repository] = {}
        self.removable: set[str] = set()

    def load_destroyed(self, tombstones: Iterable[Mapping[str, Any]]) -> None:
        """Enter what is left of destroyed items. Their objects, if they are still there, are not looked at."""
        for batch in batches(tombstones, _IDS):
            self._destroyed |= {tombstone["item_id"] for tombstone in batch}
            self._rows.load(_ITEM, [tombstone["item"] for tombstone in batch])
        untold = select(AuditEntry).where(
            AuditEntry.action == AuditAction.ITEM_DESTROYED,
            AuditEntry.subject_id.not_in(select(Tombstone.item_id)),
        )
        self._untold = {entry.subject_id: entry for entry in self._session.scalars(untold)}
        self._destroyed |= self._untold.keys()

    def load(self, repository: Repository, location: Location) -> None:
        """Enter every item of a store that is not entered yet. Raises StoreUnavailableError."""
        self._load(repository, location, repository.object_ids())
        # The list goes by one small file of each object; where that is gone, the rest may be there.
        self._load(repository, location, self._known())

    def _load(self, repository: Repository, location: Location, ids: Iterable[str]) -> None:
        for batch in _portions(read_objects(repository, self._wanted(ids))):
            items = {stored.id: group for stored in batch if (group := self._group(stored, repository))}
            self._leave_lost_boxes([group[_ITEM.name][0] for group in items.values()])
            for refused, why in self._rows.insert(list(items.values())):
                self._lost[refused[_ITEM.name][0]["id"]] = why
            fault_point("rebuild.items")
            self._note_found(items, location)
            self._advance(len(items))

    def enter_again(self, actor: Actor, parts: Parts) -> None:
        """Enter what was accepted and never described the way filing does, in the order of acceptance."""
        for item_id, repository in sorted(self._undescribed.items()):
            stored = read_object(repository, item_id)
            if isinstance(stored, Unreadable):
                self._lost[item_id] = stored.why
                continue
            try:
                with self._session.begin_nested():
                    item = self._enter_new(stored, actor, parts)
            except (RowError, IntegrityError, DangguiError) as error:
                self._lost[item_id] = f"it cannot be entered again: {error}"
            else:
                says = f"{item.title} was accepted and never described: entered again as {item.code or item.accession}"
                self._report.add(Matter.AGAIN, item_id, says)

    def bury(self, repository: Repository) -> None:
        """Give items a tombstone of which only the trail says that they were destroyed."""
        for item_id, entry in self._untold.items():
            says = f"item {entry.details.get('code') or ''} was destroyed; the journal does not know it, the trail does"
            self._report.add(Matter.DESTROYED, item_id, says)
            if item := self._remains(item_id, repository):
                order = f"audit entry {entry.id}"
                self._session.add(Tombstone(item_id=item_id, destroyed_at=entry.at, authority=order, item=item))

    def _remains(self, item_id: str, repository: Repository) -> dict[str, Any]:
        """The row of a destroyed item, entered from its object, as a document; empty if that cannot be."""
        group = self._group(read_object(repository, item_id), repository)
        if not group:
            return {}
        line = group[_ITEM.name][0] | {"state": ItemState.DESTROYED}
        self._leave_lost_boxes([line])
        if refused := self._rows.insert([{_ITEM.name: [line]}]):
            self._lost[item_id] = refused[0][1]
            return {}
        return row_document(self._session.get_one(Item, item_id))

    def tell_lost(self) -> None:
        """Name the items that are not there though codes, the trail or the store know of them."""
        for item_id, why in sorted(self._lost.items()):
            codes = self._session.scalars(select(ArchivalCode.code).where(ArchivalCode.item_id == item_id)).all()
            name = " ".join(codes) or "without a code"
            self._report.add(Matter.OBJECT, item_id, f"item {name} is not there: {why}")

    def _known(self) -> Sequence[str]:
        """Items that codes or the trail know of, and that are not entered."""
        coded = select(ArchivalCode.item_id)
        accepted = select(AuditEntry.subject_id).where(AuditEntry.action == AuditAction.ITEM_ACCEPTED)
        known = union(coded, accepted).subquery().c[0]
        return self._session.scalars(select(known).where(known.not_in(select(Item.id))).order_by(known)).all()

    def _wanted(self, ids: Iterable[str]) -> Iterator[str]:
        for batch in batches(ids, _IDS):
            there = self._entered(batch) | self._undescribed.keys()
            self.removable |= self._destroyed.intersection(batch)
            yield from (item_id for item_id in batch if item_id not in there | self._destroyed)

    def _entered(self, ids: Sequence[str]) -> set[str]:
        return set(self._session.scalars(select(Item.id).where(Item.id.in_(ids))))

    def _group(self, stored: StoredItem | Unreadable, repository: Repository) -> _Group:
        """The rows of an item, parents first; none if it was never described or cannot be read."""
        group: _Group = {}
        if isinstance(stored, Unreadable):
            self._lost[stored.id] = stored.why
        elif stored.head == 1:
            self._undescribed[stored.id] = repository
        else:
            try:
                for table, values in rows_of(stored.document, stored.texts):
                    group.setdefault(table, []).append(dict(values))
            except RowError as error:
                self._lost[stored.id] = str(error)
                return {}
        return group

    def _leave_lost_boxes(self, items: Sequence[dict[str, Any]]) -> None:
        """An item whose box the journal does not know is worth more than the box."""
        there = set(self._session.scalars(select(Box.id).where(Box.id.in_({item["box_id"] for item in items}))))
        for item in items:
            if item["box_id"] not in there | {None}:
                item["box_id"] = None
                says = f"item {name_of(item)} lay in a box that is not known any more"
                self._report.add(Matter.ROW, item["id"], says)

    def _note_found(self, ids: Iterable[str], location: Location) -> None:
        if location is Location.PRIMARY:
            return
        for item_id in self._entered(list(ids)):
            why = self._lost.pop(item_id, "it is not in the first store")
            self._report.add(Matter.SECOND, item_id, f"read from the second store: {why}")

    def _enter_new(self, stored: StoredItem, actor: Actor, parts: Parts) -> Item:
        new = accepted_item(stored.document, stored.texts)
        if new is None:
            raise RowError("its first version does not say what was accepted")
        year = new.accepted_at.astimezone(parts.settings.zone).year
        return enter_item(self._session, parts.clock, actor, new, year)


def _portions(objects: Iterable[StoredItem | Unreadable]) -> Iterator[list[StoredItem | Unreadable]]:
    """The same in lists that are not too many or too much at once."""
    portion: list[StoredItem | Unreadable] = []
    weight = 0
    for stored in objects:
        portion.append(stored)
        weight += len(stored.texts) if isinstance(stored, StoredItem) else 0
        if len(portion) == _BATCH or weight > _BYTES:
            yield portion
            portion, weight = [], 0
    if portion:
        yield portion
