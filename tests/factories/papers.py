"""Paper in its box, and everybody at the desk who deals with it."""

from dataclasses import dataclass
from datetime import time, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.models import RequestLine
from archive.borrowing.paper.incidents import IncidentService
from archive.borrowing.paper.models import Condition
from archive.borrowing.paper.out_acts import OutService
from archive.borrowing.paper.room import RoomService
from archive.borrowing.paper.service import CustodyService
from archive.borrowing.paper.visits import VisitService
from archive.borrowing.paper.workflow import Count
from archive.borrowing.rules import Wanted, Wish
from archive.borrowing.service import BorrowingService
from archive.catalogue.models import Box, Item
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.approval.chains import Asked
from archive.platform.db import Clock, new_id

__all__ = ["CLOSING", "ZONE", "Counter", "counted", "put_in_box"]

ZONE = ZoneInfo("Asia/Shanghai")
CLOSING = time(16, 30)


def put_in_box(session: Session, item: Item, clock: Clock) -> Box:
    """The paper of an item lies in the first box of its unit; its category keeps paper."""
    item.category.electronic_only = False
    group = {"fonds_id": item.fonds_id, "unit_id": item.unit_id, "year": item.year, "retention": item.retention}
    box = session.scalar(select(Box).filter_by(**group, number=1))
    if box is None:
        box = Box(id=new_id(), **group, number=1, shelf="1-02-03-4", created_at=clock())
        session.add(box)
        session.flush()
    item.box = box
    session.flush()
    return box


def counted(pages: int, condition: Condition = Condition.SOUND, note: str = "") -> Count:
    """What somebody counted."""
    return Count(pages, condition, note)


@dataclass
class Counter:
    """The services of paper in one session, in anybody's name."""

    session: Session
    clock: Clock

    def custody(self, person: Person) -> CustodyService:
        """Fetch, hand over, take back, shelve."""
        return CustodyService(self.session, self.clock, _actor(person), ZONE, CLOSING)

    def incidents(self, person: Person) -> IncidentService:
        """Missing, damaged, overdue."""
        return IncidentService(self.session, self.clock, _actor(person), ZONE)

    def out(self, person: Person) -> OutService:
        """出库."""
        return OutService(self.session, self.clock, _actor(person), ZONE)

    def room(self, person: Person) -> RoomService:
        """Hours and seats."""
        return RoomService(self.session, self.clock, _actor(person), ZONE, CLOSING)

    def visits(self, person: Person) -> VisitService:
        """Visitors."""
        return VisitService(self.session, self.clock, _actor(person), ZONE, CLOSING)

    def ask(self, reader: Person, item: Item, hours: float = 24) -> RequestLine:
        """Somebody asks for the paper of an item, from now on."""
        wish = Wish("核对数据", self.clock(), self.clock() + timedelta(hours=hours))
        borrowing = BorrowingService(self.session, self.clock, _actor(reader), ZONE)
        return borrowing.request_reading(reader, [Wanted(item.id, Asked.PAPER)], wish).lines[0]


def _actor(person: Person) -> Actor:
    return Actor(person.id, person.name)
