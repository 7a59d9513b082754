"""One item of a reading request, as something that is approved."""

from datetime import tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.models import RequestLine
from archive.borrowing.service import BorrowingService
from archive.borrowing.words import PURPOSES
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.approval.models import ApprovalCase
from archive.platform.approval.subjects import Shown
from archive.platform.approval.words import ASKED
from archive.platform.db import Clock
from archive.platform.errors import ConflictError
from archive.platform.guard import Act, Guard
from archive.platform.i18n import _
from archive.platform.page_ranges import written

__all__ = ["RequestLineSubject"]


class RequestLineSubject:
    """Shown with the catalogue line of its item; approved, the reader gets his grant."""

    label = _("利用申请")

    def shown(self, session: Session, clock: Clock, case: ApprovalCase, person: Person) -> Shown:
        """Whoever decides about an item sees its catalogue line, as long as anybody may know of it."""
        line = _line_of(session, case)
        request, item = line.request, line.item
        guard = Guard(session, clock)
        known = guard.decide(person, facts(item), Act.KNOW).allowed
        by_duty = person.id != request.reader_id and guard.known_by_duty(person, facts(item))
        said = [
            (ASKED[line.asked], line.pages or written(range(1, item.page_count + 1))),
            (PURPOSES[request.purpose_kind], request.purpose),
            (_("开始时间"), request.starts_at),
            (_("结束时间"), request.ends_at),
        ]
        path = f"/requests/{request.id}"
        if not (known or by_duty):
            return Shown("", said, path, visible=False)
        of_item = [(_("档号"), item.code or item.accession), (_("归档部门"), item.unit.name)]
        return Shown(item.title, [*of_item, *said], path)

    def check(self, session: Session, clock: Clock, case: ApprovalCase) -> None:
        """Nothing is approved for a time that is over, nor for somebody who has left."""
        request = _line_of(session, case).request
        if clock() >= request.ends_at:
            raise ConflictError(_("申请的阅览时间已过，请不予同意，由申请人重新申请。"))
        if not request.reader.active:
            raise ConflictError(_("申请人的账户已停用，请不予同意。"))

    def closed(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo, case: ApprovalCase) -> None:
        """The line follows its case."""
        BorrowingService(session, clock, actor, zone).follow(case)


def _line_of(session: Session, case: ApprovalCase) -> RequestLine:
    return session.scalars(select(RequestLine).where(RequestLine.id == case.subject_id)).one()
