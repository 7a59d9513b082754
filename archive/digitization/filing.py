"""Filing what a person accepted: the draft becomes an item."""

from collections.abc import Mapping
from typing import Any

from archive.catalogue.filing import enter_item, store_object
from archive.digitization.accepted import close, new_item
from archive.digitization.learning.service import learn
from archive.digitization.models import Draft, DraftState
from archive.digitization.originals import stage_originals
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.errors import DangguiError
from archive.platform.jobs.errors import PermanentJobError
from archive.platform.leases import item_lease
from archive.platform.parts import Parts
from storage.faults import fault_point

__all__ = ["file_draft", "return_to_review"]


def file_draft(parts: Parts, payload: Mapping[str, Any]) -> None:
    """The job `file`: make an item of payload["draft"]."""
    with parts.database.reading() as session:
        draft = session.get_one(Draft, payload["draft"])
        if draft.state is not DraftState.ACCEPTING:
            return
        new = new_item(session, draft)
        person = session.get_one(Person, new.accepted_by)
    with item_lease(parts.database, parts.clock, new.id) as lease:
        new = stage_originals(parts, new)
        try:
            store_object(parts, new, person.name)
            with parts.database.writing() as session:
                lease.check(session)
                draft = session.get_one(Draft, new.id, with_for_update=True)
                if draft.state is not DraftState.ACCEPTING:
                    return
                year = new.accepted_at.astimezone(parts.settings.zone).year
                enter_item(session, parts.clock, Actor(person.id, person.name), new, year)
                learn(session, parts.clock, draft)
                close(session, draft)
        except DangguiError as error:
            raise PermanentJobError("refused") from error
    fault_point("filing.recorded")


def return_to_review(parts: Parts, payload: Mapping[str, Any], reason: str) -> None:
    """It could not be filed: a person looks at it again."""
    with parts.database.writing() as session:
        draft = session.get_one(Draft, payload["draft"], with_for_update=True)
        if draft.state is DraftState.ACCEPTING:
            draft.state, draft.reason = DraftState.READY, reason[:64]
