"""What a person may order about the copies of what is stored."""

from sqlalchemy.orm import Session

from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import NotFoundError
from archive.platform.i18n import _
from archive.preservation.models import ObjectCopy

__all__ = ["PreservationService"]


class PreservationService:
    """Every change is a method: one transaction, the caller's, with one audit entry."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def order_check(self, copy_id: str) -> None:
        """Have a copy read again at once, before all others. Raises NotFoundError."""
        copy = self._session.get(ObjectCopy, copy_id)
        if copy is None:
            raise NotFoundError(_("没有这份副本。"))
        copy.checked_at = None
        facts = {"location": copy.location}
        record(self._session, self._clock, self._actor, AuditAction.CHECK_ORDERED, "item", copy.item_id, **facts)
