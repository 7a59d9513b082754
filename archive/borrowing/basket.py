"""What somebody has put aside to ask for: items from several searches, together in one request."""

from collections.abc import Iterable, Sequence

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from archive.borrowing.book import known_item
from archive.borrowing.models import BasketItem
from archive.borrowing.rules import MOST_LINES
from archive.catalogue.models import Item
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError
from archive.platform.guard import Act, Guard
from archive.platform.i18n import _

__all__ = ["Basket"]


class Basket:
    """One person's basket, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, person: Person) -> None:
        self._session = session
        self._clock = clock
        self._person = person

    def size(self) -> int:
        """How many items lie in it."""
        mine = select(func.count()).select_from(BasketItem).where(BasketItem.person_id == self._person.id)
        return self._session.scalar(mine) or 0

    def items(self) -> Sequence[Item]:
        """Those he may still know of, in the order they were put in."""
        mine = select(Item).join(BasketItem, BasketItem.item_id == Item.id)
        mine = mine.where(BasketItem.person_id == self._person.id).order_by(BasketItem.added_at, BasketItem.id)
        guard = Guard(self._session, self._clock)
        return [
            item for item in self._session.scalars(mine) if guard.decide(self._person, facts(item), Act.KNOW).allowed
        ]

    def add(self, item_ids: Iterable[str]) -> None:
        """Put items in; what lies there already stays. Raises NotFoundError, ConflictError (it is full)."""
        self._session.get(Person, self._person.id, with_for_update={"key_share": True})
        mine = select(BasketItem.item_id).where(BasketItem.person_id == self._person.id)
        held = set(self._session.scalars(mine))
        for item_id in dict.fromkeys(item_ids):
            if item_id in held:
                continue
            if len(held) >= MOST_LINES:
                raise ConflictError(_("申请单最多放 {most} 件，请先提交或移出一些。"), most=MOST_LINES)
            item = known_item(self._session, self._clock, self._person, item_id)
            row = BasketItem(id=new_id(), person_id=self._person.id, item_id=item.id, added_at=self._clock())
            self._session.add(row)
            held.add(item.id)
        self._session.flush()

    def remove(self, item_ids: Iterable[str]) -> None:
        """Take items out; those that are not in it are no matter."""
        mine = delete(BasketItem).where(BasketItem.person_id == self._person.id)
        self._session.execute(mine.where(BasketItem.item_id.in_(list(item_ids))))
