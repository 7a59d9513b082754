"""Dividing the pages of a batch into items, once all are read, by the batch's rule."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from archive.digitization.models import (
    Batch,
    BatchFile,
    BatchState,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageRole,
    PageState,
    SplitRule,
    Splitting,
)
from archive.digitization.naming import name_of
from archive.digitization.separators.boxes import box_finding
from archive.digitization.separators.division import Part, ReadPage, divide
from archive.digitization.separators.sets import met_before, remember_met
from archive.platform.db import new_id
from archive.platform.parts import Parts
from storage.faults import fault_point

__all__ = ["UNASKED", "sheet_findings", "split"]

#: there are sheets between items inside a draft
UNASKED = "separators_unasked"


def split(parts: Parts, batch_id: str) -> list[str]:
    """Make drafts of the pages that belong to none; returns the ids of all drafts that wait to be settled.

    None while pages are missing or not read. Any number of workers may try; one that dies leaves all as it was.
    """
    with parts.database.writing() as session:
        batch = session.get_one(Batch, batch_id, with_for_update=True)
        if not batch.complete or batch.state not in (BatchState.ACTIVE, BatchState.PAUSED):
            return []
        if batch.split_rule is SplitRule.FILE or _is_waited_for(session, batch_id):
            return []
        if pages := _undivided(session, batch_id):
            _divide(session, batch, pages)
            fault_point("division.written")
    fault_point("division.kept")
    with parts.database.reading() as session:
        waiting = select(Draft.id).where(Draft.batch_id == batch_id, Draft.state == DraftState.RECOGNISING)
        return list(session.scalars(waiting.order_by(Draft.position)))


def sheet_findings(session: Session, draft_id: str) -> list[dict[str, Any]]:
    """That there are sheets between items inside a draft, where the rule leaves files whole."""
    pages = select(DraftPage.id, DraftPage.sheet).where(DraftPage.draft_id == draft_id, ~DraftPage.placed_by_hand)
    read = session.execute(pages.where(DraftPage.role == PageRole.CONTENT).order_by(DraftPage.number))
    sheets = [page for page, sheet in read if sheet and sheet["kind"] != "doubtful"]
    return [{"code": UNASKED, "page": sheets[0], "value": {"sheets": len(sheets)}}] if sheets else []


def _is_waited_for(session: Session, batch_id: str) -> bool:
    unopened = select(BatchFile.id).where(BatchFile.batch_id == batch_id, BatchFile.state == FileState.RECEIVED)
    unread = select(DraftPage.id).where(DraftPage.batch_id == batch_id, DraftPage.state == PageState.WAITING)
    return any(session.scalar(wanted.limit(1)) is not None for wanted in (unopened, unread))


def _undivided(session: Session, batch_id: str) -> list[ReadPage]:
    """The pages that belong to no draft, and the sheets among them, in order; nothing where all pages are divided."""
    wanted = (
        select(
            DraftPage.id,
            DraftPage.file_id,
            BatchFile.name,
            DraftPage.source_page,
            DraftPage.role,
            DraftPage.state,
            DraftPage.blank,
            DraftPage.sheet,
        )
        .join(BatchFile, DraftPage.file_id == BatchFile.id)
        .where(DraftPage.batch_id == batch_id, DraftPage.draft_id.is_(None), DraftPage.role != PageRole.REMOVED)
        .order_by(BatchFile.position, DraftPage.source_page)
    )
    pages = [ReadPage(*row) for row in session.execute(wanted)]
    return pages if any(page.role is PageRole.CONTENT for page in pages) else []


def _divide(session: Session, batch: Batch, pages: Sequence[ReadPage]) -> None:
    splitting = Splitting(batch.split_rule, batch.split_pages, batch.duplex)
    sets = {code.set_id for page in pages if (code := page.code)}
    division = divide(pages, splitting, met_before(session, sets))
    remember_met(session, division.met)
    batch.findings = [*batch.findings, *(one for one in division.findings if one not in batch.findings)]
    if division.sheets:
        session.execute(update(DraftPage), [{"id": page, "role": PageRole.SEPARATOR} for page in division.sheets])
    _make_drafts(session, batch, division.parts)


def _make_drafts(session: Session, batch: Batch, parts: Sequence[Part]) -> None:
    """A draft for each part; thousands of them in a few statements."""
    last = session.scalar(select(func.max(Draft.position)).where(Draft.batch_id == batch.id)) or 0
    of_file = select(DraftPage.file_id, func.count()).where(DraftPage.batch_id == batch.id)
    sizes = dict(session.execute(of_file.group_by(DraftPage.file_id)).all())
    drafts, places = [], []
    for position, part in enumerate(parts, last + 1):
        unknown = box_finding(session, batch, part.separator)
        draft = {
            "id": new_id(),
            "batch_id": batch.id,
            "position": position,
            "name": name_of(part.pages[0], part.pages[-1], whole=_is_whole(part.pages, sizes)),
            "revision": 1,
            "separator": part.separator[:200],
            "findings": [*part.findings, *unknown],
        }
        drafts.append(draft)
        places += [{"id": page.id, "draft_id": draft["id"], "number": n} for n, page in enumerate(part.pages, 1)]
    if drafts:  # not where every page is a sheet between items
        session.execute(insert(Draft), drafts)
        session.execute(update(DraftPage), places)


def _is_whole(pages: Sequence[ReadPage], sizes: dict[str, int]) -> bool:
    return len(pages) == sizes[pages[0].file_id]
