"""What a reviewer does with a draft: correct, accept, discard. Each is one transaction, and only one person's."""

from sqlalchemy import ColumnElement, Select, exists, func, or_, select
from sqlalchemy.orm import Session, object_session

from archive.catalogue.models import Box, Category, Secrecy
from archive.digitization.errors import FieldsError
from archive.digitization.fields import DraftFields, problems
from archive.digitization.models import Batch, Draft, DraftState
from archive.digitization.original_notes import Noted, notes_of
from archive.digitization.service import AT_ONCE, TRIES
from archive.platform.accounts.models import Person, Role, Unit
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, NotFoundError
from archive.platform.guard import max_secrecy
from archive.platform.i18n import _
from archive.platform.jobs.service import JobQueue
from archive.platform.secrecy_levels import levels_within

__all__ = ["DraftService", "category_for", "visible_batches", "visible_drafts"]


class DraftService:
    """Acts on drafts in the caller's transaction. `revision` is what the reviewer saw: a newer one is a conflict."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def draft(self, draft_id: str, person: Person) -> Draft:
        """A draft this person may see. Raises NotFoundError."""
        draft = self._session.scalar(visible_drafts(person).where(Draft.id == draft_id))
        if draft is None:
            raise NotFoundError(_("没有这份待审核件。"))
        return draft

    def next_ready(self, person: Person, after: Draft) -> Draft | None:
        """The next draft of the batch, else of any batch, that waits for review."""
        ready = visible_drafts(person).where(Draft.state == DraftState.READY, Draft.id != after.id)
        same = ready.where(Draft.batch_id == after.batch_id).order_by(Draft.position)
        return self._session.scalar(same.limit(1)) or self._session.scalar(ready.order_by(Draft.id).limit(1))

    def correct(self, draft: Draft, revision: int, fields: DraftFields, noted: Noted | None = None) -> None:
        """Keep what the reviewer typed so far, right or wrong. Raises ConflictError."""
        self._claim(draft, revision)
        self._write(draft, fields, noted)
        self._record(AuditAction.DRAFT_CORRECTED, draft)

    def accept(
        self, draft: Draft, revision: int, fields: DraftFields, person: Person, noted: Noted | None = None
    ) -> None:
        """Accept a draft: from now on it is being filed. Raises FieldsError, ConflictError naming who was first.

        `noted`: what the reviewer says of the originals; None leaves what is known of them.
        """
        self._claim(draft, revision)
        errors = problems(fields, max_secrecy(self._session)) or self._box_problem(draft, fields)
        if errors:
            raise FieldsError(errors)
        self._write(draft, fields, noted)
        draft.state, draft.reason = DraftState.ACCEPTING, ""
        draft.accepted_by, draft.accepted_at = person.id, self._clock()
        self._session.flush()
        self._record(AuditAction.DRAFT_ACCEPTED, draft)
        JobQueue(self._session, self._clock).enqueue(
            "file",
            {"draft": draft.id},
            key=f"file:{draft.id}:{draft.revision}",
            group=draft.batch_id,
            priority=AT_ONCE,
            max_attempts=TRIES,
        )

    def discard(self, draft: Draft, revision: int) -> None:
        """Give a draft up; it can be taken up again for a while. Raises ConflictError."""
        self._claim(draft, revision)
        draft.state, draft.discarded_at = DraftState.DISCARDED, self._clock()
        self._record(AuditAction.DRAFT_DISCARDED, draft)

    def _claim(self, draft: Draft, revision: int) -> None:
        """Lock the draft as it is now, and make sure nobody came first."""
        self._session.refresh(draft, with_for_update=True)
        if draft.state in {DraftState.ACCEPTING, DraftState.ACCEPTED}:
            raise ConflictError(_("{name} 已验收了这份文件。"), name=self._name(draft.accepted_by))
        if draft.state is not DraftState.READY:
            raise ConflictError(_("这份文件已不在待审核状态，请刷新页面。"))
        if draft.revision != revision:
            raise ConflictError(_("这份文件刚被他人修改过，请刷新页面核对后再提交。"))

    def _name(self, person_id: str | None) -> str:
        return self._session.get_one(Person, person_id).name if person_id else ""

    def _write(self, draft: Draft, fields: DraftFields, noted: Noted | None) -> None:
        written = fields.to_json()
        changed = {name for name, value in written.items() if value != draft.fields.get(name)}
        draft.fields, draft.typed = written, sorted(changed.union(draft.typed))
        known = self._session.get(Unit, fields.unit_id) if fields.unit_id else None
        draft.unit_id = known.id if known else None
        before = notes_of(self._session, draft)
        if noted is not None and self._actor.person_id and noted != Noted.of_notes(before):
            notes = noted.notes(self._actor.person_id, self._clock(), before)
            draft.notes = [note.to_json() for note in notes]

    def _box_problem(self, draft: Draft, fields: DraftFields) -> dict[str, str]:
        if self._session.get(Unit, fields.unit_id) is None:
            return {"unit_id": _("请选择归档部门。")}
        if category_for(self._session, draft.batch, electronic_only=fields.electronic_only) is None:
            return {"carrier": _("这个门类没有设置这种载体，请另选一种。")}
        if fields.electronic_only or not fields.box_id:
            return {}
        box = self._session.get(Box, fields.box_id)
        wanted = (draft.batch.fonds_id, fields.year, fields.retention, fields.unit_id)
        if box is None or (box.fonds_id, box.year, box.retention.value, box.unit_id) != wanted:
            return {"box_id": _("一盒只装同一全宗、年度、保管期限和机构的文件，请另选一盒。")}
        return {}

    def _record(self, action: AuditAction, draft: Draft) -> None:
        record(self._session, self._clock, self._actor, action, "draft", draft.id, batch=draft.batch_id)


def category_for(session: Session, batch: Batch, *, electronic_only: bool) -> Category | None:
    """The batch's category for this kind of carrier."""
    own = batch.category
    wanted = select(Category).where(Category.fonds_id == own.fonds_id, Category.code == own.code)
    return session.scalar(wanted.where(Category.electronic_only == electronic_only))


def visible_drafts(person: Person) -> Select[Draft]:
    """The drafts this person may see: an archivist all, a records officer his own batches and his department's.

    Of those that are state secrets only what he is cleared for.
    """
    drafts = select(Draft).join(Batch, Draft.batch_id == Batch.id)
    if _may_be_secret(person):
        drafts = drafts.where(_within(person))
    if Role.ARCHIVIST in person.roles:
        return drafts
    return drafts.where(or_(Batch.created_by == person.id, Draft.unit_id == person.unit_id))


def visible_batches(person: Person) -> Select[Batch]:
    """The batches this person may see: an archivist all, others those they sent; none with a draft he may not see for
    its secrecy."""
    batches = select(Batch)
    if _may_be_secret(person):
        batches = batches.where(~exists().where(Draft.batch_id == Batch.id, ~_within(person)))
    return batches if Role.ARCHIVIST in person.roles else batches.where(Batch.created_by == person.id)


def _may_be_secret(person: Person) -> bool:
    """Whether there can be state secrets at all; looking at each draft for them takes its time."""
    session = object_session(person)
    return session is None or max_secrecy(session) != Secrecy.NONE


def _within(person: Person) -> ColumnElement[bool]:
    """The condition that a draft's secrecy is within somebody's clearance; what was not read yet has none."""
    secrecy = func.coalesce(Draft.fields["secrecy"].as_string(), Secrecy.NONE.value)
    return secrecy.in_((Secrecy.NONE.value, *levels_within(person.clearance)))
