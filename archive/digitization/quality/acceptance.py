"""After a check passed: what waited for it is filed, if its batch is to be filed without review."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select

from archive.digitization.models import Draft, DraftState
from archive.digitization.proposing import accept_unseen
from archive.platform.parts import Parts

__all__ = ["accept_batch"]


def accept_batch(parts: Parts, payload: Mapping[str, Any]) -> None:
    """The job `accept`: file the drafts of payload["batch"] that are ready and not doubtful."""
    with parts.database.reading() as session:
        ready = select(Draft.id).where(Draft.batch_id == payload["batch"], Draft.state == DraftState.READY)
        waiting = list(session.scalars(ready.order_by(Draft.position)))
    for draft_id in waiting:
        with parts.database.writing() as session:
            draft = session.get_one(Draft, draft_id, with_for_update=True)
            if draft.state is DraftState.READY:
                accept_unseen(parts, session, draft)
