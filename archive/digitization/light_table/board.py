"""What lies on the light table: the open items of a batch with their pages, in screens; and what was taken out."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session, contains_eager, load_only

from archive.digitization.light_table.service import OPEN_DRAFTS
from archive.digitization.models import (
    RECOVERABLE,
    Batch,
    BatchFile,
    Draft,
    DraftPage,
    DraftState,
    PageRole,
)
from archive.digitization.reasons import EMPTIED

__all__ = ["TRAY", "Board", "Item", "Row", "board_of", "items_of", "screen_of", "titles_of"]

#: so many pages, and so many items, are on one screen
_PAGES, _ITEMS = 400, 40
#: so many removed pages are shown at once
TRAY = 60
_GONE = (DraftState.DISCARDED, DraftState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class Item:
    """An open draft: its place among the items of its batch, from 1, and how many pages it has."""

    id: str
    ordinal: int
    name: str
    state: DraftState
    arrangement: int
    pages: int


@dataclass(frozen=True, slots=True)
class Row:
    """Pages `first` to `last` (from 1) of an item, those of a long one on several screens; or of no item yet."""

    item: Item | None
    first: int
    last: int
    title: str = ""
    findings: list[dict[str, Any]] = field(default_factory=list)
    pages: list[DraftPage] = field(default_factory=list)
    #: the separator sheets before its first page
    sheets: list[DraftPage] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Board:
    """One screen. `loose`, `removed`: how many there are in all."""

    rows: list[Row]
    screen: int
    screens: int
    items: int
    filed: int
    loose: int
    removed: int
    tray: list[DraftPage]
    #: separator sheets that stand before no open item
    sheets: list[DraftPage]
    discarded: list[Draft]


def items_of(session: Session, batch: Batch) -> list[Item]:
    """All open items, in order."""
    return [item for item in _numbered(session, batch) if item.state in OPEN_DRAFTS]


def titles_of(session: Session, batch: Batch) -> dict[str, str]:
    """The proposed titles of drafts that have one."""
    title = Draft.fields["title"].as_string()
    titles = session.execute(select(Draft.id, title).where(Draft.batch_id == batch.id, Draft.state.in_(OPEN_DRAFTS)))
    return {draft: text for draft, text in titles if text}


def screen_of(session: Session, batch: Batch, page_id: str) -> int:
    """The screen on which a page is; 1 if it is on none."""
    place = session.execute(
        select(DraftPage.draft_id, DraftPage.number).where(DraftPage.batch_id == batch.id, DraftPage.id == page_id)
    ).first()
    for number, rows in enumerate(_screens(items_of(session, batch), 0), 1):
        for row in rows:
            if place and row.item and row.item.id == place.draft_id and row.first <= (place.number or 0) <= row.last:
                return number
    return 1


def board_of(session: Session, batch: Batch, screen: int, tray: int, now: datetime) -> Board:
    """What is on a screen, from 1, and on a page of the tray of removed pages, from 1."""
    numbered = _numbered(session, batch)
    items = [item for item in numbered if item.state in OPEN_DRAFTS]
    loose = _count(session, _loose(batch))
    screens = _screens(items, loose)
    screen = max(1, min(screen, len(screens)))
    rows = screens[screen - 1] if screens else []
    before = _sheets_before(session, batch)
    removed = and_(_of(batch), DraftPage.role == PageRole.REMOVED, DraftPage.removed_at > now - RECOVERABLE)
    return Board(
        rows=_filled(session, batch, rows, before),
        screen=screen,
        screens=len(screens),
        items=len(items),
        filed=len(numbered) - len(items),
        loose=loose,
        removed=_count(session, removed),
        tray=_shown(
            session, _sheets(removed).order_by(DraftPage.removed_at.desc()).limit(TRAY).offset((tray - 1) * TRAY)
        ),
        sheets=before.get("", []),
        discarded=_discarded(session, batch, now),
    )


def _of(batch: Batch) -> ColumnElement[bool]:
    return DraftPage.batch_id == batch.id


def _loose(batch: Batch) -> ColumnElement[bool]:
    return and_(_of(batch), DraftPage.draft_id.is_(None), DraftPage.role == PageRole.CONTENT)


def _count(session: Session, which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(DraftPage).where(which)) or 0


def _numbered(session: Session, batch: Batch) -> list[Item]:
    """All items that were not given up; filed ones keep their numbers."""
    counted = select(DraftPage.draft_id, func.count().label("pages")).where(_of(batch))
    counts = counted.group_by(DraftPage.draft_id).subquery()
    wanted = select(Draft.id, Draft.name, Draft.state, Draft.arrangement, func.coalesce(counts.c.pages, 0))
    wanted = wanted.outerjoin(counts, counts.c.draft_id == Draft.id)
    wanted = wanted.where(Draft.batch_id == batch.id, Draft.state.not_in(_GONE)).order_by(Draft.position)
    return [
        Item(draft, ordinal, name, state, arrangement, pages)
        for ordinal, (draft, name, state, arrangement, pages) in enumerate(session.execute(wanted), 1)
    ]


def _screens(items: Sequence[Item], loose: int) -> list[list[Row]]:
    """The rows of each screen, without their pages."""
    screens: list[list[Row]] = []
    room = 0
    for row in _cut(items, loose):
        if room <= 0 or len(screens[-1]) == _ITEMS:
            screens.append([])
            room = _PAGES
        screens[-1].append(row)
        room -= row.last - row.first + 1
    return screens


def _cut(items: Sequence[Item], loose: int) -> Iterator[Row]:
    """Rows of at most a screen's pages."""
    for item, pages in [*((item, item.pages) for item in items), (None, loose)]:
        for first in range(1, pages + 1, _PAGES):
            yield Row(item, first, min(pages, first + _PAGES - 1))


def _filled(session: Session, batch: Batch, rows: Sequence[Row], before: dict[str, list[DraftPage]]) -> list[Row]:
    items = [row for row in rows if row.item]
    drafts = {draft.id: draft for draft in session.scalars(select(Draft).where(Draft.id.in_(_ids(items))))}
    pages: dict[str, list[DraftPage]] = {}
    if items:
        which = or_(
            *(
                and_(DraftPage.draft_id == row.item.id, DraftPage.number.between(row.first, row.last))
                for row in items
                if row.item
            )
        )
        for sheet in _shown(session, _sheets(which).order_by(DraftPage.draft_id, DraftPage.number)):
            pages.setdefault(sheet.draft_id or "", []).append(sheet)
    filled = []
    for row in rows:
        if row.item is None:
            in_order = _sheets(_loose(batch)).order_by(BatchFile.position, DraftPage.source_page)
            shown = _shown(session, in_order.limit(row.last - row.first + 1).offset(row.first - 1))
            filled.append(Row(None, row.first, row.last, pages=shown))
        else:
            draft = drafts[row.item.id]
            title, sheets = str(draft.fields.get("title", "")), before.get(draft.id, []) if row.first == 1 else []
            filled.append(Row(row.item, row.first, row.last, title, draft.findings, pages.get(draft.id, []), sheets))
    return filled


def _ids(rows: Iterable[Row]) -> list[str]:
    return [row.item.id for row in rows if row.item]


def _sheets_before(session: Session, batch: Batch) -> dict[str, list[DraftPage]]:
    """The separator sheets that lie in the stack just before an open draft begins; the others under ""."""
    which = and_(_of(batch), DraftPage.role == PageRole.SEPARATOR)
    sheets = _shown(session, _sheets(which).order_by(BatchFile.position, DraftPage.source_page))
    if not sheets:
        return {}
    firsts = select(BatchFile.position, DraftPage.source_page, DraftPage.draft_id, Draft.state)
    firsts = firsts.join(Draft, DraftPage.draft_id == Draft.id).join(BatchFile, DraftPage.file_id == BatchFile.id)
    firsts = firsts.where(_of(batch), DraftPage.number == 1)
    begins = {(file, page): (draft, state) for file, page, draft, state in session.execute(firsts)}
    last = select(BatchFile.position, func.max(DraftPage.source_page))
    last = last.join(BatchFile, DraftPage.file_id == BatchFile.id).where(_of(batch)).group_by(BatchFile.position)
    ends = dict(session.execute(last).all())
    places = {(sheet.file.position, sheet.source_page) for sheet in sheets}
    before: dict[str, list[DraftPage]] = {}
    for sheet in sheets:
        file, page = sheet.file.position, sheet.source_page
        while (file, page) in places:
            file, page = (file, page + 1) if page < ends[file] else (file + 1, 0)
        draft, state = begins.get((file, page), ("", None))
        before.setdefault(str(draft) if state in OPEN_DRAFTS else "", []).append(sheet)
    return before


def _sheets(which: ColumnElement[bool]) -> Select[DraftPage]:
    """Pages as they are shown, without their texts."""
    shown = (
        DraftPage.draft_id,
        DraftPage.number,
        DraftPage.file_id,
        DraftPage.source_page,
        DraftPage.role,
        DraftPage.state,
        DraftPage.reason,
        DraftPage.blank,
        DraftPage.findings,
        DraftPage.sheet,
        DraftPage.rotation,
        DraftPage.thumbnail_key,
        DraftPage.removed_at,
    )
    wanted = select(DraftPage).join(BatchFile, DraftPage.file_id == BatchFile.id).where(which)
    return wanted.options(
        load_only(*shown), contains_eager(DraftPage.file).load_only(BatchFile.name, BatchFile.position)
    )


def _shown(session: Session, wanted: Select[DraftPage]) -> list[DraftPage]:
    return list(session.scalars(wanted))


def _discarded(session: Session, batch: Batch, now: datetime) -> list[Draft]:
    """Items that were given up and can be taken up again, the latest first."""
    wanted = select(Draft).where(Draft.batch_id == batch.id, Draft.state == DraftState.DISCARDED)
    wanted = wanted.where(Draft.reason != EMPTIED, Draft.discarded_at > now - RECOVERABLE)
    return list(session.scalars(wanted.order_by(Draft.discarded_at.desc()).limit(TRAY)))
