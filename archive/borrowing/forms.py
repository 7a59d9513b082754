"""What was entered in the forms that ask for something, in the organisation's zone, and what is proposed at first."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, tzinfo
from typing import Any

from archive.borrowing.models import PurposeKind, ReadingRequest
from archive.borrowing.rules import Wanted, Wish
from archive.platform.approval.chains import Asked
from archive.platform.errors import InvalidError
from archive.platform.grants import Place
from archive.platform.i18n import _
from archive.platform.local_time import as_typed, typed_moment

__all__ = ["Entered", "chosen", "day_begins", "text_in"]

_PROPOSED_DAYS = 3
_CLOSING_TIME = time(18, 0)


@dataclass(frozen=True, slots=True)
class Entered:
    """The fields as text, so that nothing is lost when one of them cannot be used.

    `asked` says for each item, by its id, what is ticked, and `pages` which of its pages.
    """

    purpose: str
    starts_at: str
    ends_at: str
    kind: str = PurposeKind.WORK
    place: str = Place.ROOM
    asked: Mapping[str, Sequence[str]] = field(default_factory=dict)
    pages: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def proposed(cls, now: datetime, zone: tzinfo) -> "Entered":
        """From now until closing time three days on."""
        last = now.astimezone(zone).date() + timedelta(days=_PROPOSED_DAYS)
        end = datetime.combine(last, _CLOSING_TIME, tzinfo=zone)
        return cls("", as_typed(now, zone), as_typed(end, zone))

    @classmethod
    def like(cls, earlier: ReadingRequest, now: datetime, zone: tzinfo) -> "Entered":
        """As an earlier request, for as long as that one, from now."""
        asked: dict[str, list[str]] = {}
        for line in earlier.lines:
            asked.setdefault(line.item_id, []).append(line.asked)
        return cls(
            earlier.purpose,
            as_typed(now, zone),
            as_typed(now + (earlier.ends_at - earlier.starts_at), zone),
            earlier.purpose_kind,
            earlier.place,
            asked,
            {line.item_id: line.pages for line in earlier.lines},
        )

    @classmethod
    def of(cls, sent: Any) -> "Entered":
        """As a form sent it."""
        items = [text.replace("\0", "") for text in sent.getall("item")]
        return cls(
            text_in(sent, "purpose"),
            text_in(sent, "starts_at"),
            text_in(sent, "ends_at"),
            text_in(sent, "kind"),
            text_in(sent, "place") or Place.ROOM,
            {item: sent.getall(f"asked-{item}") for item in items},
            {item: text_in(sent, f"pages-{item}") for item in items},
        )

    @property
    def items(self) -> list[str]:
        """The ids of the items, each once."""
        return list(self.asked)

    def wish(self, zone: tzinfo) -> Wish:
        """What it is for, when and where. Raises InvalidError, naming the field."""
        starts_at = typed_moment("starts_at", self.starts_at, zone)
        ends_at = typed_moment("ends_at", self.ends_at, zone)
        kind = chosen("kind", self.kind, PurposeKind, _("请选择利用目的的类别。"))
        return Wish(self.purpose, starts_at, ends_at, kind, chosen("place", self.place, Place, _("请选择阅览地点。")))

    def wanted(self) -> list[Wanted]:
        """What is asked for each item. Raises InvalidError (field `asked-` and the item's id): nothing is ticked."""
        wanted: list[Wanted] = []
        for item, ticked in self.asked.items():
            if not ticked:
                raise InvalidError(_("请勾选要申请的内容，或移出这份文件。"), field=f"asked-{item}")
            for one in ticked:
                asked = chosen(f"asked-{item}", one, Asked, _("请勾选要申请的内容，或移出这份文件。"))
                wanted.append(Wanted(item, asked, self.pages.get(item, "")))
        return wanted


def chosen(name: str, text: str, kinds: Any, missing: str) -> Any:
    """A choice out of an enumeration. Raises InvalidError, naming the field."""
    try:
        return kinds(text)
    except ValueError as error:
        raise InvalidError(missing, field=name) from error


def day_begins(name: str, text: str, zone: tzinfo, *, after: bool = False) -> datetime:
    """When a day that was typed begins, or the one after it, in the organisation's zone. Raises InvalidError."""
    try:
        day = date.fromisoformat(text.strip()) + timedelta(days=after)
    except (ValueError, OverflowError) as error:
        raise InvalidError(_("请填写日期，例如 2021-03-05。"), field=name) from error
    return typed_moment(name, day.isoformat(), zone)


def text_in(sent: Any, name: str) -> str:
    """A field as text. PostgreSQL keeps no NUL."""
    value = sent.get(name, "")
    return value.replace("\0", "") if isinstance(value, str) else ""
