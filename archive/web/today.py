"""What waits for a person today: decisions, drafts to review, his own requests, and what he may read now."""

from dataclasses import dataclass, field

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.catalogue.models import Item
from archive.catalogue.service import facts
from archive.digitization.models import Draft, DraftState
from archive.platform.accounts.models import Person
from archive.platform.accounts.permissions import Permission, permissions_of
from archive.platform.approval.inbox import Inbox
from archive.platform.db import Clock
from archive.platform.grants import Grant, running_at
from archive.platform.guard import Act, Guard

__all__ = ["Reading", "Today", "TodayFacts"]


@dataclass(frozen=True, slots=True)
class Reading:
    """An item that this person may read now, perhaps in the reading room only, and the grant it rests on."""

    item: Item
    grant: Grant


@dataclass(frozen=True, slots=True)
class TodayFacts:
    """What the page of the day shows."""

    drafts: int = 0
    returned: int = 0
    asked: int = 0
    readings: list[Reading] = field(default_factory=list)


class Today:
    """Collects the facts; changes nothing."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock

    def of(self, person: Person) -> TodayFacts:
        """The facts for one person, each only if he may act on it."""
        may = permissions_of(person.roles)
        drafts = self._drafts() if Permission.DIGITIZE in may else 0
        returned = Inbox(self._session, self._clock).returned(person)
        return TodayFacts(drafts, returned, self._asked(person), self._readings(person))

    def _asked(self, person: Person) -> int:
        """How many items he asked for that are not decided yet."""
        mine = select(func.count()).select_from(RequestLine).join(ReadingRequest)
        return (
            self._session.scalar(mine.where(ReadingRequest.reader_id == person.id, RequestLine.state == LineState.OPEN))
            or 0
        )

    def _drafts(self) -> int:
        ready = select(func.count()).select_from(Draft).where(Draft.state == DraftState.READY)
        return self._session.scalar(ready) or 0

    def _readings(self, person: Person) -> list[Reading]:
        mine = select(Item, Grant).join(Grant, Grant.item_id == Item.id).where(Grant.person_id == person.id)
        running = mine.where(running_at(self._clock())).order_by(Grant.ends_at)
        rows = [Reading(item, grant) for item, grant in self._session.execute(running)]
        # A grant does not help against secrecy that was raised later: the guard says what is still his. Whether it
        # counts in this place is said where the item is opened.
        guard = Guard(self._session, self._clock)
        return [row for row in rows if guard.decide(person, facts(row.item), Act.KNOW).allowed]
