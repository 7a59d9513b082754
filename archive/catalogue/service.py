"""What may be done with items: numbered, boxed. Every change is a named method, in the caller's transaction."""

from dataclasses import replace
from datetime import tzinfo

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.catalogue.codes import CodeParts, CodePattern
from archive.catalogue.models import (
    ArchivalCode,
    Box,
    Category,
    CodeSeries,
    Fonds,
    Item,
    ItemState,
    NumberAt,
    Page,
    PageTextVersion,
    TextOrigin,
)
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, insert_once, new_id
from archive.platform.errors import ConflictError, NotFoundError
from archive.platform.guard import RecordFacts
from archive.platform.i18n import _
from archive.platform.outbox import announce
from ingest.context import PageText

__all__ = ["BOX_CAPACITY", "CatalogueService", "current_text", "current_words", "facts"]

#: sheets of paper a box of 40 mm holds comfortably
BOX_CAPACITY = 200


class CatalogueService:
    """Gives codes and boxes, and finds items by what is printed on them."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def create_fonds(self, code: str, name: str) -> Fonds:
        """A new fonds. Raises ConflictError if the code is taken."""
        if self._session.scalar(select(Fonds.id).where(Fonds.code == code)):
            raise ConflictError(_("全宗号 {code} 已存在。"), code=code)
        fonds = Fonds(code=code, name=name)
        self._session.add(fonds)
        self._session.flush()
        record(self._session, self._clock, self._actor, AuditAction.FONDS_CREATED, "fonds", fonds.id, code=code)
        return fonds

    def create_category(
        self, fonds: Fonds, code: str, name: str, pattern: str, number_at: NumberAt, *, electronic_only: bool
    ) -> Category:
        """A new category of a fonds. `pattern` is the shape of its codes. Raises CodeError if that cannot be read."""
        category = Category(
            fonds_id=fonds.id,
            code=code,
            name=name,
            code_pattern=CodePattern(pattern).pattern,
            number_at=number_at,
            electronic_only=electronic_only,
        )
        self._session.add(category)
        self._session.flush()
        record(
            self._session, self._clock, self._actor, AuditAction.CATEGORY_CREATED, "category", category.id, code=code
        )
        return category

    def arrange(self, item: Item, box_id: str | None) -> None:
        """Give a new item what its category gives at acceptance: a code, and a box where there is paper.

        `box_id` is the box a person chose, None takes the next with room. Raises ConflictError if it cannot go there.
        """
        if item.category.number_at is NumberAt.ACCEPTANCE:
            self._number(item)
        if not item.category.electronic_only:
            item.box_id = (self.named_box(item, box_id) if box_id else self.find_or_open_box(item)).id
        if item.code is not None:
            item.state = ItemState.FILED
        announce(self._session, item.id, self._clock())

    def give_code(self, item: Item) -> str:
        """Give an item its archival code 档号: the next of its series, without gaps; an item keeps the code it has."""
        if item.code is None:
            self._number(item)
            announce(self._session, item.id, self._clock())
        return str(item.code)

    def _number(self, item: Item) -> None:
        pattern, parts = CodePattern(item.category.code_pattern), _code_parts(item)
        number = self.next_number(pattern.series(parts))
        code = pattern.compose(replace(parts, number=number))
        self._session.add(ArchivalCode(code=code, item_id=item.id, given_at=self._clock()))
        item.code, item.state = code, ItemState.NUMBERED
        record(self._session, self._clock, self._actor, AuditAction.CODE_GIVEN, "item", item.id, code=code)

    def next_of_year(self, series: str, zone: tzinfo, prefix: str = "") -> str:
        """The next number of this year in that zone, e.g. 2021-0012."""
        year = self._clock().astimezone(zone).year
        return f"{prefix}{year}-{self.next_number(f'{series}/{year}'):04}"

    def next_number(self, series: str) -> int:
        """The next free number of a series, counted under the lock of its row until the transaction ends."""
        insert_once(self._session, CodeSeries, "prefix", id=new_id(), prefix=series, next_number=1)
        locked = select(CodeSeries).where(CodeSeries.prefix == series).with_for_update()
        row = self._session.scalars(locked.execution_options(populate_existing=True)).one()
        number = row.next_number
        row.next_number += 1
        self._session.flush()
        return number

    def find_or_open_box(self, item: Item, capacity: int = BOX_CAPACITY) -> Box:
        """The last box of the item's fonds, year, retention and unit, or a new one when that has no room."""
        # One at a time opens boxes in a fonds; rows that only refer to the fonds are not held up.
        self._session.execute(select(Fonds.id).where(Fonds.id == item.fonds_id).with_for_update(key_share=True))
        last = self._session.scalar(_boxes_for(item).order_by(Box.number.desc()).limit(1))
        if last is not None and self.pages_in(last) + item.page_count <= capacity:
            return last
        return self._open_box(item, last.number + 1 if last else 1)

    def named_box(self, item: Item, box_id: str) -> Box:
        """The box a person chose. Raises ConflictError when it holds another year, retention or department."""
        box = self._session.get(Box, box_id)
        if box is None:
            raise NotFoundError(_("没有这个档案盒。"))
        if _shelf_group(box) != _shelf_group(item):
            raise ConflictError(_("盒 {box} 只能装同一全宗、年度、保管期限和机构的文件，请另选一盒。"), box=box.label)
        return box

    def pages_in(self, box: Box) -> int:
        """How many pages lie in a box."""
        pages = select(func.coalesce(func.sum(Item.page_count), 0)).where(Item.box_id == box.id)
        return int(self._session.scalar(pages) or 0)

    def _open_box(self, item: Item, number: int) -> Box:
        box = Box(
            fonds_id=item.fonds_id,
            unit_id=item.unit_id,
            year=item.year,
            retention=item.retention,
            number=number,
            created_at=self._clock(),
        )
        self._session.add(box)
        self._session.flush()
        record(self._session, self._clock, self._actor, AuditAction.BOX_OPENED, "box", box.id, number=number)
        return box


def current_text(page: Page) -> PageText | None:
    """What a page says: the newest human reading, else the newest machine one, None if it was never read."""
    newest = _newest(page)
    return PageText.from_json(newest.content) if newest else None


def current_words(page: Page) -> str:
    """The same as plain text, quicker; empty if the page was never read."""
    newest = _newest(page)
    return PageText.text_of_json(newest.content) if newest else ""


def _newest(page: Page) -> PageTextVersion | None:
    return max(page.texts, key=lambda text: (text.origin is TextOrigin.HUMAN, text.version), default=None)


def facts(item: Item) -> RecordFacts:
    """What the guard must know of an item."""
    return RecordFacts(
        id=item.id,
        unit_id=item.unit_id,
        control=item.control.value,
        secrecy=item.secrecy.value,
        trade_secrecy=item.trade_secrecy.value,
        destroyed=item.state is ItemState.DESTROYED,
    )


def _code_parts(item: Item) -> CodeParts:
    return CodeParts(
        fonds=item.fonds.code,
        category=item.category.code,
        year=item.year,
        retention=item.retention.value,
        unit=item.unit.code,
    )


def _shelf_group(thing: Box | Item) -> tuple[object, ...]:
    return thing.fonds_id, thing.year, thing.retention, thing.unit_id


def _boxes_for(item: Item) -> Select[Box]:
    return select(Box).where(
        Box.fonds_id == item.fonds_id,
        Box.year == item.year,
        Box.retention == item.retention,
        Box.unit_id == item.unit_id,
    )
