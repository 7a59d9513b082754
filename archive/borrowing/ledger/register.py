"""The register of use 利用登记簿: rows of a span, months that are closed, and what was added to them later."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta, tzinfo

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from archive.borrowing.ledger.models import LedgerMonth
from archive.borrowing.ledger.sources import Span, uses_in
from archive.borrowing.ledger.uses import Use, count, digest
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock, insert_once, new_id
from archive.platform.errors import ConflictError, InvalidError
from archive.platform.i18n import _

__all__ = ["ClosedMonth", "Register", "month_span"]

_MONTH = re.compile(r"(19|2[0-9])[0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClosedMonth:
    """A closed month as it is now. `later`: rows recorded after it was closed; `intact`: the others are unchanged."""

    closed: LedgerMonth
    later: Sequence[Use]
    intact: bool


class Register:
    """Reads and closes months, in the caller's transaction. `zone` says where a day begins."""

    def __init__(self, session: Session, clock: Clock, actor: Actor, zone: tzinfo) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor
        self._zone = zone

    def uses(self, first: date, last: date) -> list[Use]:
        """Every act of use from the first day until the last."""
        return uses_in(self._session, Span(first, last, self._zone))

    def months(self) -> Sequence[LedgerMonth]:
        """The closed months, the latest first."""
        wanted = select(LedgerMonth).options(joinedload(LedgerMonth.closer)).order_by(LedgerMonth.month.desc())
        return self._session.scalars(wanted).all()

    def closed(self, month: str) -> ClosedMonth | None:
        """A closed month, compared with what the records say now; None if it is open."""
        found = self._session.scalar(select(LedgerMonth).where(LedgerMonth.month == month))
        if found is None:
            return None
        uses = self.uses(*month_span(month))
        then = [use for use in uses if use.recorded_at <= found.closed_at]
        later = [use for use in uses if use.recorded_at > found.closed_at]
        return ClosedMonth(found, later, digest(then) == found.digest)

    def close(self, month: str, person: Person) -> None:
        """Close a month that is over. Raises InvalidError, ConflictError (it goes on, or is closed already)."""
        first, last = month_span(month)
        if self._clock().astimezone(self._zone).date() <= last:
            raise ConflictError(_("{month} 还没有结束，不能月结。"), month=month)
        uses = self.uses(first, last)
        counts = count(uses)
        values = {
            "id": new_id(),
            "month": month,
            "closed_by": person.id,
            "closed_at": self._clock(),
            "rows": len(uses),
            "person_times": counts.person_times,
            "uses": counts.uses,
            "pages": counts.pages,
            "copied": counts.copied,
            "digest": digest(uses),
        }
        if not insert_once(self._session, LedgerMonth, "month", **values):
            raise ConflictError(_("{month} 已经月结。"), month=month)
        record(
            self._session,
            self._clock,
            self._actor,
            AuditAction.LEDGER_CLOSED,
            "ledger_month",
            str(values["id"]),
            month=month,
            digests=[str(values["digest"])],
        )


def month_span(month: str) -> tuple[date, date]:
    """First and last day of a month such as 2021-03. Raises InvalidError."""
    if not _MONTH.fullmatch(month):
        raise InvalidError(_("请填写月份，例如 2021-03。"), field="month")
    first = date.fromisoformat(f"{month}-01")
    return first, (first + timedelta(days=31)).replace(day=1) - timedelta(days=1)
