"""The one way to move paper: the custody row of an item, locked, and one more act in its log."""

from sqlalchemy.orm import Session

from archive.borrowing.paper.models import CustodyAct, CustodyKind, OutItem, PaperCustody, PaperReading, Whereabouts
from archive.borrowing.paper.workflow import Count, Paper
from archive.catalogue.models import Box, Item, ItemState
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, insert_once, new_id
from archive.platform.errors import ConflictError, NotFoundError
from archive.platform.i18n import _

__all__ = ["CustodyLog", "paper_item"]

_AUDIT = {
    CustodyKind.FETCHED: AuditAction.PAPER_FETCHED,
    CustodyKind.HANDED_OVER: AuditAction.PAPER_HANDED_OVER,
    CustodyKind.TAKEN_BACK: AuditAction.PAPER_TAKEN_BACK,
    CustodyKind.SHELVED: AuditAction.PAPER_SHELVED,
    CustodyKind.HANDED_OUT: AuditAction.PAPER_HANDED_OUT,
    CustodyKind.BROUGHT_BACK: AuditAction.PAPER_BROUGHT_BACK,
}


def paper_item(item: Item) -> Box:
    """The box the paper of an item belongs in. Raises ConflictError, in words, if it has no paper in a box."""
    if item.state is ItemState.DESTROYED:
        raise ConflictError(_("这份文件已经销毁。"))
    if item.category.electronic_only:
        raise ConflictError(_("这件档案只有电子文件，没有纸质原件。"))
    if item.box is None:
        raise ConflictError(_("这件档案的原件还没有装盒，请先装盒上架。"))
    return item.box


class CustodyLog:
    """Reads and writes the custody of paper, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def locked(self, item_id: str) -> PaperCustody:
        """The custody row of an item, locked until the transaction ends. Raises NotFoundError."""
        if self._session.get(Item, item_id) is None:
            raise NotFoundError(_("没有找到这份文件。"))
        insert_once(self._session, PaperCustody, "item_id", item_id=item_id, place=Whereabouts.BOX, acts=0)
        return self._session.get_one(PaperCustody, item_id, with_for_update=True, populate_existing=True)

    def paper(self, custody: PaperCustody) -> Paper:
        """The same as the state machine sees it."""
        if custody.reading_id is not None:
            reading = self._session.get_one(PaperReading, custody.reading_id, populate_existing=True)
            return Paper(custody.place, reading.state, _count(reading.pages, reading.condition))
        if custody.out_id is not None:
            line = self._session.get_one(OutItem, custody.out_id, populate_existing=True)
            return Paper(custody.place, None, _count(line.pages_out, line.condition_out))
        return Paper(custody.place)

    def write(
        self,
        custody: PaperCustody,
        kind: CustodyKind,
        after: Paper,
        people: tuple[str, str | None],
        *,
        held_for: PaperReading | OutItem | None = None,
        count: Count | None = None,
        note: str = "",
    ) -> None:
        """Move the paper to where `after` says; the log says who did it, with whom (`people`), and what was counted."""
        reading = held_for if isinstance(held_for, PaperReading) else None
        out = held_for if isinstance(held_for, OutItem) else None
        by_id, second = people
        self._session.flush()
        custody.place = after.place
        custody.reading_id = reading.id if reading and after.place in {Whereabouts.DESK, Whereabouts.ROOM} else None
        custody.out_id = out.id if out and after.place is Whereabouts.OUT else None
        custody.acts += 1
        act = CustodyAct(
            id=new_id(),
            item_id=custody.item_id,
            number=custody.acts,
            kind=kind,
            place=after.place,
            reading_id=reading.id if reading else None,
            out_id=out.id if out else None,
            by_id=by_id,
            with_id=second,
            at=self._clock(),
            pages=count.pages if count else None,
            condition=count.condition if count else None,
            note=note or (count.note.strip() if count else ""),
        )
        self._session.add(act)
        self._session.flush()
        said = {"pages": act.pages} if act.pages is not None else {}
        number = reading.number if reading else (out.act.number if out else "")
        record(
            self._session,
            self._clock,
            self._actor,
            _AUDIT[kind],
            "item",
            custody.item_id,
            number=number,
            to=second,
            **said,
        )


def _count(pages: int | None, condition: object) -> Count | None:
    return Count(pages, condition) if pages is not None and condition is not None else None  # type: ignore[arg-type]
