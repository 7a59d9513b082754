"""When the last page of a draft is read: what its pages say about title, number, date and issuer becomes its fields."""

from collections.abc import Mapping
from dataclasses import asdict, replace
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, undefer

from archive.catalogue.models import Secrecy
from archive.catalogue.secrecy import level_of
from archive.digitization.correction import text_of
from archive.digitization.errors import FieldsError
from archive.digitization.fields import DraftFields, first_fields, unit_of_issuer
from archive.digitization.known_issuers import with_known_issuer
from archive.digitization.learning.service import follow_rules
from archive.digitization.models import (
    BatchFile,
    Draft,
    DraftPage,
    DraftState,
    FileState,
    PageRole,
    PageState,
    SplitRule,
)
from archive.digitization.quality.gate import findings_of, is_open
from archive.digitization.reasons import UNREADABLE
from archive.digitization.review import DraftService
from archive.digitization.separators.boxes import in_box
from archive.digitization.separators.twins import TWINS, twin_findings
from archive.digitization.splitting import UNASKED, sheet_findings, split
from archive.platform.accounts.models import Unit
from archive.platform.actor import Actor
from archive.platform.parts import Parts
from archive.platform.secrecy_levels import LEVELS, exceeds
from ingest.context import PageText, Proposal
from ingest.official_document import propose
from ingest.sources.mail import mail_proposals

__all__ = ["accept_unseen", "propose_anew", "settle", "settle_batch", "settle_draft", "settle_file"]

#: So many pages at the head of a draft, and at its end, are looked at: the rest of a long volume proposes nothing.
_HEAD, _TAIL = 10, 4
#: the media type of an e-mail
_LETTER = "message/rfc822"
#: how sure a date can be that is not likely
_UNLIKELY = 0.3


def settle_file(parts: Parts, file_id: str) -> None:
    """Bring what is wholly read of a file to review. Any number of workers may try."""
    with parts.database.reading() as session:
        file = session.get_one(BatchFile, file_id)
        rule, batch_id = file.batch.split_rule, file.batch_id
        of_file = select(DraftPage.draft_id).where(DraftPage.file_id == file_id, DraftPage.draft_id.is_not(None))
        reading = select(Draft.id).where(Draft.id.in_(of_file), Draft.state == DraftState.RECOGNISING)
        drafts = list(session.scalars(reading.order_by(Draft.position)))
    if rule is not SplitRule.FILE:
        drafts += split(parts, batch_id)
    for draft_id in drafts:
        settle(parts, draft_id)


def settle_batch(parts: Parts, payload: Mapping[str, Any]) -> None:
    """The job `split`: divide payload["batch"], the last file of which has come, if its pages are read by now."""
    for draft_id in split(parts, payload["batch"]):
        settle(parts, draft_id)


def settle_draft(parts: Parts, payload: Mapping[str, Any]) -> None:
    """The job `settle`: bring payload["draft"], the pages of which were arranged anew, to review if they are read."""
    settle(parts, payload["draft"])


def settle(parts: Parts, draft_id: str) -> None:
    """Bring a draft whose pages are all done, or set aside, to review. Any number of workers may try."""
    with parts.database.reading() as session:
        draft = session.get_one(Draft, draft_id)
        if draft.state is not DraftState.RECOGNISING or _is_waited_for(session, draft_id):
            return
        texts, arrangement = _texts(session, draft_id), draft.arrangement
        letter = _is_letter(session, draft_id)
        doubts = [*twin_findings(session, draft_id), *sheet_findings(session, draft_id)]
    proposals = _proposals(texts, letter=letter)
    with parts.database.writing() as session:
        draft = session.get_one(Draft, draft_id, with_for_update=True)
        if draft.state is not DraftState.RECOGNISING or draft.arrangement != arrangement:
            return
        if not _refused(session, draft):
            kept = [one for one in draft.findings if one["code"] not in (*TWINS, UNASKED)]
            draft.findings = [*kept, *doubts]
            _make_ready(parts, session, draft, proposals)


def _refused(session: Session, draft: Draft) -> bool:
    """Refuse a file of which no page can be opened: nothing of it could become a record."""
    counted = select(DraftPage.file_id, DraftPage.reason, func.count()).where(DraftPage.draft_id == draft.id)
    reasons = session.execute(counted.group_by(DraftPage.file_id, DraftPage.reason)).all()
    if len(reasons) != 1 or reasons[0].reason not in UNREADABLE:
        return False
    file_id, reason, pages = reasons[0]
    pages_of_file = session.scalar(select(func.count()).where(DraftPage.file_id == file_id))
    if pages_of_file != pages:  # others of it are elsewhere
        return False
    file = session.get_one(BatchFile, file_id)
    draft.state, draft.reason = DraftState.DISCARDED, reason
    file.state, file.reason = FileState.REFUSED, reason
    return True


def _is_waited_for(session: Session, draft_id: str) -> bool:
    waiting = select(DraftPage.id).where(DraftPage.draft_id == draft_id, DraftPage.state == PageState.WAITING)
    return session.scalar(waiting.limit(1)) is not None


def _texts(session: Session, draft_id: str) -> dict[int, PageText]:
    """The pages at the head and at the end of a draft, by their number; what a person corrected counts."""
    pages = select(DraftPage.number, DraftPage.content, DraftPage.corrected)
    pages = pages.where(DraftPage.draft_id == draft_id, DraftPage.content.is_not(None))
    pages = pages.where(DraftPage.role == PageRole.CONTENT)
    head = session.execute(pages.order_by(DraftPage.number).limit(_HEAD)).all()
    tail = session.execute(pages.order_by(DraftPage.number.desc()).limit(_TAIL)).all()
    read = {page.number: page.corrected or page.content for page in (*head, *tail)}
    return {number: PageText.from_json(text) for number, text in read.items() if number and text}


def _is_letter(session: Session, draft_id: str) -> bool:
    """Whether the first page comes from an e-mail: only there what it says of sender and date is taken at its word."""
    types = select(BatchFile.media_type).join(DraftPage, DraftPage.file_id == BatchFile.id)
    types = types.where(DraftPage.draft_id == draft_id, DraftPage.content.is_not(None))
    types = types.where(DraftPage.role == PageRole.CONTENT)
    return session.scalar(types.order_by(DraftPage.number).limit(1)) == _LETTER


def _proposals(texts: Mapping[int, PageText], *, letter: bool) -> list[Proposal]:
    """What the readable pages say; where some page failed, places are brought back to the draft's own page numbers."""
    numbers = sorted(texts)
    pages = [texts[number] for number in numbers]
    found = (mail_proposals(pages[0]) if letter and pages else []) or propose(pages)
    return [replace(one, page=numbers[one.page - 1]) if one.page is not None else one for one in found]


def propose_anew(parts: Parts, session: Session, draft: Draft) -> None:
    """Read the fields of a draft once more, from its pages as they are corrected by now; what a person typed stays."""
    letter = _is_letter(session, draft.id)
    _fill_in(parts, session, draft, _proposals(_texts(session, draft.id), letter=letter))


def _make_ready(parts: Parts, session: Session, draft: Draft, proposals: list[Proposal]) -> None:
    _fill_in(parts, session, draft, proposals)
    draft.state = DraftState.READY
    draft.findings = findings_of(session, draft)
    session.flush()
    accept_unseen(parts, session, draft)


def _fill_in(parts: Parts, session: Session, draft: Draft, proposals: list[Proposal]) -> None:
    proposals = with_known_issuer(session, draft.batch.fonds_id, proposals)
    person, today = draft.batch.person, parts.clock().astimezone(parts.settings.zone)
    fields = first_fields(proposals, draft.name, electronic_only=draft.batch.category.electronic_only, year=today.year)
    units = {unit.id: unit.name for unit in session.scalars(select(Unit))}
    unit_id = unit_of_issuer(fields.issuer, units) or person.unit_id
    fields = replace(fields, unit_id=unit_id, box_id=draft.batch.box_id or "", secrecy=_secrecy(parts, session, draft))
    fields = replace(fields, **{name: draft.fields[name] for name in draft.typed})
    read = [_doubted(proposal, f"{today:%Y%m%d}") for proposal in proposals]
    draft.proposals = [asdict(proposal) for proposal in (*read, _page_count(session, draft))]
    fields, notes = follow_rules(session, draft, fields)
    fields = in_box(session, draft, fields)
    draft.proposals = [*draft.proposals, *notes]
    draft.fields = fields.to_json()
    if "unit_id" not in draft.typed:
        draft.unit_id = fields.unit_id


def _secrecy(parts: Parts, session: Session, draft: Draft) -> str:
    """The highest level on any page, as far as the archive is fit for it: those above were let through."""
    limit = parts.settings.max_secrecy
    if limit == Secrecy.NONE:
        return limit
    wanted = select(DraftPage).where(DraftPage.draft_id == draft.id, DraftPage.content.is_not(None))
    pages = session.scalars(wanted.options(undefer(DraftPage.content), undefer(DraftPage.corrected)))
    levels = (level_of(propose([text])) for page in pages if (text := text_of(page)) is not None)
    return max((level for level in levels if not exceeds(level, limit)), key=LEVELS.index, default=Secrecy.NONE)


def _doubted(proposal: Proposal, today: str) -> Proposal:
    """A date to come was misread."""
    to_come = proposal.field == "date" and proposal.value > today
    return replace(proposal, confidence=min(proposal.confidence, _UNLIKELY)) if to_come else proposal


def _page_count(session: Session, draft: Draft) -> Proposal:
    """How many pages bear something: those that are counted in the catalogue."""
    pages = select(func.count()).where(DraftPage.draft_id == draft.id, DraftPage.role == PageRole.CONTENT)
    return Proposal("page_count", str(session.scalar(pages.where(~DraftPage.blank)) or 0), 1.0)


def accept_unseen(parts: Parts, session: Session, draft: Draft) -> None:
    """File a draft that is ready without review, if that is wanted and nothing is doubtful.

    A letter never: what is attached to it may be nothing that can be read here.
    """
    letter = BatchFile.media_type == _LETTER
    unread = select(DraftPage.id).join(BatchFile, DraftPage.file_id == BatchFile.id)
    unread = unread.where(DraftPage.draft_id == draft.id, or_(DraftPage.state != PageState.DONE, letter))
    whole = session.scalar(unread.limit(1)) is None
    if (
        draft.batch.accept
        and whole
        and not draft.findings
        and not draft.arrangement
        and draft.fields["secrecy"] == Secrecy.NONE
        and is_open(session, draft.batch_id)
    ):
        _accept(parts, session, draft, DraftFields.from_json(draft.fields))


def _accept(parts: Parts, session: Session, draft: Draft, fields: DraftFields) -> None:
    """File what is proposed without review; what cannot be filed so waits for a person."""
    person = draft.batch.person
    service = DraftService(session, parts.clock, Actor(person.id, person.name))
    try:
        service.accept(draft, draft.revision, fields, person)
    except FieldsError:
        draft.reason = "needs_review"
