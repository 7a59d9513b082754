"""Destroys an item by somebody's order: its content goes, its catalogue line and its code stay for ever.

In one transaction the rows of the content go and a tombstone is written. The background work then removes the stored
object with all its versions, and what the index has of it.
"""

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from archive.catalogue.models import Item, ItemFile, ItemNote, ItemState, Page, PageTextVersion, Tombstone
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, change
from archive.platform.errors import ConflictError
from archive.platform.i18n import _
from archive.platform.outbox import announce
from archive.platform.rows import row_document

__all__ = ["destroy"]


def destroy(session: Session, clock: Clock, actor: Actor, item: Item, authority: str) -> None:
    """Destroy the item, in the caller's transaction; `authority` names the approval that ordered it.

    Its archival code is never given again; grants on it give nothing any more. Raises ConflictError if it is destroyed.
    """
    if item.state is ItemState.DESTROYED:
        raise ConflictError(_("这份文件已经销毁。"))
    digests = list(
        session.scalars(select(ItemFile.sha256).where(ItemFile.item_id == item.id).order_by(ItemFile.number))
    )
    item.state = ItemState.DESTROYED
    session.add(
        Tombstone(item_id=item.id, destroyed_at=clock(), authority=authority, item=row_document(item)),
    )
    pages = select(Page.id).where(Page.item_id == item.id)
    change(session, delete(PageTextVersion).where(PageTextVersion.page_id.in_(pages)))
    change(session, delete(Page).where(Page.item_id == item.id))
    change(session, delete(ItemFile).where(ItemFile.item_id == item.id))
    change(session, delete(ItemNote).where(ItemNote.item_id == item.id))
    session.expire(item, ["files", "pages", "notes"])
    record(session, clock, actor, AuditAction.ITEM_DESTROYED, "item", item.id, code=item.code, digests=digests)
    announce(session, item.id, clock())
