"""Correcting the text of a filed page by hand: a new reading beside the older ones, none of which is ever changed."""

from sqlalchemy.orm import Session

from archive.catalogue.models import Item, ItemState, Page, PageTextVersion, TextOrigin
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError
from archive.platform.i18n import _
from archive.platform.outbox import announce
from ingest.context import PageText

__all__ = ["TextService"]


class TextService:
    """Acts in the caller's transaction; whether the person may read the page was asked before."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def correct(self, page: Page, seen: int, text: PageText) -> PageTextVersion:
        """Keep what a person made of the page's text. `seen` is the version it was made of, 0 if there was none.

        The stored object and the index follow. Raises ConflictError if somebody else corrected it meanwhile.
        """
        item = self._session.get_one(Item, page.item_id, with_for_update=True)
        if item.state is ItemState.DESTROYED:
            raise ConflictError(_("这份文件已经销毁。"))
        self._session.refresh(page, ["texts"])
        newest = max((reading.version for reading in page.texts), default=0)
        if newest != seen:
            raise ConflictError(_("这一页的文字刚被他人更正过，请刷新页面核对后再保存。"))
        reading = PageTextVersion(
            page_id=page.id,
            version=newest + 1,
            origin=TextOrigin.HUMAN,
            content=text.to_json(),
            created_at=self._clock(),
        )
        page.texts.append(reading)
        self._session.flush()
        facts = {"page": page.number, "version": reading.version}
        record(self._session, self._clock, self._actor, AuditAction.TEXT_CORRECTED, "item", item.id, **facts)
        announce(self._session, item.id, self._clock())
        return reading
