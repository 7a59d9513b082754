"""Every change of a batch's plan, of the custody of its originals, and of its sampling checks."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from archive.digitization.models import Batch, Draft, DraftPage, DraftState, PageRole, PageState
from archive.digitization.progress import progress_of
from archive.digitization.quality.gate import SAMPLE_FAILED, last_check, tally
from archive.digitization.quality.models import BatchPlan, CheckOutcome, SampledPage, SamplingCheck, Verdict
from archive.digitization.quality.rules import draw, outcome, sample_size
from archive.digitization.review import visible_batches
from archive.digitization.service import TRIES
from archive.platform.accounts.models import Person
from archive.platform.actor import Actor
from archive.platform.audit.actions import AuditAction
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
        """Make or change the plan of a batch. Raises InvalidError, ConflictError."""
        if values["scanned_by"] and values["scanned_by"] == values["checked_by"]:
            raise InvalidError(_("检查人不能是扫描人本人，请另选一人。"), field="checked_by")
        plan = self._plan_for_writing(batch)
        last = last_check(self._session, batch.id)
        if last is not None and plan.scanned_by != values["scanned_by"]:
            raise ConflictError(_("已经抽过样，不能再更改扫描人。"))
        for name, value in values.items():
            setattr(plan, name, value)
        self._record(AuditAction.BATCH_PLANNED, batch)

    def hand_out(self, batch: Batch, to: str, items: int | None, sheets: int | None) -> None:
        """The originals leave the storeroom for digitisation. Raises InvalidError, ConflictError."""
        if not to:
            raise InvalidError(_("请填写接收人或接收单位。"), field="handed_out_to")
        if items is None or sheets is None:
            raise InvalidError(_("请填写交出的件数和张数。"), field="handed_out_sheets")
        plan = self._plan_for_writing(batch)
        if plan.handed_out_at is not None and plan.handed_back_at is None:
            raise ConflictError(_("这批原件已经交出，尚未归还。"))
        plan.handed_out_at, plan.handed_out_by, plan.handed_out_to = self._clock(), self._actor.person_id, to
        plan.handed_out_items, plan.handed_out_sheets = items, sheets
        plan.handed_back_at = plan.taken_back_by = plan.handed_back_items = plan.handed_back_sheets = None
        plan.handed_back_by = plan.handed_back_note = ""
        self._record(AuditAction.ORIGINALS_HANDED_OUT, batch, items=items, sheets=sheets)

    def hand_back(self, batch: Batch, by: str, items: int | None, sheets: int | None, note: str) -> None:
        """They are back, counted; a difference needs a note. Raises InvalidError, ConflictError."""
        plan = self._plan_for_writing(batch)
        if plan.handed_out_at is None or plan.handed_back_at is not None:
            raise ConflictError(_("这批原件没有在外的交出登记。"))
        if not by:
            raise InvalidError(_("请填写归还人。"), field="handed_back_by")
        if items is None or sheets is None:
            raise InvalidError(_("请填写清点归还的件数和张数。"), field="handed_back_sheets")
        if (items, sheets) != (plan.handed_out_items, plan.handed_out_sheets) and not note:
            raise InvalidError(_("归还数量与交出数量不同，请在备注中说明。"), field="handed_back_note")
        plan.handed_back_at, plan.handed_back_by, plan.taken_back_by = self._clock(), by, self._actor.person_id
        plan.handed_back_items, plan.handed_back_sheets, plan.handed_back_note = items, sheets, note
        self._record(AuditAction.ORIGINALS_HANDED_BACK, batch, items=items, sheets=sheets)

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
        """Whether this person is another than who scanned the batch."""
        plan = self.plan(batch)
        return person.id != (plan.scanned_by if plan is not None and plan.scanned_by else batch.created_by)

    def _check_second(self, batch: Batch, person: Person) -> None:
        if not self.may_check(batch, person):
            raise ConflictError(_("扫描人不能检查自己扫描的批次，请由另一人抽检。"))

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

    def _record(self, action: AuditAction, batch: Batch, **facts: int) -> None:
        record(self._session, self._clock, self._actor, action, "batch", batch.id, **facts)
