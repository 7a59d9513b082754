"""Time limits: reminders, and passing on what is late or has nobody left to decide it. For the keeper.

Each case is seen to in a transaction of its own, and looked at again under its lock: a clock that was set back, or a
second keeper, reminds nobody twice.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, and_, func, or_, select
from sqlalchemy.orm import Session

from archive.platform.actor import SYSTEM
from archive.platform.approval.decisions import Decisions
from archive.platform.approval.models import ActKind, ApprovalAct, ApprovalCase, ApprovalStep, StepState
from archive.platform.approval.service import ApprovalService, holders, spec_of
from archive.platform.approval.subjects import Subjects
from archive.platform.parts import Parts

__all__ = ["keep_time_limits"]

#: cases of one round: what is left comes a minute later
_ROUND = 200


def keep_time_limits(parts: Parts, subjects: Subjects) -> int:
    """Remind, pass on, and go on where nobody is left to wait for; returns how many cases were touched."""
    with parts.database.reading() as session:
        late, deserted, settled = _late(session, parts.clock()), _deserted(session), _all_of(session)
    touched = [_see_to(parts, case_id) for case_id in dict.fromkeys((*late, *deserted))]
    return sum(touched) + sum(_settle(parts, subjects, case_id) for case_id in settled)


def _see_to(parts: Parts, case_id: str) -> bool:
    with parts.database.writing() as session:
        approval = ApprovalService(session, parts.clock, SYSTEM)
        return approval.escalate(case_id) or approval.remind(case_id)


def _settle(parts: Parts, subjects: Subjects, case_id: str) -> bool:
    with parts.database.writing() as session:
        return Decisions(session, parts.clock, SYSTEM, parts.settings.zone, subjects).settle(case_id)


def _late(session: Session, now: datetime) -> Sequence[str]:
    """Cases whose due step is to be reminded of, or to be passed on because its time is over."""
    remind = and_(ApprovalStep.remind_at <= now, ApprovalStep.reminded_at.is_(None))
    over = and_(ApprovalStep.due_at <= now, ApprovalStep.escalated_at.is_(None))
    return session.scalars(_due().where(or_(remind, over)).order_by(ApprovalStep.due_at).limit(_ROUND)).all()


def _deserted(session: Session) -> list[str]:
    """Cases whose due step has nobody left to decide it, but perhaps the applicant, and was not passed on yet."""
    asked = (ApprovalStep.role, ApprovalStep.unit_id, ApprovalStep.post_id, ApprovalStep.person_id)
    kept = ApprovalStep.state == StepState.DUE, ApprovalStep.escalated_at.is_(None)
    one_each = select(func.min(ApprovalStep.id)).where(*kept).group_by(*asked)
    found: list[str] = []
    for step in session.scalars(select(ApprovalStep).where(ApprovalStep.id.in_(one_each))).all():
        left = holders(session, spec_of(step))
        if len(left) > 1:
            continue
        same = [column.is_not_distinct_from(getattr(step, column.key)) for column in asked]
        cases = _due().where(ApprovalStep.escalated_at.is_(None), *same)
        his_own = cases.join(ApprovalStep.case).where(ApprovalCase.applicant_id.in_(left))
        found += session.scalars((his_own if left else cases).limit(_ROUND))
    return found


def _all_of(session: Session) -> Sequence[str]:
    """Cases whose due step all have to approve, and somebody did."""
    approved = select(ApprovalAct.step_id).where(ApprovalAct.kind == ActKind.APPROVED)
    return session.scalars(_due().where(ApprovalStep.all_of, ApprovalStep.id.in_(approved)).limit(_ROUND)).all()


def _due() -> Select[str]:
    return select(ApprovalStep.case_id).where(ApprovalStep.state == StepState.DUE)
