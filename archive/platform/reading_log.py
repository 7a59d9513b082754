"""The register of reading: once per grant × page × 10 minutes, in a short transaction of its own.

Pages are delivered by requests that may not write, and come in many tiles; the register is written before the content
leaves. Where nobody's grant is needed (public, own department) the entry stands for person × page instead.
"""

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.db import Clock, Database
from archive.platform.guard import Decision

__all__ = ["WINDOW", "register_reading"]

#: one entry stands for all that is read of a page within this time
WINDOW = timedelta(minutes=10)


def register_reading(
    database: Database, clock: Clock, actor: Actor, *, item_id: str, page: int, decision: Decision
) -> None:
    """Register that `actor` is about to read one page (1-based; 0 stands for the item as a whole, such as its PDF).

    Call it after the guard allowed and before anything is sent; not inside a writing transaction.
    """
    grant_id = decision.grant.id if decision.grant else None
    with database.reading() as session:
        if _registered(session, clock, actor, item_id, page, grant_id):
            return
    with database.writing() as session:
        # Tiles of a page are asked for at the same time: one at a time per reader, and look again.
        session.get(Person, actor.person_id, with_for_update={"key_share": True})
        if _registered(session, clock, actor, item_id, page, grant_id):
            return
        number = decision.grant.number if decision.grant else None
        record(
            session,
            clock,
            actor,
            AuditAction.PAGE_READ,
            "item",
            item_id,
            page=page,
            reason=decision.reason,
            grant=grant_id,
            number=number,
        )


def _registered(session: Session, clock: Clock, actor: Actor, item_id: str, page: int, grant_id: str | None) -> bool:
    """Whether the same reading stands in the register since less than 10 minutes."""
    recent = (
        select(AuditEntry.id)
        .where(AuditEntry.subject_id == item_id, AuditEntry.at > clock() - WINDOW)
        .where(AuditEntry.action == AuditAction.PAGE_READ.value, AuditEntry.actor_id == actor.person_id)
        .where(AuditEntry.details["page"].as_integer() == page)
    )
    grant = AuditEntry.details["grant"].as_string()
    recent = recent.where(grant.is_(None) if grant_id is None else grant == grant_id)
    return session.scalar(recent.limit(1)) is not None
