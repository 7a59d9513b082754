"""Times as people type them in forms: in the organisation's zone, without saying so."""

from datetime import UTC, datetime, tzinfo

from archive.platform.errors import InvalidError
from archive.platform.i18n import _

__all__ = ["as_typed", "typed_moment"]


def typed_moment(field: str, text: str, zone: tzinfo) -> datetime:
    """The aware UTC time of a `datetime-local` field. Raises InvalidError, naming the field."""
    try:
        return datetime.fromisoformat(text.strip()).replace(tzinfo=zone).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise InvalidError(_("请填写日期和时间，例如 2021-03-05 14:05。"), field=field) from error


def as_typed(moment: datetime, zone: tzinfo) -> str:
    """A time as such a field shows it, to the minute."""
    return f"{moment.astimezone(zone):%Y-%m-%dT%H:%M}"
