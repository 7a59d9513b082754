"""What a person who leaves has in hand here: steps that name him, and who decides in whose place."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from archive.platform.actor import Actor
from archive.platform.approval.delegations import DelegationService
from archive.platform.approval.models import ApprovalCase, ApprovalStep
from archive.platform.approval.service import ApprovalService
from archive.platform.approval.workflow import FINAL
from archive.platform.db import Clock
from archive.platform.i18n import _

__all__ = ["ApprovalDuty"]


class ApprovalDuty:
    """Steps that name the person, due or still to come. What waits for his role or post is its next holder's."""

    label = _("指定由本人审批的事项")

    def open(self, session: Session, person_id: str) -> list[tuple[str, str]]:
        """The cases, by number."""
        named = select(ApprovalStep.case_id).where(ApprovalStep.person_id == person_id)
        wanted = select(ApprovalCase).where(ApprovalCase.id.in_(named), ApprovalCase.state.not_in(FINAL))
        cases = session.scalars(wanted.order_by(ApprovalCase.created_at, ApprovalCase.id))
        return [(case.label or case.id[-8:], f"/inbox/cases/{case.id}") for case in cases]

    def hand_over(self, session: Session, clock: Clock, actor: Actor, from_id: str, to_id: str) -> int:
        """The successor decides; a stand-in where he is the applicant. Delegations from and to who leaves end."""
        ended = DelegationService(session, clock, actor).end_all(from_id)
        return ended + ApprovalService(session, clock, actor).reassign(from_id, to_id)
