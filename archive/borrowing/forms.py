"""The request form: what was entered, in the organisation's zone, and what is proposed at first."""

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta, tzinfo

from archive.borrowing.rules import Wish
from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["Entered"]

_PROPOSED_DAYS = 3
_CLOSING_TIME = time(18, 0)


@dataclass(frozen=True, slots=True)
class Entered:
    """The fields as text, so that nothing is lost when one of them cannot be used."""

    purpose: str
    starts_at: str
    ends_at: str

    @classmethod
    def proposed(cls, now: datetime, zone: tzinfo) -> "Entered":
        """From now until closing time three days on."""
        here = now.astimezone(zone)
        end = datetime.combine(here.date() + timedelta(days=_PROPOSED_DAYS), _CLOSING_TIME)
        return cls("", f"{here:%Y-%m-%dT%H:%M}", f"{end:%Y-%m-%dT%H:%M}")

    def wish(self, zone: tzinfo) -> Wish:
        """What is asked for. Raises InvalidError, naming the field."""
        return Wish(self.purpose, _moment("starts_at", self.starts_at, zone), _moment("ends_at", self.ends_at, zone))


def _moment(field: str, text: str, zone: tzinfo) -> datetime:
    try:
        entered = datetime.fromisoformat(text.strip())
        return entered.replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError(_("请填写日期和时间，例如 2021-03-05 14:05。"), field=field) from error
