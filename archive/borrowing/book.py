"""The book of requests: numbers, lines, and the grants that approved lines bring, whatever approved them."""

from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.borrowing.rules import Wanted, Wish
from archive.catalogue.models import Item
from archive.catalogue.service import CatalogueService, facts
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.approval.chains import Asked
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, new_id
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.grants import Act, Grant, GrantKind, Place
from archive.platform.guard import Guard
from archive.platform.i18n import _
from archive.platform.page_ranges import page_ranges
from archive.platform.seats.queries import anywhere_allowed

__all__ = ["GRANTED", "RequestBook", "known_item"]

#: what is asked for and carried out by a grant; the rest is carried out at the desk
GRANTED = {Asked.VIEW: Act.READ, Asked.DOWNLOAD: Act.DOWNLOAD}


class RequestBook:
    """Writes requests in the caller's transaction. `zone` fixes the year in their numbers."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone

    def reader(self, person: Person) -> None:
        """Hold who asks, so that he asks once at a time. Raises ConflictError if his account was closed meanwhile."""
        held = self._session.get(Person, person.id, with_for_update={"key_share": True}, populate_existing=True)
        if held is None or not held.active:
            raise ConflictError(_("申请人的账户已停用，不能提出申请。"))

    def open(self, reader: Person, wish: Wish, entered_by: Person | None = None) -> ReadingRequest:
        """A request without lines yet. It never begins in the past. Raises InvalidError: the place is not allowed."""
        if wish.place is Place.ANYWHERE and not anywhere_allowed(self._session):
            raise InvalidError(_("按规定只能在阅览室阅览。"), field="place")
        now = self._clock()
        request = ReadingRequest(
            id=new_id(),
            number=self.next_number("request", ""),
            reader=reader,
            purpose_kind=wish.kind,
            purpose=wish.purpose.strip(),
            place=wish.place,
            starts_at=max(wish.starts_at, now),
            ends_at=wish.ends_at,
            created_at=now,
            enterer=entered_by,
        )
        self._session.add(request)
        return request

    def add(self, request: ReadingRequest, item: Item, wanted: Wanted) -> RequestLine:
        """One more line, still open. Raises InvalidError (field `pages-` and the item's id)."""
        line = RequestLine(
            id=new_id(),
            position=len(request.lines) + 1,
            item=item,
            asked=wanted.asked,
            pages=_pages(wanted, item),
            state=LineState.OPEN,
        )
        request.lines.append(line)
        return line

    def refuse_twice(self, reader: Person, item: Item, asked: Asked) -> None:
        """Raise ConflictError, with its number, if he waits for the same already."""
        open_lines = (
            select(ReadingRequest.number)
            .join(ReadingRequest.lines)
            .where(
                ReadingRequest.reader_id == reader.id,
                RequestLine.item_id == item.id,
                RequestLine.asked == asked,
                RequestLine.state == LineState.OPEN,
            )
        )
        number = self._session.scalar(open_lines.limit(1))
        if number is not None:
            raise ConflictError(_("已申请《{title}》，正在审批：{number}。"), number=number, title=item.title)

    def approve(self, line: RequestLine) -> None:
        """The line is approved by what stands in it; to view or to download it gets its grant."""
        line.state = LineState.APPROVED
        act = GRANTED.get(line.asked)
        if act is None:
            self._session.flush()
            return
        grant = self._grant(line, act)
        self._session.add(grant)
        self._session.flush()
        line.grant = grant
        basis = {"case": line.case_id, "standing": line.standing_id, "form": line.form_id, "order": line.order_id}
        said = {name: key for name, key in basis.items() if key}
        self._record(AuditAction.GRANT_GIVEN, "grant", grant.id, item=grant.item_id, number=grant.number, **said)

    def next_number(self, series: str, prefix: str) -> str:
        """The next number of this year, e.g. 2021-0012."""
        return CatalogueService(self._session, self._clock, self._actor).next_of_year(series, self._zone, prefix)

    def _grant(self, line: RequestLine, act: Act) -> Grant:
        request, standing = line.request, line.standing
        kind = GrantKind.STANDING if standing else GrantKind.LEADER if line.order else GrantKind.APPROVED
        return Grant(
            id=new_id(),
            number=line.number,
            kind=kind,
            person_id=request.reader.id,
            item_id=line.item.id,
            pages=line.pages,
            place=self._place(line),
            act=act,
            standing_id=standing.id if standing else None,
            purpose=request.purpose,
            starts_at=request.starts_at,
            ends_at=min(request.ends_at, standing.ends_at) if standing else request.ends_at,
            created_at=self._clock(),
        )

    def _place(self, line: RequestLine) -> Place:
        # A leader does not come to the room. What others asked for elsewhere counts if the rule still allows it.
        elsewhere = line.request.place is Place.ANYWHERE and anywhere_allowed(self._session)
        return Place.ANYWHERE if elsewhere or line.order else Place.ROOM

    def _record(self, action: AuditAction, kind: str, subject: str, **details: object) -> None:
        record(self._session, self._clock, self._actor, action, kind, subject, **details)


def known_item(session: Session, clock: Clock, person: Person, item_id: str) -> Item:
    """The item, if this person may know of it. Raises NotFoundError otherwise: the two look alike."""
    # PostgreSQL knows no NUL.
    item = session.get(Item, item_id.replace("\0", ""))
    if item is None or not Guard(session, clock).decide(person, facts(item), Act.KNOW).allowed:
        raise NotFoundError(_("没有找到这份文件。"))
    return item


def _pages(wanted: Wanted, item: Item) -> str:
    try:
        return page_ranges(wanted.pages, item.page_count)
    except InvalidError as error:
        raise InvalidError(error.message, field=f"pages-{item.id}", **error.facts) from error
