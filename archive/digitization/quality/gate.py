"""What stands between a batch and its being filed unseen: findings about its items, and a check that is demanded."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archive.digitization.models import Draft, DraftPage, PageRole
from archive.digitization.quality.models import BatchPlan, CheckOutcome, SampledPage, SamplingCheck, Verdict
from archive.digitization.quality.rules import number_findings

__all__ = ["SAMPLE_FAILED", "Tally", "findings_of", "is_open", "last_check", "tally"]

SAMPLE_FAILED = "sample_failed"

#: findings that are found anew each time
_OURS = (SAMPLE_FAILED, "number_missing", "number_doubled", "number_order")
#: more say no more than that somebody has to look
_MOST = 20


@dataclass(frozen=True, slots=True)
class Tally:
    """How far a check is: pages of the sample, and how many of them were found good and bad."""

    size: int
    good: int
    bad: int

    @property
    def left(self) -> int:
        """Pages nobody looked at yet."""
        return self.size - self.good - self.bad

    @property
    def error_rate(self) -> float:
        """Bad pages as percent of the sample."""
        return 100 * self.bad / self.size if self.size else 0.0


def findings_of(session: Session, draft: Draft) -> list[dict[str, object]]:
    """What a person must look at before the draft is accepted: what others found, and what its pages say by now."""
    wanted = select(DraftPage.id, DraftPage.numbers).where(DraftPage.draft_id == draft.id)
    pages = session.execute(wanted.where(DraftPage.role == PageRole.CONTENT).order_by(DraftPage.number)).all()
    found = number_findings([numbers for _, numbers in pages])[:_MOST]
    findings = [finding for finding in draft.findings if finding["code"] not in _OURS]
    findings += [{"code": one.code, "value": one.value, "page": pages[one.index][0]} for one in found]
    check = last_check(session, draft.batch_id)
    if check is not None and check.outcome is CheckOutcome.FAILED:
        findings.append({"code": SAMPLE_FAILED, "value": tally(session, check).error_rate})
    return findings


def is_open(session: Session, batch_id: str) -> bool:
    """Whether items of the batch may be filed without a person having looked at each."""
    plan = session.get(BatchPlan, batch_id)
    if plan is None or not plan.check_demanded:
        return True
    check = last_check(session, batch_id)
    return check is not None and check.outcome is CheckOutcome.PASSED


def last_check(session: Session, batch_id: str) -> SamplingCheck | None:
    """The newest sampling check of a batch: it counts."""
    checks = select(SamplingCheck).where(SamplingCheck.batch_id == batch_id)
    return session.scalar(checks.order_by(SamplingCheck.number.desc()).limit(1))


def tally(session: Session, check: SamplingCheck) -> Tally:
    """Count the verdicts of a check."""
    verdicts = select(SampledPage.verdict, func.count()).where(SampledPage.check_id == check.id)
    counted = dict(session.execute(verdicts.group_by(SampledPage.verdict)).all())
    return Tally(sum(counted.values()), counted.get(Verdict.GOOD, 0), counted.get(Verdict.BAD, 0))
