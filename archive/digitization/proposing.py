"""When the last page of a draft is read: what its pages say about title, number, date and issuer becomes its fields."""

from collections.abc import Mapping
from dataclasses import asdict, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.digitization.errors import FieldsError
from archive.digitization.fields import DraftFields, first_fields, unit_of_issuer
from archive.digitization.models import Draft, DraftPage, DraftState, FileState, PageState
from archive.digitization.reasons import UNREADABLE
from archive.digitization.review import DraftService
from archive.platform.accounts.models import Unit
from archive.platform.actor import Actor
from archive.platform.parts import Parts
from ingest.context import PageText, Proposal
from ingest.official_document import propose

__all__ = ["settle"]


def settle(parts: Parts, draft_id: str) -> None:
    """Bring a draft whose pages are all done, or set aside, to review. Any number of workers may try."""
    with parts.database.reading() as session:
        draft = session.get_one(Draft, draft_id)
        if draft.state is not DraftState.RECOGNISING or _is_waited_for(session, draft_id):
            return
        texts = {page.number: PageText.from_json(page.content) for page in draft.pages if page.content is not None}
    proposals = _proposals(texts)
    with parts.database.writing() as session:
        draft = session.get_one(Draft, draft_id, with_for_update=True)
        if draft.state is DraftState.RECOGNISING and not _refused(draft):
            _make_ready(parts, session, draft, proposals)


def _refused(draft: Draft) -> bool:
    """Refuse a file of which no page can be opened: nothing of it could become a record."""
    reasons = [page.reason for page in draft.pages]
    if not UNREADABLE.issuperset(reasons):
        return False
    draft.state, draft.reason = DraftState.DISCARDED, reasons[0]
    draft.file.state, draft.file.reason = FileState.REFUSED, reasons[0]
    return True


def _is_waited_for(session: Session, draft_id: str) -> bool:
    waiting = select(DraftPage.id).where(DraftPage.draft_id == draft_id, DraftPage.state == PageState.WAITING)
    return session.scalar(waiting.limit(1)) is not None


def _proposals(texts: Mapping[int, PageText]) -> list[Proposal]:
    """What the readable pages say; where some page failed, places are brought back to the draft's own page numbers."""
    numbers = sorted(texts)
    found = propose([texts[number] for number in numbers])
    return [replace(one, page=numbers[one.page - 1]) if one.page is not None else one for one in found]


def _make_ready(parts: Parts, session: Session, draft: Draft, proposals: list[Proposal]) -> None:
    person = draft.batch.person
    fields = first_fields(
        proposals,
        draft.file.name,
        electronic_only=draft.batch.category.electronic_only,
        year=parts.clock().astimezone(parts.settings.zone).year,
    )
    units = {unit.id: unit.name for unit in session.scalars(select(Unit))}
    unit_id = unit_of_issuer(fields.issuer, units) or person.unit_id
    fields = replace(fields, unit_id=unit_id, box_id=draft.batch.box_id or "")
    draft.proposals = [asdict(proposal) for proposal in proposals]
    draft.fields, draft.unit_id, draft.state = fields.to_json(), unit_id, DraftState.READY
    session.flush()
    if draft.batch.accept and all(page.state is PageState.DONE for page in draft.pages):
        _accept(parts, session, draft, fields)


def _accept(parts: Parts, session: Session, draft: Draft, fields: DraftFields) -> None:
    """File what is proposed without review; what cannot be filed so waits for a person."""
    person = draft.batch.person
    service = DraftService(session, parts.clock, Actor(person.id, person.name))
    try:
        service.accept(draft, draft.revision, fields, person)
    except FieldsError:
        draft.reason = "needs_review"
