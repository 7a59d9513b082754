"""Every change of a batch's plan, of the custody of its originals, and of its sampling checks."""

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.digitization.models import Batch, Draft, DraftPage, DraftState, PageRole, PageState
from archive.digitization.progress import progress_of
from archive.digitization.quality.duties import Gate, PlanChange, barred
from archive.digitization.quality.gate import SAMPLE_FAILED, last_check, tally
from archive.digitization.quality.models import (
    BatchPlan,
    CheckOutcome,
    Counts,
    SampledPage,
    SamplingCheck,
    Verdict,
)
from archive.digitization.quality.rules import draw, outcome, sample_size
from archive.digitization.review import visible_batches
from archive.digitization.service import TRIES
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
from archive.platform.audit.models import AuditEntry
from archive.platform.audit.service import record
from archive.platform.db import Clock
from archive.platform.errors import ConflictError, InvalidError, NotFoundError
from archive.platform.i18n import _
from archive.platform.jobs.service import JobQueue

__all__ = ["Opinion", "QualityService"]

_LIVING = (DraftState.READY, DraftState.ACCEPTING, DraftState.ACCEPTED)


#: longer notes belong to the register of the storeroom
_NOTE = 200


@dataclass(frozen=True, slots=True)
class Opinion:
    """What a person says of a sampled page; `defect` is a code of words.DEFECTS where it is bad."""

    verdict: Verdict
    defect: str = ""
    note: str = ""


class QualityService:
    """Acts on the quality of one batch after another, in the caller's transaction."""

    def __init__(self, session: Session, clock: Clock, actor: Actor) -> None:
        self._session = session
        self._clock = clock
        self._actor = actor

    def batch(self, batch_id: str, person: Person) -> Batch:
        """A batch this person may see. Raises NotFoundError."""
        batch = self._session.scalar(visible_batches(person).where(Batch.id == batch_id))
        if batch is None:
            raise NotFoundError(_("没有这个批次。"))
        return batch

    def plan(self, batch: Batch) -> BatchPlan | None:
        """The plan of a batch, if it has one."""
        return self._session.get(BatchPlan, batch.id)

    def save_plan(self, batch: Batch, values: Mapping[str, Any]) -> None:
        """Make or change the plan of a batch. Raises InvalidError, ConflictError.

        Once a sample was drawn it stays who scanned and prepared, and the gate may only become harder to pass.
        """
        self._session.refresh(batch, with_for_update=True)
        plan = self.plan(batch)
        changed = {name: (getattr(plan, name, None), value) for name, value in values.items()}
        changed = {name: (before, after) for name, (before, after) in changed.items() if before != after}
        if plan is not None and last_check(self._session, batch.id) is not None:
            self._check_frozen(plan, values, changed)
        if values["checked_by"] in self._barred(batch, _plan_change(self._actor.person_id, changed)):
            raise InvalidError(_("检查人不能是送交、整理、扫描或换过扫描人的人，请另选一人。"), field="checked_by")
        plan = self._plan_for_writing(batch)
        for name, value in values.items():
            setattr(plan, name, value)
        told = {name: [_told(name, before), _told(name, after)] for name, (before, after) in changed.items()}
        self._record(AuditAction.BATCH_PLANNED, batch, changed=told)

    def hand_out(self, batch: Batch, to: str, counts: Counts) -> None:
        """The originals leave the storeroom for digitisation. Raises InvalidError, ConflictError."""
        if not to:
            raise InvalidError(_("请填写接收人或接收单位。"), field="handed_out_to")
        _check_counted(counts, "handed_out", _("请填写交出的件数、张数和页数。"))
        plan = self._plan_for_writing(batch)
        if plan.handed_out_at is not None and plan.handed_back_at is None:
            raise ConflictError(_("这批原件已经交出，尚未归还。"))
        plan.keep_custody()
        plan.handed_out_at, plan.handed_out_by, plan.handed_out_to = self._clock(), self._actor.person_id, to
        plan.handed_out_items, plan.handed_out_sheets, plan.handed_out_pages = counts
        self._record(AuditAction.ORIGINALS_HANDED_OUT, batch, **counts._asdict())

    def hand_back(self, batch: Batch, by: str, counts: Counts, note: str) -> None:
        """They are back, counted; a difference needs a note. Raises InvalidError, ConflictError."""
        plan = self._plan_for_writing(batch)
        if plan.handed_out_at is None or plan.handed_back_at is not None:
            raise ConflictError(_("这批原件没有在外的交出登记。"))
        if not by:
            raise InvalidError(_("请填写归还人。"), field="handed_back_by")
        _check_counted(counts, "handed_back", _("请填写清点归还的件数、张数和页数。"))
        if counts != plan.handed_out and not note:
            raise InvalidError(_("归还数量与交出数量不同，请在备注中说明。"), field="handed_back_note")
        plan.handed_back_at, plan.handed_back_by, plan.taken_back_by = self._clock(), by, self._actor.person_id
        plan.handed_back_items, plan.handed_back_sheets, plan.handed_back_pages = counts
        plan.handed_back_note = note
        self._record(AuditAction.ORIGINALS_HANDED_BACK, batch, **counts._asdict())

    def check(self, batch: Batch, check_id: str) -> SamplingCheck:
        """One of the batch's checks. Raises NotFoundError."""
        found = self._session.get(SamplingCheck, check_id)
        if found is None or found.batch_id != batch.id:
            raise NotFoundError(_("没有这次抽检。"))
        return found

    def sampled(self, check: SamplingCheck, position: int) -> SampledPage:
        """One page of a sample, by its position from 1. Raises NotFoundError."""
        wanted = select(SampledPage).where(SampledPage.check_id == check.id, SampledPage.position == position)
        page = self._session.scalar(wanted)
        if page is None:
            raise NotFoundError(_("样本中没有这一页。"))
        return page

    def pages_to_draw(self, batch: Batch, plan: BatchPlan) -> int:
        """How many pages a sample that is drawn now would have."""
        pages = self._session.scalar(select(func.count()).select_from(self._pages(batch).subquery())) or 0
        return sample_size(pages, plan.share, plan.least)

    def draw_sample(self, batch: Batch, person: Person) -> SamplingCheck:
        """Draw the pages of a new check by the batch's plan. Raises ConflictError."""
        plan = self._plan_for_writing(batch)
        self._check_second(batch, person)
        last = last_check(self._session, batch.id)
        if last is not None and last.outcome is CheckOutcome.OPEN:
            raise ConflictError(_("上一次抽检还没有结论，请先完成。"))
        if not progress_of(self._session, batch, self._clock()).recognised or not batch.complete:
            raise ConflictError(_("本批还没有全部识别、拆分完毕，请稍后再抽样。"))
        pages = list(self._session.scalars(self._pages(batch).order_by(Draft.position, DraftPage.number)))
        if not pages:
            raise ConflictError(_("本批没有可以抽检的页面。"))
        check = SamplingCheck(
            batch_id=batch.id,
            batch_number=batch.number,
            number=last.number + 1 if last else 1,
            drawn_by=person.id,
            drawn_at=self._clock(),
            seed=secrets.randbits(62),
            pages=len(pages),
            share=plan.share,
            least=plan.least,
            highest_error=plan.highest_error,
            outcome=CheckOutcome.OPEN,
        )
        drawn = draw(pages, sample_size(len(pages), plan.share, plan.least), check.seed)
        check.sample = [SampledPage(position=n, page_id=page_id) for n, page_id in enumerate(drawn, 1)]
        self._session.add(check)
        self._session.flush()
        self._record(AuditAction.SAMPLE_DRAWN, batch, number=check.number, pages=len(drawn))
        return check

    def judge(self, batch: Batch, check: SamplingCheck, position: int, person: Person, opinion: Opinion) -> SampledPage:
        """Say whether a sampled page is good, or what is wrong with it; again where somebody erred.

        Raises ConflictError, InvalidError, NotFoundError.
        """
        self._check_second(batch, person)
        self._session.refresh(check, with_for_update=True)
        if check.outcome is not CheckOutcome.OPEN:
            raise ConflictError(_("这次抽检已有结论，不能再改。"))
        if opinion.verdict is Verdict.BAD and not opinion.defect:
            raise InvalidError(_("请选择不合格的原因。"), field="defect")
        page = self.sampled(check, position)
        page.verdict, page.defect = opinion.verdict, opinion.defect if opinion.verdict is Verdict.BAD else ""
        page.note = opinion.note[:_NOTE]
        page.judged_by, page.judged_at = person.id, self._clock()
        return page

    def conclude(self, batch: Batch, check: SamplingCheck, person: Person) -> None:
        """Let the sample decide: the batch passes 验收通过, or goes back. Raises ConflictError."""
        self._check_second(batch, person)
        self._session.refresh(check, with_for_update=True)
        if check.outcome is not CheckOutcome.OPEN:
            raise ConflictError(_("这次抽检已有结论，不能再改。"))
        counted = tally(self._session, check)
        decided = outcome(counted.size, counted.good, counted.bad, check.highest_error)
        if decided is CheckOutcome.OPEN:
            raise ConflictError(_("还有 {n} 页没有检查，检查完才能下结论。"), n=counted.left)
        check.outcome, check.concluded_by, check.concluded_at = decided, person.id, self._clock()
        passed = decided is CheckOutcome.PASSED
        self._mark_drafts(batch, None if passed else counted.error_rate)
        action = AuditAction.SAMPLE_PASSED if passed else AuditAction.SAMPLE_FAILED
        self._record(action, batch, number=check.number, pages=counted.size, failures=counted.bad)
        if passed and batch.accept:
            JobQueue(self._session, self._clock).enqueue(
                "accept", {"batch": batch.id}, key=f"accept:{check.id}", group=batch.id, max_attempts=TRIES
            )

    def may_check(self, batch: Batch, person: Person) -> bool:
        """Whether this person had no hand in the batch, by all that is on record of it; see duties.barred."""
        return person.id not in self._barred(batch)

    def _check_second(self, batch: Batch, person: Person) -> None:
        if not self.may_check(batch, person):
            raise ConflictError(_("送交、整理、扫描过本批或换过扫描人的人，不能检查本批，请由另一人抽检。"))

    def _barred(self, batch: Batch, *intended: PlanChange) -> frozenset[str]:
        """Who may not check the batch; also by changes of its plan that are not on record yet."""
        plan = self.plan(batch)
        present = PlanChange(None, (None, plan.scanned_by), (None, plan.prepared_by)) if plan else PlanChange(None)
        added = {entry.actor_id for entry in self._trail(batch, AuditAction.PAGE_ADDED) if entry.actor_id}
        acts = self._trail(batch, AuditAction.BATCH_PLANNED)
        former = (_plan_change(entry.actor_id, entry.details.get("changed", {})) for entry in acts)
        return barred(batch.created_by, added, [present, *former, *intended])

    def _trail(self, batch: Batch, action: AuditAction) -> Iterator[AuditEntry]:
        wanted = select(AuditEntry).where(AuditEntry.subject_id == batch.id, AuditEntry.action == action)
        yield from self._session.scalars(wanted)

    def _check_frozen(self, plan: BatchPlan, values: Mapping[str, Any], changed: Mapping[str, tuple[Any, Any]]) -> None:
        """What was sampled stays as it was said to be made, and is held to what it was to reach."""
        if not changed.keys().isdisjoint({"scanned_by", "prepared_by"}):
            raise ConflictError(_("已经抽过样，不能再更改整理人和扫描人。"))
        eased = _gate({name: getattr(plan, name) for name in values}).eased(_gate(values))
        if eased:
            raise InvalidError(_("已经抽过样，验收标准只能更严，不能放宽。"), field=eased[0])

    def _plan_for_writing(self, batch: Batch) -> BatchPlan:
        """The plan, locked, so that of two who act at once the second sees what the first did; made if absent."""
        self._session.refresh(batch, with_for_update=True)
        plan = self._session.get(BatchPlan, batch.id)
        if plan is None:
            plan = BatchPlan(batch_id=batch.id, batch_number=batch.number)
            self._session.add(plan)
            self._session.flush()
        return plan

    def _pages(self, batch: Batch) -> Select[str]:
        """Ids of the pages of the batch's items."""
        pages = select(DraftPage.id).join(Draft, DraftPage.draft_id == Draft.id).where(Draft.batch_id == batch.id)
        pages = pages.where(Draft.state.in_(_LIVING), DraftPage.state == PageState.DONE)
        return pages.where(DraftPage.role == PageRole.CONTENT)

    def _mark_drafts(self, batch: Batch, error_rate: float | None) -> None:
        """What is not accepted yet learns how the check ended: a failed one keeps it from being filed unseen."""
        waiting = select(Draft).where(Draft.batch_id == batch.id, Draft.state == DraftState.READY)
        for draft in self._session.scalars(waiting.with_for_update().execution_options(yield_per=200)):
            kept = [finding for finding in draft.findings if finding["code"] != SAMPLE_FAILED]
            failed = [] if error_rate is None else [{"code": SAMPLE_FAILED, "value": error_rate}]
            draft.findings = kept + failed

    def _record(self, action: AuditAction, batch: Batch, **facts: Any) -> None:
        record(self._session, self._clock, self._actor, action, "batch", batch.id, **facts)


def _gate(values: Mapping[str, Any]) -> Gate:
    return Gate(**{name: values[name] for name in Gate.__dataclass_fields__})


def _plan_change(by: str | None, changed: Mapping[str, Any]) -> PlanChange:
    """Of changes by column, as the trail keeps them, those that say who did what."""
    nobody = (None, None)
    return PlanChange(by, tuple(changed.get("scanned_by", nobody)), tuple(changed.get("prepared_by", nobody)))


def _told(name: str, value: Any) -> Any:
    """A value as the trail may hold it: what somebody wrote in words is told by its digest."""
    return hashlib.sha256(value.encode()).hexdigest() if name == "device" and value else value


def _check_counted(counts: Counts, way: str, message: str) -> None:
    missing = [name for name, count in counts._asdict().items() if count is None]
    if missing:
        raise InvalidError(message, field=f"{way}_{missing[0]}")
