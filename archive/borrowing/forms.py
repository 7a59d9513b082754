"""The request form: what was entered, in the organisation's zone, and what is proposed at first."""

from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo

from archive.borrowing.rules import Wish
from archive.platform.local_time import as_typed, typed_moment

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
        last = now.astimezone(zone).date() + timedelta(days=_PROPOSED_DAYS)
        end = datetime.combine(last, _CLOSING_TIME, tzinfo=zone)
        return cls("", as_typed(now, zone), as_typed(end, zone))

    def wish(self, zone: tzinfo) -> Wish:
        """What is asked for. Raises InvalidError, naming the field."""
        starts_at = typed_moment("starts_at", self.starts_at, zone)
        return Wish(self.purpose, starts_at, typed_moment("ends_at", self.ends_at, zone))
