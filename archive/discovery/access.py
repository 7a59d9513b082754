"""From an address to a record, by the guard's leave. Every route of this feature that shows anything begins here."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from archive.catalogue.models import Item, Page
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person
from archive.platform.db import Clock
from archive.platform.errors import ForbiddenError, NotFoundError
from archive.platform.guard import Act, Decision, Guard
from archive.platform.i18n import _

__all__ = ["Access", "Records"]


@dataclass(frozen=True, slots=True)
class Access:
    """An item that may be read, the guard's decision, and whether it may also be taken away."""

    item: Item
    decision: Decision
    may_download: bool


class Records:
    """Finds items and pages for one person."""

    def __init__(self, session: Session, clock: Clock, person: Person, seat: str | None) -> None:
        self._session = session
        self._guard = Guard(session, clock, seat)
        self._person = person

    def known(self, item_id: str) -> Item:
        """An item he may know of. Raises NotFoundError, the same whether it is hidden or not there."""
        item = self._session.get(Item, item_id, options=[joinedload(Item.unit), joinedload(Item.category)])
        if item is None or not self._guard.decide(self._person, facts(item), Act.KNOW).allowed:
            raise NotFoundError(_("没有找到这件档案。"))
        return item

    def reading(self, item: Item) -> Decision:
        """Whether he may read it now, and why."""
        return self._guard.decide(self._person, facts(item), Act.READ)

    def readable(self, item_id: str) -> Access:
        """An item he may read now. Raises NotFoundError, ForbiddenError."""
        item = self.known(item_id)
        decision = self.reading(item)
        if not decision.allowed:
            raise ForbiddenError(_("这件档案须经批准后方可阅览，您目前没有有效的阅览许可。"))
        return Access(item, decision, self._guard.decide(self._person, facts(item), Act.DOWNLOAD).allowed)

    def downloadable(self, item_id: str) -> Access:
        """An item he may take a copy of. Raises NotFoundError, ForbiddenError."""
        access = self.readable(item_id)
        if not access.may_download:
            raise ForbiddenError(_("这件档案只许在线阅览，不得下载。"))
        return access

    def page(self, item: Item, number: int) -> Page:
        """A page of an item that was found readable. Raises NotFoundError."""
        wanted = select(Page).where(Page.item_id == item.id, Page.number == number).options(joinedload(Page.file))
        page = self._session.scalar(wanted)
        if page is None:
            raise NotFoundError(_("这件档案没有第 {number} 页。"), number=number)
        return page
