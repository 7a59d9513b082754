"""What a person who leaves has in hand here: drafts of copies, extracts and certificates."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.borrowing.copies.models import CopyState, IssuedCopy
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.i18n import _

__all__ = ["CopyDuty"]


class CopyDuty:
    """Drafts in his hand. Who takes them over did not write them: the writer stays, and cannot check what he wrote."""

    label = _("未核对的复制件、摘录和证明")

    def open(self, session: Session, person_id: str) -> list[tuple[str, str]]:
        """The drafts, by the number of the request."""
        return [(_name(made), f"/copies/{made.id}") for made in _drafts(session, person_id)]

    def hand_over(self, session: Session, clock: Clock, actor: Actor, from_id: str, to_id: str) -> int:
        """The successor has them in hand."""
        drafts = _drafts(session, from_id)
        for made in drafts:
            made.keeper_id = to_id
            record(session, clock, actor, AuditAction.COPY_PASSED_ON, "copy", made.id, to=to_id)
        return len(drafts)


def _drafts(session: Session, person_id: str) -> list[IssuedCopy]:
    held = select(IssuedCopy).where(IssuedCopy.keeper_id == person_id, IssuedCopy.state == CopyState.DRAFT)
    return list(session.scalars(held.order_by(IssuedCopy.written_at)))


def _name(made: IssuedCopy) -> str:
    return made.line.number if made.line else made.id[-8:]
