"""Which days are asked for: out of an address, where anything may stand."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo

from archive.borrowing.ledger.sources import Span
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["Period"]

#: days of the longest period: three years and their leap day
_LONGEST = 3 * 366
_EARLIEST, _LATEST = 1900, 2999


@dataclass(frozen=True, slots=True)
class Period:
    """From the first day until the last, as they were entered, and what is wrong with them ("" for nothing)."""

    first: date
    last: date
    error: str = ""

    @classmethod
    def of(cls, sent: Mapping[str, str], now: datetime, zone: tzinfo, *, whole_year: bool = False) -> "Period":
        """What was entered; else from the beginning of this month, or year, until today. Errors fall back to that."""
        today = now.astimezone(zone).date()
        begins = today.replace(month=1, day=1) if whole_year else today.replace(day=1)
        try:
            entered = cls(_day(sent.get("from", ""), begins), _day(sent.get("until", ""), today))
            entered._check()
        except InvalidError as error:
            return cls(begins, today, error.message)
        return entered

    def parameters(self) -> dict[str, str]:
        """The same for an address."""
        return {"from": self.first.isoformat(), "until": self.last.isoformat()}

    def moments(self, zone: tzinfo) -> tuple[datetime, datetime]:
        """When the first day begins, and when the last one is over."""
        span = Span(self.first, self.last, zone)
        return span.begins, span.ends

    @property
    def month(self) -> str:
        """The month it is, such as 2021-03, if it lies in one; else ""."""
        same = (self.first.year, self.first.month) == (self.last.year, self.last.month)
        return f"{self.first:%Y-%m}" if same else ""

    def _check(self) -> None:
        if self.first.year < _EARLIEST or self.last.year > _LATEST:
            raise InvalidError(_("日期请写成 2021-03-05，已改为显示本期。"), field="from")
        if self.last < self.first:
            raise InvalidError(_("截止日期应不早于起始日期，已改为显示本期。"), field="until")
        if (self.last - self.first).days > _LONGEST:
            raise InvalidError(_("一次最多查看三年，已改为显示本期。"), field="until")


def _day(text: str, otherwise: date) -> date:
    try:
        return date.fromisoformat(text) if text else otherwise
    except ValueError as error:
        raise InvalidError(_("日期请写成 2021-03-05，已改为显示本期。"), field="from") from error
