"""Finds entries of the audit trail: by person, action, subject and day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Self
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry, AuditLink

__all__ = ["PAGE_SIZE", "AuditQueries", "Filters", "Sealed"]

PAGE_SIZE = 50
_ACTIONS = {action.value: action for action in AuditAction}


@dataclass(frozen=True, slots=True)
class Filters:
    """What is asked for, as it stands in the address; what makes no sense there is left out."""

    person: str = ""
    action: AuditAction | None = None
    subject: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def of(cls, query: Mapping[str, str]) -> Self:
        """From the parameters of an address."""
        return cls(
            person=query.get("person", "").strip(),
            action=_ACTIONS.get(query.get("action", "")),
            subject=query.get("subject", "").strip(),
            since=_day(query.get("since", "")),
            until=_day(query.get("until", "")),
        )

    def parameters(self) -> dict[str, str]:
        """The parameters of an address that asks for the same."""
        days = {"since": self.since, "until": self.until}
        given = {"person": self.person, "action": self.action.value if self.action else "", "subject": self.subject}
        given |= {name: day.isoformat() for name, day in days.items() if day}
        return {name: value for name, value in given.items() if value}


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Sealed:
    """One entry and its place in the chain; None for the second or so until it is sealed."""

    entry: AuditEntry
    sequence: int | None


class AuditQueries:
    """Reads the trail. Days are those of `zone`."""

    def __init__(self, session: Session, zone: ZoneInfo) -> None:
        self._session = session
        self._zone = zone

    def entries(self, filters: Filters, page: int) -> tuple[int, Sequence[Sealed]]:
        """How many entries there are, and those of one page (from 1), newest first."""
        conditions = list(self._conditions(filters))
        total = self._session.scalar(select(func.count()).select_from(AuditEntry).where(*conditions)) or 0
        rows = self._session.execute(
            select(AuditEntry, AuditLink.sequence)
            .outerjoin(AuditLink, AuditLink.entry_id == AuditEntry.id)
            .where(*conditions)
            .order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
            .offset((page - 1) * PAGE_SIZE)
            .limit(PAGE_SIZE)
        )
        return total, [Sealed(entry, sequence) for entry, sequence in rows]

    def _conditions(self, filters: Filters) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if filters.person:
            conditions.append(AuditEntry.actor_name.contains(filters.person, autoescape=True))
        if filters.action:
            conditions.append(AuditEntry.action == filters.action.value)
        if filters.subject:
            conditions.append(AuditEntry.subject_id == filters.subject)
        if filters.since:
            conditions.append(AuditEntry.at >= self._midnight(filters.since))
        if filters.until:
            conditions.append(AuditEntry.at < self._midnight(filters.until + timedelta(days=1)))
        return conditions

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone)
