"""What a batch's page lists: files that are no item yet or never will be, and items; some at a time, in few queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, func, or_, select
from sqlalchemy.orm import Session

from archive.catalogue.models import Item
from archive.digitization.models import Batch, BatchFile, Draft, DraftPage, DraftState, FileState, PageRole, PageState
from archive.digitization.reasons import EMPTIED, UNREADABLE

__all__ = ["SIZE", "DraftLine", "FailedPages", "FileLines", "draft_lines", "file_lines", "first_ready"]

#: lines of each list at once
SIZE = 50
#: not numbered among the items
_GONE = (DraftState.DISCARDED, DraftState.QUARANTINED)


@dataclass(frozen=True, slots=True)
class FailedPages:
    """Pages of a draft that were set aside for one reason: how many, and the number and id of the first."""

    reason: str
    count: int
    first: int
    page: str


@dataclass(frozen=True, slots=True)
class DraftLine:
    """A draft: its number among the items (None if it was given up), pages, what failed, the item it became."""

    draft: Draft
    ordinal: int | None
    pages: int
    failed: Sequence[FailedPages]
    item: Item | None


@dataclass(frozen=True, slots=True)
class FileLines:
    """Files without items. `twins`: for duplicates, id of the twin -> the batch it waits in, or the item or draft."""

    total: int
    files: Sequence[BatchFile]
    items: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()
    batches: Mapping[str, str] = field(default_factory=dict)


def file_lines(session: Session, batch: Batch, page: int) -> FileLines:
    """The files of which no draft is, on a page from 1; not those of separator sheets and removed pages alone."""
    pages = select(DraftPage.file_id).where(DraftPage.batch_id == batch.id)
    of_drafts = pages.where(DraftPage.draft_id.is_not(None))
    aside = pages.where(DraftPage.role != PageRole.CONTENT)
    content = pages.where(DraftPage.role == PageRole.CONTENT)
    settled = or_(BatchFile.id.in_(of_drafts), and_(BatchFile.id.in_(aside), BatchFile.id.not_in(content)))
    without = or_(BatchFile.state != FileState.OPENED, ~settled)
    wanted = select(BatchFile).where(BatchFile.batch_id == batch.id, without)
    total = session.scalar(select(func.count()).select_from(wanted.subquery())) or 0
    files = session.scalars(_page_of(wanted.order_by(BatchFile.position), page)).all()
    twins = [file.duplicate_of for file in files if file.duplicate_of]
    if not twins:
        return FileLines(total, files)
    known = select(BatchFile.id, BatchFile.batch_id).where(BatchFile.id.in_(twins))
    return FileLines(
        total,
        files,
        frozenset(session.scalars(select(Item.id).where(Item.id.in_(twins)))),
        frozenset(session.scalars(select(Draft.id).where(Draft.id.in_(twins)))),
        dict(session.execute(known).all()),
    )


def draft_lines(session: Session, batch: Batch, page: int) -> tuple[int, list[DraftLine]]:
    """How many drafts there are, and those on a page from 1, in order."""
    ordinal = func.count().filter(Draft.state.not_in(_GONE)).over(order_by=Draft.position)
    numbered = select(Draft.id, ordinal.label("ordinal"), Draft.position).where(_is_listed(batch)).subquery()
    total = session.scalar(select(func.count()).select_from(numbered)) or 0
    wanted = select(numbered.c.id, numbered.c.ordinal).order_by(numbered.c.position)
    numbers: dict[str, int] = dict(session.execute(_page_of(wanted, page)).all())
    drafts = session.scalars(select(Draft).where(Draft.id.in_(numbers)).order_by(Draft.position)).all()
    items = {item.id: item for item in session.scalars(select(Item).where(Item.id.in_(numbers)))}
    counts = select(DraftPage.draft_id, func.count()).where(DraftPage.draft_id.in_(numbers))
    pages = dict(session.execute(counts.group_by(DraftPage.draft_id)).all())
    failed = _failed(session, list(numbers))
    return total, [
        DraftLine(
            draft,
            None if draft.state in _GONE else numbers[draft.id],
            pages.get(draft.id, 0),
            failed.get(draft.id, ()),
            items.get(draft.id) if draft.state is DraftState.ACCEPTED else None,
        )
        for draft in drafts
    ]


def first_ready(session: Session, batch: Batch) -> str | None:
    """The first draft that waits for review."""
    ready = select(Draft.id).where(Draft.batch_id == batch.id, Draft.state == DraftState.READY)
    return session.scalar(ready.order_by(Draft.position).limit(1))


def _page_of(wanted: Select[Any], page: int) -> Select[Any]:
    return wanted.limit(SIZE).offset((page - 1) * SIZE)


def _is_listed(batch: Batch) -> ColumnElement[bool]:
    """Not drafts whose pages went to others, nor those of files that cannot be read: their files are listed."""
    gone = and_(Draft.state == DraftState.DISCARDED, Draft.reason.in_((EMPTIED, *UNREADABLE)))
    return and_(Draft.batch_id == batch.id, ~gone)


def _failed(session: Session, drafts: Sequence[str]) -> dict[str, list[FailedPages]]:
    first = func.min(DraftPage.number).label("first")
    failed = select(DraftPage.draft_id, DraftPage.reason, func.count().label("count"), first)
    failed = failed.where(DraftPage.draft_id.in_(drafts), DraftPage.state == PageState.FAILED)
    grouped = failed.group_by(DraftPage.draft_id, DraftPage.reason).subquery()
    columns = select(grouped, DraftPage.id).join(
        DraftPage, and_(DraftPage.draft_id == grouped.c.draft_id, DraftPage.number == grouped.c.first)
    )
    found: dict[str, list[FailedPages]] = {}
    for draft, reason, count, number, page in session.execute(columns.order_by(grouped.c.first)):
        found.setdefault(draft, []).append(FailedPages(reason, count, number, page))
    return found
