"""What the pages of copies show: approved lines that wait, the register of numbers, one paper. Changes nothing."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeVar

from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session, joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from archive.borrowing.copies.models import CopyKind, CopyPart, CopyState, IssuedCopy
from archive.borrowing.copies.rules import KINDS
from archive.borrowing.models import LineState, ReadingRequest, RequestLine
from archive.catalogue.service import facts
from archive.platform.accounts.models import Person
from archive.platform.approval.chains import Asked
from archive.platform.db import Clock
from archive.platform.errors import NotFoundError
from archive.platform.guard import Act, Guard
from archive.platform.i18n import _

__all__ = ["PAGE_SIZE", "CopyQueries", "Verified"]

PAGE_SIZE = 20
_Row = TypeVar("_Row")


@dataclass(frozen=True, slots=True)
class Verified:
    """What whoever holds a paper learns of it: nothing of its content, and no title."""

    number: str
    kind: CopyKind
    issued_at: datetime
    page_count: int
    sha256: str
    void: bool


class CopyQueries:
    """Reads for the desk, and for whoever holds a paper."""

    def __init__(self, session: Session, clock: Clock) -> None:
        self._session = session
        self._clock = clock
        self._guard = Guard(session, clock)

    def waiting(self, page: int) -> tuple[int, Sequence[RequestLine]]:
        """How many approved lines wait to be carried out, and one page of them (from 1), the oldest first."""
        ended = (CopyState.VOID, CopyState.DISCARDED)
        begun = exists().where(IssuedCopy.line_id == RequestLine.id, IssuedCopy.state.not_in(ended))
        waits = select(RequestLine).join(ReadingRequest).where(RequestLine.asked.in_(tuple(KINDS)), ~begun)
        waits = waits.where(RequestLine.state == LineState.APPROVED, ReadingRequest.ends_at > self._clock())
        ordered = waits.order_by(ReadingRequest.created_at, RequestLine.id)
        shown = ordered.options(joinedload(RequestLine.request), joinedload(RequestLine.item))
        return self._count(waits), self._session.scalars(_cut(shown, page)).all()

    def line(self, line_id: str) -> RequestLine:
        """A line that asks for a copy or a certificate. Raises NotFoundError."""
        line = self._session.get(RequestLine, line_id)
        if line is None or line.asked not in {Asked.COPY, Asked.CERTIFICATE}:
            raise NotFoundError(_("没有这项申请。"))
        return line

    def open(self) -> Sequence[IssuedCopy]:
        """Papers in hand: drafts, and what was checked and not fetched yet; the oldest first."""
        states = (CopyState.DRAFT, CopyState.CHECKED)
        wanted = select(IssuedCopy).where(IssuedCopy.state.in_(states)).order_by(IssuedCopy.written_at)
        return self._session.scalars(wanted.options(*_shown())).all()

    def register(self, page: int) -> tuple[int, Sequence[IssuedCopy]]:
        """How many numbered papers there are, and one page of them (from 1), the newest first."""
        numbered = select(IssuedCopy).where(IssuedCopy.number.is_not(None))
        shown = numbered.order_by(IssuedCopy.checked_at.desc(), IssuedCopy.id.desc()).options(*_shown())
        return self._count(numbered), self._session.scalars(_cut(shown, page)).all()

    def paper(self, copy_id: str) -> IssuedCopy:
        """One paper. Raises NotFoundError."""
        made = self._session.get(IssuedCopy, copy_id, options=_shown())
        if made is None:
            raise NotFoundError(_("没有这件复制件、摘录或证明。"))
        return made

    def knows(self, person: Person, made: IssuedCopy) -> bool:
        """Whether this person may see the catalogue lines of the records it was made from now."""
        return all(self._guard.decide(person, facts(item), Act.KNOW).allowed for item in made.items)

    def reads(self, person: Person, made: IssuedCopy) -> bool:
        """Whether this person may see all of its pages now."""
        return all(
            self._guard.decide(person, facts(part.item), Act.READ, page=part.page).allowed for part in made.parts
        )

    def verify(self, code: str) -> Verified | None:
        """What is known of the paper with that code, if it was handed out, be it void by now."""
        made = self._session.scalar(select(IssuedCopy).where(IssuedCopy.code == code))
        if made is None or made.issued_at is None:
            return None
        return Verified(
            number=made.number or "",
            kind=made.kind,
            issued_at=made.issued_at,
            page_count=made.page_count or 0,
            sha256=made.sha256 or "",
            void=made.state is CopyState.VOID,
        )

    def _count(self, wanted: Select[Any]) -> int:
        return self._session.scalar(select(func.count()).select_from(wanted.subquery())) or 0


def _cut(wanted: Select[_Row], page: int) -> Select[_Row]:
    return wanted.offset((page - 1) * PAGE_SIZE).limit(PAGE_SIZE)


def _shown() -> tuple[ORMOption, ...]:
    return (
        selectinload(IssuedCopy.parts).joinedload(CopyPart.item),
        joinedload(IssuedCopy.applicant),
        joinedload(IssuedCopy.line),
        joinedload(IssuedCopy.writer),
        joinedload(IssuedCopy.checker),
    )
