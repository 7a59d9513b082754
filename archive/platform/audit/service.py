"""Writes audit entries, in the transaction of the act they speak of."""

import json
from typing import Any

from sqlalchemy.orm import Session

from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.db import Clock

__all__ = ["record"]


def record(
    session: Session,
    clock: Clock,
    actor: Actor,
    action: AuditAction,
    subject_kind: str,
    subject_id: str,
    **details: Any,
) -> None:
    """Say that `actor` did `action` to a subject. `details` hold identifiers, numbers and digests, never content.

    The entry is committed, or not, together with the act. Raises TypeError or ValueError for details that are no JSON.
    """
    session.add(
        AuditEntry(
            at=clock(),
            action=action.value,
            actor_id=actor.person_id,
            actor_name=actor.name,
            os_user=actor.os_user,
            address=actor.address,
            subject_kind=subject_kind,
            subject_id=subject_id,
            details=_plain(details),
        )
    )


def _plain(details: dict[str, Any]) -> dict[str, Any]:
    # What is digested later is what comes back from the database; tuples and enumerations must become plain JSON now.
    plain: dict[str, Any] = json.loads(json.dumps(details, allow_nan=False))
    return plain
