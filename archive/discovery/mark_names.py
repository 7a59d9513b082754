"""What a mark names: one person's reading of one item by one leave in one hour. The register of reading is the table.

Nothing is written for a mark: its name follows from what is registered before any picture leaves, in the audit trail,
and so a mark can be read for as long as the trail is kept.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.reading_log import WINDOW

__all__ = ["Delivery", "deliveries", "mark_name", "short_id"]

_DELIVERING = (AuditAction.PAGE_READ.value, AuditAction.ITEM_DOWNLOADED.value)


@dataclass(frozen=True, slots=True)
class Delivery:
    """To whom, what, by which leave (None: he needed none) a picture was delivered, and in which hour (aware)."""

    person_id: str
    person: str
    item_id: str
    number: str | None
    hour: datetime


def mark_name(person_id: str, item_id: str, grant_id: str | None, at: datetime) -> str:
    """The name of what is delivered to a person at a time (aware)."""
    return f"{person_id}/{item_id}/{grant_id or '-'}/{at.astimezone(UTC):%Y%m%d%H}"


def short_id(name: str) -> str:
    """A name as people say it: ten hexadecimal digits."""
    return hashlib.sha256(name.encode()).hexdigest()[:10]


def deliveries(session: Session, since: datetime, until: datetime) -> Mapping[str, Delivery]:
    """Every name that was given from `since` until before `until` (aware), and what it stands for."""
    entries = select(
        AuditEntry.actor_id, AuditEntry.actor_name, AuditEntry.subject_id, AuditEntry.details, AuditEntry.at
    ).where(AuditEntry.action.in_(_DELIVERING), AuditEntry.at >= since - WINDOW, AuditEntry.at < until)
    found: dict[str, Delivery] = {}
    for person_id, person, item_id, details, at in session.execute(entries.execution_options(yield_per=10_000)):
        # One entry stands for the pieces of a page within the window, which may reach into the next hour.
        for moment in (at, at + WINDOW):
            name = mark_name(str(person_id), item_id, details.get("grant"), moment)
            hour = moment.replace(minute=0, second=0, microsecond=0)
            found.setdefault(name, Delivery(str(person_id), person, item_id, details.get("number"), hour))
    return found
