"""From an address to a record, by the guard's leave. Every route of this feature that shows anything begins here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from archive.catalogue.models import Item, Page
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person
from archive.platform.db import Clock
from archive.platform.errors import ElsewhereError, ForbiddenError, NotFoundError
from archive.platform.guard import Act, Decision, Guard, Reason
from archive.platform.i18n import _

__all__ = ["Access", "Opened", "Records"]


@dataclass(frozen=True, slots=True)
class Access:
    """An item of which a page, or everything, may be had; the guard's decision; whether it may also be taken away."""

    item: Item
    decision: Decision
    may_download: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """An item of which something may be read, and the decision on each of its pages."""

    item: Item
    decision: Decision
    pages: Mapping[int, Decision]
    may_download: bool


class Records:
    """Finds items and pages for one person, at a registered seat or elsewhere (None)."""

    def __init__(self, session: Session, clock: Clock, person: Person, seat: str | None) -> None:
        self._session = session
        self._guard = Guard(session, clock, seat)
        self._person = person

    def known(self, item_id: str) -> Item:
        """An item he may know of. Raises NotFoundError, the same whether it is hidden or not there."""
        item = self._session.get(Item, item_id, options=[joinedload(Item.unit), joinedload(Item.category)])
        if item is None or not self._guard.decide(self._person, facts(item), Act.KNOW).allowed:
            raise _not_found()
        return item

    def reading(self, item: Item) -> Decision:
        """Whether he may read anything of it now, and why; or what is missing."""
        whole = self.reading_all(item)
        if whole.allowed:
            return whole
        pages = self._guard.pages(self._person, facts(item), Act.READ, range(1, item.page_count + 1))
        return _best([*pages.values(), whole])

    def reading_all(self, item: Item) -> Decision:
        """Whether he may read all of it now."""
        return self._guard.decide(self._person, facts(item), Act.READ)

    def opened(self, item_id: str) -> Opened:
        """An item of which he may read a page now. Raises NotFoundError, ForbiddenError."""
        item = self.known(item_id)
        best = self.reading(item)
        if not best.allowed:
            raise _refusal(best)
        taken = self._pages(item, Act.DOWNLOAD).values()
        return Opened(item, best, self._pages(item, Act.READ), any(one.allowed for one in taken))

    def page(self, item_id: str, number: int) -> tuple[Access, Page]:
        """A page he may read now. Raises NotFoundError, ForbiddenError."""
        item = self._session.get(Item, item_id)
        may = self._guard.page(self._person, facts(item), number) if item else None
        if item is None or may is None or not may[Act.KNOW].allowed:
            raise _not_found()
        if not may[Act.READ].allowed:
            raise _refusal(may[Act.READ])
        wanted = select(Page).where(Page.item_id == item.id, Page.number == number).options(joinedload(Page.file))
        page = self._session.scalar(wanted)
        if page is None:
            raise NotFoundError(_("这件档案没有第 {number} 页。"), number=number)
        return Access(item, may[Act.READ], may[Act.DOWNLOAD].allowed), page

    def taken(self, item_id: str) -> tuple[Access, list[Page]]:
        """An item of which he may take a copy, and the pages of the copy. Raises NotFoundError, ForbiddenError."""
        item = self.known(item_id)
        decisions = self._pages(item, Act.DOWNLOAD)
        best = _best([*decisions.values(), self._guard.decide(self._person, facts(item), Act.DOWNLOAD)])
        if not best.allowed:
            reading = self.reading(item)
            raise ForbiddenError(_("这件档案只许在线阅览，不得下载。")) if reading.allowed else _refusal(reading)
        return Access(item, best, may_download=True), [page for page in item.pages if decisions[page.number].allowed]

    def _pages(self, item: Item, act: Act) -> dict[int, Decision]:
        return self._guard.pages(self._person, facts(item), act, [page.number for page in item.pages])


def _best(decisions: Sequence[Decision]) -> Decision:
    """The first that allows; else the one that says what would help: going to the reading room."""
    return max(decisions, key=lambda one: (one.allowed, one.reason is Reason.NOT_HERE))


def _not_found() -> NotFoundError:
    return NotFoundError(_("没有找到这件档案。"))


def _refusal(decision: Decision) -> ForbiddenError:
    if decision.reason is Reason.NOT_HERE:
        return ElsewhereError(_("这件档案批准在阅览室阅览，这里不是登记的阅览座位。"))
    if decision.reason is Reason.NOT_THESE_PAGES:
        return ForbiddenError(_("您的阅览许可不包括这一页。"))
    return ForbiddenError(_("这件档案须经批准后方可阅览，您目前没有有效的阅览许可。"))
